"""The elasticsearch sink in front of a real OpenSearch, from Maven Central."""

import json
import os
import shutil
import unittest

import server
from server import HERE, LINES, LiveTest, Server, fetch, sample_lines


def install():
    def make(directory):
        shutil.copy(os.path.join(HERE, "opensearch", "pom.xml"), directory)
        server.command("mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
                       "-DoutputDirectory=lib", cwd=directory)
    return server.cached("opensearch-2.18.0.0", make)


class OpenSearch(Server):
    def __init__(self):
        super().__init__()
        self.transport_port = server.free_port()

    def arguments(self):
        return ["java", "-Xms512m", "-Xmx512m", "-cp", os.path.join(install(), "lib", "*"),
                os.path.join(HERE, "opensearch", "Search.java"), os.path.join(self.directory, "data"), str(self.port),
                str(self.transport_port)]

    def is_ready(self):
        health = json.loads(fetch(self.url("/_cluster/health?wait_for_status=yellow&timeout=60s")))
        if health["status"] == "red":
            raise OSError("red")

    def documents(self, index):
        """Every document of the index: its _id and its source."""
        fetch(self.url(f"/{index}/_refresh"), method="POST")
        found = json.loads(fetch(self.url(f"/{index}/_search?scroll=5m&size=5000"), b'{"sort":["_doc"]}',
                                 {"Content-Type": "application/json"}))
        documents = []
        while found["hits"]["hits"]:
            documents += [(hit["_id"], hit["_source"]) for hit in found["hits"]["hits"]]
            found = json.loads(fetch(self.url("/_search/scroll"),
                                     json.dumps({"scroll": "5m", "scroll_id": found["_scroll_id"]}).encode(),
                                     {"Content-Type": "application/json"}))
        return documents


class Elasticsearch(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.search = OpenSearch()
        cls.search.__enter__()
        cls.addClassCleanup(cls.search.close)

    def compare(self, lines, index):
        """What is stored is what was shipped: each record once, whole, with its time."""
        documents = self.search.documents(index)
        self.assertEqual(len(lines), len(documents))
        stored = dict(documents)
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
        self.end(self.begin(lines, "--sink", "elasticsearch+" + self.search.url("/whole"), "--batch-size", "1000"))
        self.compare(lines, "whole")

    def test_a_data_stream_takes_it(self):
        template = {"index_patterns": ["stream-*"], "data_stream": {}}
        fetch(self.search.url("/_index_template/streams"), json.dumps(template).encode(),
              {"Content-Type": "application/json"}, "PUT")
        lines = sample_lines(1000)
        self.end(self.begin(lines, "--sink", "elasticsearch+" + self.search.url("/stream-web?compression=gzip")))
        self.compare(lines, "stream-web")

    def test_a_document_that_its_mapping_refuses_is_a_dead_letter_alone(self):
        fetch(self.search.url("/typed"), b'{"mappings":{"properties":{"n":{"type":"long"}}}}',
              {"Content-Type": "application/json"}, "PUT")
        dead = os.path.join(self.directory, "dead.ndjson")
        lines = [json.dumps({"n": "bad" if number % 100 == 7 else number}) for number in range(1000)]
        ship = self.begin(lines, "--sink", "elasticsearch+" + self.search.url("/typed"), "--dead-letter", dead)
        said = ship.communicate(timeout=300)[1]
        self.assertEqual(0, ship.returncode, said)
        with open(dead, encoding="utf-8") as file:
            letters = [json.loads(line) for line in file]
        self.assertEqual([400] * 10, [letter["status"] for letter in letters])
        self.assertIn("mapper_parsing_exception", letters[0]["reason"])
        self.assertEqual(990, len(self.search.documents("typed")))

    def test_a_server_that_is_killed_and_restarted_has_each_record_once(self):
        lines = sample_lines(LINES)
        ship = self.begin(lines, "--sink", "elasticsearch+" + self.search.url("/killed"), "--batch-size", "500")
        while True:
            try:
                fetch(self.search.url("/killed/_refresh"), method="POST")
                if json.loads(fetch(self.search.url("/killed/_count")))["count"] > LINES // 4:
                    break
            except OSError:
                pass
            if ship.poll() is not None:
                self.fail("it ended before the server was killed: ship more lines")
        self.search.kill()
        self.search.start()
        self.end(ship)
        self.compare(lines, "killed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
