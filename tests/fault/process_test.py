"""Processes that are stopped, killed and starved, and clocks that jump: it goes on where it was, by itself."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import harness
import peer as peers
from harness import HERE, Faults, Ship, produce, report


class Processes(harness.FaultTest):
    def ship(self, url, *arguments, **options):
        return Ship("--sink", url, "--order", "keep", "--retry-base", "20ms", "--retry-max", "100ms", "--breaker-interval", "100ms",
                    "--drain-timeout", f"{harness.PATIENCE}s", *arguments, **options)

    def ends_well(self, ship, lines):
        ship.close_input()
        code, _ = ship.wait()
        self.check_books(ship, lines)
        self.assertEqual((0, lines), (code, ship.last["sinks"]["http"]["delivered"]), "\n".join(ship.said))

    def test_the_shipper_is_stopped_for_longer_than_its_timeouts(self):
        with peers.Peer(peers.status(204, delay=0.05)) as peer, \
                self.ship(peer.url(), "--request-timeout", "300ms", "--batch-size", "100") as ship:
            ship.ready()
            producer = produce(ship, 2000, rate=2000)
            for _ in range(3):
                peer.wait_for(lambda peer: peer.requests)
                ship.process.send_signal(signal.SIGSTOP)
                time.sleep(0.5)
                ship.process.send_signal(signal.SIGCONT)
                time.sleep(0.1)
            report(producer)
            self.ends_well(ship, 2000)
            self.assertEqual(set(range(2000)), set(peer.sequences()))

    def outside(self, port=0):
        """A server in a process of its own, which can be stopped and killed."""
        process = subprocess.Popen([sys.executable, os.path.join(HERE, "server.py"), str(port)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, int(process.stdout.readline())

    def accepted(self, process):
        """What a server that is asked to end has accepted."""
        process.stdin.write("end\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    def test_the_server_is_stopped_and_goes_on(self):
        server, port = self.outside()
        with self.ship(f"http://127.0.0.1:{port}/logs", "--request-timeout", "300ms") as ship:
            ship.ready()
            report(produce(ship, 500))
            ship.until(lambda stats: stats["sinks"]["http"]["delivered"] == 500)
            server.send_signal(signal.SIGSTOP)
            report(produce(ship, 500, first=500))
            ship.until(lambda stats: stats["sinks"]["http"]["retries"] > 2)
            server.send_signal(signal.SIGCONT)
            self.ends_well(ship, 1000)
        self.assertEqual(list(range(1000)), sorted(set(self.accepted(server))))

    def test_the_server_is_killed_and_another_takes_its_place(self):
        server, port = self.outside()
        with self.ship(f"http://127.0.0.1:{port}/logs") as ship:
            ship.ready()
            report(produce(ship, 500))
            ship.until(lambda stats: stats["sinks"]["http"]["delivered"] == 500)
            server.kill()
            server.wait()
            report(produce(ship, 500, first=500))
            ship.until(lambda stats: stats["sinks"]["http"]["retries"] > 2)
            other, _ = self.outside(port)
            self.ends_well(ship, 1000)
        self.assertEqual(list(range(500, 1000)), self.accepted(other))

    def test_the_wall_clock_jumps_forwards_and_back(self):
        faults = Faults(self)
        with peers.Peer(*[peers.status(503)] * 3, peers.ok) as peer, \
                self.ship(peer.url(), "--batch-timeout", "50ms", environment=faults.environment) as ship:
            ship.ready()
            for step, offset in enumerate([0, 3600, -3600, 86400 * 3650, -86400 * 3650, 0.5]):
                faults.set_clock(offset)
                report(produce(ship, 100, first=step * 100))
                # Neither backoff nor batch timeout waits for the wall clock.
                ship.until(lambda stats, step=step: stats["sinks"]["http"]["delivered"] == 100 * (step + 1))
            stats = ship.snapshot()
            self.assertLess(stats["fapilog_ship"]["uptime_seconds"], harness.PATIENCE)
            self.ends_well(ship, 600)
            self.assertEqual(list(range(600)), peer.sequences())

    def test_a_retry_after_date_across_a_step_of_the_clock_does_not_wait_for_ever(self):
        """The server's date is an hour behind our clock's: as good as now. An hour before it: no longer than
        the longest wait that is allowed."""
        faults = Faults(self)
        with peers.Peer(peers.status(429, [("Retry-After", "Sun, 22 Nov 2020 09:00:00 GMT")]), peers.ok) as peer, \
                self.ship(peer.url(), environment=faults.environment) as ship:
            faults.set_clock(3600)
            ship.ready()
            report(produce(ship, 100))
            ship.until(lambda stats: stats["sinks"]["http"]["delivered"] == 100)
            self.ends_well(ship, 100)

    def test_descriptors_run_out_and_come_back(self):
        """No connection can be made and no file of the spool opened; then they can again."""
        with peers.Peer(peers.reset) as peer, \
                self.ship(peer.url(), "--spool", self.path("spool"), "--queue-size", "1000") as ship:
            ship.ready()
            before = resource.prlimit(ship.process.pid, resource.RLIMIT_NOFILE)
            report(produce(ship, 100))
            ship.until(lambda stats: stats["sinks"]["http"]["retries"] > 0)
            # No new one; poll(2) of those that are there still works.
            resource.prlimit(ship.process.pid, resource.RLIMIT_NOFILE, (8, before[1]))
            report(produce(ship, 1900, first=100, levels="INFO,INFO,INFO,ERROR"))
            stats = ship.until(lambda stats: stats["input"]["lines"] == 2000)
            self.assertEqual(0, stats["sinks"]["http"]["protected"]["dropped"])
            retries = stats["sinks"]["http"]["retries"]
            ship.until(lambda stats: stats["sinks"]["http"]["retries"] > retries)
            resource.prlimit(ship.process.pid, resource.RLIMIT_NOFILE, before)
            peer.set(peers.ok)
            ship.close_input()
            code, _ = ship.wait()
            self.check_books(ship, 2000)
            sink = ship.last["sinks"]["http"]
            self.assertEqual((0, 2000), (code, sink["delivered"] + sum(sink["dropped"].values())))
            self.assertEqual(sink["delivered"], len(peer.sequences()))
            self.assertEqual(0, sink["protected"]["dropped"])

    def start_under(self, limits, out, *options, around=(), environment=None, refused):
        """One line under each of the limits: it arrives, or `refused` looks at how the program ended. It arrives under the
        last one."""
        line = b'{"level":"INFO","n":1}\n'
        for limit in limits:
            done = subprocess.run(["prlimit", limit, *around, harness.SHIP, *options], input=line, capture_output=True,
                                  env={**os.environ, **(environment or {})}, timeout=harness.PATIENCE, check=False)
            if done.returncode == 0:
                with open(out, "rb") as file:
                    self.assertEqual(line, file.read())
                os.unlink(out)
            else:
                refused(done, f"{limit}: {done}")
        self.assertEqual(0, done.returncode, done.stderr)

    def test_a_start_with_few_descriptors_says_so_or_works(self):
        """Never a crash: exit code 0 with everything delivered, or a plain error."""
        def refused(done, what):
            self.assertIn(done.returncode, (1, 64, 74, 75, 78, 127), what)
            self.assertTrue(done.stderr, what)
        out = self.path("app.ndjson")
        self.start_under([f"--nofile={limit}" for limit in range(3, 24)], out, "--sink", f"file://{out}", refused=refused)

    # At its end the leak check starts a thread, too.
    NO_MORE_THREADS = {"ASAN_OPTIONS": "detect_leaks=0"}

    def as_another(self):
        """A command that runs the program where a limit on processes counts its threads alone."""
        os.chmod(self.directory, 0o777)
        if os.geteuid() != 0:
            return ["unshare", "--user", "--map-current-user"]
        return ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]

    def test_a_start_with_few_threads_says_so_or_works(self):
        """Fault T8."""
        def refused(done, what):
            self.assertEqual(74, done.returncode, what)
            self.assertIn(b"cannot start a thread", done.stderr)
            self.assertIn(b"ulimit -u", done.stderr)
        out = self.path("app.ndjson")
        self.start_under([f"--nproc={limit}" for limit in range(1, 16)], out, "--sink",
                         f"file://{out}?rotate_size=1KB&compress=gzip", "--sink", "null:", "--dead-letter",
                         self.path("letters"), "--listen", "127.0.0.1:0", "--redact", "credentials", "--drain-timeout", "40s",
                         around=self.as_another(), environment=self.NO_MORE_THREADS, refused=refused)

    def test_threads_that_run_out_leave_what_runs_going(self):
        """Fault T8: a reload that needs one is refused, and rotated files wait for their compression."""
        config = self.path("app.toml")
        sinks = f'[sinks.out]\nurl = "file://{self.path("app.ndjson")}"\nrotate_size = "10KB"\n'
        with open(config, "w", encoding="utf-8") as file:
            file.write(sinks)
        def start(limit):
            return Ship("-c", config, around=["prlimit", f"--nproc={limit}", *self.as_another()],
                        environment=self.NO_MORE_THREADS)

        def just_starts(limit):
            with start(limit) as ship:
                ship.close_input()
                return ship.wait()[0] == 0

        enough = next(limit for limit in range(1, 16) if just_starts(limit))
        with start(enough) as ship:
            ship.ready()
            report(produce(ship, 10))
            with open(config, "w", encoding="utf-8") as file:
                file.write(sinks + '[sinks.more]\nurl = "null:"\n')
            ship.process.send_signal(signal.SIGHUP)
            ship.until_it_says("the configuration was not reloaded")
            ship.until_it_says("cannot start a thread")
            report(produce(ship, 1000, first=10))
            ship.until(lambda stats: stats["sinks"]["out"]["delivered"] == 1010)
            ship.close_input()
            self.assertEqual(0, ship.wait()[0])
            self.check_books(ship, 1010)


if __name__ == "__main__":
    harness.main()
