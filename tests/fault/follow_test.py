"""Files that are followed under faults: rotation at full speed, files that are cut and removed, hundreds at once, a full
disk, kill -9 at any moment. Without a kill each line comes once; with one, what comes twice is a batch for each request
in flight, and nothing where the destination knows records by their identities."""

import collections
import errno
import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import harness
import peer as peers
from harness import Faults, Ship

sys.path.insert(0, os.path.join(os.path.dirname(harness.HERE), "cli"))
from strict_bulk import StrictBulk  # noqa: E402

LINES = 1_000_000 if harness.LONG else 20_000 if harness.SANITIZED else 100_000
KILLS = 100 if harness.LONG else 6
BATCH = 128


def line(number):
    return b'{"seq":%d,"message":"a line of an application that has something to say"}\n' % number


def lines(first, count):
    return b"".join(line(number) for number in range(first, first + count))


class Follow(harness.FaultTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("logs"))
        self.log = self.path("logs/app.log")
        self.out = self.path("out.ndjson")

    def follow(self, *arguments, pattern=None, sink=None, checkpoint=True, drain=f"{harness.PATIENCE}s", **options):
        if checkpoint:
            arguments = ("--checkpoint", self.path("checkpoint"), *arguments)
        return Ship("--follow", "--input", pattern or self.log, "--sink", sink or "file:" + self.out, "--drain-timeout", drain,
                    *arguments, stdin=subprocess.DEVNULL, **options)

    def append(self, path, data):
        with open(path, "ab", buffering=0) as file:
            file.write(data)

    def delivered(self, ship, count):
        ship.ready()
        ship.until(lambda stats: sum(sink["delivered"] for sink in stats["sinks"].values()) >= count)

    def end(self, ship, count=None):
        # All may have been stored before this run began to listen to signals.
        ship.ready()
        ship.terminate()
        code, _ = ship.wait()
        self.assertEqual(0, code, ship.said)
        self.check_books(ship, count)

    def came(self):
        with open(self.out, "rb") as file:
            return [peers.sequence(one) for one in file]

    def assert_all_once(self, numbers, count):
        self.assertEqual(count, len(numbers))
        self.assertEqual(count, len(set(numbers)))

    def rotate(self, kept):
        """As logrotate does with `create`: the eldest is packed once all of it was shipped."""
        for number in range(kept, 0, -1):
            name = f"{self.log}.{number}"
            if os.path.exists(name):
                os.rename(name, f"{self.log}.{number + 1}")
        os.rename(self.log, self.log + ".1")

    def test_each_line_comes_once_through_renames_at_full_speed(self):
        for pattern in (self.log, self.log + "*"):
            with self.subTest(pattern=os.path.basename(pattern)):
                self.rename_at_full_speed(pattern)

    def rename_at_full_speed(self, pattern):
        shutil.rmtree(self.path("logs"))
        os.mkdir(self.path("logs"))
        for name in ("out.ndjson", "checkpoint", "checkpoint.journal"):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
        part = LINES // 20
        self.append(self.log, line(LINES))
        with self.follow(pattern=pattern) as ship:
            self.delivered(ship, 1)
            for first in range(0, LINES, part):
                self.append(self.log, lines(first, part))
                if (first // part) % 5 == 4:
                    # A neighbour that was shipped is packed, as logrotate's `compress` does.
                    self.delivered(ship, first)
                    eldest = max((name for name in os.listdir(self.path("logs")) if not name.endswith(".gz")),
                                 key=lambda name: int(name.rpartition(".")[2]) if name[-1].isdigit() else 0)
                    if eldest != "app.log":
                        path = os.path.join(self.path("logs"), eldest)
                        with open(path, "rb") as plain, gzip.open(path + ".gz", "wb", 1) as packed:
                            shutil.copyfileobj(plain, packed)
                        os.remove(path)
                self.rotate(30)
            self.delivered(ship, LINES + 1)
            self.end(ship, LINES + 1)
        self.assert_all_once(self.came(), LINES + 1)
        with self.follow(pattern=pattern) as ship:
            self.append(self.log, line(LINES + 1))
            self.delivered(ship, 1)
            self.end(ship, 1)

    def test_each_line_comes_once_through_copytruncate(self):
        part = LINES // 10
        with self.follow() as ship:
            for first in range(0, LINES, part):
                self.append(self.log, lines(first, part))
                # What is cut before it is read is gone: nobody else has it.
                self.delivered(ship, first + part)
                shutil.copyfile(self.log, f"{self.log}.{first}")
                os.truncate(self.log, 0)
            self.append(self.log, line(LINES))
            self.delivered(ship, LINES + 1)
            self.end(ship, LINES + 1)
        self.assert_all_once(self.came(), LINES + 1)

    def test_a_writer_that_does_not_append_leaves_a_hole_and_no_line_is_lost(self):
        with self.follow() as ship, open(self.log, "wb", buffering=0) as file:
            file.write(lines(0, 1000))
            self.delivered(ship, 1000)
            os.truncate(self.log, 0)
            file.write(lines(1000, 1000))
            self.delivered(ship, 2000)
            self.end(ship, 2000)
        self.assert_all_once(self.came(), 2000)

    def test_a_file_that_is_removed_is_read_to_its_end_first(self):
        self.append(self.log, line(0))
        with self.follow() as ship:
            self.delivered(ship, 1)
            self.append(self.log, lines(1, LINES))
            os.remove(self.log)
            self.delivered(ship, LINES + 1)
            self.append(self.log, line(LINES + 1))
            self.delivered(ship, LINES + 2)
            self.end(ship, LINES + 2)
        self.assert_all_once(self.came(), LINES + 2)

    def test_hundreds_of_files_at_once_take_a_bounded_number_of_descriptors(self):
        files, each = 500, LINES // 500
        with self.follow(pattern=self.path("logs/*.log"), around=("bash", "-c", "ulimit -n 256; exec \"$0\" \"$@\"")) as ship:
            for number in range(each):
                for name in range(files):
                    if number % 10 == 0:
                        self.append(self.path(f"logs/{name}.log"), lines(name * each + number, min(10, each - number)))
            self.delivered(ship, files * each)
            opened = len(os.listdir(f"/proc/{ship.process.pid}/fd"))
            self.assertLess(opened, 128)
            self.end(ship, files * each)
        self.assert_all_once(self.came(), files * each)

    def test_a_checkpoint_on_a_full_disk_holds_nobody_up_and_is_written_later(self):
        os.mkdir(self.path("state"))
        faults = Faults(self, self.path("state"))
        arguments = ("--checkpoint", self.path("state/checkpoint"))
        with self.follow(*arguments, checkpoint=False, environment=faults.environment) as ship:
            self.append(self.log, lines(0, 100))
            self.delivered(ship, 100)
            faults.set_disk(errno.ENOSPC, Faults.WRITE | Faults.SYNC | Faults.OPEN)
            self.append(self.log, lines(100, 1000))
            self.delivered(ship, 1100)
            ship.until_it_says("cannot be written")
            faults.set_disk()
            self.end(ship, 1100)
        self.assertEqual(1, sum("cannot be written" in said for said in ship.said), ship.said)
        with self.follow(*arguments, checkpoint=False) as ship:
            self.append(self.log, line(1100))
            self.delivered(ship, 1)
            self.end(ship, 1)
        self.assert_all_once(self.came(), 1101)

    def test_each_line_comes_once_through_a_full_disk(self):
        """The disk of the sink's file and of the spool is full again and again, while the logs grow and are renamed."""
        for spooled in (False, True):
            with self.subTest(spooled=spooled):
                shutil.rmtree(self.path("logs"))
                os.mkdir(self.path("logs"))
                disk = self.path(f"disk-{spooled}")
                os.makedirs(os.path.join(disk, "spool"))
                self.out = os.path.join(disk, "out.ndjson")
                self.fill_the_disk(disk, ("--spool", os.path.join(disk, "spool"), "--spool-mode", "durable") if spooled else ())
                self.assert_all_once(self.came(), LINES)

    def fill_the_disk(self, disk, spool):
        faults = Faults(self, disk)
        part = LINES // 10
        with self.follow("--checkpoint", os.path.join(disk, "checkpoint"), "--retry-base", "10ms", "--retry-max", "100ms", *spool,
                         pattern=self.log + "*", checkpoint=False, environment=faults.environment) as ship:
            ship.ready()
            for first in range(0, LINES, part):
                if (first // part) % 3 == 1:
                    failed = faults.failed
                    faults.set_disk(errno.ENOSPC)
                self.append(self.log, lines(first, part // 2))
                if (first // part) % 3 == 1:
                    ship.until(lambda _, before=failed: faults.failed > before)
                self.rotate(30)
                self.append(self.log, lines(first + part // 2, part - part // 2))
                if (first // part) % 3 == 2:
                    faults.set_disk()
                    self.delivered(ship, first)
            self.delivered(ship, LINES)
            self.end(ship, LINES)

    def test_a_file_that_cannot_be_read_is_told_once_and_shipped_when_it_can(self):
        faults = Faults(self, self.path("logs"))
        faults.set_disk(errno.EACCES, Faults.OPEN)
        self.append(self.log, lines(0, 100))
        with self.follow(environment=faults.environment) as ship:
            ship.ready()
            ship.until_it_says("trying again")
            faults.set_disk()
            ship.process.send_signal(signal.SIGHUP)
            self.delivered(ship, 100)
            self.end(ship, 100)
        self.assertEqual(1, sum("trying again" in said for said in ship.said), ship.said)

    def test_a_server_that_is_down_at_the_end_gets_the_rest_from_the_next_run(self):
        with peers.Peer(peers.status(503)) as peer:
            with self.follow(drain="300ms", sink=peer.url()) as ship:
                self.append(self.log, lines(0, 5000))
                ship.ready()
                ship.until(lambda stats: stats["input"]["lines"] == 5000)
                ship.terminate()
                code, _ = ship.wait()
                self.assertEqual(75, code)
            peer.set(peers.ok)
            with self.follow(sink=peer.url()) as ship:
                self.arrived(peer, 5000)
                self.end(ship, 5000)
            self.assertEqual(list(range(5000)), sorted(peer.sequences()))

    def arrived(self, peer, count):
        deadline = time.monotonic() + harness.PATIENCE
        while len(set(peer.sequences())) < count:
            self.assertLess(time.monotonic(), deadline, f"{len(set(peer.sequences()))} of {count} lines arrived")
            time.sleep(0.1)

    # Kills.

    def kills(self, url, answers, *arguments, set_action=None):
        """A writer that rotates, and a shipper that is killed again and again. Returns how many lines there are."""
        chance = random.Random(harness.SEED)
        print(f"{self.id()}: FAULT_SEED={harness.SEED}", file=sys.stderr)
        written, ended = 0, threading.Event()

        def write():
            nonlocal written
            number = 0
            while not ended.is_set():
                self.append(self.log, lines(number, 500))
                number += 500
                written = number
                if number % 50_000 == 0:
                    self.rotate(1000)
                # What is written meanwhile has to be shipped in the end.
                time.sleep(0.05 if harness.LONG or harness.SANITIZED else 0.01)
        writer = threading.Thread(target=write)
        writer.start()
        arguments = ("--batch-size", str(BATCH), "--batch-timeout", "20ms", "--retry-base", "10ms", "--retry-max", "50ms",
                     "--breaker-failures", "0", *arguments)
        try:
            for _ in range(KILLS):
                if set_action:
                    set_action(chance.choice(answers))
                with self.follow(*arguments, sink=url) as ship:
                    time.sleep(chance.uniform(0.01, 0.1) if chance.random() < 0.3 else chance.uniform(0.1, 0.7))
                    ship.process.kill()
                    ship.process.wait()
        finally:
            ended.set()
            writer.join()
        if set_action:
            set_action(peers.ok)
        return written, arguments

    def killed(self, workers, *more, group=0):
        with peers.Peer() as peer:
            # None that takes a batch and closes without an answer: that one comes twice without any kill.
            answers = [peers.ok, peers.ok, peers.status(204, delay=0.02), peers.status(503), peers.status(204, delay=0.2)]
            written, arguments = self.kills(peer.url(), answers, "--workers", str(workers), *more, set_action=peer.set)
            with self.follow(*arguments, sink=peer.url()) as ship:
                self.arrived(peer, written)
                self.end(ship)
            came = collections.Counter(peer.sequences())
        twice = sum(count - 1 for count in came.values())
        print(f"{self.id()}: {KILLS} kills, {written} lines, {twice} more than once", file=sys.stderr)
        self.assertEqual([], sorted(set(range(written)) - set(came))[:10])
        self.assertLessEqual(twice, KILLS * (workers * BATCH + group))

    def test_kills_lose_nothing_and_a_batch_comes_twice_at_most(self):
        self.killed(1)

    def test_kills_with_several_requests_in_flight_send_a_batch_of_each_again_at_most(self):
        self.killed(4)

    def test_kills_with_a_durable_spool_lose_nothing(self):
        # What one sync of the spool takes may be on disk before the checkpoint says so.
        self.killed(1, "--spool", self.path("spool"), "--spool-mode", "durable", group=16384)

    def test_equal_files_and_equal_lines_after_a_cut_are_stored_each(self):
        server = StrictBulk()
        with peers.Peer(server) as peer:
            with self.follow(pattern=self.path("logs/*.log"), sink="elasticsearch+" + peer.url("/logs")) as ship:
                for name in "ab":
                    self.append(self.path(f"logs/{name}.log"), lines(0, 100))
                self.delivered(ship, 200)
                os.truncate(self.path("logs/a.log"), 0)
                self.append(self.path("logs/a.log"), lines(0, 50))
                self.delivered(ship, 250)
                self.end(ship, 250)
        self.assertEqual((250, 0), (len(server.documents), server.conflicts))

    def test_kills_store_nothing_twice_where_records_are_known_by_their_identities(self):
        server = StrictBulk()
        with peers.Peer(server) as peer:
            url = "elasticsearch+" + peer.url("/logs")
            written, arguments = self.kills(url, [], "--workers", "2")
            with self.follow(*arguments, sink=url) as ship:
                peer.wait_for(lambda _: len(server.documents) >= written, harness.PATIENCE)
                self.end(ship)
        numbers = [source["seq"] for source in server.documents.values()]
        print(f"{self.id()}: {KILLS} kills, {written} lines, {server.conflicts} refused as stored", file=sys.stderr)
        self.assertEqual([], server.faults)
        self.assertEqual(list(range(written)), sorted(numbers))


if __name__ == "__main__":
    harness.main()
