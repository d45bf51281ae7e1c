"""The demonstration in small: a FastAPI application whose log server is slow, with packages from PyPI."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "bench", "fastapi"))
import demo  # noqa: E402
SHIP = os.environ.get("FAPILOG_SHIP", os.path.join(ROOT, "build", "release", "fapilog-ship"))


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


if __name__ == "__main__":
    unittest.main()
