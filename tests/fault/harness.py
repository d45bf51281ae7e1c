"""Runs the real program under faults: starts it with a producer before it, asks it for its books while it
runs and at its end, and checks what must hold in every snapshot."""

import json
import mmap
import os
import queue
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SHIP = os.environ.get("FAPILOG_SHIP", "fapilog-ship")
PRODUCER = os.environ.get("FAULT_PRODUCER", "fault_producer")
PRELOAD = os.environ.get("FAULT_PRELOAD", "libfault_preload.so")
# What whoever started the tests ignores, as nohup does, the program under test would ignore as well.
for inherited in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(inherited, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
# Memory figures mean nothing under a sanitizer.
SANITIZED = os.environ.get("SHIP_SANITIZE", "") != ""
# Seconds of traffic for each fault. A minute is what the promises are about; a few seconds find what breaks.
SECONDS = float(os.environ.get("FAULT_SECONDS", "2"))
RATE = 4000 if SANITIZED else 20000
# FAULT_LONG=1: the long form of the tests that have one, minutes instead of seconds.
LONG = os.environ.get("FAULT_LONG", "") != ""
# Promises about time are checked where nothing else slows the machine down: by hand, in the long form.
TIMED = LONG
# Nothing here is decided by time but this: that something ends at all. Generous, for slow machines.
PATIENCE = 60
# FAULT_SEED=N repeats what a test with random faults did, as far as the machine lets it.
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.randrange(1, 1 << 32)

CAP = 40 * 1024  # kB of resident memory with a queue of 10,000 records and four requests in flight
# One request after the other, of few lines: for what can only be told of those.
ONE_BY_ONE = ("--order", "keep", "--batch-size", "256")


def unbalanced(stats):
    """Which of the two identities do not hold in one snapshot, as text; empty when both do."""
    wrong = []
    books = stats["input"]
    if books["lines"] != books["filtered"] + books["discarded"] + books["submitted"]:
        wrong.append(f"input: {books}")
    for name, row in stats["inputs"].items():
        if row["lines"] != row["filtered"] + row["discarded"] + row["submitted"]:
            wrong.append(f"input {name}: {row}")
    for key in ("lines", "bytes", "blank", "invalid", "truncated", "filtered", "discarded", "submitted"):
        if books[key] != sum(row[key] for row in stats["inputs"].values()):
            wrong.append(f"the inputs have other {key} than their sum: {books} {stats['inputs']}")
    for name, sink in stats["sinks"].items():
        ends = (sink["filtered"] + sink["delivered"] + sum(sink["dropped"].values()) + sink["dead_lettered"]
                + sink["diverted"] + sink["pending"] + sink["spooled"])
        if sink["submitted"] != ends:
            wrong.append(f"sink {name}: {sink}")
        if sink["in_flight"] > sink["pending"]:
            wrong.append(f"sink {name}: more in flight than pending: {sink}")
        huge = [key for key, value in sink.items() if isinstance(value, int) and value > 1 << 60]
        if huge:
            wrong.append(f"sink {name}: {huge} below zero: {sink}")
    return "; ".join(wrong)


class Faults:
    """Faults of the disk and of the wall clock for a program that is started with `environment`; see preload.cpp.
    They act on what lies below `prefix`, from one moment to the next."""

    WRITE, SYNC, READ, OPEN, TRUNCATE = 1, 2, 4, 8, 16

    def __init__(self, test, prefix="/nowhere"):
        path = test.path("faults")
        with open(path, "wb") as file:
            file.write(bytes(4096))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)
        test.addCleanup(self.memory.close)
        self.environment = {"LD_PRELOAD": PRELOAD, "FAULT_CONTROL": path, "FAULT_PREFIX": os.path.realpath(prefix),
                            # The address sanitizer wants to be loaded first, and need not be here.
                            "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def set_clock(self, offset_seconds):
        """The wall clock of the program runs so much ahead, from now on."""
        struct.pack_into("<q", self.memory, 0, int(offset_seconds * 1e9))

    def set_disk(self, error=0, calls=WRITE | SYNC, delay_ms=0, one_in=1):
        """These calls fail with `error`, one in so many of them, and take `delay_ms` longer; 0: all is well."""
        struct.pack_into("<iI", self.memory, 8, 0, 0)
        struct.pack_into("<iI", self.memory, 16, delay_ms, one_in)
        struct.pack_into("<iI", self.memory, 8, error, calls if error or delay_ms else 0)

    @property
    def failed(self):
        """How many calls failed so far."""
        return struct.unpack_from("<Q", self.memory, 24)[0]


class Ship:
    """The program, started with a pipe at its standard input. What it says is collected line by line; every
    line of statistics is checked as it comes in, and kept."""

    def __init__(self, *arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, around=(), environment=None,
                 subcommand=()):
        """`around`: a command that executes the program, for namespaces."""
        self.stats = []
        self.said = []
        self.wrong = []
        self.news = queue.Queue()
        self.producers = []
        command = [*around, SHIP, *subcommand, "--stats-format", "json", "--stats-at-exit", *arguments]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FAPILOG_SHIP")}
        self.process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                                        env={**clean, **(environment or {})})
        self.stdin = self.process.stdin
        self.started = time.monotonic()
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for process in [self.process, *self.producers]:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.listener.join(5)
        ends = [self.process.stdin, self.process.stdout, self.process.stderr]
        for stream in ends + [producer.stderr for producer in self.producers]:
            if stream:
                try:
                    stream.close()
                except OSError:
                    pass

    def listen(self):
        for line in self.process.stderr:
            if line.startswith(b'{"fapilog_ship"'):
                stats = json.loads(line)
                wrong = unbalanced(stats)
                if wrong:
                    self.wrong.append(wrong)
                self.stats.append(stats)
                self.news.put(stats)
            else:
                self.said.append(line.decode(errors="replace").rstrip("\n"))

    def snapshot(self):
        """Asks for the statistics by signal and waits for them."""
        while not self.news.empty():
            self.news.get()
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                return self.news.get(timeout=0.5)
            except queue.Empty:
                pass
        raise AssertionError(f"no statistics after SIGUSR1 (exit code {self.process.poll()}); it said: "
                             + "\n".join(self.said)) from None

    def until(self, condition, what="a condition on the statistics"):
        """Snapshots until the condition holds of one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            stats = self.snapshot()
            if condition(stats):
                return stats
            if time.monotonic() > deadline:
                raise AssertionError(f"waited for {what}; the last statistics: {stats}")
            time.sleep(0.02)

    def until_it_says(self, words):
        """Waits for a message of the program's own that holds these words."""
        deadline = time.monotonic() + PATIENCE
        while not any(words in line for line in self.said):
            if time.monotonic() > deadline:
                raise AssertionError(f"never said '{words}'; it said: " + "\n".join(self.said))
            time.sleep(0.01)

    def signal_masks(self):
        """Of the program's signalfds: there is one as soon as it has read its configuration."""
        masks = []
        folder = f"/proc/{self.process.pid}/fdinfo"
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="ascii") as info:
                masks += re.findall(r"^sigmask:\t(\w+)$", info.read(), re.MULTILINE)
        return masks

    def ready(self):
        """Waits until the program has read its configuration and answers signals."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.listener.join(PATIENCE)
                raise AssertionError(f"ended with {self.process.returncode}: " + "\n".join(self.said))
            try:
                # Before it is executed, its place is held by what starts it, with a signal mask of its own.
                executed = os.path.samefile(f"/proc/{self.process.pid}/exe", shutil.which(SHIP))
                masks = self.signal_masks()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if executed and any(int(mask, 16) & 1 << (signal.SIGUSR1 - 1) for mask in masks):
                return self
            time.sleep(0.005)
        raise AssertionError("never came to handle signals")

    def peak_kb(self):
        """The most memory that was ever resident, kB. The program must still run."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(status.read().split("VmHWM:", 1)[1].split()[0])

    def close_input(self):
        self.stdin.close()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=PATIENCE):
        """Waits for the end. Returns the exit code and how long it took from now on, seconds."""
        before = time.monotonic()
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs after {timeout} s; it said: " + "\n".join(self.said)) from None
        took = time.monotonic() - before
        self.listener.join(PATIENCE)
        return code, took

    @property
    def last(self):
        """The statistics at the exit."""
        return self.stats[-1]


def produce(ship, lines, rate=RATE, size=400, levels="INFO", limit=PATIENCE, first=0):
    """Starts a producer that writes into the program's standard input."""
    command = [PRODUCER, "--lines", str(lines), "--rate", str(rate), "--size", str(size), "--levels", levels,
               "--limit", str(int(limit)), "--first", str(first)]
    producer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=ship.stdin, stderr=subprocess.PIPE)
    ship.producers.append(producer)
    return producer


def report(producer):
    """Waits for the producer's end and reads what it measured."""
    _, said = producer.communicate(timeout=PATIENCE + SECONDS)
    return json.loads(said)


def in_namespaces(script, directory, private=("--mount", "--net")):
    """A command that runs the program with private mounts and network. `script` is shell text that sets the
    scene; the program then takes the shell's place, so that signals and exit code are its own."""
    path = os.path.join(directory, "scene.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.write("set -e\n" + script + '\nexec "$@"\n')
    identity = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *private, *identity, "sh", path]


def inversions(numbers):
    """Where a list that should ascend does not: the first few pairs."""
    return [(a, b) for a, b in zip(numbers, numbers[1:]) if a >= b][:10]


class FaultTest(unittest.TestCase):
    """A test with a directory of its own and the checks that all faults share."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="fault-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def check_books(self, ship, lines=None):
        """Both identities held in every snapshot; at the end nothing is pending, and no line is missing."""
        self.assertEqual([], ship.wrong)
        self.assertTrue(ship.stats, "it printed no statistics; it said: " + "\n".join(ship.said))
        if lines is not None:
            self.assertEqual(lines, ship.last["input"]["lines"])
        for name, sink in ship.last["sinks"].items():
            self.assertEqual(0, sink["pending"], f"pending at the exit: {name}: {sink}")

    def check_memory(self, ship, cap_kb=CAP):
        peak = ship.peak_kb()
        print(f"{self.id()}: peak {peak} kB", file=sys.stderr)
        if not SANITIZED:
            self.assertLessEqual(peak, cap_kb)

    def check_not_blocked(self, measured, lines):
        """The producer wrote all its lines before its limit."""
        self.assertFalse(measured["blocked"], f"the producer was made to wait: {measured}")
        self.assertEqual(0, measured["errno"], measured)
        self.assertEqual(lines, measured["lines"], measured)


def main():
    unittest.main(verbosity=2)
