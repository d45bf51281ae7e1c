"""The measuring programs measure what they say: known data in, known figures out."""

import copy
import http.client
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import chart  # noqa: E402
import measure  # noqa: E402
import soak  # noqa: E402


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
