"""Disks that fill up, fail and stall below the spool, the dead letters and the file sink: memory takes over with one
warning, and when the disk works again so does the program, by itself."""

import errno
import json
import os
import re
import sys

import harness
import peer as peers
import spool_files
from harness import Faults, Ship, produce, report

LINES = 3000


class Disk(harness.FaultTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("spool"))
        self.faults = Faults(self, self.path("spool"))

    def ship(self, peer, *arguments, mode="durable", **options):
        options.setdefault("environment", self.faults.environment)
        return Ship("--sink", peer.url(), "--spool", self.path("spool"), "--spool-mode", mode, "--retry-base", "20ms",
                    "--retry-max", "100ms", "--breaker-failures", "0", "--drain-timeout", f"{harness.PATIENCE}s", *arguments,
                    **options)

    def warnings(self, ship):
        return [line for line in ship.said if "spool" in line and not re.search("works again|times now", line)]

    def fails_and_recovers(self, error, calls, mode="durable"):
        """The disk fails from the start; lines pass through memory; then it is well, and lines pass through it."""
        with peers.Peer() as peer, self.ship(peer, *harness.ONE_BY_ONE, mode=mode) as ship:
            ship.ready()
            ship.until(lambda stats: True)  # who answers has opened the spool
            self.faults.set_disk(error, calls)
            report(produce(ship, LINES))
            peer.wait_for(lambda peer: len(peer.accepted) == LINES)
            self.assertGreater(self.faults.failed, 0)
            ship.until_it_says("spool")
            self.assertEqual(1, len(self.warnings(ship)), self.warnings(ship))
            self.assertIn(os.strerror(error), self.warnings(ship)[0])
            self.faults.set_disk()
            # What is written now is on disk before it is delivered: a server that hangs shows it.
            peer.set(peers.hang_before_answer)
            done = LINES

            def spooled():
                nonlocal done
                report(produce(ship, 50, first=done))
                done += 50
                return ship.snapshot()["sinks"]["http"]["spooled"] > 0
            while not spooled():
                self.assertLess(done, 20 * LINES, "the spool was never used again")
            peer.set(peers.ok)
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, done)
            self.assertEqual((0, list(range(done))), (code, peer.sequences()))

    def test_writes_that_fail(self):
        self.fails_and_recovers(errno.EIO, Faults.WRITE)

    def test_syncs_that_fail(self):
        self.fails_and_recovers(errno.EIO, Faults.SYNC)

    def test_files_that_cannot_be_made(self):
        self.fails_and_recovers(errno.EIO, Faults.OPEN)

    def test_a_disk_that_is_full(self):
        self.fails_and_recovers(errno.ENOSPC, Faults.WRITE)

    def test_a_quota_that_is_used_up(self):
        self.fails_and_recovers(errno.EDQUOT, Faults.WRITE)

    def test_many_dead_sinks_and_a_full_disk_stay_below_the_ceiling(self):
        """Fault T12: what each of them holds beside its queue is bounded, too."""
        dead = 20
        self.faults.set_disk(errno.ENOSPC, Faults.WRITE)
        sinks = [word for n in range(dead) for word in ("--sink", f"http://127.0.0.1:9/?name=s{n}")]
        with Ship(*sinks, "--queue-bytes", "1MB", "--spool", self.path("spool"), "--drain-timeout", "100ms",
                  environment=self.faults.environment) as ship:
            ship.ready()
            report(produce(ship, 4 * LINES))
            ship.until(lambda stats: all(sum(sink["dropped"].values()) > LINES for sink in stats["sinks"].values()))
            self.check_memory(ship, (dead + 32) * 1024)
            ship.close_input()
            ship.wait()
            self.check_books(ship, 4 * LINES)

    def test_reads_that_fail_keep_everything_where_it_is(self):
        with peers.Peer(peers.hang_before_answer) as peer, self.ship(peer, *harness.ONE_BY_ONE) as ship:
            ship.ready()
            report(produce(ship, LINES))
            ship.until(lambda stats: stats["sinks"]["http"]["spooled"] > LINES / 2)
            self.faults.set_disk(errno.EIO, Faults.READ | Faults.OPEN)
            peer.set(peers.ok)
            ship.until(lambda stats: self.faults.failed > 3)
            self.faults.set_disk()
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, LINES)
            self.assertEqual((0, set(range(LINES))), (code, set(peer.sequences())))
            self.assertEqual(LINES, ship.last["sinks"]["http"]["delivered"])

    def test_a_disk_that_stalls_stalls_only_the_spool(self):
        """Each write takes a second; the reader goes on."""
        with peers.Peer() as peer, self.ship(peer) as ship:
            ship.ready()
            ship.until(lambda stats: True)  # who answers has opened the spool, and reads
            self.faults.set_disk(0, Faults.WRITE | Faults.SYNC, delay_ms=1000)
            measured = report(produce(ship, LINES))
            self.check_not_blocked(measured, LINES)
            self.assertLess(measured["max_us"], 900_000)
            self.faults.set_disk()
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, LINES)
            self.assertEqual((0, LINES), (code, len(set(peer.sequences()))))

    def test_a_real_file_system_that_is_full_and_then_is_not(self):
        """A tmpfs of 256 KB, with a server that is down: protected lines have the room that there is."""
        mount = self.path("spool")
        levels = "INFO,INFO,INFO,ERROR"
        with peers.Peer(peers.hang_before_answer) as peer:
            # The server is reached from inside: only the mounts are private.
            around = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c",
                      f'mount -t tmpfs -o size=256k tmpfs {mount} && exec "$@"', "sh"]
            with self.ship(peer, "--queue-size", "1000", *harness.ONE_BY_ONE, mode="overflow", around=around) as ship:
                ship.ready()
                report(produce(ship, LINES, levels=levels))
                stats = ship.until(lambda stats: stats["input"]["lines"] == LINES)
                self.assertGreater(sum(stats["sinks"]["http"]["dropped"].values()), 0)
                self.assertEqual(0, stats["sinks"]["http"]["protected"]["dropped"])
                peer.set(peers.ok)
                ship.close_input()
                code, _ = ship.wait()
                self.check_books(ship, LINES)
                sink = ship.last["sinks"]["http"]
                came = peer.sequences()
                self.assertEqual((0, sink["delivered"]), (code, len(set(came))))
                self.assertEqual(list(range(3, LINES, 4)), [number for number in came if number % 4 == 3])

    def test_dead_letters_on_a_disk_that_fails_are_counted_as_rejected(self):
        letters = self.path("spool/dead.ndjson")
        with peers.Peer(peers.refuse(b'"ERROR"')) as peer, \
                Ship("--sink", peer.url(), "--dead-letter", letters, "--retry-base", "1ms", "--batch-size", "8",
                     "--drain-timeout", "60s", environment=self.faults.environment) as ship:
            ship.ready()
            self.faults.set_disk(errno.ENOSPC, Faults.WRITE)
            report(produce(ship, 100, levels="INFO,ERROR"))
            stats = ship.until(lambda stats: stats["sinks"]["http"]["pending"] == 0 and stats["input"]["lines"] == 100)
            self.assertEqual((50, 50, 0), self.endings(stats))
            self.faults.set_disk()
            report(produce(ship, 100, levels="INFO,ERROR", first=100))
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 200)
            self.assertEqual((0, (100, 50, 50)), (code, self.endings(ship.last)))
            with open(letters, encoding="utf-8") as file:
                self.assertEqual(50, len([json.loads(line) for line in file]))
            self.assertEqual(1, len([line for line in ship.said if "cannot write" in line]), ship.said)

    def endings(self, stats):
        sink = stats["sinks"]["http"]
        return sink["delivered"], sink["dropped"]["rejected"], sink["dead_lettered"]

    def test_two_shippers_never_share_a_spool(self):
        with peers.Peer(peers.hang_before_answer) as peer, self.ship(peer) as first:
            first.ready()
            with self.ship(peer) as second:
                code, _ = second.wait()
                self.assertEqual(78, code)
                self.assertIn("another fapilog-ship", "\n".join(second.said))

    def test_a_damaged_segment_is_named_and_the_rest_delivered(self):
        with peers.Peer(peers.hang_before_answer) as peer, self.ship(peer, *harness.ONE_BY_ONE) as ship:
            ship.ready()
            report(produce(ship, LINES))
            ship.until(lambda stats: stats["sinks"]["http"]["spooled"] > LINES * 0.8)
            ship.process.kill()
            ship.process.wait()
        directory = self.path("spool/http")
        before = spool_files.records(directory)
        (name,) = [name for name in os.listdir(directory) if name.endswith(".seg")]
        with open(os.path.join(directory, name), "r+b") as file:
            file.seek(os.path.getsize(file.name) // 2)
            file.write(b"\x00" * 1000)
        after = [peers.sequence(record.line) for record in spool_files.records(directory)]
        self.assertLess(len(after), len(before))
        with peers.Peer() as peer, self.ship(peer, *harness.ONE_BY_ONE) as ship:
            ship.close_input()
            code, _ = ship.wait()
            self.assertEqual((0, after), (code, peer.sequences()))
            self.assertTrue(any(name in line and "damaged" in line for line in ship.said), ship.said)
            self.check_books(ship)
            print("\n".join(ship.said), file=sys.stderr)
        self.assertIn(name + ".bad", os.listdir(directory))


if __name__ == "__main__":
    harness.main()
