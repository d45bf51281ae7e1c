"""The gcp sink of the real program, in front of a strict Cloud Logging, token endpoint and metadata server."""

import json
import os
import unittest

from hosted import HostedRules, lines_of
import peer as peers  # hosted knows the way
from program import ROOT, ProgramTest, run
from strict_gcp import StrictGcp

SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")


class Gcp(HostedRules, ProgramTest):
    def service(self, **keywords):
        self.stand_in = StrictGcp(self.directory, **keywords)
        return self.stand_in

    def url(self, peer, query):
        path = self.stand_in.key_file(peer)
        return f"gcp://my-proj/shop?endpoint_url={peer.url('')}&credentials_file={path}&{query}"

    def check_stored(self, service, lines, most_twice=0):
        super().check_stored(service, lines, most_twice)
        # Equal ids and equal times: shown once.
        self.assertEqual(len(lines), len({(identity, entry["timestamp"]) for identity, _, entry in service.stored}))

    def test_every_record_of_the_library_arrives_with_its_time_and_severity(self):
        with open(SAMPLE, encoding="utf-8") as file:
            lines = file.read().splitlines()
        service = self.service()
        with peers.Peer(service) as peer:
            url = self.url(peer, "delivery.workers=1")
            service.errors = [(503, {}), (429, {"error": {"status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded"}})]
            result = run("--sink", url, "--retry-base", "10ms", "--stats-at-exit", "--stats-format", "json",
                         stdin="\n".join(lines) + "\n")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual([], service.faults)
        stored = service.stored + service.unkept
        self.assertEqual(sorted(lines), sorted(line for _, line, _ in stored))
        for _, line, entry in stored:
            record = json.loads(line)["log"]
            self.assertEqual(record["timestamp"][:23], entry["timestamp"][:23])
            self.assertEqual({"AUDIT": "NOTICE", "SECURITY": "WARNING"}.get(record["level"], record["level"]),
                             entry["severity"])
        self.assertEqual(["key"], service.asked)

    def test_what_the_server_names_is_refused_and_the_rest_is_stored(self):
        """fluent-plugin-google-cloud 79, java-logging 1172: one bad entry must not cost the batch."""
        lines = lines_of(100)
        bad = {3, 50}
        service = self.service(poison=lambda entry: (3, "no such thing") if entry["jsonPayload"]["n"] in bad else None)
        code, sink = self.ship(service, "--dead-letter", self.path("dead"), stdin="\n".join(lines) + "\n")
        self.assertEqual((0, 98, 2, 0), (code, sink["delivered"], sink["dead_lettered"], sink["retries"]), self.stderr)
        self.check_stored(service, [line for number, line in enumerate(lines) if number not in bad])
        letters = [json.loads(line) for line in self.read("dead").splitlines()]
        self.assertEqual({"no such thing"}, {letter["reason"] for letter in letters})

    def test_a_record_above_256_kb_is_refused_alone(self):
        """fluent-plugin-google-cloud 79, fluent-bit 3495: nor be tried for ever."""
        lines = ['{"n":1}', json.dumps({"m": "x" * 300_000}), '{"n":2}']
        service = self.service()
        code, sink = self.ship(service, "--dead-letter", self.path("dead"), stdin="\n".join(lines) + "\n")
        self.assertEqual((0, 2, 1), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        self.assertIn("256 KB", self.read("dead"))

    def test_records_older_than_the_retention_are_sent_and_said_once(self):
        service = self.service()
        lines = ['{"time":"2020-01-01T00:00:0%dZ"}' % number for number in range(3)]
        code, sink = self.ship(service, stdin="\n".join(lines) + "\n", query="delivery.batch_size=1&delivery.workers=3")
        self.assertEqual((0, 3, 3, 0), (code, sink["delivered"], len(service.unkept), len(service.stored)), self.stderr)
        self.assertEqual(1, self.stderr.count("older than the 30 days"), self.stderr)

    def test_no_request_is_above_10_mb(self):
        """fluent-bit 10220, 9374."""
        lines = [json.dumps({"m": "x" * 200_000, "n": number}) for number in range(80)]
        service = self.service()
        code, sink = self.ship(service, stdin="\n".join(lines) + "\n",
                               query="queue.max_bytes=256MB&delivery.batch_max_bytes=20MB&delivery.batch_timeout=30s")
        self.assertEqual((0, 80, 0, 1), (code, sink["delivered"], sink["retries"], sink["batches"]), self.stderr)
        self.check_stored(service, lines)

    def test_a_token_that_ended_is_renewed_and_the_metadata_server_gives_one(self):
        """vector 17559, 10828, 19614: 401 after an hour must cost nothing."""
        service = self.service()
        with peers.Peer(service) as peer:
            def expire(peer, connection, request):
                goes_on = service(peer, connection, request)
                if len(service.asked) == 1 and "write" in request.path:
                    service.tokens = {}
                return goes_on
            peer.set(expire)
            result = run("--sink", f"gcp://my-proj/shop?endpoint_url={peer.url('')}&delivery.workers=1&delivery.batch_size=1",
                         stdin='{"n":1}\n{"n":2}\n{"n":3}\n',
                         environment={"GCE_METADATA_HOST": f"127.0.0.1:{peer.port}", "GOOGLE_APPLICATION_CREDENTIALS": ""})
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual((3, ["metadata", "metadata"]), (len(service.stored), service.asked))
        self.assertNotIn("ya29", result.stderr)

    def test_a_key_that_another_account_signed_is_said_and_never_shown(self):
        service = self.service()
        other = StrictGcp(self.path(""))
        service.key = other.key + "-none"
        with peers.Peer(service) as peer:
            path = other.key_file(peer)
            os.replace(other.key + ".pub", service.key + ".pub")
            os.truncate(service.key + ".pub", 100)
            result = run("--sink", f"gcp://my-proj/shop?endpoint_url={peer.url('')}&credentials_file={path}",
                         "--drain-timeout", "300ms", stdin='{"n":1}\n')
        self.assertEqual(75, result.returncode, result.stderr)
        self.assertIn("invalid_grant: Invalid JWT Signature.", result.stderr)
        self.assertNotIn("PRIVATE KEY", result.stderr)

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for url, part in (("gcp://my-proj", "no log is given"), ("gcp://my-proj/a%20b", "letters, digits"),
                          ("gcp:my-proj/a", "expected // and a name"), ("gcp://p/l?endpoint_url=x", "expected http://")):
            with self.subTest(url=url):
                self.assert_fails(run("check", "--sink", url), 78, part)


if __name__ == "__main__":
    unittest.main()
