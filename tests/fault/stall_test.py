"""A destination that stands still, in every way we know: the producer goes on, memory stays below its cap, every
line is accounted for, and SIGTERM ends it in time."""

import os
import signal
import socket
import subprocess
import sys
import time

import harness
import peer as peers
from harness import RATE, SECONDS, Ship, in_namespaces, produce, report

DRAIN = 1.0
# What the exit may take beyond drain_timeout: 1 s is the promise, the rest is for machines under load.
GRACE = 10.0


class Stall(harness.FaultTest):
    def stall(self, ship, delivered_at_most=0):
        """Traffic into a destination that stands still, then SIGTERM. Returns the books before and after it."""
        lines = int(RATE * SECONDS)
        ship.ready()
        producer = produce(ship, lines)
        while producer.poll() is None:
            ship.snapshot()
            time.sleep(0.1)
        measured = report(producer)
        self.check_not_blocked(measured, lines)
        before = ship.until(lambda stats: stats["input"]["lines"] == lines, f"{lines} lines read")
        self.check_memory(ship)
        ship.terminate()
        code, took = ship.wait()
        print(f"{self.id()}: producer {measured}, ended {took:.2f} s after SIGTERM", file=sys.stderr)
        self.assertLess(took, DRAIN + GRACE)
        self.check_books(ship, lines)
        for sink in ship.last["sinks"].values():
            self.assertLessEqual(sink["delivered"], delivered_at_most)
        self.assertEqual(75, code, "\n".join(ship.said))
        return before, ship.last

    def ship(self, *arguments, **options):
        return Ship("--drain-timeout", f"{DRAIN}s", "--retry-base", "50ms", *arguments, **options)

    def hanging(self, action):
        with peers.Peer(action) as peer, self.ship("--sink", peer.url()) as ship:
            before, after = self.stall(ship, delivered_at_most=int(RATE * SECONDS))
            self.assertGreaterEqual(len(peer.requests), 1)
            # Of an answer that SIGTERM cut off, the last batch counts as not delivered.
            self.assertLessEqual(after["sinks"]["http"]["delivered"], len(peer.accepted))
            sink = before["sinks"]["http"]
            self.assertGreaterEqual(sink["pending"], min(before["input"]["lines"], 10000))
            self.assertEqual(sink["pending"], after["sinks"]["http"]["dropped"]["shutdown"])

    def test_a_server_that_never_answers(self):
        self.hanging(peers.hang_before_answer)

    def test_a_server_that_stops_in_the_middle_of_its_status_line(self):
        self.hanging(peers.hang_in_status_line)

    def test_a_server_that_stops_in_the_middle_of_its_head(self):
        self.hanging(peers.hang_in_head)

    def test_a_server_that_stops_in_the_middle_of_its_body(self):
        self.hanging(peers.hang_in_body)

    def test_a_loki_that_never_answers(self):
        with peers.Peer(peers.hang_before_answer) as peer, self.ship("--sink", "loki+" + peer.url("")) as ship:
            self.stall(ship)

    def test_a_server_that_never_accepts(self):
        with peers.Peer(accepting=False, backlog=0) as peer, self.ship("--sink", peer.url()) as ship:
            self.stall(ship)

    def test_connection_refused(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port either
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/logs"
            with self.ship("--sink", url) as ship:
                _, after = self.stall(ship)
                self.assertIn("refused", after["sinks"]["http"]["last_error"].lower())

    def test_a_name_server_that_never_answers(self):
        resolver = self.path("resolv.conf")
        with open(resolver, "w", encoding="ascii") as file:
            file.write("nameserver 127.0.0.1\n")
        scene = f"ip link set lo up\nmount --bind {resolver} /etc/resolv.conf"
        around = [*in_namespaces(scene, self.directory), sys.executable, os.path.join(harness.HERE, "silent_dns.py")]
        with self.ship("--sink", "http://logs.invalid:3100/logs", around=around) as ship:
            self.stall(ship)

    def test_a_reader_of_stdout_that_is_stopped(self):
        reader, writer = os.pipe()
        cat = subprocess.Popen(["cat"], stdin=reader, stdout=subprocess.DEVNULL)
        os.close(reader)
        cat.send_signal(signal.SIGSTOP)
        try:
            with self.ship("--sink", "stdout:", stdout=writer) as ship:
                os.close(writer)
                # The pipe holds up to a megabyte of them.
                self.stall(ship, delivered_at_most=1 << 20)
        finally:
            cat.send_signal(signal.SIGCONT)
            cat.wait()

    def test_a_file_system_that_is_full(self):
        mount = self.path("full")
        os.mkdir(mount)
        around = in_namespaces(f"mount -t tmpfs -o size=256k tmpfs {mount}", self.directory)
        with self.ship("--sink", f"file://{mount}/app.ndjson", around=around) as ship:
            ship.ready()
            inside = os.open(f"/proc/{ship.process.pid}/root{mount}", os.O_RDONLY | os.O_DIRECTORY)
            try:
                _, after = self.stall(ship, delivered_at_most=1000)
                sink = after["sinks"]["file"]
                self.assertIn("No space left", sink["last_error"])
                written = open_at(inside, "app.ndjson")
                numbers = [peers.sequence(line) for line in written.split(b"\n") if line.endswith(b"}")]
                self.assertEqual(sink["delivered"], len(numbers))
                self.assertEqual(sorted(numbers), numbers)
            finally:
                os.close(inside)

    def test_a_fifo_that_nobody_reads(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        with self.ship("--sink", f"file://{fifo}") as ship:
            self.stall(ship)

    def test_the_neighbour_of_a_dead_sink_gets_everything(self):
        lines = int(RATE * SECONDS)
        kept = self.path("app.ndjson")
        with peers.Peer(peers.hang_before_answer) as peer, \
                self.ship("--sink", peer.url(), "--sink", f"file://{kept}") as ship:
            ship.ready()
            measured = report(produce(ship, lines))
            self.check_not_blocked(measured, lines)
            ship.until(lambda stats: stats["sinks"]["file"]["delivered"] + dropped(stats["sinks"]["file"]) == lines)
            ship.terminate()
            code, _ = ship.wait()
            self.assertEqual(75, code)
            self.check_books(ship, lines)
            with open(kept, "rb") as file:
                numbers = [peers.sequence(line) for line in file]
            self.assertEqual(ship.last["sinks"]["file"]["delivered"], len(numbers))
            self.assertEqual(sorted(numbers), numbers)

    def test_a_second_signal_ends_it_at_once(self):
        with peers.Peer(peers.hang_before_answer) as peer, \
                Ship("--sink", peer.url(), "--drain-timeout", "300s") as ship:
            ship.ready()
            report(produce(ship, 100))
            peer.wait_for(lambda peer: peer.requests)
            ship.terminate()
            ship.until_it_says("a second signal ends")  # two at once would be one
            ship.terminate()
            code, took = ship.wait()
            self.assertLess(took, GRACE)
            self.assertEqual(75, code)
            self.check_books(ship)


def dropped(sink):
    return sum(sink["dropped"].values())


def open_at(directory, name):
    """The content of a file in an open directory, whose mount nobody else may see any more."""
    with open(name, "rb", opener=lambda path, flags: os.open(path, flags, dir_fd=directory)) as file:
        return file.read()


if __name__ == "__main__":
    harness.main()
