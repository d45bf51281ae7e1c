"""What the tests of sinks over sockets share: certificates, a server that never answers, and the rules that hold for each
of them."""

import json
import os
import ssl
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import harness  # noqa: E402
from stream_peer import StreamPeer  # noqa: E402
from hosted import LINES, lines_of  # noqa: E402
from program import ProgramTest, run  # noqa: E402


class StreamTest(ProgramTest):
    """Whoever inherits says `reader`, the strict server's; `scheme`, as in "syslog+"; `line_of`, the record in a message."""

    def certificates(self, name="127.0.0.1"):
        """A server's context, whose certificate is its own authority, and the certificate's path."""
        cert, key = self.path("cert.pem"), self.path("key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", f"/CN={name}", "-addext",
                        f"subjectAltName={'IP' if name[0].isdigit() else 'DNS'}:{name}", "-keyout", key, "-out", cert],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context, cert

    def ship(self, url, *arguments, stdin):
        """Exit code and the sink's books."""
        result = run("--sink", url, "--stats-at-exit", "--stats-format", "json", "--retry-base", "10ms", "--no-drop-on-full",
                     *arguments, stdin=stdin)
        self.stderr = result.stderr
        stats = [line for line in result.stderr.splitlines() if line.startswith("{")][-1]
        (sink,) = json.loads(stats)["sinks"].values()
        return result.returncode, sink

    def url(self, peer, query="", tls=False):
        way = "unix:" if peer.path else "tls://" if tls else "tcp://"
        return f"{self.scheme}{way}{peer.address()}{'?' if query else ''}{query}"

    def check(self, *urls):
        return run("check", "--connect", *(word for url in urls for word in ("--sink", url)),
                   environment={"FAPILOG_SHIP_REQUEST_TIMEOUT": "2s"})


class StreamRules:
    """The rules, as a part of a StreamTest."""

    unix = True

    def peers(self):
        """A server of each kind, and how its sink is written."""
        context, cert = self.certificates()
        yield StreamPeer(self.reader), lambda peer: self.url(peer, self.query)
        yield StreamPeer(self.reader, tls=context), lambda peer: self.url(peer, f"ca_file={cert}&{self.query}", tls=True)
        if self.unix:
            yield StreamPeer(self.local_reader, path=self.path("s")), self.url

    query = ""

    @property
    def local_reader(self):
        return self.reader

    def test_every_record_arrives_once_in_order_and_byte_for_byte(self):
        lines = lines_of(LINES)
        for peer, url in self.peers():
            with self.subTest(tls=bool(peer.tls), path=bool(peer.path)):
                with peer:
                    code, sink = self.ship(url(peer), stdin="\n".join(lines) + "\n")
                    self.assertEqual((0, LINES, 0), (code, sink["delivered"], sink["retries"]), self.stderr[-2000:])
                    peer.wait_for(lambda at: len(at.messages) >= LINES)
                self.assertEqual(([], 0, 1), (peer.faults[:3], peer.torn, peer.connections))
                self.assert_same(lines, peer.messages)

    def assert_same(self, lines, messages):
        self.assertEqual(len(lines), len(messages))
        for line, message in zip(lines, messages):
            self.assertEqual(line, self.line_of(message))

    def test_a_slow_server_gets_each_record_once(self):
        lines = lines_of(LINES)
        for peer, url in self.peers():
            with self.subTest(tls=bool(peer.tls), path=bool(peer.path)), peer:
                peer.pace = 2_000_000
                code, sink = self.ship(url(peer) + ("&" if "?" in url(peer) else "?") + "request_timeout=50ms",
                                       "--retry-max", "10ms", stdin="\n".join(lines) + "\n")
                peer.wait_for(lambda at: len(at.messages) >= LINES)
                self.assertEqual((0, LINES, 1), (code, sink["delivered"], peer.connections), self.stderr[-2000:])
                self.assertEqual([], peer.faults[:3])
                self.assert_same(lines, peer.messages)

    def test_cut_connections_lose_no_more_than_a_dead_kernel_had(self):
        lines = lines_of(LINES)
        for peer, url in self.peers():
            with self.subTest(tls=bool(peer.tls), path=bool(peer.path)), peer:
                peer.cut(20_000, 90_000, 150_000)
                code, sink = self.ship(url(peer), stdin="\n".join(lines) + "\n")
                self.assertEqual((0, LINES), (code, sink["delivered"]), self.stderr[-2000:])
                peer.wait_for(lambda at: at.messages and self.line_of(at.messages[-1]) == lines[-1])
                self.assertEqual([], peer.faults[:3])
                self.assertEqual(3, peer.resets)
                numbers = {self.number_of(message) for message in peer.messages}
                missing = sum(len(line) for number, line in enumerate(lines) if number not in numbers)
                self.assertLessEqual(missing, peer.most_unread(), "lost")

    def number_of(self, message):
        return json.loads(self.line_of(message))["n"]

    def test_a_server_that_comes_late_gets_all(self):
        lines = lines_of(50)
        with StreamPeer(self.reader) as peer:
            peer.refuse()
            timer = threading.Timer(0.3, peer.listen)
            timer.start()
            code, sink = self.ship(self.url(peer, self.query), stdin="\n".join(lines) + "\n")
            timer.join()
            peer.wait_for(lambda at: len(at.messages) >= 50)
            self.assertEqual((0, 50), (code, sink["delivered"]), self.stderr)
            self.assertGreater(sink["retries"], 0)
            self.assert_same(lines, peer.messages)

    def test_a_batch_has_no_more_records_than_it_may(self):
        with StreamPeer(self.reader) as peer:
            code, sink = self.ship(self.url(peer, f"delivery.batch_size=100&{self.query}"), stdin="\n".join(lines_of(1000)) + "\n")
        self.assertEqual(0, code)
        self.assertGreaterEqual(sink["batches"], 10)

    def test_a_certificate_that_is_not_trusted_gets_nothing_and_is_said(self):
        for name, trusted, words in (("127.0.0.1", False, "self-signed"), ("elsewhere.example", True, "IP address mismatch")):
            context, cert = self.certificates(name)
            with self.subTest(name=name), StreamPeer(self.reader, tls=context) as peer:
                query = (f"ca_file={cert}&" if trusted else "") + self.query
                result = run("--sink", self.url(peer, query, tls=True), "--drain-timeout", "400ms", stdin='{"a":1}\n')
                self.assertEqual(75, result.returncode, result.stderr)
                self.assertIn(words, result.stderr)
                result = self.check(self.url(peer, query, tls=True))
                self.assertEqual(1, result.returncode, result.stdout)
                self.assertRegex(result.stdout, f"FAILED: .*127.0.0.1:{peer.port}.*{words}")
                self.assertEqual([], peer.messages)
                if not trusted:
                    self.assertEqual(0, self.check(self.url(peer, query + "&tls_verify=false", tls=True)).returncode)

    def test_check_connect_tells_what_it_found(self):
        for peer, url in self.peers():
            with peer:
                result = self.check(url(peer))
            self.assertEqual(0, result.returncode, result.stdout + result.stderr)
            self.assertIn("ok: connected", result.stdout)
            self.assertEqual(([], []), (peer.messages, peer.faults))
            if peer.tls:
                self.assertIn("TLSv1.3", result.stdout)
            result = self.check(url(peer))
            self.assertEqual(1, result.returncode)
            self.assertRegex(result.stdout, "FAILED: .*(Connection refused|No such file)")

    def test_a_server_without_tls_is_not_taken_for_one_with(self):
        with StreamPeer(self.reader) as peer:
            result = self.check(self.url(peer, self.query, tls=True))
            self.assertEqual(1, result.returncode)
            self.assertRegex(result.stdout, f"FAILED: .*127.0.0.1:{peer.port}")

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for url, part in (("tcp://h:99999", "expected a port from 1 to 65535"), ("tcp://h:1/p", "a socket has no path"),
                          ("tcp://u:geheim@h:1", "a socket knows no user"), ("tls://h:1?key_file=/k", "needs a cert_file"),
                          ("tcp://h:1?ca_file=/etc/hosts", "is for TLS"), ("tls://h:1?tls_verify=maybe", "true or false"),
                          ("tcp://h:1?shape=round", '"shape" is an unknown key')):
            with self.subTest(url=url):
                result = run("check", "--sink", self.scheme + url)
                self.assert_fails(result, 78, part)
                self.assertNotIn("geheim", result.stderr)
