"""Servers that misbehave and come back: what was held is delivered, once, in order, and the books agree with
what the server saw."""

import email.utils
import json
import time

import harness
import peer as peers
from harness import Ship, produce, report

LINES = 1000


class Recovery(harness.FaultTest):
    def ship(self, url, *arguments):
        return Ship("--sink", url, "--retry-base", "20ms", "--retry-max", "200ms", "--request-timeout", "1s",
                    "--drain-timeout", f"{harness.PATIENCE}s", *arguments)

    def through(self, script, *arguments, lines=LINES, path="/logs", scheme=""):
        """Sends numbered lines through a server with this script; checks that it accepted each of them once and in
        order. Returns the server and the final statistics of the sink."""
        with peers.Peer(*script) as peer, self.ship(scheme + peer.url(path), *arguments) as ship:
            ship.ready()
            report(produce(ship, lines))
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, lines)
            (sink,) = ship.last["sinks"].values()
            self.assertEqual(list(range(lines)), peer.sequences())
            self.assertEqual(lines, sink["delivered"])
            self.assertEqual(0, code, "\n".join(ship.said))
            return peer, sink

    def test_a_good_server(self):
        _, sink = self.through([peers.ok])
        self.assertEqual(0, sink["retries"])

    def test_an_answer_in_single_bytes(self):
        self.through([peers.drip, peers.ok], lines=100)

    def test_errors_of_the_server(self):
        _, sink = self.through([peers.status(500), peers.status(503), peers.status(408), peers.status(425), peers.ok])
        self.assertGreaterEqual(sink["retries"], 4)

    def test_a_reset_instead_of_an_answer(self):
        self.through([peers.reset, peers.reset, peers.ok])

    def test_garbage_instead_of_an_answer(self):
        self.through([peers.garbage, peers.raw(b"\x00" * 1000), peers.raw(b"HTTP/1.1 2\r\n\r\n"), peers.raw(b""),
                      peers.ok])

    def test_answers_that_never_end(self):
        self.through([peers.hang_before_answer, peers.hang_in_head, peers.hang_in_body, peers.ok])

    def test_retry_after_in_seconds_is_kept(self):
        peer, _ = self.through([peers.status(429, [("Retry-After", "2")]), peers.ok], lines=10)
        self.assertGreaterEqual(peer.requests[1].at - peer.requests[0].at, 1.9)

    def test_retry_after_as_a_date_is_kept(self):
        when = email.utils.formatdate(time.time() + 4, usegmt=True)
        peer, _ = self.through([peers.status(429, [("Retry-After", when)]), peers.ok], lines=10)
        # The date counts whole seconds and the start took a moment; without it the wait would be 0.02 s.
        self.assertGreaterEqual(peer.requests[1].at - peer.requests[0].at, 1.0)

    def test_a_batch_that_is_too_large_is_halved(self):
        peer, _ = self.through([peers.too_large_above(8000)])
        self.assertTrue(any(request.size > 8000 for request in peer.requests))

    def test_loki_gets_each_line_once(self):
        _, sink = self.through([peers.status(500), peers.ok], path="?encoding=json", scheme="loki+")
        self.assertEqual("loki", sink["type"])

    def test_a_poison_record_does_not_take_its_batch_with_it(self):
        poison = b'"line 123 '
        with peers.Peer(peers.refuse(poison)) as peer, self.ship(peer.url()) as ship:
            ship.ready()
            report(produce(ship, 300))
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 300)
            sink = ship.last["sinks"]["http"]
            self.assertEqual([n for n in range(300) if n != 123], sorted(peer.sequences()))
            self.assertEqual((299, 1), (sink["delivered"], sink["dropped"]["rejected"] + sink["dead_lettered"]))
            self.assertEqual(0, code)

    def test_what_only_the_operator_can_mend_is_kept(self):
        with peers.Peer(peers.status(401)) as peer, self.ship(peer.url(), "--drain-timeout", "1s") as ship:
            ship.ready()
            report(produce(ship, 100))
            stats = ship.until(lambda stats: "401" in stats["sinks"]["http"]["last_error"])
            self.assertEqual(100, stats["sinks"]["http"]["pending"])
            ship.terminate()
            code, _ = ship.wait()
            self.assertEqual(75, code)
            self.check_books(ship, 100)

    def test_a_redirect_is_not_followed(self):
        with peers.Peer() as other, peers.Peer(peers.status(302, [("Location", other.url())])) as peer, \
                self.ship(peer.url(), "--drain-timeout", "1s") as ship:
            ship.ready()
            report(produce(ship, 10))
            ship.close_input()
            code, _ = ship.wait()
            self.assertEqual([], other.requests)
            self.assertEqual(75, code)
            self.check_books(ship, 10)

    def test_a_slow_server_costs_lines_but_no_count(self):
        """More lines than the server takes: what does not fit is dropped, counted, and the rest arrives."""
        seconds = min(6.0, harness.SECONDS)
        lines, queue = int(10000 * seconds), int(10000 * seconds / 6)
        with peers.Peer(peers.status(204, delay=0.2)) as peer, \
                self.ship(peer.url(), "--queue-size", str(queue)) as ship:
            ship.ready()
            self.check_not_blocked(report(produce(ship, lines, rate=10000)), lines)
            self.check_memory(ship)
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, lines)
            sink = ship.last["sinks"]["http"]
            print(f"{self.id()}: {json.dumps(sink)}", file=harness.sys.stderr)
            self.assertEqual(lines, sink["delivered"] + sum(sink["dropped"].values()))
            self.assertGreater(sink["dropped"]["queue_full"], 0)
            numbers = peer.sequences()
            self.assertEqual(sink["delivered"], len(numbers))
            self.assertEqual(sorted(set(numbers)), numbers)
            self.assertEqual(0, code)

    def test_what_matters_survives(self):
        """A queue of 100 full of DEBUG, then 100 ERROR: all of these arrive, in order."""
        with peers.Peer(peers.hang_before_answer) as peer, \
                Ship("--sink", peer.url(), "--queue-size", "100", "--retry-base", "20ms", "--request-timeout", "300s",
                     "--drain-timeout", f"{harness.PATIENCE}s") as ship:
            ship.ready()
            report(produce(ship, 1000, levels="DEBUG"))
            peer.wait_for(lambda peer: peer.requests)
            ship.until(lambda stats: stats["input"]["lines"] == 1000 and stats["sinks"]["http"]["queue_depth"] == 100)
            report(produce(ship, 100, levels="ERROR"))
            stats = ship.until(lambda stats: stats["input"]["lines"] == 1100)
            self.assertEqual({"submitted": 100, "delivered": 0, "dropped": 0}, stats["sinks"]["http"]["protected"])
            peer.set(peers.ok)
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 1100)
            errors = [line for line in peer.accepted if b'"level":"ERROR"' in line]
            self.assertEqual(list(range(100)), [peers.sequence(line) for line in errors])
            self.assertEqual({"submitted": 100, "delivered": 100, "dropped": 0}, ship.last["sinks"]["http"]["protected"])
            self.assertEqual(0, code)


if __name__ == "__main__":
    harness.main()
