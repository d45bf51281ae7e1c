"""The program as the entrypoint of a real container, with the limits on memory and processes that an operator sets:
nothing is killed, nothing is dropped that a server could have taken, every line is accounted for.

Needs root, runc, and the targets fapilog-ship and bench_tools built (FAPILOG_SHIP, BENCH_PRODUCER, BENCH_SINK).
LIMITS_RATE and LIMITS_SECONDS in the environment change how many lines a second are written (10000), and how long (4)."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "bench"))
import measure  # noqa: E402

SHIP = os.environ["FAPILOG_SHIP"]
SIZE = 463
MB = 1 << 20
# What the program may need beside its queues, and what the application here needs.
BESIDE_MB, APPLICATION_MB = 32, 4
KILLED = 128 + 9


class Container:
    """One container after the other, of the machine's own programs, read-only, in the machine's network."""

    def __init__(self, directory):
        self.directory = directory
        self.root = os.path.join(directory, "rootfs")
        self.seen = [path for path in ("/usr", "/etc", "/bin", "/lib", "/lib64") if os.path.isdir(path)]
        self.seen += sorted({os.path.dirname(os.path.abspath(path)) for path in (SHIP, measure.PRODUCER)})
        for path in (*self.seen, "/proc", "/dev", "/tmp", "/sys/fs/cgroup"):
            os.makedirs(self.root + path, exist_ok=True)

    def run(self, command, memory_mb=None, pids=None):
        """The command as PID 1; code, standard output and standard error."""
        resources = {}
        if memory_mb:
            resources["memory"] = {"limit": memory_mb * MB, "swap": memory_mb * MB}
        if pids:
            resources["pids"] = {"limit": pids}
        name = f"fapilog-ship-test-{os.getpid()}"
        bundle = {
            "ociVersion": "1.0.2",
            "process": {"terminal": False, "user": {"uid": 65534, "gid": 65534}, "args": command, "cwd": "/",
                        "env": ["PATH=/usr/bin:/bin"], "noNewPrivileges": True, "capabilities": {}},
            "root": {"path": "rootfs", "readonly": True},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                       {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755", "size=64k"]},
                       {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]},
                       {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777", "size=1m"]},
                       *({"destination": path, "type": "bind", "source": path, "options": ["rbind", "ro"]}
                         for path in self.seen)],
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")],
                      "cgroupsPath": "/" + name, "resources": resources}}
        with open(os.path.join(self.directory, "config.json"), "w", encoding="utf-8") as file:
            json.dump(bundle, file)
        # Files, for a pipe that nobody reads would be one more thing that can hang.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(["runc", "--root", os.path.join(self.directory, "state"), "run", "--bundle",
                                   self.directory, name], stdin=subprocess.DEVNULL, stdout=out, stderr=said,
                                  check=False, timeout=240)
            out.seek(0)
            said.seek(0)
            return done.returncode, out.read(), said.read()


class Limits(unittest.TestCase):
    def setUp(self):
        directory = tempfile.mkdtemp(prefix="limits-")
        os.chmod(directory, 0o755)
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        self.container = Container(directory)
        self.server = measure.Sink()
        self.addCleanup(self.server.close)

    def ship(self, sinks, options, lines, rate, **limits):
        """Ships what a producer writes to so many sinks; code, books and all that was said."""
        urls = [self.server.url(f"/{number}") for number in range(sinks)]
        code, _, said = self.container.run(
            [os.path.abspath(SHIP), "--config", "/dev/null", "--stats-at-exit", "--stats-format", "json", *options,
             *(word for url in urls for word in ("--sink", url)), "--",
             os.path.abspath(measure.PRODUCER), "--lines", str(lines), "--rate", str(rate), "--sizes", str(SIZE)], **limits)
        found = [line for line in said.splitlines() if line.startswith('{"fapilog_ship"')]
        return code, json.loads(found[-1]) if found else None, said

    def assert_every_line_has_an_ending(self, books, lines):
        # The producer reports in a line of its own.
        self.assertEqual(lines + 1, books["input"]["lines"])
        for name, sink in books["sinks"].items():
            ends = sink["delivered"] + sum(sink["dropped"].values()) + sink["pending"]
            self.assertEqual(lines + 1, ends, f"{name}: {sink}")

    def stored(self):
        return {path: counts["stored"] for path, counts in self.server.report()["paths"].items()}

    RATE = int(os.environ.get("LIMITS_RATE", "10000"))
    SECONDS = int(os.environ.get("LIMITS_SECONDS", "4"))

    def limit(self, sinks, queue_mb):
        return sinks * queue_mb + BESIDE_MB + APPLICATION_MB

    def test_sinks_that_take_nothing_fill_their_queues_and_no_more(self):
        for state in ("hang", "limit"):
            for sinks, queue_mb, rate in ((1, 8, self.RATE), (3, 8, self.RATE), (20, 2, self.RATE // 4)):
                with self.subTest(state=state, sinks=sinks):
                    self.server.tell(f"{state} *")
                    lines = rate * self.SECONDS
                    code, books, said = self.ship(
                        sinks, ["--queue-bytes", f"{queue_mb}MB", "--queue-size", "10000000", "--drain-timeout", "500ms"],
                        lines, rate, memory_mb=self.limit(sinks, queue_mb))
                    self.assertEqual(0, code, said[-2000:])
                    self.assert_every_line_has_an_ending(books, lines)
                    for sink in books["sinks"].values():
                        self.assertGreater(sink["dropped"]["queue_full"], 0)

    def test_slow_sinks_get_every_line(self):
        self.server.tell("slow 500 *")
        for sinks, queue_mb, rate in ((1, 64, self.RATE), (3, 64, self.RATE), (20, 8, self.RATE // 10)):
            with self.subTest(sinks=sinks):
                lines = rate * self.SECONDS
                before = self.stored()
                code, books, said = self.ship(sinks, ["--queue-bytes", f"{queue_mb}MB", "--drain-timeout", "60s"], lines,
                                              rate, memory_mb=self.limit(sinks, queue_mb))
                self.assertEqual(0, code, said[-2000:])
                self.assert_every_line_has_an_ending(books, lines)
                stored = self.stored()
                self.assertEqual({f"/{number}": lines + 1 for number in range(sinks)},
                                 {f"/{number}": stored[f"/{number}"] - before.get(f"/{number}", 0)
                                  for number in range(sinks)}, said[-2000:])

    def test_queues_that_the_container_has_no_room_for_become_smaller(self):
        self.server.tell("hang *")
        lines = self.RATE * self.SECONDS
        code, books, said = self.ship(3, ["--queue-size", "10000000", "--drain-timeout", "500ms"], lines, self.RATE,
                                      memory_mb=96)
        self.assertEqual(0, code, said[-2000:])
        self.assert_every_line_has_an_ending(books, lines)
        self.assertIn("the container's memory limit of 96 MB", said)

    def test_below_a_limit_on_processes_it_says_so_and_from_there_on_all_arrives(self):
        arrived, refused = False, 0
        for pids in range(2, 24):
            before = self.stored().get("/0", 0)
            code, _, said = self.ship(1, [], 100, 0, pids=pids)
            if self.stored().get("/0", 0) - before >= 101:
                arrived = True
                self.assertEqual(0, code, said[-2000:])
                continue
            self.assertFalse(arrived, f"{pids}: fewer were enough; {said[-2000:]}")
            # runc itself, Go's runtime, needs some to start.
            if "runc" in said or "runtime" in said:
                continue
            self.assertNotIn(code, (0, 128 + 6, 128 + 11, KILLED), said[-2000:])
            self.assertIn("Resource temporarily unavailable", said)
            refused += 1
        self.assertTrue(arrived)
        self.assertGreater(refused, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
