"""The loki sink in front of a real Loki."""

import json
import unittest

import server
from loki import Loki
from server import LINES, LiveTest, sample_lines


def nanoseconds(line):
    moment = server.datetime.datetime.fromisoformat(json.loads(line)["log"]["timestamp"][:-1] + "+00:00")
    return round(moment.timestamp() * 1000) * 1_000_000


class Push(LiveTest):
    def setUp(self):
        super().setUp()
        self.loki = self.started(Loki())
        self.lines = sample_lines(LINES)

    def sink(self, port=None, query=""):
        return ("--label", "app=web", "--sink", f"loki+http://127.0.0.1:{port or self.loki.port}{query}")

    def entries(self, selector='{app="web"}'):
        return self.loki.entries(selector, nanoseconds(self.lines[0]), nanoseconds(self.lines[-1]) + 1)

    def compare(self, lines, found):
        """Each line is there once, at its time, in the stream of its level: Loki itself takes out what is sent twice."""
        self.assertEqual(sorted((nanoseconds(line), line) for line in lines),
                         sorted((time, line) for time, _, line in found))
        for _, labels, line in found:
            self.assertEqual((json.loads(line)["log"]["level"], "web"), (labels["level"], labels["app"]))

    def test_what_is_read_back_is_what_was_shipped(self):
        for encoding in ("protobuf", "json"):
            with self.subTest(encoding=encoding):
                lines = [line.replace('"data":{', f'"data":{{"as":"{encoding}",', 1) for line in self.lines]
                self.ship(lines, *self.sink(query="?encoding=" + encoding), "--label", "as=" + encoding, "--batch-size", "1000")
                self.compare(lines, self.entries(f'{{as="{encoding}"}}'))

    def test_what_is_too_old_is_refused_and_the_rest_is_stored(self):
        old = [line.replace('"timestamp":"20', '"timestamp":"19', 1) for line in self.lines[:5]]
        sink = self.statistics(self.begin(old + self.lines[5:100], *self.sink()))
        self.assertEqual((95, 5), (sink["delivered"], sink["dropped"]["rejected"]), self.heard())
        self.compare(self.lines[5:100], self.entries())

    def test_a_server_that_is_killed_and_restarted_has_each_record_once(self):
        self.ship_and_kill(self.loki, self.lines, lambda: len(self.entries()) > LINES // 4, *self.sink(), "--batch-size",
                           "200")
        self.compare(self.lines, self.entries())

    def test_a_network_that_cuts_connections_leaves_each_record_once(self):
        self.ship_through_faults(self.loki, self.lines, lambda port: (*self.sink(port), "--batch-size", "200"))
        self.compare(self.lines, self.entries())


if __name__ == "__main__":
    unittest.main(verbosity=2)
