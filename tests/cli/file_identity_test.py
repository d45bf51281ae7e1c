"""Files that are named: a record is known by its file and its place in it, so that shipping again stores nothing twice."""

import gzip
import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from program import PATIENCE, SHIP, ProgramTest, clean_environment  # noqa: E402
from strict_bulk import StrictBulk  # noqa: E402

EQUAL = '{"timestamp":"2026-11-22T09:09:09.624Z","message":"tick"}'


class FileIdentity(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = StrictBulk()
        self.process = None
        self.kill_at = 0  # so many documents

        def action(peer, connection, request):
            answered = self.server(peer, connection, request)
            if self.kill_at and len(self.server.documents) >= self.kill_at:
                self.process.kill()
                return False
            return answered
        self.peer = peers.Peer(action)
        self.peer.__enter__()
        self.addCleanup(self.peer.__exit__, None, None, None)

    def ship(self, *files, kill_at=0, stdin=subprocess.DEVNULL):
        """Ships them; None: killed once the server had so many documents. Else what the sink counted."""
        self.kill_at = kill_at
        with open(self.path("said"), "w+", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                [SHIP, *(part for file in files for part in ("--input", file)), "--sink",
                 "elasticsearch+" + self.peer.url("/logs"), "--batch-size", "100", "--workers", "1", "--stats-at-exit",
                 "--stats-format", "json", "--progress", "never"],
                stdin=stdin, stderr=said, env=clean_environment())
            code = self.process.wait(PATIENCE)
            said.seek(0)
            text = said.read()
        self.assertEqual([], self.server.faults)
        if kill_at:
            self.assertEqual(-9, code, text)
            return None
        self.assertEqual(0, code, text)
        (sink,) = json.loads(text.splitlines()[-1])["sinks"].values()
        return sink

    def messages(self):
        return sorted(source["message"] for source in self.server.documents.values())

    def lines(self, count):
        return "".join(json.dumps({"message": f"line {i:05}"}) + "\n" + EQUAL + "\n" for i in range(count))

    def check_interrupted(self, path, count):
        expected = sorted([f"line {i:05}" for i in range(count)] + ["tick"] * count)
        self.ship(path, kill_at=count)
        self.assertLess(len(self.server.documents), 2 * count)
        sink = self.ship(path)
        self.assertEqual((2 * count, 0), (sink["delivered"], sum(sink["dropped"].values())))
        self.assertEqual(expected, self.messages())
        # And once more, when all of it is there.
        self.assertEqual(2 * count, self.ship(path)["delivered"])
        self.assertEqual(expected, self.messages())

    def test_a_file_that_is_shipped_again_after_kill_9_is_stored_once(self):
        self.check_interrupted(self.write("app.log", self.lines(1000)), 1000)

    def test_so_is_a_packed_file(self):
        path = self.path("app.log.gz")
        with gzip.open(path, "wb") as file:
            file.write(self.lines(1000).encode())
        self.check_interrupted(path, 1000)

    def test_so_are_lines_of_text(self):
        path = self.write("app.log", "".join(f"2026-11-22 09:09:09 INFO line {i:05}\n" for i in range(1000)))
        self.ship(path, kill_at=500)
        self.ship(path)
        self.assertEqual([f"2026-11-22 09:09:09 INFO line {i:05}" for i in range(1000)],
                         sorted(source["log"]["message"] for source in self.server.documents.values()))

    def test_different_files_with_equal_lines_are_all_stored(self):
        # Longer than what a fingerprint covers, and equal so far.
        first = self.write("first.log", (EQUAL + "\n") * 1500)
        second = self.write("second.log", (EQUAL + "\n") * 1600)
        third = self.write("third.log", '{"message":"other"}\n' + (EQUAL + "\n") * 20)
        sink = self.ship(first, second, third, first)
        self.assertEqual(1500 + 1600 + 21 + 1500, sink["delivered"])
        self.assertEqual(sink["delivered"], len(self.server.documents))
        # The same command again stores nothing twice.
        self.assertEqual(sink["delivered"], self.ship(first, second, third, first)["delivered"])
        self.assertEqual(sink["delivered"], len(self.server.documents))

    def test_a_file_that_grew_has_only_its_new_lines_stored(self):
        path = self.write("app.log", self.lines(1000))
        self.ship(path)
        with open(path, "a", encoding="utf-8") as file:
            file.write('{"message":"new"}\n')
        self.assertEqual(2001, self.ship(path)["delivered"])
        self.assertEqual(2001, len(self.server.documents))

    def test_standard_input_is_new_each_time(self):
        path = self.write("app.log", self.lines(10))
        for _ in range(2):
            with open(path, encoding="utf-8") as file:
                self.assertEqual(20, self.ship(stdin=file)["delivered"])
        self.assertEqual(40, len(self.server.documents))


if __name__ == "__main__":
    unittest.main()
