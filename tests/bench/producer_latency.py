#!/usr/bin/env python3
"""What a producer's write(2) takes while the destination hangs, beside the same into `cat >/dev/null`: taken in
turns, several times over. Prints Markdown."""

import argparse
import contextlib
import http.client
import json
import os
import shlex
import socket
import subprocess
import sys
import time

import measure
import peer as peers

PRODUCER = os.path.join(measure.ROOT, "build", "dev", "tests", "fault", "fault_producer")


def scrape(port, times):
    """Asks for /metrics so many times a second until nobody answers, on a connection that stays, with a client beside
    that never ends its request. Prints how often it was answered."""
    os.nice(10)
    stalled = socket.create_connection(("127.0.0.1", port))
    stalled.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    begun, answered = time.monotonic(), 0
    while True:
        connection.request("GET", "/metrics")
        assert b"fapilog_events_submitted_total" in connection.getresponse().read()
        answered += 1
        print(answered, flush=True)
        time.sleep(max(0, begun + answered / times - time.monotonic()))


@contextlib.contextmanager
def scraped(port, times):
    """Yields a function that tells how often it was answered; does nothing where `times` is 0."""
    if times == 0:
        yield lambda: 0
        return
    script = f"import time, producer_latency; time.sleep(0.5); producer_latency.scrape({port}, {times})"
    scraper = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL, cwd=os.path.dirname(os.path.abspath(__file__)))
    count = []
    try:
        yield lambda: count[0]
    finally:
        scraper.terminate()
        said = scraper.communicate()[0].split()
        count.append(int(said[-1]) if said else 0)


def through(producer, command):
    """Runs `producer | command`. Returns the producer's report and the command's peak memory, kB."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = measure.Peak(process.pid)
    done = subprocess.run(producer, stdout=process.stdin, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          check=False)
    process.stdin.close()
    process.wait()
    peak.stop()
    return json.loads(done.stderr), peak.kb


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ship", default=measure.RELEASE)
    parser.add_argument("--producer", default=PRODUCER)
    parser.add_argument("--rate", type=int, default=20000, help="lines a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fault", default="hang", choices=["hang", "refused", "none"])
    parser.add_argument("--scrape", type=int, default=0, metavar="N",
                        help="scrape /metrics N times a second, with a stalled client beside; compared with not doing so")
    parser.add_argument("--settings", default="", help="more options of the shipper, such as \"--redact pii\"")
    arguments = parser.parse_args()
    lines = int(arguments.rate * arguments.seconds)
    producer = [arguments.producer, "--lines", str(lines), "--rate", str(arguments.rate), "--limit",
                str(int(arguments.seconds * 2 + 10))]
    rounds = []
    for _ in range(arguments.rounds):
        with peers.Peer(peers.hang_before_answer if arguments.fault == "hang" else peers.ok) as peer:
            url = {"hang": peer.url(), "refused": "http://127.0.0.1:9/", "none": "null:"}[arguments.fault]
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            ship = [arguments.ship, "--sink", url, "--drain-timeout", "1s", *shlex.split(arguments.settings)]
            if arguments.scrape:
                ship += ["--listen", f"127.0.0.1:{port}"]
            cat, _ = through(producer, ship if arguments.scrape else ["cat"])
            with scraped(port, arguments.scrape) as answered:
                ours, peak = through(producer, ship)
            if arguments.scrape and answered() < arguments.scrape * arguments.seconds * 0.8:
                raise SystemExit(f"only {answered()} scrapes")
        if ours["blocked"] or ours["lines"] != lines:
            raise SystemExit(f"the producer was stopped: {ours}")
        rounds.append((cat, ours, peak))
        print(f"cat {cat}\nshipper {ours}, peak {peak} kB", file=sys.stderr)

    print(f"{arguments.rate} lines/s for {arguments.seconds:g} s, sink: {arguments.fault}; {arguments.settings or 'no stages'}; {measure.machine()}; "
          f"medians of {arguments.rounds} rounds; write(2) in µs.\n")
    rows = []
    for key, name in [("p50_us", "p50"), ("p99_us", "p99"), ("p999_us", "p99.9"), ("max_us", "max")]:
        rows.append([name, f"{measure.median([cat[key] for cat, _, _ in rounds]):.1f}",
                     f"{measure.median([ours[key] for _, ours, _ in rounds]):.1f}",
                     f"{measure.median([ours[key] / cat[key] for cat, ours, _ in rounds]):.2f}"])
    columns = ["not scraped", f"{arguments.scrape} scrapes/s"] if arguments.scrape else ["cat >/dev/null", "fapilog-ship"]
    measure.table(["", *columns, "ratio"], rows)
    print(f"\nPeak memory of fapilog-ship: {max(peak for *_, peak in rounds) / 1024:.1f} MB")


if __name__ == "__main__":
    main()
