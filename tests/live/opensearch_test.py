"""The elasticsearch sink in front of a real OpenSearch."""

import json
import os
import unittest

from opensearch import OpenSearch
from server import LINES, LiveTest, fetch, sample_lines

JSON = {"Content-Type": "application/json"}


class Elasticsearch(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.search = OpenSearch()
        cls.search.__enter__()
        cls.addClassCleanup(cls.search.close)

    def sink(self, index, port=None):
        return f"elasticsearch+http://127.0.0.1:{port or self.search.port}/{index}"

    def compare(self, lines, index):
        """What is stored is what was shipped: each record once, whole, with its time."""
        documents = self.search.documents(index)
        self.assertEqual(len(lines), len(documents))
        stored = {source["log"]["context"]["message_id"]: source for _, source in documents}
        for line in lines:
            record = json.loads(line)
            source = stored.pop(record["log"]["context"]["message_id"])
            self.assertEqual(record["log"]["timestamp"], source.pop("@timestamp"))
            self.assertEqual(record, source)
        self.assertEqual({}, stored)

    def test_what_is_read_back_is_what_was_shipped(self):
        lines = sample_lines(LINES)
        lines.append('{"log":{"context":{"message_id":"odd"},"level":"INFO","message":"żółć \\ud83e\\udd80 \\u0000 \\"q\\"",'
                     '"timestamp":"2026-11-22T09:09:09.624Z"}}')
        self.ship(lines, "--sink", self.sink("whole"), "--batch-size", "1000")
        self.compare(lines, "whole")

    def test_a_data_stream_takes_it(self):
        template = {"index_patterns": ["stream-*"], "data_stream": {}}
        fetch(self.search.url("/_index_template/streams"), json.dumps(template).encode(), JSON, "PUT")
        lines = sample_lines(1000)
        self.ship(lines, "--sink", self.sink("stream-web?compression=gzip"))
        self.compare(lines, "stream-web")

    def test_each_record_goes_to_the_index_of_its_day_and_fields(self):
        lines = [line.replace('"data":{', '"data":{"tenant":"%s",' % "ab"[number % 2], 1)
                 for number, line in enumerate(sample_lines(1000))]
        self.ship(lines, "--sink", self.sink("many-%7Bdata.tenant%7D-%25Y"))
        year = json.loads(lines[0])["log"]["timestamp"][:4]
        for part in (0, 1):
            self.compare(lines[part::2], f"many-{'ab'[part]}-{year}")

    def test_a_document_that_its_mapping_refuses_is_a_dead_letter_alone(self):
        fetch(self.search.url("/typed"), b'{"mappings":{"properties":{"n":{"type":"long"}}}}', JSON, "PUT")
        dead = os.path.join(self.directory, "dead.ndjson")
        lines = [json.dumps({"n": "bad" if number % 100 == 7 else number}) for number in range(1000)]
        sink = self.statistics(self.begin(lines, "--sink", self.sink("typed"), "--dead-letter", dead))
        self.assertEqual((990, 10), (sink["delivered"], sink["dead_lettered"]))
        with open(dead, encoding="utf-8") as file:
            letters = [json.loads(line) for line in file]
        self.assertEqual([400] * 10, [letter["status"] for letter in letters])
        self.assertIn("mapper_parsing_exception", letters[0]["reason"])
        self.assertEqual(990, len(self.search.documents("typed")))

    def test_a_server_that_is_killed_and_restarted_has_each_record_once(self):
        lines = sample_lines(LINES)
        self.ship_and_kill(self.search, lines, lambda: self.search.count("killed") > LINES // 4,
                           "--sink", self.sink("killed"), "--batch-size", "500")
        self.compare(lines, "killed")

    def test_a_network_that_cuts_connections_leaves_each_record_once(self):
        lines = sample_lines(LINES)
        self.ship_through_faults(self.search, lines,
                                 lambda port: ("--sink", self.sink("faults", port), "--batch-size", "200"))
        self.compare(lines, "faults")


if __name__ == "__main__":
    unittest.main(verbosity=2)
