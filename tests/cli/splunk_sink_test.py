"""The splunk sink of the real program, in front of a strict HTTP Event Collector."""

import collections
import json
import os
import unittest

from hosted import HostedRules, lines_of
import peer as peers  # hosted knows the way
from program import ROOT, ProgramTest, run
from strict_splunk import TOKEN, StrictSplunk

SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")


class Splunk(HostedRules, ProgramTest):
    def service(self, **keywords):
        return StrictSplunk(**keywords)

    def url(self, peer, query):
        return f"splunk+http://127.0.0.1:{peer.port}?token={TOKEN}&{query}"

    def test_every_record_of_the_library_arrives_with_its_own_time(self):
        with open(SAMPLE, encoding="utf-8") as file:
            lines = file.read().splitlines()
        service = self.service()
        service.errors = [(503, {"text": "Server is busy", "code": 9}), (500, {"text": "Internal server error", "code": 8})]
        code, sink = self.ship(service, "--label", "env=prod", stdin="\n".join(lines) + "\n",
                               query="source=shop&sourcetype=_json&index=main&delivery.workers=1")
        self.assertEqual((0, 4000, 2), (code, sink["delivered"], sink["retries"]), self.stderr)
        self.check_stored(service, lines)
        for _, _, envelope in service.stored:
            self.assertEqual(("shop", "_json", "main", "prod"), (envelope["source"], envelope["sourcetype"], envelope["index"],
                                                                 envelope["fields"]["env"]))
            self.assertEqual("1795338", envelope["time"][:7])

    def test_poison_is_a_dead_letter_and_its_neighbours_are_stored(self):
        """vector 11434, kafka-connect-splunk 215, moby 35862, fluent-bit 2881: one invalid event must not cost the batch,
        nor be tried for ever."""
        lines = lines_of(300)
        bad = {7, 8, 150, 299}
        service = self.service(poison=lambda envelope: 6 if envelope["event"]["n"] in bad else None)
        code, sink = self.ship(service, "--dead-letter", self.path("dead"), stdin="\n".join(lines) + "\n")
        self.assertEqual((0, 296, 4), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        self.check_stored(service, [line for number, line in enumerate(lines) if number not in bad])
        counts = collections.Counter(identity for identity, _, _ in service.stored)
        self.assertLessEqual(max(counts.values()), 2)
        letters = [json.loads(line) for line in self.read("dead").splitlines()]
        self.assertEqual(sorted(lines[number] for number in bad), sorted(letter["record"] for letter in letters))
        self.assertIn("(code 6)", letters[0]["reason"])

    def test_blank_events_are_dead_letters(self):
        """fluent-plugin-splunk-http-eventcollector 19, kafka-connect-splunk 200: an empty record is refused alone."""
        service = self.service()
        code, sink = self.ship(service, "--dead-letter", self.path("dead"), stdin='{"a":1}\n{}\n{"a":2}\n')
        self.assertEqual((0, 2, 1), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)

    def test_an_index_from_data_that_is_wrong_costs_its_own_events_alone(self):
        """vector 11434, splunk-otel-collector-chart 935: a wrong index in some events, and which one it was."""
        lines = [json.dumps({"team": ("main", "nowhere")[number % 3 == 0], "n": number}) for number in range(60)]
        service = self.service()
        code, sink = self.ship(service, "--dead-letter", self.path("dead"), stdin="\n".join(lines) + "\n",
                               query="index=%7Bteam%7D")
        self.assertEqual((0, 40, 20), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        self.assertIn('the index is \\"nowhere\\"', self.read("dead"))

    def test_a_wrong_index_of_the_operator_keeps_all(self):
        service = self.service(indexes=("main",))
        code, sink = self.ship(service, "--drain-timeout", "500ms", stdin='{"a":1}\n', query="index=typo")
        self.assertEqual((75, 0), (code, sink["delivered"]))
        self.assertIn("check index, and which ones the token may write", self.stderr)

    def test_a_token_file_is_read_again_when_it_was_replaced(self):
        path = self.write("token", "old\n")
        service = self.service()

        def replace(peer, connection, request):
            goes_on = service(peer, connection, request)
            self.write("token", TOKEN + "\n")
            return goes_on
        with peers.Peer(replace) as peer:
            result = run("--sink", f"splunk+http://127.0.0.1:{peer.port}?token_file={path}", "--retry-base", "10ms",
                         stdin='{"a":1}\n')
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual(1, len(service.stored))
        self.assertNotIn(TOKEN, result.stderr)

    def test_a_refused_token_is_said_and_never_shown(self):
        service = self.service(token="another")
        code, _ = self.ship(service, "--drain-timeout", "300ms", stdin='{"a":1}\n')
        self.assertEqual(75, code)
        self.assertIn("Invalid token (code 4; check token)", self.stderr)
        self.assertNotIn(TOKEN, self.stderr)

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for url, part in (("splunk+https://h:8088", "no token is given"), ("splunk://h", "write splunk+http://h or splunk+https://h"),
                          ("splunk+https://h?token=t&index=%7Bx", "a { without its }"),
                          ("splunk+https://h?token=t&compression=zstd", "zstd")):
            with self.subTest(url=url):
                self.assert_fails(run("check", "--sink", url), 78, part)


if __name__ == "__main__":
    unittest.main()
