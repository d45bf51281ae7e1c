"""A network that hangs, resets, drips and cuts connections at every byte, between the program and a server that is
well: every line arrives, and what comes twice is a batch whose answer was lost."""

import collections
import random
import ssl
import subprocess
import sys
import time

import harness
import peer as peers
import proxy as proxies
from harness import Ship, produce, report
from proxy import Fault

LINES = 600
BATCH = 20
# What the peer answers: HTTP/1.1 204 No Content CR LF CR LF.
ANSWER = len(b"HTTP/1.1 204 No Content\r\n\r\n")


class Network(harness.FaultTest):
    def through(self, *script, lines=LINES, request_timeout=None, doubtful=1, path="/logs", scheme="", arguments=()):
        """Numbered lines through a proxy with this script; all arrive, in order, at most `doubtful` batches twice,
        and those under the same Idempotency-Key. With a `request_timeout` a slow machine may make more of them doubtful.
        Returns the proxy and the sink's statistics."""
        doubtful = LINES if request_timeout else doubtful
        with peers.Peer() as peer, proxies.Proxy(peer.port, *script) as proxy, \
                Ship("--sink", scheme + proxy.url(path), "--order", "keep", "--batch-size", str(BATCH), "--retry-base", "5ms",
                     "--retry-max", "20ms", "--breaker-failures", "0", "--request-timeout", request_timeout or "30s",
                     "--drain-timeout", f"{harness.PATIENCE}s", *arguments) as ship:
            ship.ready()
            report(produce(ship, lines))
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, lines)
            (sink,) = ship.last["sinks"].values()
            self.assertEqual((0, lines), (code, sink["delivered"]), "\n".join(ship.said))
            self.check_arrivals(peer, lines, doubtful, sink)
            return proxy, sink

    def check_arrivals(self, peer, lines, doubtful, sink):
        keys = collections.Counter(batch.key for batch in peer.batches)
        once, seen = [], set()
        for batch in peer.batches:
            once += [] if batch.key in seen else batch.numbers
            seen.add(batch.key)
        self.assertEqual(lines, len(once))
        self.assertEqual([], harness.inversions(once))
        twice = sum(count - 1 for count in keys.values())
        self.assertLessEqual(twice, doubtful)
        self.assertLessEqual(twice, sink["retries"])

    def test_a_hang_before_in_and_after_the_answer(self):
        faults = [Fault("hang", after) for after in (0, 1, 9, 13, ANSWER - 1, ANSWER)]
        proxy, sink = self.through(*faults, proxies.PASS, request_timeout="700ms")
        self.assertEqual(6, proxy.hit)
        # A good status line that came whole is an answer, whatever becomes of the rest.
        self.assertGreaterEqual(sink["retries"], 4)

    def test_a_reset_at_every_byte_of_the_answer(self):
        faults = [Fault("reset", after) for after in range(ANSWER + 1)]
        proxy, _ = self.through(*faults, proxies.PASS, doubtful=len(faults))
        self.assertEqual(len(faults), proxy.hit)

    def test_an_orderly_end_at_every_byte_of_the_answer(self):
        faults = [Fault("close", after) for after in range(ANSWER + 1)]
        proxy, _ = self.through(*faults, proxies.PASS, doubtful=len(faults))
        self.assertEqual(len(faults), proxy.hit)

    def test_a_cut_in_the_middle_of_the_request(self):
        chance = random.Random(harness.SEED)
        print(f"FAULT_SEED={harness.SEED}", file=sys.stderr)
        faults = [Fault(how, chance.randrange(BATCH * 300), "up") for how in ["reset", "close"] * 6]
        proxy, _ = self.through(*faults, proxies.PASS, doubtful=0)
        self.assertEqual(len(faults), proxy.hit)

    def test_a_hang_in_the_middle_of_the_request(self):
        faults = [Fault("hang", after, "up") for after in (0, 50, 3000)]
        proxy, sink = self.through(*faults, proxies.PASS, request_timeout="700ms")
        self.assertEqual(3, proxy.hit)
        self.assertGreaterEqual(sink["retries"], 3)

    def test_a_keep_alive_that_is_cut_when_the_next_request_goes_out(self):
        """The worst moment: the connection looks well, and the first bytes of the next request meet its end."""
        faults = [Fault(how, after, "up", since=ANSWER * n) for n in (1, 2, 3) for how in ("reset", "close")
                  for after in (0, 1)]
        proxy, _ = self.through(*faults, proxies.PASS, lines=1000, doubtful=0)
        # The program may leave a connection before its fault.
        self.assertGreaterEqual(proxy.hit, 4)

    def test_a_keep_alive_that_is_cut_when_the_next_answer_begins(self):
        """The server has stored the second batch of each connection; the program cannot know."""
        faults = [Fault(how, ANSWER * n, "down") for n in (1, 2) for how in ("reset", "close")]
        self.through(*faults, proxies.PASS, doubtful=4)

    def test_a_drip_slower_than_the_timeout_is_given_up(self):
        proxy, sink = self.through(Fault("drip", 0, interval=1.0), proxies.PASS, request_timeout="700ms")
        self.assertEqual(1, proxy.hit)
        self.assertGreaterEqual(sink["retries"], 1)

    def test_a_drip_within_the_timeout_is_waited_for(self):
        interval = 1.0 if harness.LONG else 0.02
        _, sink = self.through(Fault("drip", 0, interval=interval), lines=BATCH, request_timeout="60s")
        self.assertEqual(0, sink["retries"])

    def test_loki_through_a_bad_network_gets_identical_batches_again(self):
        """Same time and same line: the server drops the second one as a duplicate."""
        with peers.Peer() as peer, proxies.Proxy(peer.port, Fault("reset", 3), Fault("close", 9), proxies.PASS) as proxy, \
                Ship("--sink", "loki+" + proxy.url("?encoding=json"), "--order", "keep", "--batch-size", str(BATCH), "--retry-base", "5ms",
                     "--drain-timeout", f"{harness.PATIENCE}s") as ship:
            ship.ready()
            report(produce(ship, 100))
            ship.close_input()
            self.assertEqual(0, ship.wait()[0])
            self.check_books(ship, 100)
            bodies = [request.body for request in peer.requests if request.batch]
            self.assertEqual(3, bodies.count(bodies[0]))
            self.assertEqual(100, len({number for batch in peer.batches for number in batch.numbers}))


class MovingName(harness.FaultTest):
    """A name that leads to another server from one moment to the next. Both are on this machine, at the same port."""

    NAME = "logs.example.com"

    def setUp(self):
        super().setUp()
        self.hosts = self.path("hosts")
        self.point_to("127.0.0.1")

    def point_to(self, address):
        """In place: the file is mounted for the program."""
        with open(self.hosts, "w", encoding="ascii") as file:
            file.write(f"{address} {self.NAME}\n")

    def ship(self, port, query=""):
        around = harness.in_namespaces(f"mount --bind {self.hosts} /etc/hosts", self.directory, private=("--mount",))
        return Ship("--sink", f"http://{self.NAME}:{port}/logs{query}", "--workers", "1", "--batch-timeout", "10ms", "--retry-base",
                    "5ms", "--retry-max", "50ms", "--breaker-interval", "50ms", "--drain-timeout", f"{harness.PATIENCE}s", around=around)

    def send(self, ship, number):
        ship.stdin.write(b'{"level":"INFO","seq":%d}\n' % number)
        ship.stdin.flush()

    def finish(self, ship, lines):
        ship.close_input()
        self.assertEqual(0, ship.wait()[0], "\n".join(ship.said))
        self.check_books(ship, lines)

    def test_the_old_server_dies(self):
        """The address that was looked up for it is forgotten with the first connection that it refuses."""
        with peers.Peer() as old:
            with peers.Peer(address=("127.0.0.2", old.port)) as new, self.ship(old.port) as ship:
                ship.ready()
                self.send(ship, 0)
                # Not only stored: an answer that is cut off would make it come again.
                ship.until(lambda stats: stats["sinks"]["http"]["delivered"] == 1)
                self.point_to("127.0.0.2")
                old.close()
                self.send(ship, 1)
                self.finish(ship, 2)
                self.assertEqual(([0], [1]), (old.sequences(), new.sequences()))
                # A look-up that is kept for a minute would have been tried for a minute.
                self.assertLess(ship.last["sinks"]["http"]["retries"], 10)

    def test_the_old_server_lives(self):
        """It keeps its connection, and goes on to answer: only the connection's age leads to the new one."""
        with peers.Peer() as old, peers.Peer(address=("127.0.0.2", old.port)) as new, \
                self.ship(old.port, "?connection_max_age=1s") as ship:
            ship.ready()
            self.send(ship, 0)
            old.wait_for(lambda peer: len(peer.accepted) == 1)
            self.point_to("127.0.0.2")
            sent, end = 1, time.monotonic() + harness.PATIENCE
            while not new.sequences():
                self.assertLess(time.monotonic(), end, "\n".join(ship.said))
                self.send(ship, sent)
                sent += 1
                time.sleep(0.1)
            self.finish(ship, sent)
            self.assertEqual(list(range(sent)), old.sequences() + new.sequences())
            self.assertEqual(0, ship.last["sinks"]["http"]["retries"])


class Tls(harness.FaultTest):
    """Certificates made on the spot by a certificate authority of the test's own."""

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                     "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def context(self, name, authority, days="2", host="IP:127.0.0.1"):
        """What a server needs whose certificate for `host` this authority signed."""
        with open(self.path(f"{name}.cnf"), "w", encoding="ascii") as file:
            file.write(f"subjectAltName={host}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                     "-CAcreateserial", "-days", days, "-extfile", f"{name}.cnf", "-out", f"{name}.pem")
        return self.load(name)

    def load(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        return context

    def setUp(self):
        super().setUp()
        self.authority("ca")

    def ship(self, peer, *arguments, drain="1s"):
        return Ship("--sink", f"https://127.0.0.1:{peer.port}/logs?ca_file={self.path('ca.pem')}", "--order", "keep",
                    "--retry-base", "10ms", "--drain-timeout", drain, *arguments)

    def refused(self, context, words):
        """The certificate is not accepted: not one record goes out, all are kept to the end, the reason is told."""
        with peers.Peer(tls=context) as peer, self.ship(peer) as ship:
            ship.ready()
            report(produce(ship, 100))
            stats = ship.until(lambda stats: stats["sinks"]["http"]["last_error"])
            self.assertRegex(stats["sinks"]["http"]["last_error"].lower(), words)
            self.assertEqual(100, stats["sinks"]["http"]["pending"])
            ship.close_input()
            code, _ = ship.wait()
            self.assertEqual((75, []), (code, peer.requests))
            self.check_books(ship, 100)

    def test_the_right_authority_is_accepted(self):
        with peers.Peer(tls=self.context("server", "ca")) as peer, self.ship(peer, drain="60s") as ship:
            ship.ready()
            report(produce(ship, 100))
            ship.close_input()
            self.assertEqual(0, ship.wait()[0], "\n".join(ship.said))
            self.assertEqual(list(range(100)), peer.sequences())

    def test_an_expired_certificate(self):
        # openssl makes none that ended in the past; one of a single day is old for a clock that is a week ahead.
        control = harness.Faults(self)
        with peers.Peer(tls=self.context("expired", "ca", days="1")) as peer:
            control.set_clock(7 * 86400)
            with Ship("--sink", f"https://127.0.0.1:{peer.port}/logs?ca_file={self.path('ca.pem')}", "--drain-timeout", "1s",
                      environment=control.environment) as ship:
                ship.ready()
                report(produce(ship, 100))
                stats = ship.until(lambda stats: stats["sinks"]["http"]["last_error"])
                self.assertIn("expired", stats["sinks"]["http"]["last_error"].lower())
                self.assertEqual(100, stats["sinks"]["http"]["pending"])
                ship.close_input()
                self.assertEqual((75, []), (ship.wait()[0], peer.requests))
                self.check_books(ship, 100)

    def test_a_self_signed_certificate(self):
        self.authority("self")
        self.refused(self.load("self"), "self.signed")

    def test_a_certificate_of_another_authority(self):
        self.authority("other")
        self.refused(self.context("server", "other"), "unable to get local issuer|certificate")

    def test_a_certificate_of_another_host(self):
        self.refused(self.context("server", "ca", host="DNS:elsewhere.example"), "match|subject")

    def test_a_server_that_speaks_no_tls(self):
        with peers.Peer() as peer, self.ship(peer) as ship:
            ship.ready()
            report(produce(ship, 100))
            ship.until(lambda stats: stats["sinks"]["http"]["last_error"])
            ship.close_input()
            self.assertEqual((75, []), (ship.wait()[0], peer.sequences()))
            self.check_books(ship, 100)

    def test_a_certificate_that_was_mended_is_accepted_without_a_restart(self):
        self.authority("other")
        with peers.Peer(tls=self.context("wrong", "other")) as peer, \
                self.ship(peer, "--retry-max", "200ms", "--breaker-interval", "100ms", drain="60s") as ship:
            ship.ready()
            report(produce(ship, 100))
            ship.until(lambda stats: stats["sinks"]["http"]["last_error"])
            peer.tls = self.context("right", "ca")
            ship.until(lambda stats: stats["sinks"]["http"]["delivered"] == 100)
            ship.close_input()
            self.assertEqual(0, ship.wait()[0])
            self.assertEqual(list(range(100)), peer.sequences())
            self.check_books(ship, 100)

    def test_a_connection_cut_at_every_kilobyte_of_the_handshake(self):
        steps = range(0, 2048, 256)
        with peers.Peer(tls=self.context("server", "ca")) as peer, \
                proxies.Proxy(peer.port, *[Fault("reset", step) for step in steps], proxies.PASS) as proxy, \
                Ship("--sink", f"{proxy.url(scheme='https')}?ca_file={self.path('ca.pem')}", "--retry-base", "5ms",
                     "--breaker-failures", "0", "--drain-timeout", "60s") as ship:
            ship.ready()
            report(produce(ship, 100))
            ship.close_input()
            self.assertEqual(0, ship.wait()[0], "\n".join(ship.said))
            self.assertEqual(set(range(100)), set(peer.sequences()))
            self.assertGreater(proxy.hit, 2)
            self.check_books(ship, 100)


if __name__ == "__main__":
    harness.main()
