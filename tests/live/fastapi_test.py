"""FastAPI applications whose log servers are slow or busy and whose disks are full, with packages from PyPI: the
demonstration in small, and the application of packaging/doc/fastapi.md, which writes fapilog's envelope."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest

import fastapi_app
from fastapi_app import COUNT, check_lines, demo, example
from opensearch import OpenSearch
from server import PATIENCE, ROOT, SHIP, LiveTest, fetch, free_port

sys.path.insert(0, os.path.join(ROOT, "tests", "cli"))
import peer as peers  # noqa: E402
from strict_cloudwatch import KEYS, StrictCloudwatch  # noqa: E402


class Demonstration(unittest.TestCase):
    def test_the_shipper_costs_no_request_and_counts_every_line(self):
        with tempfile.TemporaryDirectory() as directory:
            cells = ["sync:50", "ship:50", "cat:50", "ship:hangs"]
            arguments = [argument for cell in cells for argument in ("--cell", cell)]
            subprocess.run([sys.executable, os.path.join(ROOT, "tests", "bench", "fastapi", "demo.py"), *arguments,
                            "--seconds", "2", "--rate", "200", "--out", directory, "--ship", SHIP], check=True)
            with open(os.path.join(directory, "results.json"), encoding="ascii") as file:
                results = json.load(file)
            for picture in ("latency.svg", "latency.png"):
                self.assertGreater(os.path.getsize(os.path.join(directory, picture)), 1000)
        for cell in ("ship:50", "ship:hangs", "cat:50"):
            self.assertEqual((0, 0), (results[cell]["unanswered"], results[cell]["failed"]), cell)
        self.assertEqual((400, 0, 0), tuple(results["ship:50"][key] for key in ("delivered", "counted", "uncounted")))
        self.assertEqual((0, 400, 0), tuple(results["ship:hangs"][key] for key in ("delivered", "counted", "uncounted")))
        # Twenty requests a second are what the other way can do; ten times as many come.
        self.assertGreater(results["sync:50"]["unanswered"], 100)
        self.assertGreater(results["sync:50"]["latency"]["p50"], 10 * results["ship:50"]["latency"]["p50"])

    def test_ctrl_c_lets_uvicorn_clean_up(self):
        """The terminal's suite has the test; here are the packages that it needs."""
        path = os.path.dirname(demo.interpreter())
        done = subprocess.run([sys.executable, os.path.join(ROOT, "tests", "cli", "terminal_manners_test.py"),
                               "AtATerminal.test_ctrl_c_lets_uvicorn_with_reload_clean_up"],
                              env={**os.environ, "FAPILOG_SHIP": SHIP, "PATH": path + ":" + os.environ["PATH"]},
                              capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertNotIn("skipped", done.stderr)


class Envelopes(LiveTest):
    """Each test runs the application twice: before the shipper, and before `cat >/dev/null`."""

    # In the order of the tests; with LIVE_RATE and LIVE_SECONDS it is a measurement.
    environment = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), next(iter(KEYS.items()))))
    # Beside the sink under test: what the shipper has read, byte for byte.
    copy = '[sinks.copy]\nurl = "file:copy.ndjson"\nspool.mode = "off"\n'

    def measure(self, what, config, around=(), environment=None, after_load=lambda reader: None, code=0):
        """Ships the application's output as `config` says; the statistics of the sinks. No request may have suffered, and
        the shipper ends with `code`."""
        with open(os.path.join(self.directory, "shop.toml"), "w", encoding="utf-8") as file:
            file.write(config)
        plain = fastapi_app.run(self.directory, ["cat"])
        shipped = fastapi_app.run(self.directory, [
            *around, SHIP, "--config", "shop.toml", "--stats-at-exit", "--stats-format", "json"], environment, after_load)
        print(f"{what}: {shipped}; cat: {plain}", file=sys.stderr)
        for run, expected in ((plain, 0), (shipped, code)):
            self.assertEqual((expected, 0, 0), (run.code, run.unanswered, run.failed), run.said)
        # Coarse, for machines differ: with one answer of half a second for each line most requests would wait for longer.
        self.assertLess(shipped.p50, 1 + 5 * plain.p50)
        stats = shipped.statistics()
        self.assertEqual(2 * COUNT, stats["input"]["submitted"], shipped.said)
        for name, sink in stats["sinks"].items():
            self.assertEqual(2 * COUNT, sink["delivered"] + sum(sink["dropped"].values()), (name, sink))
        return stats["sinks"]

    def assert_nothing_lost(self, sinks):
        self.assertEqual({name: 2 * COUNT for name in sinks}, {name: sink["delivered"] for name, sink in sinks.items()})

    def lines(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.endswith("\n"), "a torn line")
        return text.splitlines()

    @contextlib.contextmanager
    def cloudwatch(self, *script):
        """A strict CloudWatch Logs that answers as the actions say; yields it, its peer, and the configuration of the
        document with its address."""
        strict = StrictCloudwatch()
        with peers.Peer(*(action(strict) for action in script)) as peer:
            config = example("shop.toml").replace('group = ', f'endpoint_url = "{peer.url("")}"\ngroup = ')
            yield strict, peer, config
        self.assertEqual([], strict.faults)

    def compare_cloudwatch(self, strict, lines):
        """Each line is there, once, with the bytes that the application wrote."""
        (events,) = strict.streams.values()
        self.assertEqual([("/shop/web", os.uname().nodename)], list(strict.streams))
        self.assertEqual(sorted(lines), sorted(message for _, message in events))

    def slow_cloudwatch(self, seconds):
        with self.cloudwatch(lambda strict: peers.delayed(strict, seconds)) as (strict, _, config):
            sinks = self.measure(f"CloudWatch after {seconds * 1000:.0f} ms", config + self.copy,
                                 environment=self.environment)
            self.assert_nothing_lost(sinks)
            check_lines(self, self.lines("copy.ndjson"))
            self.compare_cloudwatch(strict, self.lines("copy.ndjson"))

    def test_cloudwatch_that_answers_after_50_ms(self):
        self.slow_cloudwatch(0.05)

    def test_cloudwatch_that_answers_after_500_ms(self):
        self.slow_cloudwatch(0.5)

    def test_opensearch_under_load(self):
        """Two other clients write to it as fast as it lets them."""
        search = self.started(OpenSearch())
        noise = b"".join(b'{"index":{}}\n{"n":%d,"text":"%s"}\n' % (n, b"some words of noise " * 20) for n in range(500))
        ended = threading.Event()
        written = []

        def write():
            while not ended.is_set():
                fetch(search.url("/noise/_bulk"), noise, {"Content-Type": "application/x-ndjson"})
                written.append(500)
        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        try:
            sinks = self.measure("OpenSearch under load", 'preset = "fastapi"\n[sinks.search]\n'
                                 f'url = "elasticsearch+http://127.0.0.1:{search.port}/shop"\n' + self.copy)
        finally:
            ended.set()
            for writer in writers:
                writer.join()
        print(f"OpenSearch took {sum(written)} documents beside", file=sys.stderr)
        self.assert_nothing_lost(sinks)
        check_lines(self, self.lines("copy.ndjson"))
        found = []
        for _, document in search.documents("shop"):
            self.assertEqual(document["log"]["timestamp"], document.pop("@timestamp"))
            found.append(json.dumps(document, sort_keys=True))
        self.assertEqual(sorted(json.dumps(json.loads(line), sort_keys=True) for line in self.lines("copy.ndjson")),
                         sorted(found))

    def narrow(self, size, ballast=0):
        """A command that runs another one with a file system of `size` KB, `ballast` of them taken, at `narrow`; what
        is there at the end is at `kept`."""
        os.mkdir(os.path.join(self.directory, "narrow"))
        return ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c",
                f"mount -t tmpfs -o size={size}k tmpfs narrow && head -c {ballast}k /dev/zero >narrow/ballast || exit 99\n"
                '"$@"; code=$?; cp -r narrow kept; exit $code', "sh"]

    def make_room(self, reader):
        os.unlink(f"/proc/{reader.pid}/root{self.directory}/narrow/ballast")

    def test_a_disk_that_fills_up_below_a_file(self):
        """It never has room again: the file holds whole lines, and each of the others is counted."""
        sinks = self.measure("a disk that is full", 'preset = "fastapi"\n[delivery]\ndrain_timeout = "2s"\n'
                             '[sinks.disk]\nurl = "file:narrow/app.ndjson"\n' + self.copy, around=self.narrow(64), code=75)
        check_lines(self, self.lines("copy.ndjson"))
        disk = sinks["disk"]
        self.assertEqual(2 * COUNT, sinks["copy"]["delivered"])
        self.assertGreater(disk["delivered"], 0)
        self.assertEqual({"shutdown": 2 * COUNT - disk["delivered"]},
                         {reason: count for reason, count in disk["dropped"].items() if count})
        kept = self.lines("kept/app.ndjson")
        self.assertEqual(self.lines("copy.ndjson")[:disk["delivered"]], kept)
        print(f"on the full disk are {len(kept)} lines, {disk['dropped']['shutdown']} are counted as lost", file=sys.stderr)

    def test_a_disk_that_fills_up_and_gets_room_again(self):
        """What waited in the queue is taken then: nothing is lost."""
        sinks = self.measure("a disk that is full for a while", 'preset = "fastapi"\n[delivery]\ndrain_timeout = "60s"\n'
                             '[sinks.disk]\nurl = "file:narrow/app.ndjson"\n' + self.copy,
                             around=self.narrow(64 + COUNT * 2, COUNT * 2), after_load=self.make_room)
        self.assert_nothing_lost(sinks)
        check_lines(self, self.lines("copy.ndjson"))
        self.assertEqual(self.lines("copy.ndjson"), self.lines("kept/app.ndjson"))

    def test_a_disk_that_fills_up_below_the_spool(self):
        """CloudWatch hangs meanwhile; memory holds what the spool cannot, and CloudWatch gets all of it."""
        with self.cloudwatch(lambda strict: peers.hang_before_answer) as (strict, peer, config):
            sinks = self.measure("a spool whose disk is full", config + self.copy + '[spool]\ndir = "narrow"\n'
                                 'mode = "durable"\n[delivery]\ndrain_timeout = "60s"\n', around=self.narrow(64),
                                 environment=self.environment, after_load=lambda reader: peer.set(strict))
            self.assert_nothing_lost(sinks)
            check_lines(self, self.lines("copy.ndjson"))
            self.compare_cloudwatch(strict, self.lines("copy.ndjson"))

    def test_a_full_queue_before_a_full_disk_gives_way_line_by_line_and_counts(self):
        """As above with a queue of 64 KB: what CloudWatch and the disk could not take is counted, and nothing else."""
        with self.cloudwatch(lambda strict: peers.hang_before_answer) as (strict, peer, config):
            sinks = self.measure("a full queue before a full disk", config + self.copy + '[spool]\ndir = "narrow"\n'
                                 '[delivery]\ndrain_timeout = "60s"\n[sinks.cloudwatch.queue]\nmax_bytes = "64KB"\n',
                                 around=self.narrow(32), environment=self.environment,
                                 after_load=lambda reader: peer.set(strict))
            lost = sum(sinks["cloudwatch"]["dropped"].values())
            print(f"{sinks['cloudwatch']['delivered']} delivered, {lost} counted as lost", file=sys.stderr)
            self.assertGreater(lost, 0)
            (events,) = strict.streams.values()
            came = [message for _, message in events]
            check_lines(self, came, all_there=False)
            self.assertEqual((2 * COUNT - lost, 2 * COUNT), (len(came), sinks["copy"]["delivered"]))
            self.assertLessEqual(100, len(came))

    def test_the_shipper_starts_and_ends_the_application(self):
        with self.cloudwatch(lambda strict: strict) as (strict, _, config):
            for name, text in (("app.py", example("app.py")), ("shop.toml", config)):
                with open(os.path.join(self.directory, name), "w", encoding="utf-8") as file:
                    file.write(text)
            port = free_port()
            said = os.path.join(self.directory, "said")
            with open(said, "wb") as stderr:
                ship = subprocess.Popen([SHIP, "--config", "shop.toml", "--", demo.interpreter(), "-m", "uvicorn", "app:app",
                                         "--no-access-log", "--port", str(port)], stdin=subprocess.DEVNULL, stderr=stderr,
                                        cwd=self.directory, env={**os.environ, **self.environment})
            try:
                demo.wait_for_port(port)
                fetch(f"http://127.0.0.1:{port}/orders/7")
                ship.terminate()
                code = ship.wait(PATIENCE)
            finally:
                ship.kill()
                ship.wait()
            with open(said, encoding="utf-8") as file:
                self.assertEqual(143, code, file.read())
            (events,) = strict.streams.values()
            messages = [json.loads(message)["log"]["message"] for _, message in events]
            uvicorns = [message for message in messages if message.startswith("INFO:     ")]
            self.assertIn("INFO:     Application shutdown complete.", uvicorns)
            self.assertEqual(["order read", "request_completed"], sorted(set(messages) - set(uvicorns)))
            self.assertEqual(len(set(messages)), len(messages))

    def test_each_preset_of_fapilog_writes_what_the_document_says(self):
        with open(fastapi_app.DOCUMENT, encoding="utf-8") as file:
            presets = [line.split("`")[1] for line in file if line.startswith("| `")]
        self.assertEqual({"production", "serverless", "minimal", "hardened", "dev"}, set(presets))
        for preset in presets + ["fastapi"]:
            with self.subTest(preset):
                folder = tempfile.mkdtemp(dir=self.directory)
                program = ("from fastapi.testclient import TestClient\nfrom app import app\n"
                           "with TestClient(app) as client:\n    client.get('/orders/1')\n")
                with open(os.path.join(folder, "app.py"), "w", encoding="utf-8") as file:
                    file.write(example("app.py").replace('"production"', f'"{preset}"'))
                done = subprocess.run([demo.interpreter(), "-c", program], cwd=folder, capture_output=True, text=True,
                                      check=False)
                lines = done.stdout.splitlines()
                if preset == "fastapi":
                    self.assertIn("Invalid preset 'fastapi'", done.stderr)
                elif preset == "dev":
                    self.assertIn("order read", done.stdout)
                    self.assertFalse([line for line in lines if line.startswith("{")])
                else:
                    self.assertEqual(["order read", "request_completed"],
                                     sorted(json.loads(line)["log"]["message"] for line in lines), done.stderr)
                self.assertEqual(preset == "hardened", os.path.isdir(os.path.join(folder, "logs")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
