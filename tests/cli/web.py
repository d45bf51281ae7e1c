"""A run of the program that listens, and what a client sees of it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import program

sys.path.insert(0, os.path.join(program.ROOT, "tests", "fault"))


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=program.PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Served:
    """The program with --listen; its input is a pipe that stays open until `end`."""

    def __init__(self, *arguments, listen="127.0.0.1:0", environment=None, stdout=subprocess.DEVNULL):
        self.process = subprocess.Popen([program.SHIP, "--listen", listen, *arguments], stdin=subprocess.PIPE,
                                        stdout=stdout, stderr=subprocess.PIPE, bufsize=0,
                                        env=program.clean_environment(environment))
        self.messages = ""
        self.heard = threading.Condition()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        where = self.message(r"live page at (\S+)").group(1)
        self.url = where.rstrip("/")
        self.unix = where[len("unix:"):] if where.startswith("unix:") else None
        self.port = None if self.unix else int(self.url.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def _listen(self):
        for line in self.process.stderr:
            with self.heard:
                self.messages += line.decode()
                self.heard.notify_all()

    def message(self, pattern):
        """Waits until it says so on standard error."""
        with self.heard:
            if not self.heard.wait_for(lambda: re.search(pattern, self.messages), program.PATIENCE):
                raise AssertionError(f"never said {pattern}: {self.messages}")
            return re.search(pattern, self.messages)

    def write(self, text):
        self.process.stdin.write(text.encode())

    def connection(self):
        if self.unix:
            return UnixConnection(self.unix)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=program.PATIENCE)

    def get(self, path, method="GET", **headers):
        """Status, headers and body."""
        connection = self.connection()
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def stats(self):
        return json.loads(self.get("/stats")[2])

    def until(self, condition):
        """Waits until the statistics are so; returns them."""
        end = time.monotonic() + program.PATIENCE
        while not condition(stats := self.stats()):
            if time.monotonic() > end:
                raise AssertionError(f"never so: {stats}")
            time.sleep(0.05)
        return stats

    def signalled(self, number=signal.SIGUSR1):
        """The statistics that the signal asks for; needs --stats-format json."""
        with self.heard:
            before = len(self.messages)
        self.process.send_signal(number)
        with self.heard:
            if not self.heard.wait_for(lambda: re.search(r'^\{"fapilog_ship.*\n', self.messages[before:], re.M),
                                       program.PATIENCE):
                raise AssertionError(f"no statistics: {self.messages}")
            return json.loads(re.search(r'^\{"fapilog_ship.*\n', self.messages[before:], re.M).group())

    def end(self, patience=program.PATIENCE):
        """Ends the input and waits; the exit code."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.listener.join(program.PATIENCE)
            self.process.stderr.close()
        return code


def metrics_of(text):
    """name{labels} -> value."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
            if line and not line.startswith("#")}


def differences(metrics, stats):
    """Where the exposition and the statistics do not say the same; empty when they do, to the unit."""
    expected = {"fapilog_events_submitted_total": stats["input"]["submitted"],
                "fapilog_events_filtered_total": stats["input"]["filtered"],
                "fapilog_events_processed_total": sum(sink["delivered"] for sink in stats["sinks"].values())}
    for name, row in stats["inputs"].items():
        for key in ("lines", "bytes", "skipped_bytes", "blank", "invalid", "truncated", "filtered", "discarded"):
            expected[f'fapilog_ship_input_{key}_total{{input="{name}"}}'] = row[key]
    expected["fapilog_ship_reader_loop_seconds_count"] = stats["input"]["loop_seconds"]["count"]
    for name, sink in stats["sinks"].items():
        label = f'{{sink="{name}"}}'
        for key in ("submitted", "filtered", "delivered", "dead_lettered", "diverted", "retries", "batches"):
            expected[f"fapilog_ship_sink_{key}_total{label}"] = sink[key]
        expected[f"fapilog_ship_sink_sent_bytes_total{label}"] = sink["bytes_sent"]
        for key in ("pending", "in_flight", "spooled"):
            expected[f"fapilog_ship_sink_{key}{label}"] = sink[key]
        for key in ("submitted", "delivered"):
            expected[f"fapilog_ship_sink_protected_{key}_total{label}"] = sink["protected"][key]
        expected[f"fapilog_queue_depth{label}"] = sink["queue_depth"]
        expected[f"fapilog_queue_high_watermark{label}"] = sink["queue_depth_high_watermark"]
        expected[f"fapilog_ship_queue_size{label}"] = sink["queue_size"]
        expected[f"fapilog_ship_queue_bytes{label}"] = sink["queue_bytes"]
        expected[f"fapilog_flush_seconds_count{label}"] = sink["flush_seconds"]["count"]
        expected[f'fapilog_ship_breaker_state{{sink="{name}",state="{sink["breaker"]}"}}'] = 1
        drops = {}
        for reason, count in sink["dropped"].items():
            pair = [metrics.get(f'fapilog_events_dropped_total{{sink="{name}",reason="{reason}",protected="{flag}"}}', -1)
                    for flag in ("false", "true")]
            drops[reason] = pair[1]
            if sum(pair) != count:
                expected[f"dropped {name} {reason}: {pair}"] = count
        if sum(drops.values()) != sink["protected"]["dropped"]:
            expected[f"dropped {name} protected: {drops}"] = sink["protected"]["dropped"]
    return {key: (metrics.get(key), value) for key, value in expected.items() if metrics.get(key) != value}
