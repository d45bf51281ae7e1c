"""The loki, elasticsearch, otlp and http sinks in front of VictoriaLogs, which takes all four protocols and answers
queries. It takes more than the servers do that they are meant for: what is refused is the matter of the strict fakes."""

import json
import unittest

from nginx import Nginx
from server import LINES, LiveTest, sample_lines
from victorialogs import VictoriaLogs

FIELDS = "query._msg_field=log.message&query._time_field=log.timestamp&query.extra_fields=via%3Djson"


def milliseconds(time):
    """An RFC 3339 time in UTC, cut to the millisecond."""
    whole, _, fraction = time.removesuffix("Z").partition(".")
    return f"{whole}.{fraction[:3]:0<3}"


def flat(value, prefix=""):
    """An object as VictoriaLogs keeps it: one level, all values text, lists as their JSON, nothing empty."""
    fields = {}
    for key, inside in value.items():
        if isinstance(inside, dict):
            fields.update(flat(inside, prefix + key + "."))
        elif isinstance(inside, list):
            fields[prefix + key] = inside
        elif inside not in ("", None):
            fields[prefix + key] = inside if isinstance(inside, str) else json.dumps(inside)
    return fields


class Push(LiveTest):
    def setUp(self):
        super().setUp()
        self.logs = self.started(VictoriaLogs())
        self.lines = sample_lines(LINES)

    def loki(self, port=None, query=""):
        return ("--label", "app=web", "--sink", f"loki+http://127.0.0.1:{port or self.logs.port}/insert{query}")

    def otlp(self, port=None):
        return ("--label", "team=shop", "--sink",
                f"otlp+http://127.0.0.1:{port or self.logs.port}/insert/opentelemetry?compression=gzip")

    def elasticsearch(self, port=None):
        return ("--sink", f"elasticsearch+http://127.0.0.1:{port or self.logs.port}/insert/elasticsearch/web?"
                "headers.VL-Msg-Field=log.message&headers.VL-Time-Field=log.timestamp")

    def compare_lines(self, lines, found, doubles=0):
        self.assert_all_there(lines, [record["_msg"] for record in found], doubles)
        for record in found:
            log = json.loads(record["_msg"])["log"]
            self.assertEqual(milliseconds(log["timestamp"]), milliseconds(record["_time"]))
            self.assertEqual((log["level"], "web"), (record["level"], record["app"]))

    def compare_fields(self, found, expected, doubles=0):
        """`expected` makes of a line the time and the fields that it is stored as."""
        self.assertLessEqual(len(found) - len(self.lines), doubles)
        records = {}
        for record in found:
            for key in [key for key in record if key in ("_stream", "_stream_id")]:
                del record[key]
            record["_time"] = milliseconds(record["_time"])
            sequence = int(record.get("log.context.seq") or record["context.seq"])
            self.assertEqual(record, records.setdefault(sequence, record))
        self.assertEqual(len(self.lines), len(records))
        for number, line in enumerate(self.lines):
            wanted = expected(json.loads(line))
            # What exception.type and its kin repeat is there as it was, too.
            record = {key: value for key, value in records[number].items() if not key.startswith("exception.")}
            for key, value in wanted.items():
                if isinstance(value, list):
                    record[key] = json.loads(record[key])
            self.assertEqual(wanted, record)

    @staticmethod
    def as_document(record):
        fields = flat(record)
        return {**fields, "_msg": fields.pop("log.message"), "_time": milliseconds(fields.pop("log.timestamp"))}

    def as_bulk(self, record):
        fields = self.as_document(record)
        for name in ("log.message", "log.timestamp"):
            fields.pop(name, None)
        return {**fields, "@timestamp": record["log"]["timestamp"]}

    def as_otlp(self, record):
        log = record["log"]
        fields = flat({key: value for key, value in log.items() if key not in ("message", "level", "timestamp")})
        # A number that was sent as one is written in its shortest form.
        fields = {key: value.removesuffix(".0") if key == "data.duration_ms" else value for key, value in fields.items()}
        return {**fields, "schema_version": record["schema_version"], "team": "shop",
                "service.name": log["diagnostics"]["service"], "_msg": log["message"], "severity": log["level"], "_time": milliseconds(log["timestamp"])}

    def test_loki_push_is_read_back_as_it_was_shipped(self):
        for encoding in ("protobuf", "json"):
            with self.subTest(encoding=encoding):
                lines = [line.replace('"data":{', f'"data":{{"as":"{encoding}",', 1) for line in self.lines]
                self.ship(lines, *self.loki(query="?encoding=" + encoding), "--label", "as=" + encoding,
                          "--batch-size", "1000")
                self.compare_lines(lines, self.logs.query(f'{{as="{encoding}"}}'))

    def test_bulk_requests_are_read_back_field_by_field(self):
        self.ship(self.lines, *self.elasticsearch(), "--batch-size", "1000")
        self.compare_fields(self.logs.query("*"), self.as_bulk)

    def test_otlp_is_read_back_field_by_field(self):
        self.ship(self.lines, *self.otlp(), "--batch-size", "1000")
        self.compare_fields(self.logs.query("*"), self.as_otlp)

    def test_a_server_that_is_killed_and_restarted_misses_nothing(self):
        """It answers before it has written: what it said it had is given the time to get onto the disk."""
        half = len(self.lines) // 2
        for name, sink in (("loki", self.loki()), ("elasticsearch", self.elasticsearch()), ("otlp", self.otlp())):
            with self.subTest(sink=name):
                logs = self.logs = self.started(VictoriaLogs())
                sink = [part.replace(str(sink[-1].split(":")[-1].split("/")[0]), str(logs.port)) for part in sink]
                self.ship_and_kill(logs, self.lines, lambda: logs.saved() == half, *sink, "--batch-size", "500", at_rest=True)
                self.compare_all(name, logs, 0)

    def compare_all(self, name, logs, doubles):
        if name == "loki":
            self.compare_lines(self.lines, logs.query("*"), doubles)
        else:
            self.compare_fields(logs.query("*"), {"elasticsearch": self.as_bulk, "otlp": self.as_otlp}[name], doubles)

    def test_a_network_that_cuts_connections_loses_nothing(self):
        """Here none of the protocols tells a record from its double: those of a lost answer may be there twice."""
        for name in ("loki", "elasticsearch", "otlp"):
            with self.subTest(sink=name):
                logs = self.started(VictoriaLogs())
                self.ship_through_faults(logs, self.lines,
                                         lambda port: (*getattr(self, name)(port), "--batch-size", "200"))
                self.compare_all(name, logs, 12 * 200)

    def test_all_sinks_show_a_proxy_their_certificate(self):
        self.lines = self.lines[:1000]
        proxy = self.started(Nginx(self.logs.port))
        for sink, query in ((f"loki+{proxy.url('/insert')}?", "app:web"),
                            (f"elasticsearch+{proxy.url('/insert/elasticsearch/web')}?"
                             "headers.VL-Msg-Field=log.message&headers.VL-Time-Field=log.timestamp&", "@timestamp:*"),
                            (f"otlp+{proxy.url('/insert/opentelemetry')}?", "team:shop"),
                            (f"{proxy.url('/insert/jsonline')}?{FIELDS}&", "via:json")):
            with self.subTest(sink=sink):
                labels = ["--label", "team=shop"] if "otlp" in sink else ["--label", "app=web"]
                self.ship(self.lines, *labels, "--sink", sink + proxy.certificates())
                self.assertEqual(len(self.lines), len(self.logs.query(query)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
