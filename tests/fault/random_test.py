"""Random faults, one after the other and several at once: the server, the disk, the clock, the processes, the
descriptors. Whatever came, the books are exact, and nothing is lost that could be kept."""

import collections
import os
import random
import resource
import signal
import sys
import threading
import time

import harness
import peer as peers
from harness import Faults, Ship, produce

LINES = 5_000_000 if harness.LONG else 60_000
SECONDS = 600 if harness.LONG else 10
TIMEOUT = 3.0
# One in eight is protected: fewer than the queue and the spool can keep for as long as any fault lasts.
LEVELS = "INFO,DEBUG,INFO,INFO,WARNING,INFO,DEBUG,ERROR"


class Trouble(threading.Thread):
    """Brings faults about until it is told to stop, then makes all well again. What it does follows from the seed."""

    def __init__(self, ship, peer, faults, seed):
        super().__init__(daemon=True)
        self.ship = ship
        self.peer = peer
        self.faults = faults
        self.chance = random.Random(seed)
        self.over = threading.Event()
        self.counts = collections.Counter()
        self.clock = 0.0

    def run(self):
        kinds = [self.server, self.server, self.server, self.disk, self.step, self.stop_ship, self.descriptors,
                 self.hurry_up]
        while not self.over.wait(self.chance.uniform(0.0, 0.6)):
            kind = self.chance.choice(kinds)
            self.counts[kind.__name__] += 1
            kind()
        self.peer.set(peers.ok)
        self.faults.set_disk()

    def pause(self, most):
        self.over.wait(self.chance.uniform(0.05, most))

    def server(self):
        """The server fails in one way, or another one each time, for a moment; then it is well."""
        ways = {
            "errors": [peers.status(500)], "unavailable": [peers.status(503)],
            "throttling": [peers.status(429, [("Retry-After", "1")])],
            "hang": [peers.hang_before_answer], "reset": [peers.reset], "garbage": [peers.garbage],
            "stored, then reset": [peers.accept_then(0, "reset")], "stored, then hang": [peers.accept_then(0, "hang")],
            "stored, then cut": [peers.accept_then(self.chance.randrange(40), "close")],
            "small only": [peers.too_large_above(40_000)], "slow": [peers.status(204, delay=0.3)],
            "operator": [peers.status(401)],
        }
        way = self.chance.choice(sorted(ways))
        self.counts[way] += 1
        script = ways[way]
        if self.chance.random() < 0.5:  # a hiccup: a few requests, not a time
            self.peer.set(*script * self.chance.randrange(1, 4), peers.ok)
            self.pause(0.3)
        else:
            self.peer.set(*script)
            self.pause(2.5)
        self.peer.set(peers.ok)

    def disk(self):
        calls = self.chance.choice([Faults.WRITE, Faults.SYNC, Faults.READ, Faults.OPEN, 31])
        error = self.chance.choice([5, 28, 5, 0])  # EIO, ENOSPC, only slow
        self.faults.set_disk(error, calls, delay_ms=self.chance.choice([0, 0, 20, 200]), one_in=self.chance.choice([1, 2, 7]))
        self.peer.set(self.chance.choice([peers.ok, peers.hang_before_answer, peers.status(503)]))
        self.pause(2.0)
        self.faults.set_disk()
        self.calm()

    def calm(self):
        """Where neither server nor disk takes anything, only so much can be kept: then both are well for a while."""
        self.peer.set(peers.ok)
        self.over.wait(1.2)

    def step(self):
        self.clock += self.chance.uniform(-1, 1) * self.chance.choice([1, 60, 3600, 86400 * 365])
        self.faults.set_clock(self.clock)

    def stop_ship(self):
        self.ship.process.send_signal(signal.SIGSTOP)
        self.over.wait(self.chance.uniform(0.05, 0.7))
        self.ship.process.send_signal(signal.SIGCONT)

    def descriptors(self):
        pid = self.ship.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (8, before[1]))
        self.peer.set(peers.reset)  # so that connections have to be made again
        self.pause(1.5)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        self.calm()

    def hurry_up(self):
        """Statistics, asked for again and again: each snapshot is checked."""
        for _ in range(20):
            self.ship.process.send_signal(signal.SIGUSR1)
            self.over.wait(0.01)


class Random(harness.FaultTest):
    def test_random_faults_lose_nothing_that_could_be_kept(self):
        seed = harness.SEED
        print(f"{self.id()}: FAULT_SEED={seed}, {LINES} lines in {SECONDS} s", file=sys.stderr, flush=True)
        chance = random.Random(seed)
        mode = chance.choice(["overflow", "durable"])
        spool = self.path("spool")
        os.mkdir(spool)
        faults = Faults(self, spool)
        peers.DOUBT = TIMEOUT / 2
        with peers.Peer(keep=False) as peer, \
                Ship("--sink", peer.url(), "--spool", spool, "--spool-mode", mode, "--spool-bytes", "512MB",
                     "--queue-size", "5000", "--request-timeout", f"{TIMEOUT}s", "--retry-base", "20ms", "--retry-max", "300ms",
                     "--breaker-interval", "200ms", "--drain-timeout", "300s", "--workers", str(chance.choice([1, 3])),
                     environment=faults.environment) as ship:
            ship.ready()
            trouble = Trouble(ship, peer, faults, seed)
            trouble.start()
            producer = produce(ship, LINES, rate=LINES / SECONDS, levels=LEVELS, limit=SECONDS * 2 + 60)
            _, said = producer.communicate(timeout=SECONDS * 2 + 120)
            trouble.over.set()
            trouble.join(30)
            ship.until(lambda stats: stats["input"]["lines"] == LINES)
            ship.close_input()
            code, took = ship.wait(320)
            sink = ship.last["sinks"]["http"]
            self.check_books(ship, LINES)
            received = collections.Counter()
            doubtful = set()
            for batch in peer.batches:
                received.update(batch.numbers)
                if batch.doubtful:
                    doubtful.update(batch.numbers)
            twice = sum(received.values()) - len(received)
            print(f"{self.id()}: {mode}, {dict(trouble.counts)}, {faults.failed} calls of the disk failed; producer "
                  f"{said.decode().strip()}; {len(ship.stats)} snapshots; submitted {sink['submitted']}, delivered "
                  f"{sink['delivered']}, dropped {sink['dropped']}, retries {sink['retries']}, protected {sink['protected']}; the "
                  f"server got {len(received)} lines, {twice} of them again; drained in {took:.1f} s", file=sys.stderr)
            self.assertEqual((0, 0, LINES), (code, sink["spooled"], sink["submitted"]), "\n".join(ship.said[-20:]))
            self.assertEqual(LINES, sink["delivered"] + sum(sink["dropped"].values()) + sink["dead_lettered"])
            # What the server has beyond the books was stored without a good answer, and given up on later.
            self.assertLessEqual(sink["delivered"], len(received))
            self.assertLessEqual(len(received) - sink["delivered"], len(doubtful))
            # What came twice came so because its answer may not have arrived.
            unexplained = [number for number, count in received.items() if count > 1 and number not in doubtful]
            self.assertEqual([], unexplained[:10])
            self.assertEqual(0, sink["protected"]["dropped"], sink)
            protected = [number for number in range(7, LINES, 8) if number not in received]
            self.assertEqual([], protected[:10])
            self.assertFalse('"blocked":true' in said.decode())


if __name__ == "__main__":
    harness.main()
