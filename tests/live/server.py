"""What the real servers of these tests have in common: a cache outside of the tree for what is installed, a free port,
a start that waits until the server answers, and an end by process id."""

import datetime
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHIP = os.environ.get("FAPILOG_SHIP", os.path.join(ROOT, "build", "dev", "fapilog-ship"))
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
CACHE = os.environ.get("SHIP_LIVE_CACHE") or os.path.expanduser("~/.cache/fapilog-ship-live")
# How long a server may take to start; nothing is decided by it but that it starts at all.
PATIENCE = 180
# Lines that each test ships; the long form is 100000.
LINES = int(os.environ.get("LIVE_LINES", "20000"))


def cached(name, make):
    """The directory `name` in the cache. Where it is not there, `make` fills it; one that failed leaves nothing."""
    path = os.path.join(CACHE, name)
    if os.path.isdir(path):
        return path
    os.makedirs(CACHE, exist_ok=True)
    begun = time.monotonic()
    draft = tempfile.mkdtemp(prefix=name + ".", dir=CACHE)
    try:
        make(draft)
        os.rename(draft, path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    print(f"installed {name} in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return path


def command(*arguments, cwd=None, environment=None):
    """Runs an installing command; its output is shown only where it fails."""
    done = subprocess.run(arguments, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, **(environment or {})})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-3000:]}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def fetch(url, body=None, headers=None, method=None):
    """The answer's body; an error status is an exception."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
        return response.read()


class Server:
    """A real server for one test class. A subclass says how it is started and when it is ready."""

    def __init__(self):
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="live-")
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error):
        self.close()

    def arguments(self):
        """The command that runs the server in the foreground."""
        raise NotImplementedError

    def is_ready(self):
        """Raises OSError while it is not."""
        raise NotImplementedError

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self):
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(self.arguments(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.directory, start_new_session=True)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.is_ready()
            except (OSError, urllib.error.URLError):
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the server did not start:\n" + self.log()) from None
            time.sleep(0.1)

    def log(self):
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def kill(self):
        """As a crash would: its data stay."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """As an operator would: its data stay."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def sample_lines(count):
    """`count` lines of real output of the library, each with a message_id, a sequence number and a time of its own:
    milliseconds of the last minutes, for servers refuse what is old."""
    with open(SAMPLE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    out = []
    begun = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    for number in range(count):
        line = lines[number % len(lines)]
        time = (begun + datetime.timedelta(milliseconds=number)).isoformat(timespec="milliseconds")
        line = re.sub(r'"timestamp":"[^"]*"', f'"timestamp":"{time[:23]}Z"', line)
        # The ids of one pass through the sample differ from those of the next.
        out.append(line.replace('"message_id":"', f'"message_id":"{number:06d}-', 1)
                   .replace('"log":{"context":{', f'"log":{{"context":{{"seq":{number},', 1))
    return out


class LiveTest(unittest.TestCase):
    """Ships lines to a real server."""

    maxDiff = 3000

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="live-test-")
        self.addCleanup(shutil.rmtree, self.directory, True)

    def begin(self, lines, *arguments, environment=None):
        path = os.path.join(self.directory, "input.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
        clean = {name: text for name, text in os.environ.items()
                 if not name.startswith(("FAPILOG_SHIP", "AWS_")) and not name.lower().endswith("_proxy")}
        with open(path, "rb") as records:
            return subprocess.Popen([SHIP, *arguments, "--stats-at-exit", "--stats-format", "json", "--drain-timeout",
                                     "120s", "--retry-base", "100ms", "--retry-max", "1s", "--breaker-interval", "500ms"],
                                    stdin=records, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                    env={**clean, **(environment or {})})

    def end(self, ship):
        """Waits; the statistics of the one sink, after the books were checked."""
        said = ship.communicate(timeout=600)[1]
        self.assertEqual(0, ship.returncode, said[-3000:])
        (sink,) = [line for line in said.splitlines() if line.startswith("{")][-1:]
        (sink,) = json.loads(sink)["sinks"].values()
        self.assertEqual(sink["submitted"], sink["delivered"], said[-3000:])
        return sink
