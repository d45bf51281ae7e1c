"""The application of packaging/doc/fastapi.md under load: its standard output goes to the shipper, or to cat. What its
requests took is measured, and what it must have logged is known."""

import collections
import json
import os
import re
import signal
import subprocess
import sys

import server

sys.path.insert(0, os.path.join(server.ROOT, "tests", "bench", "fastapi"))
import demo  # noqa: E402

DOCUMENT = os.path.join(server.ROOT, "packaging", "doc", "fastapi.md")
# Requests a second and seconds of load; two lines are logged for each. To measure, take a machine that does nothing
# else, and more of both.
RATE = int(os.environ.get("LIVE_RATE", "50"))
SECONDS = float(os.environ.get("LIVE_SECONDS", "4"))
COUNT = int(RATE * SECONDS)


def example(name):
    """The file `name` of the document."""
    with open(DOCUMENT, encoding="utf-8") as file:
        (block,) = re.findall(rf"^```\w+\n# {re.escape(name)}\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
    return block


class Measured:
    """One run: what requests took, in seconds, and what the shipper said."""

    def __init__(self, load, code, said):
        self.code = code
        self.unanswered, self.failed = len(load["unanswered"]), load["failed"]
        latency = demo.quantiles(load["answered"] + load["unanswered"])
        self.p50, self.p99 = latency["p50"], latency["p99"]
        self.said = said

    def statistics(self):
        (line,) = [line for line in self.said.splitlines() if line.startswith("{")][-1:]
        return json.loads(line)

    def __str__(self):
        return f"p50 {self.p50 * 1000:.1f} ms, p99 {self.p99 * 1000:.1f} ms"


def run(directory, reader, environment=None, after_load=lambda reader: None):
    """Runs `reader` behind the application, in `directory`; `after_load` is called when all requests are answered and
    the application has ended, before the reader has: it still has the rest to deliver. Returns what was measured."""
    with open(os.path.join(directory, "app.py"), "w", encoding="utf-8") as file:
        file.write(example("app.py"))
    python, port = demo.interpreter(), server.free_port()
    said = os.path.join(directory, "said")
    load = os.path.join(directory, "load")
    clean = {name: text for name, text in os.environ.items()
             if not name.startswith(("FAPILOG_", "AWS_")) and not name.lower().endswith("_proxy")}
    with open(said, "wb") as stderr:
        reading = subprocess.Popen(reader, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr, cwd=directory,
                                   env={**clean, **(environment or {})})
    app = None
    try:
        # A connection that has been idle is not closed: the load would take it for a request without an answer.
        app = subprocess.Popen([python, "-m", "uvicorn", "app:app", "--no-access-log", "--log-level", "error", "--port",
                                str(port), "--timeout-keep-alive", "600"], stdin=subprocess.DEVNULL, stdout=reading.stdin, cwd=directory, env=clean)
        reading.stdin.close()
        demo.wait_for_port(port)
        demo.warm_up(port)
        subprocess.run([python, os.path.join(os.path.dirname(demo.__file__), "load.py"), str(port), str(RATE), str(SECONDS),
                        load, str(server.PATIENCE)], check=True)
        app.send_signal(signal.SIGTERM)
        app.wait(server.PATIENCE)
        after_load(reading)
        reading.wait(server.PATIENCE)
    finally:
        for process in (app, reading):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
    with open(said, encoding="utf-8") as file, open(load, encoding="ascii") as answers:
        return Measured(json.load(answers), reading.returncode, file.read())


def check_lines(test, lines, all_there=True):
    """Each line is an envelope of fapilog that the application has logged, and is there once. `all_there`: both lines
    of each request are."""
    seen, ids = collections.Counter(), set()
    for line in lines:
        record = json.loads(line)
        test.assertEqual({"log", "schema_version"}, set(record), line)
        log = record["log"]
        ids.add(log["context"]["message_id"])
        seen[log["message"], log["data"].get("path") or f"/orders/{log['data']['number']}"] += 1
    wanted = {(message, f"/orders/{number}") for number in range(COUNT) for message in ("order read", "request_completed")}
    test.assertEqual(set(), set(seen) - wanted)
    if all_there:
        test.assertEqual([], sorted(wanted - set(seen))[:3])
    test.assertEqual(len(lines), len(ids))
    test.assertEqual(len(lines), len(seen), [one for one, times in seen.items() if times > 1][:3])
