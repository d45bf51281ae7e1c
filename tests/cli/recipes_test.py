"""The recipes of packaging/doc/recipes.md, run as they stand there against stand-ins that are as strict as the
destinations' own documents."""

import base64
import json
import os
import re
import sys
import threading
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from program import ROOT, ProgramTest, run  # noqa: E402

SECRETS = {"CLICKHOUSE_PASSWORD": "house", "GRAFANA_CLOUD_TOKEN": "glc_x", "NEW_RELIC_LICENSE_KEY": "0123NRAL"}
with open(os.path.join(ROOT, "packaging", "doc", "recipes.md"), encoding="utf-8") as recipes:
    PAGE = recipes.read()
LINES = [json.dumps({"log": {"context": {"seq": number}, "data": {"note": "x" * 200}, "level": "INFO", "logger": "web",
                             "message": f"order {number}", "timestamp": "2026-11-22T09:09:09.624Z"},
                     "schema_version": "1.1"}, separators=(",", ":")) for number in range(12000)]


class StandIn:
    """Keeps the bodies that it takes, and what is wrong with the others. `failures`: requests that are taken and then
    answered with an error, as where the answer is lost."""

    def __init__(self, failures=0):
        self.lock = threading.Lock()
        self.failures = failures
        self.wrong = []
        self.rows = []
        self.sizes = []

    def __call__(self, peer, connection, request):
        with self.lock:
            self.sizes.append(len(request.body))
            try:
                status, body = self.answer(request)
            except AssertionError as error:
                self.wrong.append(str(error))
                status, body = 400, str(error).encode()
            if status // 100 == 2 and self.failures > 0:
                self.failures -= 1
                status, body = 503, b"the answer was lost"
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.sendall(head if status == 204 else head + body)
        return True

    @staticmethod
    def need(condition, message):
        if not condition:
            raise AssertionError(message)

    def need_basic(self, request, user, password):
        wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.need(request.headers.get("authorization") == wanted, "401 in earnest: credentials")

    @staticmethod
    def parameters(request):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query, strict_parsing=True))


class ClickHouse(StandIn):
    """Stores a body for each deduplication token once, as a replicated table does."""

    def __init__(self, failures=0):
        super().__init__(failures)
        self.tokens = {}

    def answer(self, request):
        self.need_basic(request, "shipper", "house")
        given = self.parameters(request)
        self.need(given.get("query") == "INSERT INTO logs FORMAT JSONEachRow", "no such statement")
        self.need(request.headers.get("content-encoding") == "gzip", "not compressed")
        rows = [json.loads(line) for line in request.body.splitlines()]
        self.need(all(isinstance(row.get("message"), str) for row in rows), "a row without a message")
        token = given.get("insert_deduplication_token")
        if token and token in self.tokens:
            # ClickHouse looks at the token alone: another batch with it would be lost without a word.
            self.need(self.tokens[token] == request.body, "a token that came with another batch")
            return 200, b""
        if token:
            self.tokens[token] = request.body
        self.rows += rows
        return 200, b""


class VictoriaLogs(StandIn):
    def answer(self, request):
        given = self.parameters(request)
        self.need(request.path.startswith("/insert/jsonline?"), "no such path")
        self.need(set(given) == {"_msg_field", "_time_field", "_stream_fields"}, "parameters")
        rows = [json.loads(line) for line in request.body.splitlines()]
        for row in rows:
            self.need(row.get(given["_msg_field"]), "missing _msg field")
            self.need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", row.get(given["_time_field"], "")), "time")
            self.need(given["_stream_fields"] in row, "stream")
        self.rows += rows
        return 200, b""


class GrafanaCloud(StandIn):
    def answer(self, request):
        self.need(request.path == "/loki/api/v1/push", "no such path")
        self.need_basic(request, "123456", "glc_x")
        self.need("x-scope-orgid" not in request.headers, "a tenant")
        self.need(request.headers.get("content-type") == "application/x-protobuf", "content type")
        # A snappy block begins with its size; what one record is stands in it as it is, or as a copy of one before.
        self.need(b'service_name="web"' in request.body, "label")
        self.rows += re.findall(rb"order \d+", request.body)
        return 204, b""


class NewRelic(StandIn):
    LIMIT = 1_000_000

    def answer(self, request):
        self.need(request.path == "/log/v1", "no such path")
        self.need(request.headers.get("api-key") == "0123NRAL", "403 in earnest: Api-Key")
        self.need(request.headers.get("content-type") == "application/json", "content type")
        self.need(len(request.body) <= self.LIMIT, f"413 in earnest: {len(request.body)} bytes")
        rows = json.loads(request.body)
        self.need(isinstance(rows, list) and len(rows) > 0, "not an array of records")
        for row in rows:
            self.need(isinstance(row, dict) and row.get("message") and row.get("timestamp"), "not a record")
        self.rows += rows
        return 202, b'{"requestId":"1"}'


class Recipes(ProgramTest):
    def recipe(self, name, port, change=None):
        """The recipe's file, but for the address."""
        section = PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]
        (text,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
        text, replaced = re.subn(r'^url = "(?P<form>loki\+)?https?://[^/"]+', rf'url = "\g<form>http://127.0.0.1:{port}', text,
                                 flags=re.MULTILINE)
        self.assertEqual(1, replaced)
        return self.write("recipe.toml", change(text) if change else text)

    def ship(self, name, stand_in, change=None, lines=tuple(LINES)):
        with peers.Peer(stand_in) as peer:
            path = self.recipe(name, peer.port, change)
            result = run("--config", path, "--no-drop-on-full", "--retry-base", "10ms", "--retry-max", "50ms",
                         "--drain-timeout", "40s", "--stats-at-exit", "--stats-format", "json", "--dead-letter",
                         self.path("dead"), stdin="".join(line + "\n" for line in lines), environment=SECRETS)
        self.assertEqual(0, result.returncode, result.stderr)
        stats = [line for line in result.stderr.splitlines() if line.startswith("{")][-1]
        (sink,) = json.loads(stats)["sinks"].values()
        return sink

    def check_rows(self, stand_in):
        self.assertEqual([], stand_in.wrong)
        self.assertEqual(sorted(f"order {number}" for number in range(len(LINES))),
                         sorted(row["message"] for row in stand_in.rows))

    def test_clickhouse_stores_what_is_sent_again_once(self):
        stand_in = ClickHouse(failures=3)
        sink = self.ship("ClickHouse", stand_in)
        self.assertEqual((len(LINES), 3), (sink["delivered"], sink["retries"]))
        self.check_rows(stand_in)
        self.assertGreater(len(stand_in.tokens), 2, "several batches, each with a token of its own")

    def test_a_clickhouse_token_that_never_changes_is_noticed(self):
        stand_in = ClickHouse()
        self.ship("ClickHouse", stand_in, lambda text: text.replace("{batch_id}", "fixed"))
        self.assertIn("a token that came with another batch", stand_in.wrong)

    def test_clickhouse_without_a_token_stores_twice(self):
        stand_in = ClickHouse(failures=1)
        self.ship("ClickHouse", stand_in, lambda text: re.sub("^insert_dedup.*\n", "", text, flags=re.MULTILINE))
        self.assertGreater(len(stand_in.rows), len(LINES))

    def test_victorialogs(self):
        stand_in = VictoriaLogs()
        self.ship("VictoriaLogs", stand_in)
        self.check_rows(stand_in)

    def test_grafana_cloud(self):
        stand_in = GrafanaCloud()
        sink = self.ship("Grafana Cloud", stand_in, lines=LINES[:3])
        self.assertEqual(([], 3), (stand_in.wrong, sink["delivered"]))
        self.assertEqual(b"order 0", stand_in.rows[0])

    def test_new_relic_gets_no_batch_above_its_limit(self):
        stand_in = NewRelic()
        sink = self.ship("New Relic", stand_in)
        self.assertEqual(len(LINES), sink["delivered"])
        self.check_rows(stand_in)
        self.assertGreater(max(stand_in.sizes), NewRelic.LIMIT // 2, "batches that were full")

    def test_a_limit_above_new_relics_is_noticed(self):
        stand_in = NewRelic()
        self.ship("New Relic", stand_in, lambda text: text.replace("900 KB", "2 MB"))
        self.assertTrue([what for what in stand_in.wrong if what.startswith("413")])


if __name__ == "__main__":
    unittest.main()
