"""Servers that misbehave and come back: what was held is delivered, once, in order, and the books agree with
what the server saw."""

import email.utils
import json
import os
import time

import harness
import peer as peers
from harness import Ship, produce, report

LINES = 1000


class Recovery(harness.FaultTest):
    def ship(self, url, *arguments, request_timeout="30s", drain_timeout=f"{harness.PATIENCE}s", around=()):
        return Ship("--sink", url, "--order", "keep", "--retry-base", "20ms", "--retry-max", "200ms",
                    "--request-timeout", request_timeout, "--drain-timeout", drain_timeout, *arguments, around=around)

    def through(self, script, lines=LINES, path="/logs", scheme="", **options):
        """Sends numbered lines through a server with this script; checks that it accepted each of them once and in
        order. Returns the server and the final statistics of the sink."""
        with peers.Peer(*script) as peer, self.ship(scheme + peer.url(path), **options) as ship:
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
        self.through([peers.hang_before_answer, peers.hang_in_status_line, peers.hang_in_head, peers.hang_in_body,
                      peers.ok], request_timeout="1s")

    def test_retry_after_in_seconds_is_kept(self):
        peer, _ = self.through([peers.status(429, [("Retry-After", "2")]), peers.ok], lines=10)
        self.assertGreaterEqual(peer.requests[1].at - peer.requests[0].at, 1.9)

    def test_retry_after_as_a_date_is_kept(self):
        def soon():
            return email.utils.formatdate(time.time() + 3, usegmt=True)

        peer, _ = self.through([peers.status(429, [("Retry-After", soon)]), peers.ok], lines=10)
        # The date counts whole seconds; without it the wait would be 0.02 s.
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
        with peers.Peer(peers.status(401)) as peer, self.ship(peer.url(), drain_timeout="1s") as ship:
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
                self.ship(peer.url(), drain_timeout="1s") as ship:
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
                self.ship(peer.url(), "--queue-size", str(queue), "--batch-size", "256") as ship:
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
            report(produce(ship, 10, levels="DEBUG"))
            peer.wait_for(lambda peer: peer.requests)
            report(produce(ship, 1000, levels="DEBUG"))
            ship.until(lambda stats: stats["sinks"]["http"]["queue_depth"] == 100)
            report(produce(ship, 100, levels="ERROR"))
            stats = ship.until(lambda stats: stats["input"]["lines"] == 1110)
            self.assertEqual({"submitted": 100, "delivered": 0, "dropped": 0}, stats["sinks"]["http"]["protected"])
            peer.set(peers.ok)
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 1110)
            errors = [line for line in peer.accepted if b'"level":"ERROR"' in line]
            self.assertEqual(list(range(100)), [peers.sequence(line) for line in errors])
            self.assertEqual({"submitted": 100, "delivered": 100, "dropped": 0}, ship.last["sinks"]["http"]["protected"])
            self.assertEqual(0, code)

    def test_a_disk_that_was_full_gets_every_line_once(self):
        """What was cut off by the full disk does not stay in the file."""
        mount = self.path("full")
        os.mkdir(mount)
        scene = f"mount -t tmpfs -o size=256k tmpfs {mount}; head -c 200k /dev/zero > {mount}/filler"
        around = harness.in_namespaces(scene, self.directory)
        with self.ship(f"file://{mount}/app.ndjson", around=around) as ship:
            ship.ready()
            inside = os.open(f"/proc/{ship.process.pid}/root{mount}", os.O_RDONLY | os.O_DIRECTORY)
            self.addCleanup(os.close, inside)
            report(produce(ship, 500))
            ship.until(lambda stats: "No space left" in stats["sinks"]["file"]["last_error"])
            os.unlink("filler", dir_fd=inside)
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 500)
            self.assertEqual(0, code, "\n".join(ship.said))
            with open("app.ndjson", "rb", opener=lambda path, flags: os.open(path, flags, dir_fd=inside)) as file:
                self.assertEqual(list(range(500)), [json.loads(line)["log"]["data"]["seq"] for line in file])

    def test_a_fifo_that_gets_its_reader_late(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        with self.ship(f"file://{fifo}") as ship:
            ship.ready()
            report(produce(ship, LINES))
            ship.until(lambda stats: stats["sinks"]["file"]["pending"] == LINES and stats["sinks"]["file"]["retries"])
            with open(fifo, "rb") as reader:
                ship.close_input()
                numbers = [peers.sequence(line) for line in reader]
            code, _ = ship.wait()
            self.check_books(ship, LINES)
            self.assertEqual((0, list(range(LINES))), (code, numbers))

    def test_a_reader_of_stdout_that_goes_on(self):
        reader, writer = os.pipe()
        with Ship("--sink", "stdout:", stdout=writer) as ship, open(reader, "rb") as stream:
            os.close(writer)
            ship.ready()
            report(produce(ship, 5000))
            ship.until(lambda stats: stats["input"]["lines"] == 5000)
            ship.close_input()
            numbers = [peers.sequence(line) for line in stream]
            code, _ = ship.wait()
            self.check_books(ship, 5000)
            self.assertEqual((0, list(range(5000))), (code, numbers))


if __name__ == "__main__":
    harness.main()
