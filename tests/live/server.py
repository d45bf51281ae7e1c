"""What the real servers of these tests have in common: a cache outside of the tree for what is installed, a free port,
a start that waits until the server answers, and an end by process id."""

import datetime
import fcntl
import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "fault"))
from proxy import PASS, Fault, Proxy  # noqa: E402

SHIP = os.environ.get("FAPILOG_SHIP", os.path.join(ROOT, "build", "dev", "fapilog-ship"))
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
CACHE = os.environ.get("SHIP_LIVE_CACHE") or os.path.expanduser("~/.cache/fapilog-ship-live")
# How long a server may take to start; nothing is decided by it but that it starts at all.
PATIENCE = 180
# Lines that each test ships; the long form is 100000.
LINES = int(os.environ.get("LIVE_LINES", "20000"))


def cached(name, make, *sources):
    """The directory `name` in the cache. Where it is not there, `make` fills it; one that failed leaves nothing. The
    name goes with what the files `sources` hold. Who comes second waits."""
    for source in sources:
        with open(source, "rb") as file:
            name += "-" + hashlib.sha256(file.read()).hexdigest()[:8]
    path = os.path.join(CACHE, name)
    os.makedirs(CACHE, exist_ok=True)
    with open(path + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.isdir(path):
            return path
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


def go_program(name, package):
    """The path of a Go program that is built from `package` with the module in the directory `name`."""
    folder = os.path.join(HERE, name)
    sources = [os.path.join(folder, file) for file in sorted(os.listdir(folder))]

    def make(directory):
        for source in sources:
            shutil.copy(source, directory)
        command("go", "build", "-mod=mod", "-ldflags=-s -w", "-o", name, package, cwd=directory)
    return os.path.join(cached(name, make, *sources), name)


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


def is_listening(way, port, path):
    """Raises OSError while nobody listens at the TCP or UDP port, or at the path of a Unix socket (way: "unix")."""
    if way == "unix":
        os.stat(path)
    elif way == "udp":
        with open("/proc/net/udp", encoding="ascii") as table:
            if f":{port:04X} " not in table.read():
                raise OSError("nobody listens")
    else:
        socket.create_connection(("127.0.0.1", port)).close()


def table(path):
    """The lines of a file, each cut at its tabulators; none where there is no file. A torn last line is left out."""
    try:
        with open(path, encoding="utf-8") as file:
            return [line[:-1].split("\t") for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []


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

    @staticmethod
    def install():
        """Fetches what the server is made of; returns where it is. Nothing where it is there already."""

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
        """As a crash would, with all its processes: its data stay."""
        os.killpg(self.process.pid, signal.SIGKILL)
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


def sample_lines(count, first=0):
    """`count` lines of real output of the library, each with a message_id, a sequence number and a time of its own:
    milliseconds of the last minutes, for servers refuse what is old. The numbers begin with `first`."""
    with open(SAMPLE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    out = []
    begun = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    for number in range(first, first + count):
        line = lines[number % len(lines)]
        time = (begun + datetime.timedelta(milliseconds=number)).isoformat(timespec="milliseconds")
        line = re.sub(r'"timestamp":"[^"]*"', f'"timestamp":"{time[:23]}Z"', line)
        # The ids of one pass through the sample differ from those of the next.
        out.append(line.replace('"message_id":"', f'"message_id":"{number:06d}-', 1)
                   .replace('"log":{"context":{', f'"log":{{"context":{{"seq":{number},', 1))
    return out


def main(kind):
    """What a server's script does when it is run: --install fetches it, else it runs until it is interrupted."""
    if sys.argv[1:] == ["--install"]:
        kind.install()
        return
    with kind() as running:
        print(running.url(), flush=True)
        try:
            running.process.wait()
        except KeyboardInterrupt:
            pass


class LiveTest(unittest.TestCase):
    """Ships lines to a real server."""

    maxDiff = 3000

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="live-test-")
        self.addCleanup(shutil.rmtree, self.directory, True)

    def started(self, server):
        """`server`, running until the end of the test."""
        server.__enter__()
        self.addCleanup(server.close)
        return server

    def begin(self, lines, *arguments, environment=None):
        """The program with `lines` as its input; with a pipe that the test writes to where they are none."""
        path = os.path.join(self.directory, "input.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines or ())
        clean = {name: text for name, text in os.environ.items()
                 if not name.startswith(("FAPILOG_SHIP", "AWS_")) and not name.lower().endswith("_proxy")}
        self.said = os.path.join(self.directory, "said")
        with open(path, "rb") as records, open(self.said, "wb") as said:
            return subprocess.Popen([SHIP, "--stats-at-exit", "--stats-format", "json", "--no-drop-on-full",
                                     "--drain-timeout", "120s", "--retry-base", "100ms", "--retry-max", "300ms",
                                     "--breaker-interval", "200ms", *arguments],
                                    stdin=subprocess.PIPE if lines is None else records, stdout=subprocess.DEVNULL,
                                    stderr=said, env={**clean, **(environment or {})})

    def heard(self):
        """What the program has said."""
        with open(self.said, encoding="utf-8") as file:
            return file.read()

    def statistics(self, ship):
        """Waits for the end of the program; the statistics of its one sink."""
        ship.communicate(timeout=600)
        said = self.heard()
        self.assertEqual(0, ship.returncode, said[-3000:])
        (line,) = [line for line in said.splitlines() if line.startswith("{")][-1:]
        (sink,) = json.loads(line)["sinks"].values()
        return sink

    def end(self, ship):
        """Waits; the statistics, after it is sure that all was delivered."""
        sink = self.statistics(ship)
        self.assertEqual(sink["submitted"], sink["delivered"], self.heard()[-3000:])
        return sink

    def ship(self, lines, *arguments, environment=None):
        return self.end(self.begin(lines, *arguments, environment=environment))

    def wait(self, ship, condition):
        """Until `condition`, which may fail where nothing is there yet."""
        while True:
            try:
                if condition():
                    return
            except OSError:
                pass
            self.assertIsNone(ship.poll(), "it ended before its time: " + self.heard()[-3000:])
            time.sleep(0.02)

    def ship_and_kill(self, server, lines, condition, *arguments, at_rest=False, environment=None):
        """Kills the server when it has a half and `condition` holds, and starts it again when the program has missed it.
        `at_rest`: for a server that answers before what it took is safe; else it is killed under load."""
        ship = self.begin(None, *arguments, environment=environment)

        def feed(part):
            ship.stdin.write("".join(line + "\n" for line in part).encode())
            ship.stdin.flush()
        half = len(lines) // 2
        load = half if at_rest else half * 3 // 2
        feed(lines[:half])
        self.wait(ship, condition)
        feed(lines[half:load])
        server.kill()
        before = len(self.heard())
        feeder = threading.Thread(target=feed, args=(lines[load:],))
        feeder.start()
        self.wait(ship, lambda: len(self.heard()) > before)
        server.start()
        feeder.join()
        sink = self.end(ship)
        self.assertGreater(sink["retries"], 0)

    def ship_through_faults(self, server, lines, arguments, environment=None):
        """Over a network that cuts connections anywhere in requests and answers. `arguments` is asked for the
        program's, given the port."""
        seed = random.randrange(1 << 30)
        dice = random.Random(seed)
        # Within the first request of a connection, mostly: a server may close it behind each answer.
        reach = min(len(lines), 20000)

        def fault():
            how = dice.choice(("reset", "close"))
            if dice.random() < 0.5:
                return Fault(how, dice.randrange(reach), "up")
            return Fault(how, dice.randrange(300), "down", since=dice.randrange(reach))
        with Proxy(server.port, *[fault() for _ in range(12)], PASS) as proxy, self.subTest(seed=seed):
            self.ship(lines, *arguments(proxy.port), environment=environment)
            self.assertGreater(proxy.hit, 2)

    def assert_all_there(self, lines, found, doubles=0):
        """Each line is in `found`, and at most `doubles` are there twice."""
        self.assertEqual([], sorted(set(lines) ^ set(found))[:3])
        self.assertLessEqual(len(found) - len(lines), doubles)
