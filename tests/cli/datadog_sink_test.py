"""The datadog sink of the real program, in front of a strict log intake."""

import json
import os
import unittest

from hosted import HostedRules, lines_of
from program import ROOT, ProgramTest, run
from strict_datadog import KEY, StrictDatadog

SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")


class Datadog(HostedRules, ProgramTest):
    has_ids = False

    def service(self, **keywords):
        return StrictDatadog(**keywords)

    def url(self, peer, query):
        return f"datadog://datadoghq.eu?endpoint_url={peer.url('')}&api_key={KEY}&{query}"

    def test_every_record_of_the_library_arrives_with_what_datadog_sorts_by(self):
        with open(SAMPLE, encoding="utf-8") as file:
            lines = file.read().splitlines()
        service = self.service()
        service.errors = [(408, {}), (429, {}), (503, b"<html>")]
        code, sink = self.ship(service, "--label", "env=prod", stdin="\n".join(lines) + "\n",
                               query="source=python&service=shop&tags=team:a&delivery.workers=1")
        self.assertEqual((0, 4000, 3), (code, sink["delivered"], sink["retries"]), self.stderr)
        self.check_stored(service, lines)
        for _, line, log in service.stored:
            self.assertEqual(("python", "shop", "env:prod,team:a"), (log["ddsource"], log["service"], log["ddtags"]))
            record = json.loads(line)["log"]
            self.assertEqual({"CRITICAL": "critical", "WARNING": "warn", "AUDIT": "notice", "SECURITY": "warn"}.get(
                record["level"], record["level"].lower()), log["status"])

    def test_a_log_that_spoils_its_request_is_found_by_halves(self):
        lines = lines_of(200)
        service = self.service(poison=lambda log: '"n": 77,' in log["message"])
        code, sink = self.ship(service, "--dead-letter", self.path("dead"), stdin="\n".join(lines) + "\n")
        self.assertEqual((0, 199, 1), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        self.check_stored(service, [line for number, line in enumerate(lines) if number != 77])
        (letter,) = [json.loads(line) for line in self.read("dead").splitlines()]
        self.assertEqual("HTTP 400: Bad Request", letter["reason"])

    def test_no_request_is_above_the_limits_however_large_the_records(self):
        """serilog-sinks-datadog-logs 125, opentelemetry-collector-contrib 16834: quotes and escapes count as they are sent."""
        lines = [json.dumps({"level": "INFO", "m": '"' * 150_000, "n": number}) for number in range(60)]
        service = self.service()
        code, sink = self.ship(service, stdin="\n".join(lines) + "\n", query="delivery.batch_max_bytes=8MB")
        self.assertEqual((0, 60, 0), (code, sink["delivered"], sink["retries"]), self.stderr)
        self.check_stored(service, lines)

    def test_what_is_cut_or_dated_anew_there_is_said_once(self):
        lines = [json.dumps({"time": "2020-01-01T00:00:00Z", "m": "x" * size, "n": number})
                 for number, size in enumerate((5, 1_000_100, 1_000_100, 5))]
        service = self.service()
        code, sink = self.ship(service, "--max-line-bytes", "2MB", stdin="\n".join(lines) + "\n",
                               query="delivery.batch_size=1&delivery.workers=4")
        self.assertEqual((0, 4, 2), (code, sink["delivered"], service.cut), self.stderr)
        for words in ("above the 1 MB", "older than 18 hours"):
            self.assertEqual(1, self.stderr.count(words), self.stderr)

    def test_a_refused_key_is_said_and_never_shown(self):
        service = self.service(key="another")
        code, _ = self.ship(service, "--drain-timeout", "300ms", stdin='{"a":1}\n')
        self.assertEqual(75, code)
        self.assertIn("HTTP 403: Forbidden (check api_key, and that the site is the account's own)", self.stderr)
        self.assertNotIn(KEY, self.stderr)

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for url, part in (("datadog://datadoghq.eu", "no API key is given"), ("datadog:datadoghq.eu", "expected // and a name"),
                          ("datadog://?api_key=k", "expected letters, digits"),
                          ("datadog://datadoghq.eu/x?api_key=k", "nothing may stand behind the name"),
                          ("datadog://datadoghq.eu?api_key=k&endpoint_url=x", "expected http:// or https://")):
            with self.subTest(url=url):
                self.assert_fails(run("check", "--sink", url), 78, part)


if __name__ == "__main__":
    unittest.main()
