"""The http sink in front of nginx, which asks for a certificate, and of HAProxy with two servers behind it."""

import os
import unittest

from haproxy import Haproxy
from nginx import Nginx
from server import LINES, LiveTest, sample_lines

# What a server that dies may have stored without having said so, in batches: the default of --max-in-flight.
IN_FLIGHT = 16


class Http(LiveTest):
    def setUp(self):
        super().setUp()
        self.lines = sample_lines(LINES)

    def stored(self, *servers):
        return [line for server in servers for body in server.bodies() for line in body.splitlines()]

    def test_what_is_read_back_is_what_was_shipped(self):
        nginx = self.started(Nginx())
        self.ship(self.lines, "--sink", nginx.url("/in?" + nginx.certificates()), "--batch-size", "1000")
        self.assertEqual(sorted(self.lines), sorted(self.stored(nginx)))

    def assert_kept(self, sink, why):
        """Ten records stay in the spool of `sink`, which is sent none of them; `why` is what the program says."""
        ship = self.begin(None, "--sink", sink, "--spool", os.path.join(self.directory, "spool"), "--drain-timeout", "500ms")
        ship.stdin.write("".join(line + "\n" for line in self.lines[:10]).encode())
        ship.stdin.flush()
        self.wait(ship, lambda: why in self.heard())
        self.assertEqual(10, self.statistics(ship)["spooled"], self.heard())

    def test_without_a_certificate_the_records_are_kept_for_the_operator(self):
        nginx = self.started(Nginx())
        for sink in (nginx.url("/in?"), f"loki+{nginx.url()}?", f"elasticsearch+{nginx.url('/i')}?",
                     f"otlp+{nginx.url()}?"):
            with self.subTest(sink=sink):
                self.assert_kept(sink + nginx.certificates(client=False), "No required SSL certificate was sent")

    def test_a_certificate_of_another_authority_is_not_trusted(self):
        nginx, other = self.started(Nginx()), self.started(Nginx())
        self.assert_kept(nginx.url("/in?" + other.certificates()), "certificate")
        self.assertEqual([], self.stored(nginx))

    def test_a_server_that_is_killed_and_restarted_misses_nothing(self):
        nginx = self.started(Nginx())
        self.ship_and_kill(nginx, self.lines, lambda: len(nginx.bodies()) > LINES // 800, "--sink",
                           nginx.url("/in?" + nginx.certificates()), "--batch-size", "200")
        self.assert_all_there(self.lines, self.stored(nginx), IN_FLIGHT * 200)

    def test_a_network_that_cuts_connections_loses_nothing(self):
        nginx = self.started(Nginx())
        self.ship_through_faults(nginx, self.lines, lambda port: (
            "--sink", f"https://127.0.0.1:{port}/in?{nginx.certificates()}", "--batch-size", "200"))
        self.assert_all_there(self.lines, self.stored(nginx), 12 * 200)

    def test_one_of_two_servers_behind_a_balancer_dies(self):
        one, two = self.started(Nginx(tls=False)), self.started(Nginx(tls=False))
        balancer = self.started(Haproxy(one.port, two.port))
        ship = self.begin(None, "--sink", balancer.url("/in"), "--batch-size", "100")
        half = LINES // 2
        ship.stdin.write("".join(line + "\n" for line in self.lines[:half]).encode())
        ship.stdin.flush()
        self.wait(ship, lambda: len(one.bodies()) > half // 800 and two.bodies())
        one.kill()
        ship.stdin.write("".join(line + "\n" for line in self.lines[half:]).encode())
        sink = self.end(ship)
        self.assertGreater(sink["retries"], 0)
        self.assert_all_there(self.lines, self.stored(one, two), IN_FLIGHT * 100)


if __name__ == "__main__":
    unittest.main(verbosity=2)
