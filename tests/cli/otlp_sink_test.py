"""The otlp sink of the real program, in front of a collector of the tests' own that reads protobuf."""

import json
import os
import struct
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from program import ROOT, ProgramTest, run  # noqa: E402

SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """The fields of a protobuf message, each its number and value."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 1:
            value, at = struct.unpack_from("<Q", data, at)[0], at + 8
        else:
            assert key & 7 == 2, "a wire type that OTLP has not"
            size, at = varint(data, at)
            assert at + size <= len(data), "a field that is cut off"
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def value_of(data):
    for number, value in fields(data):
        return {1: lambda v: v.decode(), 2: bool, 3: lambda v: v - (v >> 63 << 64), 4: lambda v: struct.unpack(
            "<d", struct.pack("<Q", v))[0], 5: lambda v: [value_of(item) for _, item in fields(v)],
                6: lambda v: dict(pair(item) for _, item in fields(v))}[number](value)
    return None


def pair(data):
    found = dict(fields(data))
    return found[1].decode(), value_of(found[2])


class Collector:
    """Keeps what it takes. `answers` are given before: a status and a body; 200 stores all the same."""

    def __init__(self, *answers):
        self.lock = threading.Lock()
        self.answers = list(answers)
        self.records, self.paths, self.encodings = [], set(), set()

    def __call__(self, peer, connection, request):
        with self.lock:
            status, body = self.answers.pop(0) if self.answers else (200, b"")
            self.paths.add(request.path)
            self.encodings.add(request.headers.get("content-encoding"))
            assert request.headers["content-type"] == "application/x-protobuf"
            if status == 200:
                self.take(request.body)
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n%s"
                           % (status, len(body), body))
        return True

    def take(self, body):
        for _, logs in fields(body):
            parts = list(fields(logs))
            resource = dict(pair(item) for number, part in parts if number == 1 for _, item in fields(part))
            for scope in (part for number, part in parts if number == 2):
                for record in (part for number, part in fields(scope) if number == 2):
                    found = list(fields(record))
                    self.records.append((resource, dict(found), dict(pair(item) for n, item in found if n == 6)))


class Otlp(ProgramTest):
    def ship(self, collector, *arguments, stdin, query=""):
        with peers.Peer(collector) as peer:
            result = run("--sink", "otlp+" + peer.url("") + query, "--stats-at-exit", "--stats-format", "json",
                         "--retry-base", "10ms", "--no-drop-on-full", *arguments, stdin=stdin)
        self.assertEqual(0, result.returncode, result.stderr)
        stats = [line for line in result.stderr.splitlines() if line.startswith("{")][-1]
        (sink,) = json.loads(stats)["sinks"].values()
        return sink

    def test_every_record_of_the_library_arrives_with_its_fields(self):
        with open(SAMPLE, encoding="utf-8") as file:
            lines = file.read()
        collector = Collector((503, b""), (429, b""), (504, b""))
        sink = self.ship(collector, "--label", "team=shop", stdin=lines, query="?compression=gzip")
        self.assertEqual((4000, 3), (sink["delivered"], sink["retries"]))
        self.assertEqual(({"/v1/logs"}, {"gzip"}), (collector.paths, collector.encodings))
        numbers = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21, "AUDIT": 12, "SECURITY": 16}
        for line, (resource, record, attributes) in zip(lines.splitlines(), collector.records):
            log = json.loads(line)["log"]
            self.assertEqual({"team": "shop", "service.name": "fapilog"}, resource)
            self.assertEqual(log["message"], value_of(record[5]))
            self.assertEqual((log["level"], numbers[log["level"]]), (record[3].decode(), record[2]))
            for part in ("context", "data", "diagnostics"):
                for key, value in log.get(part, {}).items():
                    self.assertEqual(value, attributes[f"{part}.{key}"])

    def test_opentelemetrys_own_variables_say_where_and_who(self):
        collector = Collector()
        seen = {}

        def collect(peer, connection, request):
            seen.update(request.headers)
            return collector(peer, connection, request)
        with peers.Peer(collect) as peer:
            variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": peer.url(""), "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b",
                         "OTEL_SERVICE_NAME": "web", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test",
                         "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
            result = run("--sink", "otlp:", stdin='{"n":1}\n', environment=variables)
            self.assertEqual(0, result.returncode, result.stderr)
            printed = run("--sink", "otlp:", "--print-config", environment=variables).stdout
        self.assertEqual(({"/v1/logs"}, {"gzip"}), (collector.paths, collector.encodings))
        self.assertEqual("a b", seen["api-key"])
        self.assertEqual({"service.name": "web", "deployment.environment": "test"}, collector.records[0][0])
        self.assertIn(f'url = "otlp+{peer.url("/v1/logs")}"  # OTEL_EXPORTER_OTLP_ENDPOINT\n', printed)
        refused = run("--sink", "otlp:", environment={**variables, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
        self.assert_fails(refused, 78, 'OTEL_EXPORTER_OTLP_PROTOCOL asks for "grpc"')

    def test_a_partial_success_is_counted_and_never_sent_again(self):
        collector = Collector((200, b"\x0a\x09\x08\x02\x12\x05nope\n"))
        sink = self.ship(collector, stdin='{"n":1}\n{"n":2}\n{"n":3}\n')
        self.assertEqual((1, 2, 3), (sink["delivered"], sink["dropped"]["rejected"], len(collector.records)))
        self.assertIn("nope", sink["last_error"])

    def test_an_error_that_is_not_to_be_retried_is_not_retried(self):
        for status in (400, 401, 500, 501):
            with self.subTest(status=status):
                collector = Collector((status, b"\x12\x03why"))
                sink = self.ship(collector, "--dead-letter", self.path(f"dead-{status}"), stdin='{"n":1}\n')
                self.assertEqual((0, 1), (sink["delivered"], sink["dead_lettered"]))
                letter = json.loads(self.read(f"dead-{status}"))
                self.assertEqual(status, letter["status"])
                self.assertIn("why", letter["reason"])


if __name__ == "__main__":
    unittest.main()
