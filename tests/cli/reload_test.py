"""SIGHUP in the real program: the configuration changes under load, and every line stays accounted for."""

import itertools
import json
import os
import signal
import socket
import sys
import threading
import time
import unittest

import program

sys.path.insert(0, os.path.join(program.ROOT, "tests", "fault"))
import harness  # noqa: E402
import peer as peers  # noqa: E402
import spool_files  # noqa: E402


def numbers_of(text):
    return [json.loads(line)["seq"] for line in text.splitlines()]


def pty_name(test):
    master, slave = os.openpty()
    for descriptor in (master, slave):
        test.addCleanup(os.close, descriptor)
    return os.ttyname(slave)


def bound_socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)


class Feeder:
    """Writes numbered lines, some hundred at a time, until it is told to stop."""

    def __init__(self, ship, level="INFO", burst=200):
        self.ship = ship
        self.level = level
        self.burst = burst
        self.sent = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        numbers = itertools.count()
        while not self.stopping.wait(0.005):
            lines = [f'{{"level":"{self.level}","seq":{next(numbers)}}}\n' for _ in range(self.burst)]
            self.ship.stdin.write("".join(lines).encode())
            self.ship.stdin.flush()
            self.sent += self.burst

    def stop(self):
        self.stopping.set()
        self.thread.join(program.PATIENCE)
        self.ship.stdin.close()
        return self.sent


class ReloadTest(program.ProgramTest):
    def start(self, config, *arguments, **options):
        self.write("ship.toml", config)
        ship = harness.Ship("-c", self.path("ship.toml"), *arguments, **options)
        self.addCleanup(ship.__exit__)
        return ship.ready()

    def reload(self, ship, config, says="reloaded: "):
        """Returns the line that tells what became of it."""
        self.write("ship.toml", config)
        before = len(ship.said)
        ship.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + program.PATIENCE
        while True:
            for line in ship.said[before:]:
                if says in line:
                    return line
            self.assertLess(time.monotonic(), end, ship.said)
            time.sleep(0.01)

    def until(self, what):
        end = time.monotonic() + program.PATIENCE
        while not what():
            self.assertLess(time.monotonic(), end, "it never happened")
            time.sleep(0.01)

    def finish(self, ship, code=0):
        """Waits for the end. The books balanced in every snapshot, and no counter ever went back."""
        self.assertEqual(code, ship.wait()[0], ship.said)
        self.assertEqual([], ship.wrong)
        counters = ["submitted", "filtered", "delivered", "dead_lettered", "diverted", "retries", "batches", "bytes_sent"]
        for before, after in zip(ship.stats, ship.stats[1:]):
            self.assertLessEqual(before["input"]["lines"], after["input"]["lines"])
            for name, sink in before["sinks"].items():
                for counter in counters:
                    self.assertLessEqual(sink[counter], after["sinks"][name][counter], (name, counter))
                for reason, count in sink["dropped"].items():
                    self.assertLessEqual(count, after["sinks"][name]["dropped"][reason], (name, reason))
        return ship.last

    def test_another_url_under_load_gets_what_follows_and_nothing_is_lost_or_out_of_order(self):
        with peers.Peer() as first, peers.Peer() as second:
            config = '[sinks.web]\nurl = "{}"\n[sinks.local]\nurl = "file://{}"\n'
            ship = self.start(config.format(first.url(), self.path("local")), "--stats-interval", "5ms")
            feeder = Feeder(ship)
            targets = [second, first]
            for round_number in range(6):
                self.until(lambda r=round_number: targets[1 - r % 2].accepted)
                target = targets[round_number % 2]
                seen = len(target.accepted)
                line = self.reload(ship, config.format(target.url(), self.path("local")))
                self.assertIn("reloaded: sink web changed, sink local kept", line)
                target.wait_for(lambda peer, n=seen: len(peer.accepted) > n)
            sent = feeder.stop()
            stats = self.finish(ship)
            web = stats["sinks"]["web"]
            self.assertEqual((sent, sent, 0), (web["submitted"], web["delivered"], sum(web["dropped"].values())))
            self.assertEqual(list(range(sent)), sorted(first.sequences() + second.sequences()))
            for peer in (first, second):
                self.assertEqual(sorted(peer.sequences()), peer.sequences())
            self.assertEqual(list(range(sent)), numbers_of(self.read("local")))

    def test_sinks_are_added_and_removed_and_their_counts_stay(self):
        def config(*names):
            return "".join(f'[sinks.{name}]\nurl = "file://{self.path(name)}"\n' for name in names)
        ship = self.start(config("stays", "goes"), "--stats-interval", "5ms")
        feeder = Feeder(ship)
        self.until(lambda: os.path.exists(self.path("goes")))
        self.assertIn("reloaded: sink stays kept, sink comes added, sink goes removed",
                      self.reload(ship, config("stays", "comes")))
        self.until(lambda: os.path.exists(self.path("comes")))
        self.assertIn("reloaded: sink goes added, sink stays kept, sink comes removed",
                      self.reload(ship, config("goes", "stays")))
        sent = feeder.stop()
        sinks = self.finish(ship)["sinks"]
        self.assertEqual(sent, sinks["stays"]["delivered"])
        self.assertEqual(list(range(sent)), numbers_of(self.read("stays")))
        for name in ("goes", "comes"):
            numbers = numbers_of(self.read(name))
            self.assertEqual(sinks[name]["submitted"], len(numbers))
            self.assertEqual(sinks[name]["delivered"], len(numbers))
            self.assertEqual(sorted(set(numbers)), numbers)
        comes = numbers_of(self.read("comes"))
        self.assertEqual(list(range(comes[0], comes[-1] + 1)), comes, "without a gap while it was there")

    def test_two_signals_close_together_are_both_applied(self):
        def config(name):
            # So long that the second comes while the first is still being read.
            return f'[sinks.local]\nurl = "file://{self.path(name)}"\n' + "# and so on\n" * 80_000
        ship = self.start(config("first"))
        for round_number in range(3):
            for name in (f"passing-{round_number}", f"last-{round_number}"):
                os.replace(self.write("next.toml", config(name)), self.path("ship.toml"))
                ship.process.send_signal(signal.SIGHUP)
                time.sleep(0.004)

            def arrives(name=f"last-{round_number}"):
                ship.stdin.write(b'{"seq":1}\n')
                ship.stdin.flush()
                return os.path.exists(self.path(name))
            self.until(arrives)
        ship.close_input()
        self.finish(ship)

    def test_what_a_removed_sink_left_on_disk_counts_once_when_it_comes_back(self):
        spool = self.path("spool")
        local = f'[sinks.local]\nurl = "file://{self.path("out")}"\n'
        web = f'[sinks.web]\nurl = "http://127.0.0.1:9/"\nspool.dir = "{spool}"\ndelivery.drain_timeout = "200ms"\n'
        ship = self.start(local + web)
        ship.stdin.write("".join(f'{{"seq":{n}}}\n' for n in range(1000)).encode())
        ship.stdin.flush()
        ship.until(lambda stats: stats["sinks"]["web"]["submitted"] == 1000)
        for _ in range(2):
            self.reload(ship, local)
            ship.until(lambda stats: stats["sinks"]["web"]["spooled"] == 1000)
            self.assertEqual(1000, len(spool_files.records(os.path.join(spool, "web"))))
            self.reload(ship, local + web)
            sink = ship.snapshot()["sinks"]["web"]
            self.assertEqual((1000, 1000), (sink["submitted"], sink["spooled"] + sink["pending"]))
        ship.close_input()
        self.assertEqual(0, ship.wait()[0], ship.said)
        sink = ship.last["sinks"]["web"]
        self.assertEqual((1000, 1000), (sink["submitted"], sink["spooled"]))
        self.assertEqual(1000, len(spool_files.records(os.path.join(spool, "web"))))

    def test_a_broken_file_is_refused_with_line_and_column_and_the_old_one_goes_on(self):
        good = f'[sinks.local]\nurl = "file://{self.path("out")}"\n'
        ship = self.start(good)
        self.reload(ship, good + 'max_flies = 3\n[queue]\nsize = "many"\n', says="not reloaded")
        said = "\n".join(ship.said)
        self.assertIn('ship.toml:3:1: sinks.local.max_flies: unknown key of file sinks; did you mean "max_files"?', said)
        self.assertIn("ship.toml:5:8: queue.size: ", said)
        self.assertIn("error: the configuration was not reloaded; the old one stays in use", said)
        os.unlink(self.path("ship.toml"))
        ship.process.send_signal(signal.SIGHUP)
        ship.until_it_says("ship.toml: cannot read it")
        ship.stdin.write(b'{"seq":1}\n')
        ship.close_input()
        self.assertEqual(1, self.finish(ship)["sinks"]["local"]["delivered"])

    def test_what_is_not_a_file_any_more_is_refused_at_once_and_later_signals_work(self):
        good = f'[sinks.local]\nurl = "file://{self.path("out")}"\n'
        ship = self.start(good)
        for what, make, said in (("a FIFO", os.mkfifo, "not a regular file"),
                                 ("a directory", os.mkdir, "not a regular file"),
                                 ("a device", lambda path: os.symlink("/dev/zero", path), "not a regular file"),
                                 ("a terminal", lambda path: os.symlink(pty_name(self), path), "not a regular file"),
                                 ("a socket", bound_socket, "cannot read it"),
                                 ("a link to itself", lambda path: os.symlink(path, path), "cannot read it")):
            with self.subTest(what):
                path = self.path("ship.toml")
                os.unlink(path)
                make(path)
                before = len(ship.said)
                ship.process.send_signal(signal.SIGHUP)
                self.until(lambda start=before: any("not reloaded" in line for line in ship.said[start:]))
                self.assertIn(said, "\n".join(ship.said[before:]))
                if os.path.isdir(path):
                    os.rmdir(path)
                else:
                    os.unlink(path)
                self.reload(ship, good)
        ship.stdin.write(b'{"seq":1}\n')
        ship.close_input()
        self.assertEqual(1, self.finish(ship)["sinks"]["local"]["delivered"])

    def test_a_certificate_that_is_not_a_file_is_refused_at_once(self):
        good = f'[sinks.local]\nurl = "file://{self.path("out")}"\n'
        ship = self.start(good)
        os.mkfifo(self.path("fifo"))
        for key in ("ca_file", "cert_file"):
            with self.subTest(key):
                bad = good + f'[sinks.more]\nurl = "https://127.0.0.1:9/"\n{key} = "{self.path("fifo")}"\n'
                self.reload(ship, bad, says="not reloaded")
                self.reload(ship, good)
        ship.close_input()
        self.finish(ship)

    def test_a_certificate_that_cannot_be_read_changes_nothing_either(self):
        good = f'[sinks.local]\nurl = "file://{self.path("out")}"\n'
        ship = self.start(good)
        bad = good + '[sinks.more]\nurl = "https://127.0.0.1:9/"\nfallback = "more"\n'
        self.reload(ship, bad, says="not reloaded")
        self.assertEqual(["local"], list(ship.snapshot()["sinks"]))
        ship.close_input()
        self.finish(ship)

    def test_a_sink_that_did_not_change_keeps_its_connection(self):
        with peers.Peer() as web:
            config = f'[sinks.web]\nurl = "{web.url()}"\ndelivery.workers = 1\n'
            ship = self.start(config)
            for number, change in enumerate(['', '[queue]\nsize = 5\n', '[queue]\nsize = 5\n[delivery]\nbatch_size = 7\n']):
                line = self.reload(ship, config + change)
                self.assertIn("sink web changed" if change else "sink web kept", line)
                ship.stdin.write(b'{"seq":%d}\n' % number)
                ship.stdin.flush()
                web.wait_for(lambda peer, n=number: len(peer.accepted) > n)
            ship.close_input()
            self.finish(ship)
            self.assertEqual(1, web.connections)

    def test_a_changed_secret_file_is_used(self):
        with peers.Peer() as web:
            self.write("token", "old\n")
            config = f'[sinks.web]\nurl = "{web.url()}"\nbearer_token_file = "{self.path("token")}"\n'
            ship = self.start(config)
            ship.stdin.write(b'{"seq":0}\n')
            ship.stdin.flush()
            web.wait_for(lambda peer: len(peer.accepted) == 1)
            self.write("token", "new\n")
            self.reload(ship, config)
            ship.stdin.write(b'{"seq":1}\n')
            ship.close_input()
            self.finish(ship)
            self.assertEqual(["Bearer old", "Bearer new"], [request.headers["authorization"] for request in web.requests])

    def test_what_waits_for_a_sink_that_hangs_goes_to_the_url_that_replaces_it(self):
        with peers.Peer(peers.hang()) as hung, peers.Peer() as good:
            config = '[sinks.web]\nurl = "{}"\n'
            ship = self.start(config.format(hung.url()))
            ship.stdin.write(b"".join(b'{"seq":%d}\n' % number for number in range(1000)))
            ship.stdin.flush()
            hung.wait_for(lambda peer: peer.requests)
            self.reload(ship, config.format(good.url()))
            good.wait_for(lambda peer: len(peer.accepted) == 1000)
            self.assertEqual(list(range(1000)), good.sequences())
            ship.close_input()
            self.assertEqual(1000, self.finish(ship)["sinks"]["web"]["delivered"])

    def test_a_sink_that_hangs_and_is_removed_is_given_up_within_its_budget(self):
        with peers.Peer(peers.hang()) as hung:
            local = f'[sinks.local]\nurl = "file://{self.path("out")}"\n'
            ship = self.start(f'[delivery]\ndrain_timeout = "300ms"\n{local}[sinks.web]\nurl = "{hung.url()}"\n')
            ship.stdin.write(b'{"seq":0}\n{"seq":1}\n')
            ship.stdin.flush()
            hung.wait_for(lambda peer: peer.requests)
            self.reload(ship, '[delivery]\ndrain_timeout = "300ms"\n' + local)
            ship.until_it_says("sink web was removed, and 2 records could not be delivered within its drain_timeout")
            stats = ship.snapshot()["sinks"]["web"]
            self.assertEqual((2, 2, 0), (stats["submitted"], stats["dropped"]["shutdown"], stats["pending"]))
            ship.stdin.write(b'{"seq":2}\n')
            ship.close_input()
            stats = self.finish(ship, 75)["sinks"]
            self.assertEqual((3, 2), (stats["local"]["delivered"], stats["web"]["submitted"]))

    def test_term_while_a_removed_sink_hangs_keeps_its_budget(self):
        with peers.Peer(peers.hang()) as hung, peers.Peer(peers.hang()) as other:
            ship = self.start(f'[delivery]\ndrain_timeout = "1s"\n[sinks.web]\nurl = "{hung.url()}"\n')
            ship.stdin.write(b'{"seq":0}\n')
            ship.stdin.flush()
            hung.wait_for(lambda peer: peer.requests)
            self.reload(ship, f'[delivery]\ndrain_timeout = "1s"\n[sinks.other]\nurl = "{other.url()}"\n')
            ship.terminate()
            code, took = ship.wait()
            self.assertEqual(75, code)
            self.assertLess(took, 2)
            self.assertEqual([], ship.wrong)

    def test_levels_that_changed_route_what_follows(self):
        config = '[sinks.web]\nurl = "file://{}"\nlevels = ["{}"]\n'
        ship = self.start(config.format(self.path("out"), "ERROR"))
        line = b'{"level":"INFO","seq":%d}\n'
        ship.stdin.write(line % 0)
        ship.stdin.flush()
        ship.until(lambda stats: stats["input"]["lines"] == 1)
        self.reload(ship, config.format(self.path("out"), "INFO"))
        ship.stdin.write(line % 1)
        ship.close_input()
        sink = self.finish(ship)["sinks"]["web"]
        self.assertEqual((2, 1, 1), (sink["submitted"], sink["filtered"], sink["delivered"]))
        self.assertEqual([1], numbers_of(self.read("out")))

    def test_filters_that_changed_choose_what_follows(self):
        sinks = ''.join(f'[sinks.{name}]\nurl = "file://{self.path(name)}"\n{{{name}}}' for name in "ab")
        steps = [('filter.min_level = "ERROR"\n', "", ""), ('filter.where = "seq > 1"\n', "", ""),
                 ('filter.where = "seq > 1"\n', 'filter.where = "seq != 4"\n', ""), ("", "", "")]
        texts = [top + sinks.format(a=a, b=b) for top, a, b in steps]
        ship = self.start(texts[0])
        for number, text in enumerate(texts):
            if number > 0:
                self.reload(ship, text)
            ship.stdin.write(b''.join(b'{"level":"INFO","seq":%d}\n' % seq for seq in (2 * number, 2 * number + 1)))
            ship.stdin.flush()
            ship.until(lambda stats: stats["input"]["lines"] == 2 * number + 2)
        ship.close_input()
        stats = self.finish(ship)
        self.assertEqual([2, 3, 5, 6, 7], numbers_of(self.read("a")))
        self.assertEqual([2, 3, 4, 5, 6, 7], numbers_of(self.read("b")))
        self.assertEqual((2, 1, 0), (stats["input"]["filtered"], stats["sinks"]["a"]["filtered"],
                                     stats["sinks"]["b"]["filtered"]))

    def test_a_sink_that_comes_back_takes_over_the_spool_that_it_left(self):
        with peers.Peer(peers.hang()) as hung, peers.Peer() as good:
            local = f'[sinks.local]\nurl = "file://{self.path("out")}"\n'
            web = local + f'[sinks.web]\nurl = "{{}}"\nspool.dir = "{self.path("spool")}"\n'
            ship = self.start(web.format(hung.url()))
            ship.stdin.write(b"".join(b'{"seq":%d}\n' % number for number in range(500)))
            ship.stdin.flush()
            hung.wait_for(lambda peer: peer.requests)
            self.reload(ship, local)
            self.reload(ship, web.format(good.url()))
            good.wait_for(lambda peer: len(set(peer.accepted)) == 500)
            ship.close_input()
            self.assertEqual(0, ship.wait()[0], ship.said)
            self.assertEqual([], ship.wrong)

    def test_what_needs_a_restart_is_named_and_stays_as_it_was(self):
        config = f'[sinks.web]\nurl = "file://{self.path("out")}"\n'
        ship = self.start(config)
        self.reload(ship, config + '[spool]\ndir = "/nowhere"\n[input]\nformat = "text"\n[stats]\nsignal = "USR2"\n')
        ship.until_it_says("warning: changed, but needs a restart to take effect: input.format, spool.dir, stats.signal")
        ship.stdin.write(b'{"seq":0}\n')
        ship.close_input()
        self.finish(ship)
        self.assertEqual('{"seq":0}\n', self.read("out"))

    def test_in_entrypoint_mode_the_command_gets_the_signal_as_well(self):
        config = '[sinks.one]\nurl = "file://{}"\n'
        script = "trap 'echo again' HUP; echo ready; while :; do sleep 0.05; done"
        self.write("ship.toml", config.format(self.path("one")))
        ship = harness.Ship("-c", self.path("ship.toml"), "--", "sh", "-c", script)
        self.addCleanup(ship.__exit__)
        self.until(lambda: os.path.exists(self.path("one")) and "ready" in self.read("one"))
        self.reload(ship, config.format(self.path("two")))
        self.until(lambda: os.path.exists(self.path("two")) and "again" in self.read("two"))
        ship.terminate()
        self.assertEqual(128 + signal.SIGTERM, ship.wait()[0])


if __name__ == "__main__":
    unittest.main()
