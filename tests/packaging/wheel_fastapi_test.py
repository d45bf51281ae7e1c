"""The wheel in front of a FastAPI application under uvicorn, in its own environment, with packages from PyPI: every
record that the application logs arrives, by the pipe and with the program as uvicorn's parent.

BUILD in the environment names another build directory; the target `portable` has to be built there."""

import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from packages import ROOT
from wheel_test import WheelTest, environment, pip

sys.path.insert(0, os.path.join(ROOT, "tests", "bench", "fastapi"))
import demo  # noqa: E402

APPLICATION = '''
import json
import sys

from fastapi import FastAPI

app = FastAPI()


@app.get("/orders/{number}")
def order(number: int):
    print(json.dumps({"level": "ERROR" if number % 10 == 0 else "INFO", "message": "order", "number": number}), flush=True)
    return {"number": number}
'''
REQUESTS = 50


def free_port():
    with demo.socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class InFrontOfAnApplication(WheelTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What PyPI has, once for all suites; the wheel in an environment of its own that looks there, too.
        (packages,) = glob.glob(os.path.join(os.path.dirname(os.path.dirname(demo.interpreter())), "lib", "*", "site-packages"))
        cls.python = environment(os.path.join(cls.work, "environment"))
        pip(cls.python, "install", "--no-index", cls.wheel)
        (own,) = glob.glob(os.path.join(cls.work, "environment", "lib", "*", "site-packages"))
        with open(os.path.join(own, "pypi.pth"), "w", encoding="utf-8") as file:
            file.write(packages + "\n")
        with open(os.path.join(cls.work, "orders.py"), "w", encoding="utf-8") as file:
            file.write(APPLICATION)

    def serve(self, command, out):
        """Runs the command, asks for some orders, ends it; returns its exit code and the orders that arrived."""
        port = free_port()
        path = os.path.join(self.work, "environment", "bin") + ":/usr/bin:/bin"
        command = command.format(uvicorn=f"{self.python} -m uvicorn --log-level warning --port {port} orders:app", out=out)
        with subprocess.Popen(["bash", "-c", command], cwd=self.work, env={"PATH": path}, start_new_session=True) as process:
            try:
                demo.wait_for_port(port)
                for number in range(REQUESTS):
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/orders/{number}", timeout=60) as answer:
                        self.assertEqual(200, answer.status)
            finally:
                os.killpg(process.pid, signal.SIGINT)
            code = process.wait(60)
        with open(out, encoding="utf-8") as file:
            return code, [json.loads(line)["number"] for line in file if '"order"' in line]

    def test_behind_a_pipe(self):
        out = os.path.join(self.work, "pipe.ndjson")
        code, orders = self.serve("{uvicorn} | fapilog-ship -o {out}", out)
        self.assertEqual(list(range(REQUESTS)), orders)
        self.assertIn(code, (0, 130))

    def test_as_its_parent(self):
        out = os.path.join(self.work, "parent.ndjson")
        code, orders = self.serve("exec python3 -m fapilog_ship -o {out} -- {uvicorn}", out)
        self.assertEqual(list(range(REQUESTS)), orders)
        self.assertIn(code, (0, 130))


if __name__ == "__main__":
    unittest.main()
