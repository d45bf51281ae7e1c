"""`fapilog-ship tap` beside a run: what passes is shown, nothing leaks, and whoever reads slowly is felt by nobody."""

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time
import unittest

import program
from program import ProgramTest
from web import Served

import peer as peers


class Tap:
    """A tap beside a run; its lines as they come. Once it is made, it sees what passes."""

    def __init__(self, ship, *arguments, environment=None):
        where = ship.unix and "unix:" + ship.unix or ship.url
        self.process = subprocess.Popen([program.SHIP, "tap", "-v", "--url", where, *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=program.clean_environment(environment))
        self.lines, self.errors = [], []
        self.heard = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()
        self._wait(lambda: any("Ctrl-C ends" in line for line in self.errors))

    def _read(self, stream, lines):
        for line in stream:
            with self.heard:
                lines.append(line.rstrip("\n"))
                self.heard.notify_all()
        stream.close()

    def _wait(self, condition):
        with self.heard:
            if not self.heard.wait_for(condition, program.PATIENCE):
                raise AssertionError(f"only {self.lines} {self.errors}")

    def until(self, count):
        """Waits for so many lines."""
        self._wait(lambda: len(self.lines) >= count)
        return list(self.lines)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.finish()

    def finish(self):
        """Waits for its end; the exit code."""
        code = self.process.wait(program.PATIENCE)
        for reader in self.readers:
            reader.join(program.PATIENCE)
        return code

    def said(self):
        return "\n".join(self.errors)


class Lines:
    """The lines of /tap as they come over HTTP, notes among them."""

    def __init__(self, ship, query=""):
        self.connection = ship.connection()
        self.connection.request("GET", "/tap" + query)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status

    def __iter__(self):
        return self

    def __next__(self):
        line = self.answer.readline()
        if not line:
            raise StopIteration
        return line.decode().rstrip("\n")

    def close(self):
        self.answer.close()
        self.connection.close()


class Records(ProgramTest):
    def test_records_pass_in_order_and_as_they_are(self):
        with Served("-s", "null:") as ship:
            tap = Tap(ship)
            lines = [json.dumps({"level": "INFO", "n": n, "text": "ü\n"}) for n in range(18)]
            ship.write("\n".join(lines) + "\n")
            self.assertEqual(lines, tap.until(18))
            self.assertEqual(-signal.SIGINT, tap.end(signal.SIGINT))

    def test_a_condition_and_a_count_choose(self):
        with Served("-s", "null:") as ship:
            tap = Tap(ship, "--where", "level >= ERROR and n != 3", "-n", "2")
            for n in range(6):
                ship.write(json.dumps({"level": "ERROR" if n > 1 else "INFO", "n": n}) + "\n")
            self.assertEqual([2, 4], [json.loads(line)["n"] for line in tap.until(2)])
            self.assertEqual(0, tap.finish())

    def test_before_and_behind_the_stages(self):
        with Served("-s", "null:", "--enrich", "zone=b", "--redact-field", "password") as ship:
            before, behind = Tap(ship, "-n", "1"), Tap(ship, "--stage", "out", "-n", "1")
            ship.write('{"level":"INFO","password":"hunter2"}\n')
            (came,), (left,) = before.until(1), behind.until(1)
            for line in (came, left):
                self.assertNotIn("hunter2", line)
                self.assertIn("password", line)
            self.assertNotIn("zone", came)
            self.assertEqual("b", json.loads(left)["zone"])
            self.assertEqual([0, 0], [before.finish(), behind.finish()])

    def test_only_raw_shows_what_the_redaction_takes_away(self):
        for setting, leaks in (("on", False), ("raw", True)):
            with self.subTest(setting), Served("-s", "null:", "--redact-field", "password", "--server-tap", setting) as ship:
                taps = [Tap(ship, "--stage", "in", "-n", "1"), Tap(ship, "--stage", "out", "-n", "1"),
                        Tap(ship, "--where", "password == 'hunter2'")]
                ship.write('{"level":"INFO","password":"hunter2"}\n')
                self.assertEqual(leaks, "hunter2" in taps[0].until(1)[0])
                self.assertNotIn("hunter2", taps[1].until(1)[0])
                for tap in taps[:2]:
                    tap.finish()
                ship.write('{"level":"INFO"}\n')
                self.assertEqual(leaks, bool(taps[2].until(1 if leaks else 0)))
                taps[2].end()

    def test_one_sink_or_all_of_them(self):
        with Served("-c", self.write("c.toml", '[sinks.all]\nurl = "null:"\n[sinks.errors]\nurl = "null:"\nlevels = ["ERROR"]\n')) as ship:
            errors, every = Tap(ship, "--sink", "errors"), Tap(ship, "--stage", "out")
            ship.write('{"level":"INFO","n":1}\n{"level":"ERROR","n":2}\n')
            self.assertEqual([2], [json.loads(line)["n"] for line in errors.until(1)])
            self.assertEqual([1, 2, 2], sorted(json.loads(line)["n"] for line in every.until(3)))
            for tap in (errors, every):
                tap.end()

    def test_records_are_seen_before_a_dead_sink_takes_them(self):
        with peers.Peer(peers.hang_before_answer) as peer, Served("-s", peer.url(), "--drain-timeout", "100ms") as ship:
            tap = Tap(ship, "-n", "3")
            ship.write('{"level":"INFO"}\n' * 3)
            self.assertEqual(3, len(tap.until(3)))
            self.assertEqual(0, tap.finish())

    def test_a_reload_does_not_end_it(self):
        config = self.write("c.toml", '[sinks.one]\nurl = "null:"\n')
        with Served("-c", config) as ship:
            tap = Tap(ship, "--sink", "one")
            ship.write('{"n":1}\n')
            tap.until(1)
            self.write("c.toml", '[sinks.one]\nurl = "null:"\nlabels = {}\n[sinks.two]\nurl = "null:"\n'.replace("labels = {}\n", ""))
            ship.process.send_signal(signal.SIGHUP)
            ship.until(lambda stats: "two" in stats["sinks"])
            ship.write('{"n":2}\n')
            self.assertEqual(['{"n":1}', '{"n":2}'], tap.until(2))
            tap.end()


class Refusals(ProgramTest):
    def tap(self, ship, *arguments, environment=None):
        where = ship.unix and "unix:" + ship.unix or ship.url
        return program.run("tap", "--url", where, *arguments, environment=environment)

    def test_what_cannot_be_shown_is_said_with_what_can(self):
        with Served("-s", "null:", "-s", f"file://{self.path('out')}") as ship:
            self.assert_fails(self.tap(ship, "--sink", "nul"), 64, 'no sink is named "nul"', 'did you mean "null"?',
                              "the sinks are: null, file")
            self.assert_fails(self.tap(ship, "--where", "level >"), 64, "where: column")
            self.assert_fails(self.tap(ship, "--stage", "in", "--sink", "null"), 64, "leave out --sink")
            self.assert_fails(self.tap(ship, "--stage", "up"), 64, '--stage: found "up", expected in or out')
            self.assert_fails(self.tap(ship, "-n", "few"), 64, '--count: found "few", expected a number of records')

    def test_the_setting_is_named_where_it_is_off(self):
        with Served("-s", "null:", "--server-tap", "off") as ship:
            self.assert_fails(self.tap(ship), 78, 'server.tap = "off"', "--server-tap on")

    def test_other_machines_need_a_token(self):
        for tap in ("on", "raw"):
            with Served("-s", "null:", "--server-tap", tap, listen="0.0.0.0:0") as ship:
                ship.url = f"http://127.0.0.1:{ship.port}"
                self.assert_fails(self.tap(ship), 78, "asks for no token", "server.bearer_token")
        token = {"FAPILOG_SHIP_SERVER_TOKEN": "open sesame"}
        with Served("-s", "null:", listen="0.0.0.0:0", environment=token) as ship:
            ship.url = f"http://127.0.0.1:{ship.port}"
            self.assert_fails(self.tap(ship), 78, "asks for a token")
            tap = Tap(ship, "-n", "1", environment=token)
            ship.write('{"n":1}\n')
            self.assertEqual(['{"n":1}'], tap.until(1))
            tap.finish()

    def test_a_page_of_another_host_that_leads_here_sees_nothing(self):
        with Served("-s", "null:") as ship:
            status, _, body = ship.get("/tap", Host="evil.example")
            self.assertEqual(403, status)
            self.assertIn("localhost", body)

    def test_nobody_is_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.assert_fails(program.run("tap", "--url", f"127.0.0.1:{port}"), 74, "no answer", "cannot connect")

    def test_a_unix_socket_needs_no_token(self):
        with Served("-s", "null:", listen="unix:" + self.path("ship.sock")) as ship:
            tap = Tap(ship, "-n", "1")
            ship.write('{"n":1}\n')
            self.assertEqual(0, tap.finish())


class Endings(ProgramTest):
    def test_it_ends_with_the_run_and_has_all_of_it(self):
        ship = Served("-s", "null:")
        tap = Tap(ship)
        ship.write('{"n":1}\n{"n":2}\n')
        self.assertEqual(0, ship.end())
        self.assertEqual((0, ['{"n":1}', '{"n":2}']), (tap.finish(), tap.lines))
        self.assertIn(f"{ship.url} has ended", tap.said())

    def test_a_run_that_is_killed_is_told(self):
        ship = Served("-s", "null:")
        tap = Tap(ship)
        ship.process.kill()
        ship.end()
        self.assertEqual(74, tap.finish())
        self.assertIn("is gone: the connection broke", tap.said())

    def test_a_reader_that_has_enough_ends_it(self):
        with Served("-s", "null:") as ship:
            tap = subprocess.Popen(f"'{program.SHIP}' tap --url {ship.url} | head -n 1; echo ${{PIPESTATUS[0]}}", shell=True,
                                   executable="/bin/bash", stdout=subprocess.PIPE, text=True, env=program.clean_environment())
            end = time.monotonic() + program.PATIENCE
            while tap.poll() is None and time.monotonic() < end:
                ship.write('{"n":1}\n')
                time.sleep(0.02)
            self.assertEqual('{"n":1}\n0\n', tap.communicate()[0])

    def test_a_client_that_goes_away_makes_room(self):
        with Served("-s", "null:") as ship:
            taps = [Tap(ship) for _ in range(4)]
            refused = program.run("tap", "--url", ship.url)
            self.assert_fails(refused, 74, "4 taps are open, and there can be no more")
            self.assertEqual(0, ship.stats()["input"]["lines"], "the statistics are still answered")
            taps[0].process.kill()
            taps[0].finish()
            end = time.monotonic() + program.PATIENCE
            while (late := Lines(ship)).status == 503:
                late.close()
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)
            ship.write('{"n":1}\n')
            self.assertIn('{"n":1}', late)
            late.close()
            for tap in taps[1:]:
                self.assertEqual(['{"n":1}'], tap.until(1))
                tap.end()


class SlowReaders(ProgramTest):
    def test_a_reader_that_stalls_costs_nothing_but_what_it_misses(self):
        count = 40000
        with Served("-s", f"file://{self.path('out')}", "--no-drop-on-full") as ship:
            lines = Lines(ship)
            self.assertEqual("#tap in", next(lines))
            text = "x" * 500
            for n in range(0, count, 100):
                ship.write("".join(json.dumps({"n": n + i, "text": text}) + "\n" for i in range(100)))
            stats = ship.until(lambda stats: stats["sinks"]["file"]["delivered"] == count)
            self.assertEqual(0, sum(stats["sinks"]["file"]["dropped"].values()))
            # Now it reads again: what is there comes in order, what is missing is counted in its place.
            shown = left_out = 0
            while shown + left_out < count:
                line = next(lines)
                if line.startswith("#left out "):
                    left_out += int(line.removeprefix("#left out "))
                elif not line.startswith("#"):
                    self.assertEqual(shown + left_out, json.loads(line)["n"])
                    shown += 1
            self.assertGreater(left_out, 0)
            self.assertGreater(shown, 0)
            lines.close()


class OnATerminal(ProgramTest):
    def shown(self, ship, *arguments, environment=None):
        """What a terminal shows of the one record that is written."""
        process, terminal = pty.fork()
        if process == 0:
            os.environ.clear()
            os.environ.update(program.clean_environment({"TERM": "xterm", **(environment or {})}))
            os.execv(program.SHIP, [program.SHIP, "tap", "--url", ship.url, *arguments])
        text = ""
        try:
            end = time.monotonic() + program.PATIENCE
            wrote = False
            while time.monotonic() < end:
                if select.select([terminal], [], [], 0.1)[0]:
                    try:
                        text += os.read(terminal, 65536).decode()
                    except OSError:
                        break
                if "Ctrl-C ends" in text and not wrote:
                    ship.write('{"level":"ERROR","timestamp":"2026-11-22T09:09:09.624Z","message":"order failed","order_id":18}\n')
                    wrote = True
        finally:
            os.close(terminal)
            os.waitpid(process, 0)
        return text

    def test_it_is_pretty_there(self):
        with Served("-s", "null:") as ship:
            text = self.shown(ship, "-n", "1", "--time", "utc")
            self.assertIn("records as they are submitted, redacted; Ctrl-C ends", text)
            self.assertRegex(text, r"09:09:09\.624Z")
            self.assertIn("\x1b[", text)
            self.assertRegex(text, r"order failed.*order_id.*18")
            self.assertNotIn('{"level"', text)
            plain = self.shown(ship, "-n", "1", "--color", "never")
            self.assertNotIn("\x1b[3", plain)
            self.assertIn("ERROR", plain)


if __name__ == "__main__":
    unittest.main()
