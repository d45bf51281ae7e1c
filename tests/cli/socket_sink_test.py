"""The socket sink of the real program, in front of a server that reads lines."""

import unittest

from hosted import lines_of
from program import run
from streamed import StreamRules, StreamTest
from stream_peer import Lines, StreamPeer  # streamed knows the way


class StrictLines(Lines):
    """Lines of JSON, none of them blank."""

    def feed(self, data):
        super().feed(data)
        if b"\0" in data or b"\r" in data:
            self.fault("a NUL or a carriage return")


class Socket(StreamRules, StreamTest):
    reader = StrictLines
    scheme = ""

    def line_of(self, message):
        return message.decode()

    def test_a_line_with_escapes_stays_one_line(self):
        lines = ['{"message":"a\\nb\\u0000c\\r"}', "plain text\x0b with a tab\t", '{"n":1}']
        with StreamPeer(self.reader) as peer:
            code, _ = self.ship(self.url(peer), "--no-multiline", stdin="\n".join(lines) + "\n")
        self.assertEqual((0, [], 3), (code, peer.faults, len(peer.messages)))
        self.assertEqual((lines[0], lines[2]), (peer.messages[0].decode(), peer.messages[2].decode()))

    def test_nothing_is_written_behind_half_a_line(self):
        lines = lines_of(2000)
        with StreamPeer(self.reader, path=self.path("s")) as peer:
            peer.cut(*range(30_001, 30_021))
            code, _ = self.ship(self.url(peer), stdin="\n".join(lines) + "\n")
            self.assertEqual((0, 20), (code, peer.resets))
            peer.wait_for(lambda at: at.messages[-1].decode() == lines[-1])
        self.assertEqual(set(lines), {message.decode() for message in peer.messages})

    def test_a_socket_needs_a_port(self):
        self.assert_fails(run("check", "--sink", "tcp://h"), 78, "no port; write one, as in tcp://host:5170")
        self.assert_fails(run("check", "--sink", "unix:"), 78, "no path of a socket")


if __name__ == "__main__":
    unittest.main()
