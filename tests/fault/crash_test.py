"""Killed at any moment in durable mode: what was on disk arrives after the next start, in order, and what comes twice
is at most one batch for each kill."""

import collections
import random
import sys
import time

import harness
import peer as peers
import spool_files
from harness import Ship, produce

KILLS = 200 if harness.LONG else 8
BATCH = 256
# Lines of one run have numbers below the next run's.
RUN = 10_000_000
LEVELS = "INFO,INFO,DEBUG,INFO,WARNING,INFO,ERROR"


class Crash(harness.FaultTest):
    def ship(self, peer, workers, run):
        return Ship("--sink", f"{peer.url()}?headers.X-Run={run}", "--spool", self.path("spool"), "--spool-mode", "durable", "--spool-bytes", "1GB",
                    "--batch-size", str(BATCH), "--batch-timeout", "20ms", "--workers", str(workers), "--retry-base", "10ms",
                    "--retry-max", "50ms", "--breaker-failures", "0", "--drain-timeout", f"{harness.PATIENCE}s",
                    "--no-drop-on-full")

    def crash(self, peer, chance, run, workers):
        """One run that is killed. Returns the numbers that it left on disk."""
        peer.set(chance.choice([peers.ok, peers.ok, peers.status(204, delay=0.02), peers.status(503),
                                peers.hang_before_answer, peers.accept_then(0, "hang")]))
        with self.ship(peer, workers, run) as ship:
            producer = produce(ship, RUN, rate=chance.choice([2000, 20000, 100000]), levels=LEVELS, first=run * RUN)
            # From the middle of the start to the middle of a steady flow.
            time.sleep(chance.uniform(0.005, 0.02) if chance.random() < 0.2 else chance.uniform(0.02, 0.7))
            ship.process.kill()
            ship.process.wait()
            ship.stdin.close()
            producer.wait()
        left = spool_files.records(self.path("spool/http"))
        return [peers.sequence(record.line) for record in left]

    def crashes(self, workers):
        chance = random.Random(harness.SEED)
        print(f"{self.id()}: FAULT_SEED={harness.SEED}", file=sys.stderr)
        must_come = set()
        begun = time.monotonic()
        with peers.Peer(keep=False) as peer:
            for run in range(KILLS):
                left = self.crash(peer, chance, run, workers)
                self.assertEqual(left, sorted(left), "the second reader found another order on disk")
                must_come.update(left)
            peer.set(peers.ok)
            with self.ship(peer, workers, KILLS) as ship:
                ship.close_input()
                code, _ = ship.wait()
                self.check_books(ship)
                sink = ship.last["sinks"]["http"]
                self.assertEqual((0, 0, 0), (code, sink["spooled"], sum(sink["dropped"].values())))
            came = collections.Counter(number for batch in peer.batches for number in batch.numbers)
            missing = sorted(must_come - set(came))
            twice = sum(count - 1 for count in came.values())
            print(f"{self.id()}: {KILLS} kills in {time.monotonic() - begun:.0f} s, {len(must_come)} lines found on disk, "
                  f"{len(came)} arrived, {twice} more than once", file=sys.stderr)
            self.assertEqual([], missing[:10])
            self.assertEqual([], spool_files.records(self.path("spool/http")))
            self.assertLessEqual(twice, KILLS * workers * BATCH)
            self.assertGreater(len(must_come), 0)
            return peer.batches

    def test_what_was_on_disk_arrives_in_order_with_one_worker(self):
        batches = self.crashes(workers=1)
        seen, fresh = set(), []
        for batch in batches:
            fresh += [number for number in batch.numbers if number not in seen]
            seen.update(batch.numbers)
        self.assertEqual([], harness.inversions(fresh))
        by_run = collections.defaultdict(list)
        for batch in batches:
            by_run[batch.run].append(batch)
        for mine in by_run.values():
            # Of one run, a batch comes again only as a whole, where its answer was lost.
            keys = set()
            numbers = []
            for batch in mine:
                numbers += [] if batch.key in keys else batch.numbers
                keys.add(batch.key)
            self.assertEqual([], harness.inversions(numbers))

    def test_what_was_on_disk_arrives_with_four_workers(self):
        self.crashes(workers=4)


if __name__ == "__main__":
    harness.main()
