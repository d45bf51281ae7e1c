"""The elasticsearch sink of the real program, in front of a strict server."""

import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from program import ROOT, ProgramTest, run  # noqa: E402
from strict_bulk import StrictBulk  # noqa: E402
from strict_cloudwatch import KEYS, signature  # noqa: E402

SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")


class Elasticsearch(ProgramTest):
    def ship(self, server, *arguments, stdin, path="/logs", query="", retry="10ms"):
        with peers.Peer(server) as peer:
            result = run("--sink", "elasticsearch+" + peer.url(path) + query, "--stats-at-exit", "--stats-format", "json",
                         "--retry-base", retry, "--no-drop-on-full", *arguments, stdin=stdin)
        self.assertEqual([], server.faults)
        self.stderr = result.stderr
        (sink,) = json.loads(result.stderr.splitlines()[-1])["sinks"].values()
        return result.returncode, sink

    def test_every_record_of_the_library_arrives_once_though_answers_are_lost(self):
        with open(SAMPLE, encoding="utf-8") as file:
            lines = file.read()
        server = StrictBulk(lost_answers=3)
        code, sink = self.ship(server, stdin=lines, query="?compression=gzip&delivery.batch_size=500")
        records = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual((0, len(records)), (code, sink["delivered"]))
        self.assertGreater(server.conflicts, 0)
        self.assertEqual(len(records), len(server.documents))
        by_message = {source["log"]["context"]["message_id"]: source for source in server.documents.values()}
        for record in records:
            stored = by_message[record["log"]["context"]["message_id"]]
            self.assertEqual(record["log"]["timestamp"][:23], stored.pop("@timestamp")[:23])
            self.assertEqual(record, stored)

    def test_refused_items_are_dead_letters_and_their_neighbours_are_stored(self):
        def refuse(_, source):
            return (400, "failed to parse [n]") if source.get("n") == "bad" else None

        server = StrictBulk(refuse)
        lines = '{"n":1,"message":"a"}\n{"n":"bad","message":"b"}\n{"n":3,"message":"c"}\n'
        code, sink = self.ship(server, "--dead-letter", self.path("dead.ndjson"), stdin=lines)
        self.assertEqual((0, 2, 1), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        (letter,) = [json.loads(line) for line in self.read("dead.ndjson").splitlines()]
        self.assertEqual(400, letter["status"])
        self.assertIn("failed to parse [n]", letter["reason"])
        self.assertEqual({"n": "bad", "message": "b"}, json.loads(letter["record"]))
        self.assertEqual([1, 3], sorted(source["n"] for source in server.documents.values()))

    def test_a_busy_item_is_sent_again_alone(self):
        busy = {"b": 2}

        def refuse(_, source):
            if busy.get(source["message"], 0) == 0:
                return None
            busy[source["message"]] -= 1
            return 429, "queue is full"

        server = StrictBulk(refuse)
        code, sink = self.ship(server, stdin='{"message":"a"}\n{"message":"b"}\n{"message":"c"}\n')
        self.assertEqual((0, 3, 0), (code, sink["delivered"], server.conflicts), self.stderr)

    def test_requests_to_amazons_service_are_signed(self):
        (key, secret), = KEYS.items()
        for service in ("es", "aoss"):
            server, signed = StrictBulk(), []

            def verify(peer, connection, request, service=service, server=server, signed=signed):
                head, names, given = request.headers["authorization"].split(", ")
                scope = head.split("Credential=" + key + "/")[1]
                names = names.removeprefix("SignedHeaders=").split(";")
                signed.append((names, given == "Signature=" + signature(
                    request.method, request.path, request.headers, request.raw, secret, scope, names,
                    request.headers["x-amz-date"])))
                self.assertIn(f"/eu-central-1/{service}/aws4_request", head)
                return server(peer, connection, request)
            with self.subTest(service=service), peers.Peer(verify) as peer:
                result = run("--sink", f"elasticsearch+{peer.url('/logs')}?aws_service={service}&region=eu-central-1"
                             "&compression=gzip", stdin='{"message":"\u017c\u00f3\u0142\u0107"}\n',
                             environment={"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
                                          "AWS_SESSION_TOKEN": "token"})
                self.assertEqual((0, 1), (result.returncode, len(server.documents)), result.stderr)
                ((names, is_right),) = signed
                self.assertTrue(is_right)
                self.assertLessEqual({"host", "x-amz-date", "x-amz-security-token", "content-type"}, set(names))
                self.assertEqual(service == "aoss", "x-amz-content-sha256" in names)

    def test_index_names_come_from_the_record(self):
        server = StrictBulk()
        lines = '{"service":"Web","time":"2026-03-04T05:06:07Z"}\n{"time":"2026-04-05T05:06:07Z"}\n'
        path = self.write("ship.toml", "")
        with peers.Peer(server) as peer:
            self.write("ship.toml", f'[sinks.es]\nurl = "elasticsearch+{peer.url("/")}"\nindex = "l-{{service}}-%Y.%m"\n'
                       'api_key = "a2V5"\nop = "index"\n')
            result = run("-c", path, stdin=lines)
        self.assertEqual((0, []), (result.returncode, server.faults), result.stderr)
        self.assertEqual({"l-web-2026.03", "l-unknown-2026.04"}, {index for index, _ in server.documents})
        self.assertEqual({"ApiKey a2V5"}, server.authorization)

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for url, part in (("elasticsearch+http://h:9200", "no index is given"),
                          ("elasticsearch+http://h:9200/a-%7Bb", "a { without its }"),
                          ("elasticsearch+http://h:9200/a?compression=zstd", "expected one of none, gzip"),
                          ("elasticsearch+http://u@h:9200/a?api_key=k", "together with an API key")):
            with self.subTest(url=url):
                self.assert_fails(run("check", "--sink", url), 78, part)


if __name__ == "__main__":
    unittest.main()
