#!/usr/bin/env python3
"""What logging costs the requests of a FastAPI application, four ways, with a log server that is quick, slow, very slow
or hangs. One command does it all, with packages from PyPI in a directory of their own below the user's cache:

    tests/bench/fastapi/demo.py                          # all cells: some 4 minutes; table and picture are written
    tests/bench/fastapi/demo.py --cell ship:500 --cell cat:500 --seconds 3 --out results

Each cell is one run of application, log server and load: requests at a fixed rate, latency counted from the moment when
each was due. The results of cells are kept in OUT/results.json; --draw alone draws what is there.
"""

import argparse
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.dirname(HERE))
import documents  # noqa: E402

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "fapilog-ship", "fastapi")
WAYS = {"sync": "logging, posting each record", "fapilog": "fapilog in process", "ship": "stdout | fapilog-ship",
        "cat": "stdout | cat >/dev/null"}
SINKS = {"2": "0.002", "50": "0.05", "500": "0.5", "hangs": "never"}
PATIENCE = 20


def interpreter():
    """Python with the packages of requirements.txt; made on first use, and again when they change."""
    with open(os.path.join(HERE, "requirements.txt"), encoding="ascii") as file:
        wanted = file.read()
    mark = os.path.join(CACHE, "installed")
    python = os.path.join(CACHE, "bin", "python")
    try:
        with open(mark, encoding="ascii") as file:
            if file.read() == wanted:
                return python
    except OSError:
        pass
    venv.create(CACHE, with_pip=True, clear=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", os.path.join(HERE, "requirements.txt")], check=True)
    with open(mark, "w", encoding="ascii") as file:
        file.write(wanted)
    return python


class Process:
    """A child whose processor time is known at the end."""

    def __init__(self, arguments, **options):
        self.popen = subprocess.Popen(arguments, **options)
        self.usage = None

    def end(self, seconds, number=signal.SIGTERM):
        """Waits; then signals; then kills."""
        for patience, what in ((seconds, number), (8, signal.SIGKILL), (PATIENCE, None)):
            end = time.monotonic() + patience
            while time.monotonic() < end and self.usage is None:
                pid, _, usage = os.wait4(self.popen.pid, os.WNOHANG)
                if pid:
                    self.usage = usage
                    self.popen.returncode = 0
                else:
                    time.sleep(0.01)
            if self.usage is not None:
                return self
            if what is not None:
                self.popen.send_signal(what)
        raise RuntimeError(f"{self.popen.args} does not end")

    def cpu(self):
        """Seconds, of user and system."""
        return self.usage.ru_utime + self.usage.ru_stime


def peak_memory_mb(process):
    if process is None:
        return 0
    with open(f"/proc/{process.popen.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


def wait_for_file(path):
    end = time.monotonic() + PATIENCE
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise RuntimeError(f"{path} does not appear")
        time.sleep(0.01)
    with open(path, encoding="ascii") as file:
        return file.read()


def wait_for_port(port):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the application does not start")


def warm_up(port, requests=200):
    """The first answers of a Python process are slow ones, whatever it logs."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    for _ in range(requests):
        connection.request("GET", "/health")
        connection.getresponse().read()
    connection.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Cell:
    """One way of logging in front of one log server."""

    def __init__(self, way, sink, options, python, directory):
        self.way, self.sink, self.options, self.python = way, sink, options, python
        self.directory = directory

    def path(self, name):
        return os.path.join(self.directory, name)

    def run(self):
        server = Process([self.python, os.path.join(HERE, "sink.py"), self.path("port"), self.path("seen"),
                          SINKS[self.sink]], stdin=subprocess.PIPE)
        url = f"http://127.0.0.1:{wait_for_file(self.path('port'))}/in"
        consumer = self.start_consumer(url)
        port = free_port()
        app = self.start_app(url, port, consumer)
        wait_for_port(port)
        warm_up(port)
        subprocess.run([self.python, os.path.join(HERE, "load.py"), str(port), str(self.options.rate),
                        str(self.options.seconds), self.path("load")], check=True)
        # Before the end: later nobody can be asked.
        memory = {"app": peak_memory_mb(app), "consumer": peak_memory_mb(consumer)}
        # The application tells what it measured, then ends as a container's does.
        app.popen.stdin.close()
        wait_for_file(self.path("app"))
        app.popen.send_signal(signal.SIGTERM)
        app.end(8, signal.SIGKILL)
        stats = self.end_consumer(consumer)
        server.popen.stdin.close()
        server.end(PATIENCE)
        return self.result(app, consumer, stats, memory)

    def start_consumer(self, url):
        """Whoever reads the application's standard output, if anybody."""
        if self.way == "cat":
            return Process(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        if self.way == "ship":
            with open(self.path("stats"), "wb") as stderr:
                return Process([self.options.ship, "--sink", url, "--drain-timeout", "3s", "--stats-at-exit",
                                "--stats-format", "json"], stdin=subprocess.PIPE, stderr=stderr)
        return None

    def start_app(self, url, port, consumer):
        environment = dict(os.environ, NO_PROXY="*", DEMO_SINK=url, DEMO_REPORT=self.path("app"),
                           DEMO_LOGGING={"sync": "sync", "fapilog": "fapilog"}.get(self.way, "stdout"))
        app = Process([self.python, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "error",
                       "--no-access-log", "--timeout-keep-alive", "600", "--timeout-graceful-shutdown", "1"],
                      cwd=HERE, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                      stdout=consumer.popen.stdin if consumer else subprocess.DEVNULL)
        if consumer:
            consumer.popen.stdin.close()
        return app

    def end_consumer(self, consumer):
        if consumer is None:
            return None
        consumer.end(PATIENCE)
        if self.way == "cat":
            return None
        with open(self.path("stats"), encoding="utf-8") as file:
            return json.loads([line for line in file if line.startswith("{")][-1])

    def result(self, app, consumer, stats, memory):
        with open(self.path("load"), encoding="ascii") as file:
            load = json.load(file)
        with open(self.path("app"), encoding="ascii") as file:
            told = json.load(file)
        with open(self.path("seen"), encoding="ascii") as file:
            delivered = len(json.load(file))
        requests = len(load["answered"]) + len(load["unanswered"])
        logged = max(len(told["calls"]), delivered)
        result = {
            "requests": requests, "unanswered": len(load["unanswered"]), "failed": load["failed"],
            "latency": quantiles(load["answered"] + load["unanswered"]), "call": quantiles(told["calls"]),
            "cpu": {"app": app.cpu(), "consumer": consumer.cpu() if consumer else 0}, "memory_mb": memory,
        }
        if self.way != "cat":
            counted = 0
            if stats:
                counted = sum(sum(sink["dropped"].values()) for sink in stats["sinks"].values())
                counted += stats["input"]["discarded"] + stats["input"]["filtered"]
            elif told["fapilog"]:
                counted = told["fapilog"]["dropped"]
            result.update(logged=logged, delivered=delivered, counted=counted,
                          uncounted=max(logged - delivered - counted, 0))
        return result


def quantiles(values):
    values = sorted(values)
    if not values:
        return None
    return {name: values[min(int(share * len(values)), len(values) - 1)]
            for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", action="append", metavar="WAY:SINK",
                        help=f"only this one; ways: {', '.join(WAYS)}; sinks: {', '.join(SINKS)}")
    parser.add_argument("--rate", type=int, default=300, help="requests a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8, help="of load, for each cell (%(default)s)")
    parser.add_argument("--out", default=HERE,
                        help="where results.json, table.md and the pictures go; by default here, and the table into the documents")
    parser.add_argument("--draw", action="store_true", help="run nothing")
    parser.add_argument("--no-picture", action="store_true")
    parser.add_argument("--ship", default=os.environ.get("FAPILOG_SHIP", os.path.join(ROOT, "build/release/fapilog-ship")))
    options = parser.parse_args()
    python = interpreter()
    os.makedirs(options.out, exist_ok=True)
    path = os.path.join(options.out, "results.json")
    results = {}
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            results = json.load(file)
    # Those that are compared run one after the other, so that they have the same machine.
    cells = options.cell or [f"{way}:{sink}" for sink in SINKS for way in WAYS]
    for name in [] if options.draw else cells:
        way, sink = name.split(":")
        with tempfile.TemporaryDirectory() as directory:
            results[name] = Cell(way, sink, options, python, directory).run()
        results[name].update(rate=options.rate, seconds=options.seconds)
        print(name, json.dumps(results[name]), file=sys.stderr, flush=True)
        with open(path, "w", encoding="ascii") as file:
            json.dump(results, file, indent=1, sort_keys=True)
            file.write("\n")
    if not options.no_picture:
        subprocess.run([python, os.path.join(HERE, "draw.py"), options.out], check=True)
        if os.path.abspath(options.out) == HERE:
            with open(os.path.join(HERE, "table.md"), encoding="utf-8") as file:
                documents.put(documents.PERFORMANCE, "demo.py", file.read())


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    main()
