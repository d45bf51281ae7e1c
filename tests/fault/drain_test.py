"""The end of a run is on time, whatever hangs, and what has a place on disk is there at the next start."""

import os
import signal
import subprocess
import sys
import time

import harness
import peer as peers
import spool_files
from harness import Ship, produce, report

LINES = 10000


class Drain(harness.FaultTest):
    def ship(self, peer, *arguments, **options):
        return Ship("--sink", peer.url(), "--spool", self.path("spool"), "--drain-timeout", "2s", "--queue-size", "20000",
                    "--retry-base", "20ms", *arguments, **options)

    def hung_run(self, how, *arguments, lines=LINES, levels="INFO"):
        """A run against a sink that hangs, ended by `how` once all lines are in. Returns how long the ending took."""
        with peers.Peer(peers.hang_before_answer) as peer, self.ship(peer, *arguments) as ship:
            ship.ready()
            report(produce(ship, lines, levels=levels))
            ship.until(lambda stats: stats["input"]["lines"] == lines)
            peer.wait_for(lambda peer: peer.requests)
            how(ship)
            code, took = ship.wait()
            print(f"{self.id()}: ended after {took:.2f} s", file=sys.stderr)
            self.check_books(ship, lines)
            sink = ship.last["sinks"]["http"]
            self.assertEqual((0, lines, 0), (code, sink["spooled"], sum(sink["dropped"].values())))
            return took

    def next_run(self, lines=LINES, arguments=()):
        """The next start, with nothing at its input, against a server that is well."""
        with peers.Peer() as peer, self.ship(peer, "--order", "keep", *arguments, "--drain-timeout", f"{harness.PATIENCE}s") as ship:
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 0)
            sink = ship.last["sinks"]["http"]
            self.assertEqual((0, lines, 0), (code, sink["delivered"], sink["spooled"]))
            self.assertEqual(list(range(lines)), peer.sequences())
        self.assertEqual([], spool_files.records(self.path("spool/http")))

    def test_the_end_of_the_input_with_a_hung_sink_and_a_spool(self):
        took = self.hung_run(lambda ship: ship.close_input())
        if harness.TIMED:
            self.assertLess(took, 3)
        self.next_run()

    def test_a_signal_with_a_hung_sink_and_a_spool(self):
        took = self.hung_run(lambda ship: ship.terminate())
        if harness.TIMED:
            self.assertLess(took, 3)
        self.next_run()

    def test_eight_workers_with_a_hung_sink_in_durable_mode(self):
        options = ["--workers", "8", "--spool-mode", "durable"]
        took = self.hung_run(lambda ship: ship.terminate(), *options)
        if harness.TIMED:
            self.assertLess(took, 3)
        # Order is kept across the restart, with one worker then.
        self.next_run(arguments=["--spool-mode", "durable"])

    def test_one_record_on_disk_is_delivered_while_the_input_stays_open(self):
        """Fault Q2: nothing else wakes whoever sends it."""
        with peers.Peer() as peer, self.ship(peer, "--spool-mode", "durable") as ship:
            ship.ready()
            report(produce(ship, 1))
            ship.until(lambda stats: stats["sinks"]["http"]["delivered"] == 1)
            self.assertEqual([0], peer.sequences())
            ship.close_input()
            self.assertEqual(0, ship.wait()[0])
            self.check_books(ship, 1)

    def test_a_signal_ends_it_while_the_producer_writes_all_it_can(self):
        """Fault Q3: there is always more in the pipe."""
        with Ship("--sink", "null:") as ship:
            ship.ready()
            producer = subprocess.Popen(["yes", '{"level":"INFO","message":"again"}'], stdout=ship.stdin)
            ship.producers.append(producer)
            ship.close_input()
            ship.until(lambda stats: stats["input"]["lines"] > 100_000)
            ship.terminate()
            code, took = ship.wait()
            print(f"{self.id()}: ended after {took:.2f} s", file=sys.stderr)
            self.assertEqual((0, -signal.SIGPIPE), (code, producer.wait(harness.PATIENCE)))
            self.check_books(ship)
            if harness.TIMED:
                self.assertLess(took, 1)

    def test_the_end_while_the_breaker_is_open_and_backoff_is_long(self):
        with peers.Peer(peers.status(503)) as peer, \
                self.ship(peer, "--retry-base", "30s", "--retry-max", "1h", "--breaker-interval", "1h") as ship:
            ship.ready()
            report(produce(ship, 100))
            ship.until(lambda stats: stats["sinks"]["http"]["retries"] > 0)
            peer.set(peers.ok)
            begun = time.monotonic()
            ship.close_input()
            code, _ = ship.wait()
            # The budget is for delivering: the server is asked again at once, not after the backoff.
            self.assertEqual((0, 100), (code, ship.last["sinks"]["http"]["delivered"]))
            if harness.TIMED:
                self.assertLess(time.monotonic() - begun, 3)
            self.check_books(ship, 100)

    def test_without_a_place_to_keep_them_they_are_counted_and_the_exit_says_so(self):
        with peers.Peer(peers.hang_before_answer) as peer, \
                Ship("--sink", peer.url(), "--drain-timeout", "1s") as ship:
            ship.ready()
            report(produce(ship, 1000))
            ship.close_input()
            code, took = ship.wait()
            self.assertEqual((75, 1000), (code, ship.last["sinks"]["http"]["dropped"]["shutdown"]))
            if harness.TIMED:
                self.assertLess(took, 2)
            self.check_books(ship, 1000)

    def test_when_time_runs_out_protected_records_go_first(self):
        """A server that takes a batch of ten each 50 ms has no time for all: what matters gets the second half."""
        with peers.Peer(peers.status(204, delay=0.05)) as peer, \
                Ship("--sink", peer.url(), "--workers", "1", "--batch-size", "10", "--drain-timeout", "4s") as ship:
            ship.ready()
            report(produce(ship, 2000, levels=",".join(["INFO"] * 19 + ["ERROR"])))
            ship.close_input()
            code, _ = ship.wait()
            sink = ship.last["sinks"]["http"]
            self.assertEqual((75, {"submitted": 100, "delivered": 100, "dropped": 0}), (code, sink["protected"]))
            self.assertGreater(sink["dropped"]["shutdown"], 0)
            self.check_books(ship, 2000)

    def two_sinks_one_of_them_down(self, *sinks, options=(), lines=30000):
        """Held back by what is down, ended by a signal: the file gets all that was read."""
        self.assertTrue(any(sink.startswith("file:") for sink in sinks))
        arguments = [word for sink in sinks for word in ("--sink", sink)]
        with Ship(*arguments, "--no-drop-on-full", "--retry-base", "20ms", *options) as ship:
            ship.ready()
            producer = subprocess.Popen(["sh", "-c", f"yes '{{\"message\":\"{'x' * 100}\"}}' | head -n {lines}; exec sleep 1000"],
                                        stdout=ship.stdin)
            ship.producers.append(producer)
            ship.close_input()
            # More than one block: the reader waits for room.
            held = []
            ship.until(lambda stats: held.append(stats["input"]["bytes"]) or
                       (held[-1] > 0 and held[-3:] == [held[-1]] * 3))
            ship.terminate()
            code, took = ship.wait()
            print(f"{self.id()}: ended after {took:.2f} s", file=sys.stderr)
            self.check_books(ship)
            self.assertEqual(75, code)
            read = ship.last["input"]["lines"]
            healthy = ship.last["sinks"]["file"]
            self.assertEqual((read, read, 0), (healthy["submitted"], healthy["delivered"], sum(healthy["dropped"].values())))
            for name, sink in ship.last["sinks"].items():
                if name != "file":
                    self.assertEqual((read, {"shutdown": read}),
                                     (sink["submitted"], {key: n for key, n in sink["dropped"].items() if n}))
            with open(self.path("twin"), encoding="ascii") as file:
                self.assertEqual(read, len(file.readlines()))

    def test_a_sink_that_is_down_takes_nothing_from_another_at_the_end(self):
        file, down = f"file:{self.path('twin')}", "http://127.0.0.1:9/logs"
        self.two_sinks_one_of_them_down(down, file, options=["--drain-timeout", "2s"])

    def test_the_same_with_several_that_are_down_behind_it(self):
        file, down = f"file:{self.path('twin')}", "http://127.0.0.1:9/logs"
        self.two_sinks_one_of_them_down(file, down, "loki+http://127.0.0.1:9", options=["--drain-timeout", "2s"])

    def test_the_same_where_bytes_are_short(self):
        """There is no room for the rest of the pipe: what is down holds the reader for a part of the time only."""
        file, down = f"file:{self.path('twin')}", "http://127.0.0.1:9/logs"
        self.two_sinks_one_of_them_down(down, file, options=["--drain-timeout", "8s", "--queue-bytes", "1MB"])

    def test_a_spool_on_a_full_disk_does_not_hold_up_the_end(self):
        mount = self.path("spool")
        os.mkdir(mount)
        around = harness.in_namespaces(f"ip link set lo up; mount -t tmpfs -o size=256k tmpfs {mount}", self.directory)
        with Ship("--sink", "http://127.0.0.1:9/logs", "--spool", mount, "--drain-timeout", "1s", *harness.ONE_BY_ONE,
                  around=around) as ship:
            ship.ready()
            report(produce(ship, LINES, levels="INFO,INFO,INFO,ERROR"))
            ship.close_input()
            code, took = ship.wait()
            sink = ship.last["sinks"]["http"]
            self.assertEqual(75, code)
            self.assertGreater(sink["spooled"], 0)
            if harness.TIMED:
                self.assertLess(took, 3)
            self.check_books(ship, LINES)


if __name__ == "__main__":
    harness.main()
