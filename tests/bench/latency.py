"""What the application's write(2) takes while a destination fails, beside the same into `cat >/dev/null`, in turns."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time

import chart
import measure

TITLE = "The application's write(2)"
RATE = 20_000
STAGES = ["--where", "level in ('INFO', 'ERROR')", "--redact", "credentials", "--redact-field", "password",
          "--enrich", "team=shop", "--rename", "message=msg"]
SCRAPES = 50
START = 0.3  # seconds: what a start takes is measured elsewhere


def scrape(port):
    """Asks for /metrics so many times a second until nobody answers, on a connection that stays, with a client beside
    that never ends its request. Prints how often it was answered."""
    os.nice(10)
    while True:
        try:
            stalled = socket.create_connection(("127.0.0.1", port))
            break
        except OSError:
            time.sleep(0.05)
    stalled.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    begun, answered = time.monotonic(), 0
    while True:
        connection.request("GET", "/metrics")
        assert b"fapilog_events_submitted_total" in connection.getresponse().read()
        answered += 1
        print(answered, flush=True)
        time.sleep(max(0, begun + answered / SCRAPES - time.monotonic()))


@contextlib.contextmanager
def scraped(port, seconds):
    """Ends with an error where it was answered far less often than it asked."""
    if not port:
        yield
        return
    scraper = subprocess.Popen([sys.executable, "-c", f"import latency; latency.scrape({port})"], cwd=measure.HERE,
                               stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        scraper.terminate()
        said = scraper.communicate()[0].split()
    if not said or int(said[-1]) < SCRAPES * seconds / 2:
        raise SystemExit(f"only {said[-1] if said else 0} scrapes were answered")


def through(command, seconds, rate=RATE, options=()):
    """Runs `bench_producer | command`. Returns the producer's report and the command's peak memory, kB."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = measure.Peak(process.pid)
    time.sleep(START)
    producer = [measure.PRODUCER, "--lines", str(int(rate * seconds)), "--rate", str(rate), "--limit",
                str(int(seconds * 2 + 10)), *options]
    done = subprocess.run(producer, stdout=process.stdin, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    process.stdin.close()
    process.wait()
    peak.stop()
    report = json.loads(done.stderr)
    if report["blocked"] or report["errno"]:
        raise SystemExit(f"{command}: the producer was stopped: {report}")
    return {**report, "peak_kb": peak.kb}


def cases(bench, server):
    """Name, commands and the port that is scraped."""
    server.tell("hang /hang")
    server.tell("refuse /refuse")
    server.tell("slow 300 /slow")
    server.tell("cut /cut")
    ship = [bench.ship, "--config", "/dev/null", "--drain-timeout", "500ms"]
    port = measure.free_port()
    return [
        ("cat >/dev/null", ["cat"], 0),
        ("all is well", [*ship, "--sink", server.url("/ok")], 0),
        ("the server never answers", [*ship, "--sink", server.url("/hang")], 0),
        ("it answers 503", [*ship, "--sink", server.url("/refuse")], 0),
        ("it resets connections", [*ship, "--sink", server.url("/cut")], 0),
        ("it answers after 300 ms", [*ship, "--sink", server.url("/slow")], 0),
        ("nobody listens", [*ship, "--sink", "http://127.0.0.1:9/"], 0),
        ("a full disk", [*ship, "--sink", "file:///dev/full"], 0),
        ("never answers, all stages on", [*ship, *STAGES, "--sink", server.url("/hang")], 0),
        (f"never answers, {SCRAPES} scrapes a second",
         [*ship, "--listen", f"127.0.0.1:{port}", "--sink", server.url("/hang")], port),
        ("cat >/dev/null", ["cat"], 0),
    ]


def run(bench):
    seconds, rounds = (2, 1) if bench.quick else (5, 3)
    results = {}
    for _ in range(rounds):
        with measure.Sink() as server:
            for name, command, port in cases(bench, server):
                with scraped(port, seconds):
                    results.setdefault(name, []).append(through(command, seconds))
    return {"seconds": seconds, "rounds": rounds, "rate": RATE, "results": results}


def middle(data, name, key):
    return measure.median([one[key] for one in data["results"][name]])


def render(data):
    rows = [[name, *(f"{middle(data, name, key):.1f}" for key in ("p50_us", "p99_us", "p999_us", "max_us")),
             f"{middle(data, name, 'p999_us') / middle(data, 'cat >/dev/null', 'p999_us'):.2f}",
             f"{max(one['peak_kb'] for one in results) / 1024:.1f}"]
            for name, results in data["results"].items()]
    return (f"{data['rate']:,} lines a second of 400 bytes, one write(2) each, for {data['seconds']} s; µs, medians of "
            f"{data['rounds']} rounds in turns.\n\n"
            + measure.markdown(["destination", "p50", "p99", "p99.9", "max", "p99.9 ÷ cat's", "peak MB"], rows))


def short(data):
    """The table for the documents."""
    rows = [[name, *(f"{middle(data, name, key):.1f}" for key in ("p50_us", "p99_us", "p999_us")),
             f"{max(one['peak_kb'] for one in results) / 1024:.0f} MB"] for name, results in data["results"].items()]
    return (f"What the application's write(2) takes at {data['rate']:,} lines a second, µs, medians of {data['rounds']} rounds "
            "in turns:\n\n" + measure.markdown(["destination", "p50", "p99", "p99.9", "peak memory"], rows))


def draw(data, out):
    names = list(data["results"])
    chart.bars(os.path.join(out, "latency.svg"), f"write(2) of the application at {data['rate']:,} lines a second, µs", [
        (heading, [(name, middle(data, name, key), f"{middle(data, name, key):.1f}", name != "cat >/dev/null")
                   for name in names]) for heading, key in (("p50", "p50_us"), ("p99", "p99_us"), ("p99.9", "p999_us"))],
        names_width=200)
