"""Records that the server refuses: they alone are given up, and the search for them is cheap."""

import json
import math
import re
import sys

import harness
import peer as peers
from harness import Ship

BATCH = 256
RECORDS = 10000
# Alone, side by side in one batch, first and last of a batch and of all.
POISON = [0, 255, 256, 1000, 1001, 1002, 5000, 7777, 9000, 9999]


def line(number):
    mark = ',"poison":true' if number in POISON else ""
    return '{"level":"INFO","message":"line %d","seq":%d%s}\n' % (number, number, mark)


class Poison(harness.FaultTest):
    def replay(self, action, *arguments):
        """All records from a file, which is read without loss, through a server with this action."""
        with peers.Peer(action) as peer:
            with open(self.path("input.ndjson"), "rb") as records, \
                    Ship("--sink", peer.url(), "--batch-size", str(BATCH), "--dead-letter", self.path("dead.ndjson"),
                         "--retry-base", "10ms", "--drain-timeout", f"{harness.PATIENCE}s", *arguments,
                         stdin=records) as ship:
                code, _ = ship.wait()
                self.assertEqual(0, code, "\n".join(ship.said))
                self.check_books(ship, RECORDS)
                return peer, ship.last["sinks"]["http"]

    def setUp(self):
        super().setUp()
        with open(self.path("input.ndjson"), "w", encoding="ascii") as file:
            file.writelines(line(number) for number in range(RECORDS))

    def letters(self):
        with open(self.path("dead.ndjson"), encoding="utf-8") as file:
            return [json.loads(text) for text in file]

    def test_ten_marked_records_of_ten_thousand_are_found_and_buried(self):
        healthy, _ = self.replay(peers.ok)
        normal = len(healthy.requests)
        peer, sink = self.replay(peers.refuse(b'"poison":true'))
        good = [number for number in range(RECORDS) if number not in POISON]
        self.assertEqual(good, sorted(peer.sequences()))
        self.assertEqual((len(good), len(POISON), 0),
                         (sink["delivered"], sink["dead_lettered"], sum(sink["dropped"].values())))
        letters = self.letters()
        self.assertEqual(sorted(POISON), sorted(json.loads(letter["record"])["seq"] for letter in letters))
        for letter in letters:
            self.assertEqual(("http", 400), (letter["sink"], letter["status"]))
            self.assertRegex(letter["reason"], "400 Bad Request.*poison")
            self.assertRegex(letter["at"], r"^20\d\d-\d\d-\d\dT")
            self.assertEqual(line(json.loads(letter["record"])["seq"]).rstrip("\n"), letter["record"])
        allowed = len(POISON) * (1 + 2 * math.log2(BATCH)) + normal
        print(f"{self.id()}: {len(peer.requests)} requests, {normal} without poison, {allowed:.0f} allowed",
              file=sys.stderr)
        self.assertLessEqual(len(peer.requests), allowed)

    def test_what_was_buried_is_sent_again_once_the_server_takes_it(self):
        self.replay(peers.refuse(b'"poison":true'))
        with peers.Peer() as peer, \
                Ship("--sink", peer.url(), self.path("dead.ndjson"), subcommand=["replay"]) as ship:
            code, _ = ship.wait()
            self.assertEqual(0, code, "\n".join(ship.said))
            self.assertEqual(sorted(POISON), sorted(peer.sequences()))

    def test_the_server_s_own_reason_stands_in_each_letter(self):
        def act(peer, connection, request):
            found = re.search(rb'"seq":(\d+),"poison"', request.body)
            answer = peers.status(422, body=b"field poison of %s is not allowed" % found.group(1)) if found else peers.ok
            return answer(peer, connection, request)
        self.replay(act)
        for letter in self.letters():
            number = json.loads(letter["record"])["seq"]
            self.assertEqual(422, letter["status"])
            self.assertIn(f"field poison of {number} is not allowed", letter["reason"])


if __name__ == "__main__":
    harness.main()
