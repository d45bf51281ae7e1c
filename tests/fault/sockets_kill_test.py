"""kill -9 of the shipper while a slow server behind a socket reads: with a durable spool nothing that reached the disk is
missing in the end, and of each death at most the batch that was under way comes twice."""

import os
import random
import ssl
import subprocess
import sys
import time

import harness
from harness import FaultTest, Ship
from stream_peer import DatagramPeer, StreamPeer

sys.path.insert(0, os.path.join(os.path.dirname(harness.HERE), "cli"))
from strict_gelf import GelfReader  # noqa: E402
from strict_syslog import CountedSyslog, parse  # noqa: E402

LINES = 1_000 if harness.SANITIZED else 20_000 if harness.LONG else 4_000
KILLS = 20 if harness.LONG else 3
BATCH = 200
SIZE = 300


class KilledBeforeASlowServer(FaultTest):
    def run_and_kill(self, url, peer, number_of):
        """The numbers of the lines that arrived, in their order."""
        dice = random.Random(f"{harness.SEED} {url.partition(':')[0]}")
        text = "".join(f'{{"time":{time.time():.6f},"level":"INFO","message":"m","n":{number},"p":"{"x" * SIZE}"}}\n'
                       for number in range(LINES))
        arguments = ("--sink", url, "--spool", self.path("spool"), "--spool-mode", "durable", "--no-drop-on-full",
                     "--retry-base", "10ms", "--batch-size", str(BATCH), "--drain-timeout", f"{harness.PATIENCE}s")
        (kind,) = {url.partition(":")[0].partition("+")[0]} - {"tcp", "tls", "unix"} or {"socket"}
        with Ship(*arguments) as ship:
            ship.stdin.write(text.encode())
            ship.stdin.flush()

            def on_disk(stats):
                sink = stats["sinks"][kind]
                return sink["submitted"] == LINES and sink["delivered"] + sink["spooled"] + sink["in_flight"] == LINES
            ship.until(on_disk, "all on disk")
            self.kill_after(ship, dice)
        for _ in range(KILLS - 1):
            with Ship(*arguments, "--no-drop-on-full") as ship:
                ship.ready()
                self.kill_after(ship, dice)
        peer.pace, peer.pause = None, 0
        with Ship(*arguments) as ship:
            ship.close_input()
            self.assertEqual(0, ship.wait()[0], "\n".join(ship.said))
            self.assertEqual([], ship.wrong)
            self.assertEqual(0, ship.last["sinks"][kind]["spooled"])
        peer.close()
        return [number_of(message) for message in list(peer.messages)]

    @staticmethod
    def kill_after(ship, dice):
        time.sleep(dice.random() * 0.4)
        ship.process.kill()
        ship.process.wait()

    def check(self, url, peer, number_of):
        self.addCleanup(peer.close)
        numbers = self.run_and_kill(url, peer, number_of)
        twice = len(numbers) - len(set(numbers))
        print(f"{self.id()}: {LINES} lines, {KILLS} kills, {twice} came twice", file=sys.stderr)
        self.assertEqual([], peer.faults[:3])
        self.assertEqual([], sorted(set(range(LINES)) - set(numbers))[:10], "missing")
        # The one that was under way when it died.
        self.assertLessEqual(twice, KILLS * BATCH)
        return numbers

    def tls(self):
        cert, key = self.path("cert.pem"), self.path("key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                        cert], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context, cert

    PACE = 1_000_000

    def test_syslog_over_tcp(self):
        peer = StreamPeer(CountedSyslog, pace=self.PACE)
        self.check(f"syslog+tcp://{peer.address()}", peer, lambda message: self.number(message["text"]))

    def test_syslog_over_tls(self):
        context, cert = self.tls()
        peer = StreamPeer(CountedSyslog, tls=context, pace=self.PACE)
        self.check(f"syslog+tls://{peer.address()}?ca_file={cert}", peer, lambda message: self.number(message["text"]))

    def test_syslog_over_a_unix_socket_for_datagrams(self):
        peer = DatagramPeer(self.path("log"), pause=0.0003)
        self.check(f"syslog+unix:{peer.address()}", peer, lambda message: self.number(message.decode()))

    def test_syslog_over_udp(self):
        peer = DatagramPeer(pause=0.0003)
        self.check(f"syslog+udp://{peer.address()}", peer, lambda message: self.number(parse(message)["text"]))

    def test_gelf_over_tcp(self):
        peer = StreamPeer(GelfReader, pace=self.PACE)
        self.check(f"gelf+tcp://{peer.address()}", peer, lambda message: message["_n"])

    def test_lines_over_tcp(self):
        peer = StreamPeer(pace=self.PACE)
        self.check(f"tcp://{peer.address()}", peer, lambda message: self.number(message.decode()))

    def test_lines_over_a_unix_socket(self):
        peer = StreamPeer(path=self.path("s"), pace=self.PACE)
        self.check(f"unix:{peer.address()}", peer, lambda message: self.number(message.decode()))

    @staticmethod
    def number(text):
        return int(text.partition('"n":')[2].partition(",")[0])


if __name__ == "__main__":
    harness.main()
