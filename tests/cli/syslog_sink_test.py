"""The syslog sink of the real program, in front of strict syslog servers."""

import datetime
import json
import unittest

from hosted import LINES, lines_of
from program import run
from streamed import StreamRules, StreamTest
from stream_peer import DatagramPeer, StreamPeer  # streamed knows the way
from strict_syslog import LOCAL, CountedSyslog, LocalSyslog, NewlineSyslog, parse

SEVERITIES = {"INFO": 6, "ERROR": 3, "DEBUG": 7}


class Counted(StreamRules, StreamTest):
    reader = CountedSyslog
    local_reader = LocalSyslog
    scheme = "syslog+"

    def line_of(self, message):
        return message["text"]

    def assert_same(self, lines, messages):
        super().assert_same(lines, messages)
        for line, message in zip(map(json.loads, lines), messages):
            self.assertEqual(8 + SEVERITIES[line["level"]], int(message["priority"]))
            if "host" in message:
                time = datetime.datetime.strptime(message["time"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
                self.assertAlmostEqual(float(line["time"]), time, places=5)

    def test_header_and_structured_data_are_escaped_and_fit(self):
        line = json.dumps({"service": "shop front\u00e4" + "x" * 60, "logger": "a b" * 30, "pid": 12, "level": "FATAL", "n": 1})
        with StreamPeer(self.reader) as peer:
            code, _ = self.ship(self.url(peer, 'facility=local7&structured_data.k%20%3D%22%5D=a%22b%5D%5Cc%0Ad&' + self.query),
                                "--label", "env=pr\u00f6d", stdin=line + "\n")
            peer.wait_for(lambda at: at.messages)
        self.assertEqual((0, []), (code, peer.faults))
        (message,) = peer.messages
        self.assertEqual((23 * 8 + 2, "12", line), (int(message["priority"]), message["process"], message["text"]))
        self.assertIn('k____="a\\"b\\]\\\\c d"', message["data"])
        self.assertIn('env="pr\u00f6d"', message["data"])

    def test_settings_that_cannot_work_are_said(self):
        for url, part in (("syslog://h", "write syslog+tcp://h or syslog+tls://h"), ("syslog+tcp://h?facility=x", "not a facility"),
                          ("syslog+tcp://h?sd_id=a%20b", "sd_id: expected at most 32 characters"),
                          ("syslog+tcp://h?framing=x", "expected one of octet, newline"),
                          ("syslog+udp://h?cert_file=/etc/hosts", "UDP is without"),
                          ("syslog+udp://h?max_datagram_bytes=100", "from 480 to 65507"),
                          ("syslog+unix:", "no path of a socket")):
            with self.subTest(url=url):
                self.assert_fails(run("check", "--sink", url), 78, part)


class Newline(Counted):
    reader = NewlineSyslog
    query = "framing=newline"
    unix = False


class Datagrams(StreamTest):
    def test_over_udp_each_record_is_one_datagram(self):
        lines = lines_of(LINES)
        with DatagramPeer() as peer:
            code, sink = self.ship(f"syslog+udp://{peer.address()}", stdin="\n".join(lines) + "\n")
        self.assertEqual((0, LINES), (code, sink["delivered"]), self.stderr)
        self.assertEqual(lines, [parse(message)["text"] for message in peer.messages])

    def test_over_udp_what_is_too_long_is_cut_between_characters_and_said(self):
        lines = ['{"m":"' + "\u20ac" * 600 + '"}', '{"n":1}']
        # A character of three bytes: one of three sizes fits.
        for size in (500, 501, 502):
            with self.subTest(size=size), DatagramPeer() as peer:
                code, _ = self.ship(f"syslog+udp://{peer.address()}?max_datagram_bytes={size}",
                                    stdin="\n".join(lines) + "\n")
                peer.close()
                self.assertEqual(0, code)
                self.assertIn(f"1 message longer than max_datagram_bytes ({size}) went out cut", self.stderr)
                cut, whole = (parse(message) for message in peer.messages)
                self.assertIsNotNone(cut, peer.messages[0])
                self.assertEqual((lines[1], True), (whole["text"], lines[0].startswith(cut["text"])))
                self.assertTrue(size - 3 < len(peer.messages[0]) <= size)

    def test_a_unix_socket_for_datagrams_gets_each_record_once(self):
        lines = lines_of(LINES)
        with DatagramPeer(self.path("log"), pause=0.0001) as peer:
            code, sink = self.ship(f"syslog+unix:{peer.address()}", stdin="\n".join(lines) + "\n")
        self.assertEqual((0, LINES), (code, sink["delivered"]), self.stderr)
        self.assertEqual(lines, [parse(message, LOCAL)["text"] for message in peer.messages])

    def test_a_datagram_that_the_kernel_refuses_is_a_dead_letter_alone(self):
        lines = ['{"n":1}', '{"m":"' + "x" * 5_000_000 + '"}', '{"n":2}']
        with DatagramPeer(self.path("log")) as peer:
            code, sink = self.ship(f"syslog+unix:{peer.address()}", "--dead-letter", self.path("dead"),
                                   "--max-line-bytes", "8MB", stdin="\n".join(lines) + "\n")
        self.assertEqual((0, 2, 1), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        self.assertEqual([lines[0], lines[2]], [parse(message, LOCAL)["text"] for message in peer.messages])
        self.assertEqual(lines[1], json.loads(self.read("dead"))["record"])

    def test_check_connect_says_what_datagrams_can_tell(self):
        with DatagramPeer() as udp, DatagramPeer(self.path("log")) as local:
            result = self.check(f"syslog+udp://{udp.address()}", f"syslog+unix:{local.address()}")
        self.assertEqual(0, result.returncode, result.stdout)
        self.assertIn("whether a server takes them UDP cannot tell", result.stdout)
        self.assertIn("a socket for datagrams is there", result.stdout)
        self.assertEqual([], udp.messages + local.messages)
        self.assertEqual(1, self.check(f"syslog+unix:{self.path('none')}").returncode)


class Parser(unittest.TestCase):
    def test_the_stand_in_is_strict(self):
        good = b'<14>1 2026-01-02T03:04:05.678Z h a 7 m [i k="v\\"x"] text'
        self.assertEqual("text", parse(good)["text"])
        for wrong in (good.replace(b"<14>", b"<192>"), good.replace(b"<14>", b"<014>"), good.replace(b">1 ", b">2 "),
                      good.replace(b".678Z", b".6789012Z"), good.replace(b"T", b" "), good.replace(b" h ", b"  "),
                      good.replace(b'v\\"x', b'v"x'), good.replace(b"[i ", b"[i= "), good.replace(b"-01-02", b"-13-02"),
                      good.replace(b"text", b"\xff"), good.replace(b" a ", b" " + b"a" * 49 + b" ")):
            self.assertIsNone(parse(wrong), wrong)
        faults = []
        CountedSyslog(lambda message: None, faults.append).feed(b"x" + good)
        CountedSyslog(lambda message: None, faults.append).feed(b"05 hello")
        self.assertEqual(2, len(faults))


if __name__ == "__main__":
    unittest.main()
