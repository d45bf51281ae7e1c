"""What is said on standard error in one outage with all that an outage has: the server is slow, asks for less, does
not know us, fails, hangs, dies and comes back; with a spool and without one, as text and as JSON."""

import json
import re
import sys
import time
import unittest

import harness
import peer as peers
from harness import Ship

SECONDS = 60 if harness.LONG else 2.5
# What a person must find of each phase: how the server behaves, and what is said of it.
PHASES = (
    ("slow", peers.status(204, delay=0.4), "slower than the input: .*speed it up or send less"),
    ("429", peers.status(429, body=b"not so fast"), "rate-limited(, now)?: HTTP 429 .*not so fast"),
    ("401", peers.status(401, body=b"who are you"), "refusing all requests(, now)?: HTTP 401 .*who are you"),
    ("500", peers.status(500, body=b"disk full here"), "(failing|down): HTTP 500 .*disk full here"),
    ("hung", peers.hang_before_answer, "no answer within"),
    ("dead", None, "cannot connect"),
)


class Outage(harness.FaultTest):
    def transcript(self, *options):
        """Lines trickle in through every phase. Returns what was said in each, all of it, and the books."""
        said = {}
        with peers.Peer(peers.ok) as peer, \
                Ship("--sink", peer.url(), "--queue-size", "100", "--batch-size", "20", "--batch-timeout", "50ms", "--workers", "1",
                     "--request-timeout", "1s", "--retry-base", "50ms", "--retry-max", "200ms", "--breaker-interval",
                     "500ms", "--drain-timeout", f"{harness.PATIENCE}s", *options) as ship:
            ship.ready()
            sent = self.feed(ship, 0, 0.5)
            for name, action, words in PHASES:
                before = len(ship.said)
                if action is None:
                    peer.close()
                else:
                    peer.set(action)
                end = time.monotonic() + harness.PATIENCE
                begun = time.monotonic()
                while time.monotonic() < begun + SECONDS or not re.search(words, "\n".join(ship.said[before:])):
                    self.assertLess(time.monotonic(), end, f"{name}: {ship.said}")
                    sent = self.feed(ship, sent, 0.2)
                said[name] = ship.said[before:]
            before = len(ship.said)
            with peers.Peer(peers.ok, address=("127.0.0.1", peer.port)):
                ship.until_it_says("recovered")
                ship.close_input()
                code, _ = ship.wait()
            said["works"] = ship.said[before:]
            self.assertEqual(0, code)
            self.check_books(ship, sent)
            return said, ship.said, ship.last["sinks"]["http"]

    def feed(self, ship, sent, seconds):
        """About 400 lines a second."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ship.stdin.write(b"".join(b'{"level":"INFO","seq":%d}\n' % (sent + i) for i in range(20)))
            ship.stdin.flush()
            sent += 20
            time.sleep(0.05)
        return sent

    def check_words(self, said, everything):
        self.assertLessEqual(len(everything), 100)
        for name, _, words in PHASES:
            self.assertRegex("\n".join(said[name]), words)
        whole = "\n".join(everything)
        self.assertNotRegex(whole, "dead.letter|for ever|no problem")
        print("\n" + whole, file=sys.stderr)

    def test_without_a_spool_the_loss_is_said_while_it_happens_and_the_totals_are_the_books(self):
        said, everything, books = self.transcript()
        self.check_words(said, everything)
        lost = sum(books["dropped"].values())
        self.assertGreater(lost, 0)
        self.assertTrue(any("losing lines" in line for line in said["slow"] + said["429"]))
        totals = [int(match.group(1).replace(",", "")) for line in everything
                  for match in [re.search(r"([\d,]+) (?:so far|since the start|lines? (?:was|were) lost(?:,| \())", line)] if match]
        self.assertEqual(sorted(totals), totals)
        self.assertEqual(lost, totals[-1])

    def test_with_a_spool_nothing_is_lost_and_the_same_is_said_as_json(self):
        said, everything, books = self.transcript("--spool", self.path("spool"), "--log-format", "json")
        self.check_words(said, everything)
        for line in everything:
            told = json.loads(line)
            self.assertEqual(["timestamp", "level", "logger", "message", "sink", "state", "losing", "lost", "lost_protected"][:len(told)], list(told), line)
        self.assertEqual(0, sum(books["dropped"].values()))
        self.assertFalse(any(told.get("lost") or told.get("losing") for told in map(json.loads, everything)), everything)
        self.assertTrue(any("keeping the lines in its spool" in line for line in said["500"] + said["401"]))


if __name__ == "__main__":
    unittest.main()
