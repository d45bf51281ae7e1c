"""The gelf sink of the real program, in front of strict GELF inputs."""

import json
import unittest

from hosted import lines_of
import peer as peers  # hosted knows the way
from program import run
from streamed import StreamRules, StreamTest
from stream_peer import StreamPeer  # streamed knows the way
from strict_gelf import GelfReader, StrictGelf, parse

SECRET = "GEHEIM-0123456789"


class Tcp(StreamRules, StreamTest):
    reader = GelfReader
    scheme = "gelf+"
    unix = False

    def number_of(self, message):
        return message["_n"]

    def line_of(self, message):
        return message["_n"]

    def assert_same(self, lines, messages):
        self.assertEqual(len(lines), len(messages))
        for line, message in zip(map(json.loads, lines), messages):
            text = message.get("full_message", message["short_message"])
            self.assertEqual((line["message"], line["n"], line["price"]), (text, message["_n"], message["_price"]))
            self.assertAlmostEqual(float(line["time"]), message["timestamp"], places=5)
            self.assertEqual({"INFO": 6, "ERROR": 3, "DEBUG": 7}[line["level"]], message["level"])

    def test_cut_connections_lose_no_more_than_a_dead_kernel_had(self):
        lines = lines_of(3000)
        with StreamPeer(self.reader) as peer:
            peer.cut(20_000, 90_000, 150_000)
            code, sink = self.ship(self.url(peer), stdin="\n".join(lines) + "\n")
            peer.wait_for(lambda at: at.messages and at.messages[-1]["_n"] == 2999)
        self.assertEqual((0, 3000, [], 3), (code, sink["delivered"], peer.faults[:3], peer.resets))
        numbers = {message["_n"] for message in peer.messages}
        # A message has its record's fields and more.
        missing = sum(len(lines[number]) for number in set(range(3000)) - numbers)
        self.assertLessEqual(missing, peer.most_unread())

    def test_what_only_http_has_is_refused(self):
        for query, part in (("bulk=true", "bulk"), (f"bearer_token={SECRET}", "bearer_token"), ("compression=gzip", "compression")):
            result = run("check", "--sink", f"gelf+tcp://h?{query}")
            self.assert_fails(result, 78, part, "gelf+http and gelf+https alone")
            self.assertNotIn(SECRET, result.stderr)


class Http(StreamTest):
    scheme = "gelf+"

    def url(self, peer, query=""):
        return f"gelf+http://127.0.0.1:{peer.port}?{query}"

    def test_each_record_is_a_message_and_all_of_them_are_valid(self):
        odd = ['{"id":7,"_id":8,"a":{"b":null},"a_b":[1,{"c":2}],"":"x","x y":true,"short_message":"mine"}',
               '{"message":"' + "x" * 40_000 + '"}', '{"message":"\\u0000\\ud800 \\n second"}', "plain text"]
        lines = [*lines_of(60), *odd]
        for bulk in (False, True):
            service = StrictGelf(bulk=bulk)
            with self.subTest(bulk=bulk), peers.Peer(service) as peer:
                code, sink = self.ship(self.url(peer, f"bulk={str(bulk).lower()}&delivery.batch_size=10"),
                                       "--no-multiline", stdin="\n".join(lines) + "\n")
                self.assertEqual((0, len(lines), []), (code, sink["delivered"], service.faults), self.stderr)
                self.assertEqual(len(lines), len(service.stored))
                self.assertEqual(10 if bulk else 1, max(service.sizes))

    def test_poison_is_a_dead_letter_and_its_neighbours_are_stored(self):
        """With bulk the request is halved down to it."""
        lines = lines_of(64)
        bad = {3, 4, 63}
        for bulk in (False, True):
            service = StrictGelf(lambda message: message["_n"] in bad, bulk=bulk)
            dead = self.path(f"dead-{bulk}")
            with self.subTest(bulk=bulk), peers.Peer(service) as peer:
                code, sink = self.ship(self.url(peer, f"bulk={str(bulk).lower()}"), "--dead-letter", dead,
                                       stdin="\n".join(lines) + "\n")
                self.assertEqual((0, 61, 3), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
                self.assertEqual(set(range(64)) - bad, {message["_n"] for message in service.stored})
                self.assertEqual(61, len(service.stored))
                letters = [json.loads(line) for line in self.read(f"dead-{bulk}").splitlines()]
                self.assertEqual(sorted(lines[number] for number in bad), sorted(letter["record"] for letter in letters))

    def test_an_outage_within_a_batch_sends_nothing_twice(self):
        lines = lines_of(40)
        service = StrictGelf()
        with peers.Peer(service) as peer:
            taken = service.answer

            def answer(request):
                return (503, b"") if len(service.stored) in (7, 20) and service.requests % 2 else taken(request)
            service.answer = answer
            code, sink = self.ship(self.url(peer), stdin="\n".join(lines) + "\n")
        self.assertEqual((0, 40), (code, sink["delivered"]), self.stderr)
        self.assertEqual(list(range(40)), sorted(message["_n"] for message in service.stored))

    def test_credentials_are_sent_and_never_shown(self):
        service = StrictGelf(token=f"Bearer {SECRET}")
        with peers.Peer(service) as peer:
            code, _ = self.ship(self.url(peer, f"bearer_token={SECRET}"), stdin='{"a":1}\n')
            self.assertEqual((0, 1), (code, len(service.stored)))
            service.token = "another"
            result = run("--sink", self.url(peer, f"bearer_token={SECRET}"), "--drain-timeout", "300ms", stdin='{"a":1}\n')
        self.assertEqual(75, result.returncode)
        self.assertIn("401", result.stderr)
        self.assertNotIn(SECRET, result.stderr + self.stderr)


class Parser(unittest.TestCase):
    def test_the_stand_in_is_strict(self):
        good = {"version": "1.1", "host": "h", "short_message": "m", "timestamp": 1.5, "level": 6, "_a": "b"}
        self.assertEqual("", parse(json.dumps(good))[1])
        for change in ({"version": "1.0"}, {"host": ""}, {"short_message": " "}, {"timestamp": "1"}, {"level": 8}, {"_id": 1},
                       {"a": 1}, {"_a": True}, {"_a": None}, {"_a b": 1}):
            self.assertNotEqual("", parse(json.dumps({**good, **change}))[1], change)
        self.assertNotEqual("", parse('{"version":"1.1","version":"1.1"}')[1])


if __name__ == "__main__":
    unittest.main()
