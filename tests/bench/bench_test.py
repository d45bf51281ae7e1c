"""The measuring programs measure what they say: known data in, known figures out."""

import copy
import http.client
import json
import os
import subprocess
import sys
import tempfile
import types
import unittest
import xml.dom.minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bench  # noqa: E402
import chart  # noqa: E402
import documents  # noqa: E402
import footprint  # noqa: E402
import latency  # noqa: E402
import locks  # noqa: E402
import measure  # noqa: E402
import soak  # noqa: E402
import spool  # noqa: E402
import throughput  # noqa: E402


class Producer(unittest.TestCase):
    def produce(self, *options, into="cat >/dev/null"):
        done = subprocess.run(f"{measure.PRODUCER} {' '.join(options)} | {into}", shell=True, capture_output=True,
                              check=False, timeout=60)
        return json.loads(done.stderr), done.stdout.decode()

    def test_lines_are_json_numbered_and_of_the_size_asked_for(self):
        report, text = self.produce("--lines 60 --rate 0 --sizes 100,400 --levels INFO,ERROR --burst 7", into="cat")
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(60, report["lines"])
        self.assertEqual(len(text), report["bytes"])
        self.assertEqual(list(range(60)), [int(line["seq"]) for line in lines])
        self.assertEqual({"INFO", "ERROR"}, {line["level"] for line in lines})
        self.assertEqual({100, 400}, {len(line) + 1 for line in text.splitlines()})
        self.assertTrue(all(int(line["sent"]) > 0 for line in lines))

    def test_a_reader_that_waits_shows_in_the_longest_write(self):
        report, _ = self.produce("--lines 20000 --rate 0 --sizes 100", into="{ sleep 0.3; cat >/dev/null; }")
        self.assertGreater(report["max_us"], 100_000)
        self.assertLess(report["p50_us"], 10_000)

    def test_a_rate_is_kept(self):
        report, _ = self.produce("--lines 500 --rate 1000")
        self.assertGreaterEqual(report["seconds"], 0.49)

    def test_a_write_that_blocks_past_the_limit_is_told(self):
        report, _ = self.produce("--lines 100000 --rate 0 --limit 1", into="sleep 1.5")
        self.assertTrue(report["blocked"])


class Sink(unittest.TestCase):
    def setUp(self):
        self.server = measure.Sink("sent")
        self.addCleanup(self.server.close)

    def post(self, path, body, patience=5):
        """The status that the server answers; 0 where it does not."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=patience)
        try:
            connection.request("POST", path, body)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def test_what_is_answered_with_204_is_stored_by_path(self):
        self.assertEqual([204, 204], [self.post("/a", b"1\n2\n"), self.post("/b", b"3\n")])
        paths = self.server.report()["paths"]
        self.assertEqual((2, 4), (paths["/a"]["stored"], paths["/a"]["bytes"]))
        self.assertEqual(1, paths["/b"]["stored"])

    def test_it_misbehaves_as_told(self):
        self.server.tell("refuse /a")
        self.assertEqual(503, self.post("/a", b"1\n"))
        for command in ("cut", "lose", "hang"):
            self.server.tell(f"{command} /a")
            self.assertEqual(0, self.post("/a", b"1\n", 0.3), command)
        self.assertEqual(204, self.post("/b", b"1\n"))
        counts = self.server.report()["paths"]["/a"]
        self.assertEqual((0, 1, 4), (counts["stored"], counts["doubtful"], counts["failed"]))

    def test_the_age_of_a_line_is_that_of_its_mark(self):
        sent = measure.monotonic_ns() - 2_000_000_000
        self.post("/a", b'{"sent":"%019d"}\n' % sent)
        age = self.server.report()["age"]
        self.assertEqual(1, age["lines"])
        self.assertAlmostEqual(2e6, age["p50_us"], delta=1e6)
        self.server.tell("slow 300 /a")
        self.post("/a", b'{"sent":"%019d"}\n' % measure.monotonic_ns())
        self.assertGreater(self.server.report()["age"]["max_us"], 300_000)


class Ages(unittest.TestCase):
    def test_quantiles_of_known_ages(self):
        now = measure.monotonic_ns()
        step = min(1_000_000_000, now // 1001)  # the clock began when the machine did, perhaps minutes ago
        lines = "".join('{"sent":"%019d"}\n' % (now - i * step) for i in range(1, 1001))
        done = subprocess.run([measure.SINK, "pipe"], input=lines, capture_output=True, text=True, check=True)
        age = json.loads(done.stdout)["age"]
        self.assertEqual(1000, age["lines"])
        for key, steps in (("p50_us", 500), ("p99_us", 990), ("p999_us", 999), ("max_us", 1000)):
            seconds = steps * step / 1e9
            self.assertAlmostEqual(seconds, age[key] / 1e6, delta=seconds * 0.02 + 5, msg=key)


class Measuring(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def test_inputs_are_json_of_the_length_asked_for(self):
        for kind, sizes in (("100", {100}), ("400", {400}), ("2000", {2000}), ("mixed", {100, 400, 2000})):
            path, size = measure.make_input(self.directory.name, 1234, "input", kind)
            with open(path, "rb") as file:
                lines = file.readlines()
            self.assertEqual((1234, size), (len(lines), sum(map(len, lines))))
            self.assertEqual(sizes, {len(line) for line in lines})
            self.assertEqual(set(measure.LEVELS), {json.loads(line)["level"] for line in lines})
        self.assertEqual({"INFO"}, {json.loads(line)["level"] for line in measure.sample_lines("400i")})

    def test_cpu_and_memory_are_those_of_the_command(self):
        source, _ = measure.make_input(self.directory.name, 10)
        burn = ("import time\nblock = bytearray(60 << 20)\nwhile time.process_time() < 0.4: pass\n"
                "import sys; sys.stdin.read()")
        done = measure.pipeline(source, [sys.executable, "-S", "-c", burn])
        self.assertGreaterEqual(done.cpu, 0.4)
        self.assertGreaterEqual(done.wall, 0.4)
        self.assertGreater(done.peak_kb, 60 << 10)
        self.assertLess(done.peak_kb, 90 << 10)
        idle = measure.pipeline(source, ["sh", "-c", "sleep 0.2; cat >/dev/null"])
        self.assertGreaterEqual(idle.wall, 0.2)
        self.assertLess(idle.cpu, 0.2)

    def test_the_latency_of_a_reader_that_waits_is_seen(self):
        quick = latency.through(["cat"], 0.2, 10_000)
        late = latency.through(["sh", "-c", "sleep 0.6; cat >/dev/null"], 0.2, 10_000)
        self.assertGreater(late["max_us"], 10_000)
        self.assertEqual(quick["lines"], late["lines"])

    def test_allocations_are_counted(self):
        counts = []
        for times in (0, 10_000):
            script = f"import ctypes\nf = ctypes.CDLL(None).malloc\nfor _ in range({times}): f(10)"
            subprocess.run([sys.executable, "-S", "-c", script], check=True, env={
                **os.environ, "LD_PRELOAD": measure.ALLOCATIONS, "ALLOCATIONS_REPORT": self.path("report")})
            with open(self.path("report"), encoding="ascii") as file:
                counts.append(int(file.read()))
        self.assertAlmostEqual(10_000, counts[1] - counts[0], delta=100)

    def test_each_wake_up_is_counted(self):
        script = "import time\nfor _ in range(50): time.sleep(0.002)\nprint(flush=True)\ninput()"
        process = subprocess.Popen([sys.executable, "-S", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        seen = footprint.switches(process.pid)
        process.communicate(b"\n")
        self.assertGreaterEqual(seen, 50)
        self.assertLess(seen, 100)

    def test_ratios_are_taken_round_by_round(self):
        part = {"lines": 1000, "results": {"a|null": {"wall": [1.0, 20.0, 3.0]}, "b|null": {"wall": [1.0, 10.0, 1.0]},
                                           "s6-log|file": {"cpu": [0.00299]}}}
        self.assertEqual(2.0, throughput.ratio(part, "a|null", "b|null", "wall"))
        self.assertAlmostEqual(2 * throughput.FLUENT_BIT_US_A_LINE["null"], throughput.fluent_bit_us(part, "null"))

    def test_figures_that_lie_far_apart_are_shown_to_do_so(self):
        self.assertEqual("1.00", throughput.wall_of({"wall": [1.0, 0.9, 1.1]}))
        self.assertEqual("1.00 (0.50–2.00)", throughput.wall_of({"wall": [1.0, 0.5, 2.0]}))

    def test_what_is_kept_is_what_is_shown(self):
        with open(os.path.join(bench.KEPT, "results.json"), encoding="utf-8") as file:
            results = json.load(file)
        with open(os.path.join(bench.KEPT, "bench.md"), encoding="utf-8") as file:
            self.assertEqual(bench.page(results), file.read())
        for path, shown in ((documents.README, [latency]), (documents.PERFORMANCE, [throughput, latency])):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for section in shown:
                self.assertIn(section.short(results[section.__name__]), text)

    def test_a_run_that_lost_a_line_is_no_measurement(self):
        said = '{"fapilog_ship":{},"sinks":{"null":{"delivered":9}}}'
        case = throughput.Case("fapilog-ship", "null", ["fapilog-ship", "--stats-at-exit"])
        done = measure.Measured(1, 1, 1, said, 0)
        throughput.check(case, done, self.directory.name, 0, 9)
        with self.assertRaises(SystemExit):
            throughput.check(case, done, self.directory.name, 0, 10)


class Locks(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def test_what_is_done_under_a_hold_is_seen(self):
        script = """import ctypes, os
c = ctypes.CDLL(None)
mutex, text = ctypes.create_string_buffer(64), ctypes.create_string_buffer(70_000)
c.pthread_mutex_lock(mutex)
for _ in range(7): c.malloc(1)
c.memcpy(text, ctypes.create_string_buffer(66_000), 66_000)
os.write(1, b"x")
c.pthread_mutex_unlock(mutex)
"""
        path = os.path.join(self.directory.name, "report")
        subprocess.run([sys.executable, "-S", "-c", script], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "LD_PRELOAD": measure.HOLDS, "HOLDS_REPORT": path})
        with open(path, encoding="utf-8") as file:
            found = [locks.parse(line)[0] for line in file]
        figures = next(figures for figures in found if figures[3] >= 66_000)
        self.assertEqual(1, figures[0])
        self.assertGreater(figures[2], 1000)
        self.assertGreaterEqual(figures[4], 7)
        self.assertEqual(1, figures[5])

    def test_what_is_above_its_bound_is_found(self):
        place = locks.Place("ship::Lane::take")
        place.add(1, 5, 5, locks.LANE_BYTES + 1, 0, 1)
        self.assertEqual(2, len(locks.broken([place])))
        place.name = "ship::Diagnostics::flush"
        self.assertEqual([], locks.broken([place]))

    def test_a_lane_does_under_its_lock_what_it_says_and_no_more(self):
        source, _ = measure.make_input(self.directory.name, 20_000)
        for options, codes in ((["--no-drop-on-full", "--sink", "null:"], (0,)), (locks.STORM, (measure.UNDELIVERED,))):
            places = locks.watched(os.environ["FAPILOG_SHIP"], source, self.directory.name, *options, codes=codes)
            self.assertEqual([], locks.broken(places))
            seen = {place.name: place for place in places}
            self.assertIn("ship::Lane::take", seen)
            self.assertGreater(seen["ship::Lane::take_over"].bytes, 10_000)


class Burst(unittest.TestCase):
    def test_a_burst_into_the_spool_is_kept_and_measured(self):
        with tempfile.TemporaryDirectory() as directory:
            bench = types.SimpleNamespace(ship=os.environ["FAPILOG_SHIP"], work=directory, lines=2_000)
            rows = spool.run(bench)
            self.assertEqual([("overflow", 500), ("overflow", 10_000), ("durable", 500), ("durable", 10_000)],
                             [(row["mode"], row["queue"]) for row in rows])
            for row in rows:
                self.assertEqual((2_000, 0), (row["kept"], row["dropped"]))
                self.assertGreater(row["seconds"], 0)
            self.assertEqual([], os.listdir(directory))

    def test_its_rate_is_lines_and_bytes_by_time(self):
        row = {"mode": "durable", "queue": 500, "lines": 1_000_000, "kept": 1_000_000, "dropped": 0, "seconds": 2.0}
        self.assertIn("| durable | 500 | 1,000,000 | 1,000,000 | 0 | 500 | 232 |", spool.render([row]))


def sample(at, **changes):
    return {"at": at, "state": "well", "resident_kb": 30000, "anonymous_kb": 20000, "peak_kb": 30000, "threads": 9,
            "descriptors": 25, "cpu": at / 5, **changes}


SINK = {"filtered": 0, "delivered": 90, "dropped": {"queue_full": 10, "evicted": 0}, "dead_lettered": 0, "pending": 0,
        "spooled": 0}
END = {"code": 0, "drained_seconds": 0.1, "wrong": [], "snapshots": 5, "reloads": 1, "restarts": 1, "spool_left": 0,
       "producer": {"lines": 100, "bytes": 1000, "seconds": 10.0, "missed_seconds": 0.0, "errno": 0, "p50_us": 1.0,
                    "p99_us": 2.0, "p999_us": 3.0, "max_us": 4.0},
       "final": {"input": {"lines": 100}, "sinks": {"plain": SINK, "file": dict(SINK)}},
       "stored": {"/plain": {"stored": 90, "doubtful": 0}}, "files": {"count": 2, "lines": 90}}


class Soak(unittest.TestCase):
    def broken(self, samples=None, **changes):
        """The rules that do not hold."""
        end = copy.deepcopy(END)
        for path, value in changes.items():
            at = end
            *parents, last = path.split("__")
            for key in parents:
                at = at[key]
            at[last] = value
        samples = samples or [sample(10 * i) for i in range(300)]
        return [rule for rule, holds, _ in soak.checks(samples, end) if not holds]

    def test_all_is_well_where_all_is_well(self):
        self.assertEqual([], self.broken())

    def test_one_line_that_is_missing_is_found(self):
        self.assertEqual(["every line that was written was read"], self.broken(final__input__lines=99))
        self.assertEqual(["plain: every line has one ending", "plain: the server has all that the books call delivered"],
                         self.broken(final__sinks__plain__delivered=91))
        self.assertEqual(["file: every line has one ending"],
                         self.broken(final__sinks__file__dropped={"queue_full": 9}))
        self.assertEqual(["file: all that is delivered stands in the files"], self.broken(files__lines=89))

    def test_what_grows_is_found(self):
        self.assertEqual(["memory is flat: the last third's most is not above the second's",
                          "memory does not creep: below 1 MB an hour"],
                         self.broken([sample(10 * i, resident_kb=20000 + 20 * i, anonymous_kb=10000 + 20 * i)
                                      for i in range(300)]))
        self.assertEqual(["descriptors are flat"],
                         self.broken([sample(10 * i, descriptors=20 + i // 20) for i in range(300)]))

    def test_a_straight_line_has_its_slope(self):
        self.assertAlmostEqual(3600, soak.slope_an_hour([(x, x + 5) for x in range(100)]))


class Charts(unittest.TestCase):
    def test_they_are_well_formed(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "a.svg")
            chart.over_time(path, "a < b", [("one & two", {"x": [(0, 1), (2, 3)], "y": []})], [(0.5, 1)])
            xml.dom.minidom.parse(path)
            chart.bars(path, "bars", [("one", [("a", 1.0, "1 s", True), ("b", 0, "0", False)])], "note")
            xml.dom.minidom.parse(path)
            chart.growth(path, "growth", [("cost", "sinks", {"a": [(1, 2.0), (8, 5.0)]})])
            xml.dom.minidom.parse(path)

    def test_steps_are_round_and_cover_the_axis(self):
        self.assertEqual([0, 20, 40, 60, 80, 100], chart.steps(100))
        self.assertEqual([0], chart.steps(0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
