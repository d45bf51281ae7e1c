"""The otlp sink in front of a real OpenTelemetry Collector."""

import json
import unittest

import server
from collector import Collector
from server import LINES, LiveTest, sample_lines

SEVERITY = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21, "AUDIT": 12, "SECURITY": 16}
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def nanoseconds(time):
    moment = server.datetime.datetime.fromisoformat(time[:-1] + "+00:00")
    return round(moment.timestamp() * 1000) * 1_000_000


class Otlp(LiveTest):
    def setUp(self):
        super().setUp()
        self.collector = self.started(Collector())
        self.lines = sample_lines(LINES)

    def sink(self, port=None):
        return ("--label", "team=shop", "--sink",
                f"otlp+http://127.0.0.1:{port or self.collector.port}?compression=gzip&resource_attributes.env=live")

    def compare(self, doubles=0):
        """Each record is there whole: time, level, body, ids, and each field with its type, however deep."""
        found = self.collector.records()
        self.assertLessEqual(len(found) - len(self.lines), doubles)
        records = {}
        for resource, record in found:
            self.assertEqual({"team": "shop", "env": "live", "service.name": "fapilog"}, resource)
            record.pop("observedTimeUnixNano")
            number = record["attributes"]["context.seq"]
            self.assertEqual(record, records.setdefault(number, record))
        self.assertEqual(len(self.lines), len(records))
        for number, line in enumerate(self.lines):
            log = json.loads(line)["log"]
            attributes = {"logger": log["logger"], "schema_version": "1.1"}
            for part in ("context", "data", "diagnostics"):
                attributes.update((f"{part}.{key}", value) for key, value in log[part].items())
            ids = {"traceId": attributes.pop("context.trace_id", ""), "spanId": attributes.pop("context.span_id", "")}
            wanted = {"timeUnixNano": str(nanoseconds(log["timestamp"])), "severityNumber": SEVERITY[log["level"]],
                      "severityText": log["level"], "body": log["message"], "attributes": attributes,
                      **{key: value for key, value in ids.items() if value}}
            found = {key: value for key, value in records[number].items() if value != ""}
            # What exception.type and its kin repeat is there as it was, too.
            found["attributes"] = {key: value for key, value in found["attributes"].items()
                                   if not key.startswith("exception.")}
            self.assertEqual(wanted, found)

    def test_what_is_read_back_is_what_was_shipped(self):
        self.lines[5] = self.lines[5].replace('"context":{', f'"context":{{"trace_id":"{TRACE}","span_id":"{SPAN}",', 1)
        self.ship(self.lines, *self.sink(), "--batch-size", "1000")
        self.collector.stop()
        self.compare()

    def test_a_server_that_is_killed_and_restarted_misses_nothing(self):
        """It answers before it has written: what it said it had is given the time to get into the file."""
        half = len(self.lines) // 2
        self.ship_and_kill(self.collector, self.lines, lambda: len(self.collector.records()) == half, *self.sink(),
                            "--batch-size", "500", at_rest=True)
        self.collector.stop()
        self.compare()

    def test_a_network_that_cuts_connections_loses_nothing(self):
        """The protocol tells no record from its double: those of a lost answer may be there twice."""
        self.ship_through_faults(self.collector, self.lines, lambda port: (*self.sink(port), "--batch-size", "200"))
        self.collector.stop()
        self.compare(12 * 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
