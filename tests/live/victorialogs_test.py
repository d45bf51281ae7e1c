"""The loki and otlp sinks in front of VictoriaLogs, from the Go module proxy, which takes both protocols and answers
queries. It takes more than Loki does: what is refused is the matter of the strict fakes."""

import json
import os
import shutil
import unittest
import urllib.parse

import server
from server import HERE, LINES, LiveTest, Server, fetch, sample_lines


def install():
    def make(directory):
        for name in ("go.mod", "tools.go"):
            shutil.copy(os.path.join(HERE, "victorialogs", name), directory)
        server.command("go", "mod", "tidy", "-e", cwd=directory)
        server.command("go", "build", "-o", "victoria-logs",
                       "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-logs", cwd=directory)
    return server.cached("victoria-logs-1.121.0", make)


class VictoriaLogs(Server):
    def arguments(self):
        return [os.path.join(install(), "victoria-logs"), "-storageDataPath", os.path.join(self.directory, "data"),
                "-httpListenAddr", f"127.0.0.1:{self.port}", "-loki.disableMessageParsing"]

    def is_ready(self):
        fetch(self.url("/health"))

    def query(self, text):
        """The records that LogsQL finds, each a flat object of texts."""
        fetch(self.url("/internal/force_flush"))
        found = fetch(self.url("/select/logsql/query"), urllib.parse.urlencode({"query": text}).encode())
        return [json.loads(line) for line in found.splitlines()]


def milliseconds(time):
    """An RFC 3339 time in UTC, cut to the millisecond."""
    whole, _, fraction = time.removesuffix("Z").partition(".")
    return f"{whole}.{fraction[:3]:0<3}"


class Push(LiveTest):
    def setUp(self):
        super().setUp()
        self.logs = VictoriaLogs()
        self.logs.__enter__()
        self.addCleanup(self.logs.close)

    def compare_lines(self, lines, found):
        self.assertEqual(sorted(lines), sorted(record["_msg"] for record in found))
        for record in found:
            log = json.loads(record["_msg"])["log"]
            self.assertEqual(milliseconds(log["timestamp"]), milliseconds(record["_time"]))
            self.assertEqual((log["level"], "web"), (record["level"], record["app"]))

    def test_loki_push_is_read_back_as_it_was_shipped(self):
        for encoding in ("protobuf", "json"):
            with self.subTest(encoding=encoding):
                lines = [line.replace('"data":{', f'"data":{{"as":"{encoding}",', 1) for line in sample_lines(LINES)]
                self.end(self.begin(lines, "--label", "app=web", "--label", "as=" + encoding, "--batch-size", "1000",
                                    "--sink", "loki+" + self.logs.url("/insert?encoding=" + encoding)))
                self.compare_lines(lines, self.logs.query(f'{{as="{encoding}"}}'))

    def test_a_server_that_is_restarted_misses_nothing(self):
        """Loki's protocol tells no record from its double: those of a lost answer may be there twice. A crash is no
        test here, for this server answers before it has written."""
        lines = sample_lines(LINES)
        ship = self.begin(lines, "--label", "app=web", "--batch-size", "200", "--sink",
                          "loki+" + self.logs.url("/insert"))
        while len(self.logs.query("* | limit 1")) == 0:
            self.assertIsNone(ship.poll())
        self.logs.stop()
        self.logs.start()
        sink = self.end(ship)
        found = [record["_msg"] for record in self.logs.query("*")]
        self.assertGreater(sink["retries"], 0)
        self.assertEqual(set(lines), set(found))
        self.assertLess(len(found) - len(set(found)), 201)

    def test_otlp_is_read_back_field_by_field(self):
        lines = sample_lines(LINES)
        trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
        lines[5] = lines[5].replace('"context":{', f'"context":{{"trace_id":"{trace}","span_id":"{span}",', 1)
        self.end(self.begin(lines, "--label", "team=shop", "--batch-size", "1000",
                            "--sink", "otlp+" + self.logs.url("/insert/opentelemetry?compression=gzip")))
        found = {int(record["context.seq"]): record for record in self.logs.query("*")}
        self.assertEqual(len(lines), len(found))
        for number, line in enumerate(lines):
            log, record = json.loads(line)["log"], found[number]
            self.assertEqual(milliseconds(log["timestamp"]), milliseconds(record["_time"]))
            self.assertEqual((log["message"], log["level"], "shop"), (record["_msg"], record["severity"], record["team"]))
            for key, value in log["data"].items():
                if isinstance(value, str):
                    self.assertEqual(value, record.get("data." + key, ""))
                elif isinstance(value, int) and not isinstance(value, bool):
                    self.assertEqual(str(value), record["data." + key])
        self.assertEqual((trace, span), (found[5]["trace_id"], found[5]["span_id"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
