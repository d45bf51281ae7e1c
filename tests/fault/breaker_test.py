"""An open breaker spares the server that is down: all workers together send one probe for each interval."""

import sys
import time

import harness
import peer as peers
from harness import Ship, produce, report

INTERVAL = 0.4
# Intervals that are watched.
INTERVALS = 20 if harness.LONG else 5


class Breaker(harness.FaultTest):
    def probes(self, *script):
        """Opens the breaker of eight workers, then watches the requests that come all the same; then the server
        is well again, and everything arrives."""
        with peers.Peer(*script) as peer, \
                Ship("--sink", peer.url(), "--workers", "8", "--batch-size", "10", "--retry-base", "10ms",
                     "--request-timeout", "700ms", "--breaker-interval", f"{INTERVAL}s",
                     "--drain-timeout", f"{harness.PATIENCE}s") as ship:
            ship.ready()
            report(produce(ship, 1000))
            ship.until(lambda stats: stats["sinks"]["http"]["breaker"] == "open")
            # What was under way when the breaker opened ends within its own timeout, and is counted apart.
            time.sleep(0.8)
            begin = time.monotonic()
            time.sleep(INTERVAL * INTERVALS)
            end = time.monotonic()
            with peer.lock:
                came = [request.at for request in peer.requests if begin <= request.at < end]
            print(f"{self.id()}: {len(came)} probes in {(end - begin) / INTERVAL:.1f} intervals", file=sys.stderr)
            self.assertGreaterEqual(len(came), 1)
            # One may be half in the window at each end, and another late to be noticed on a slow machine.
            self.assertLessEqual(len(came), (end - begin) / INTERVAL + (1 if harness.TIMED else 2))
            for earlier, later in zip(came, came[1:]) if harness.TIMED else []:
                self.assertGreater(later - earlier, 0.9 * INTERVAL)
            peer.set(peers.ok)
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 1000)
            self.assertEqual((0, 1000), (code, ship.last["sinks"]["http"]["delivered"]))
            self.assertEqual(list(range(1000)), sorted(peer.sequences()))

    def test_a_server_with_errors_gets_one_probe_for_each_interval(self):
        self.probes(peers.status(503))

    def test_a_server_that_hangs_gets_one_probe_for_each_interval(self):
        """Eight attempts time out at eight different moments, some of them while the probe is under way."""
        self.probes(*[peers.delayed(peers.hang_before_answer, 0.08 * i) for i in range(8)], peers.hang_before_answer)

    def test_a_server_that_resets_gets_one_probe_for_each_interval(self):
        self.probes(peers.reset)

    def test_after_the_first_good_answer_all_workers_send_again(self):
        with peers.Peer(*[peers.status(500)] * 5, peers.status(204, delay=0.05)) as peer, \
                Ship("--sink", peer.url(), "--workers", "4", "--batch-size", "10", "--retry-base", "1ms",
                     "--breaker-interval", "200ms", "--drain-timeout", f"{harness.PATIENCE}s") as ship:
            ship.ready()
            report(produce(ship, 1000))
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 1000)
            self.assertEqual((0, "closed"), (code, ship.last["sinks"]["http"]["breaker"]))
            self.assertEqual(list(range(1000)), sorted(peer.sequences()))
            self.assertGreaterEqual(peer.most_at_once, 3)


if __name__ == "__main__":
    harness.main()
