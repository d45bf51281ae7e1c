"""Signals, statistics, standard streams and the ending, with the real program."""

import fcntl
import json
import os
import signal
import subprocess
import time
import unittest

from program import PATIENCE, SHIP, ProgramTest, clean_environment

UNDELIVERED = 75
IO = 74


class Running:
    """The program with a pipe before it; its standard error is read line by line."""

    def __init__(self, *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE):
        self.process = subprocess.Popen([SHIP, *arguments], stdin=subprocess.PIPE, stdout=stdout, stderr=stderr,
                                        env=clean_environment())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream and not stream.closed:
                try:
                    stream.close()
                except OSError:
                    pass

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def line(self):
        return self.process.stderr.readline().decode()

    def wait(self):
        return self.process.wait(PATIENCE)

    def wait_until_it_runs(self):
        """Signals are taken before the first line is: delivered means ready."""
        while True:
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
                fields = dict(line.split(":", 1) for line in status)
            if int(fields["SigBlk"], 16) >> (signal.SIGTERM - 1) & 1:
                return
            time.sleep(0.01)


def wait_for(condition):
    """Looks until the condition holds; the test's own patience ends it."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it never happened")
        time.sleep(0.01)


class Signals(ProgramTest):
    def test_usr1_prints_the_statistics_as_a_table(self):
        with Running("-s", "null:") as ship:
            ship.wait_until_it_runs()
            ship.signal(signal.SIGUSR1)
            self.assertRegex(ship.line(), r"\Afapilog-ship \d+\.\d+\.\d+, up ")
            self.assertIn("input: 0 lines", ship.line())
            ship.process.stdin.close()
            self.assertEqual(0, ship.wait())

    def test_usr1_prints_one_line_of_json_whose_books_balance(self):
        with Running("-s", "null:", "--stats-format", "json", "--preset", "fastapi") as ship:
            ship.write(b'{"level":"INFO"}\nplain\n\n')
            ship.wait_until_it_runs()
            ship.signal(signal.SIGUSR1)
            stats = json.loads(ship.line())
            self.assertEqual("fastapi", stats["fapilog_ship"]["preset"])
            books = stats["input"]
            self.assertEqual(books["lines"], books["filtered"] + books["discarded"] + books["submitted"])
            ship.signal(signal.SIGUSR1)
            self.assertEqual(stats.keys(), json.loads(ship.line()).keys())

    def test_another_signal_can_ask_and_usr1_is_then_no_danger(self):
        with Running("-s", "null:", "--stats-format", "json", "--stats-signal", "SIGUSR2") as ship:
            ship.wait_until_it_runs()
            ship.signal(signal.SIGUSR1)
            ship.signal(signal.SIGUSR2)
            self.assertIn("null", json.loads(ship.line())["sinks"])
            ship.process.stdin.close()
            self.assertEqual(0, ship.wait())

    def test_the_statistics_come_regularly_and_at_the_end(self):
        with Running("-s", "null:", "--stats-format", "json", "--stats-interval", "50ms", "--stats-at-exit") as ship:
            for _ in range(3):
                json.loads(ship.line())
            ship.write(b"{}\n")
            ship.process.stdin.close()
            lines = ship.process.stderr.read().decode().splitlines()
            self.assertEqual(1, json.loads(lines[-1])["sinks"]["null"]["delivered"])
            self.assertEqual(0, ship.wait())

    def test_term_delivers_what_was_written_before(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number), Running("-s", "file:" + self.path("out")) as ship:
                ship.wait_until_it_runs()
                ship.write(b'{"a":1}\n{"a":2}\n')
                ship.signal(number)
                self.assertEqual(0, ship.wait())
                self.assertEqual('{"a":1}\n{"a":2}\n', self.read("out"))
                os.unlink(self.path("out"))

    def test_the_budget_ends_a_drain_that_cannot_succeed(self):
        with Running("-s", "http://127.0.0.1:9/", "--drain-timeout", "200ms") as ship:
            ship.wait_until_it_runs()
            ship.write(b"{}\n" * 7)
            ship.process.stdin.close()
            said = ship.process.stderr.read().decode()
            self.assertEqual(UNDELIVERED, ship.wait())
            self.assertIn("error: sink http: on exit: 7 lines were lost (not sent in time)", said)

    def test_a_second_signal_ends_at_once(self):
        with Running("-s", "http://127.0.0.1:9/", "--drain-timeout", "1h") as ship:
            ship.write(b"{}\n")
            while "cannot connect" not in ship.line():
                pass
            ship.signal(signal.SIGTERM)
            while "a second signal" not in ship.line():
                pass
            ship.signal(signal.SIGTERM)
            self.assertEqual(UNDELIVERED, ship.wait())

    def test_hup_goes_on_in_a_new_file(self):
        with Running("-s", "file:" + self.path("out")) as ship:
            ship.wait_until_it_runs()
            ship.write(b'{"a":1}\n')
            wait_for(lambda: os.path.exists(self.path("out")) and self.read("out"))
            os.rename(self.path("out"), self.path("old"))
            ship.signal(signal.SIGHUP)
            self.assertIn("reopening files", ship.line())
            ship.write(b'{"a":2}\n')
            ship.process.stdin.close()
            self.assertEqual(0, ship.wait())
            self.assertEqual(('{"a":1}\n', '{"a":2}\n'), (self.read("old"), self.read("out")))


class StandardStreams(ProgramTest):
    def test_a_full_pipe_at_standard_error_holds_nothing_up(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
        try:
            while True:
                os.write(writer, b"x" * 4096)
        except BlockingIOError:
            fcntl.fcntl(writer, fcntl.F_SETFL, 0)
        with Running("-s", "file:" + self.path("out"), "--stats-interval", "1ms", stderr=writer) as ship:
            os.close(writer)
            ship.wait_until_it_runs()
            for _ in range(100):
                ship.signal(signal.SIGUSR1)
                ship.write(b"{}\n")
            ship.process.stdin.close()
            self.assertEqual(0, ship.wait())
        self.assertEqual("{}\n" * 100, self.read("out"))

    def test_a_terminal_that_was_stopped_holds_nothing_up(self):
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        with Running("-s", "file:" + self.path("out"), "--stats-interval", "1ms", stderr=slave) as ship:
            os.close(slave)
            ship.wait_until_it_runs()
            ship.write(b"{}\n")
            wait_for(lambda: os.path.exists(self.path("out")) and self.read("out"))
            ship.write(b"{}\n" * 999)
            ship.process.stdin.close()
            self.assertEqual(0, ship.wait())
        self.assertEqual("{}\n" * 1000, self.read("out"))

    def test_closed_streams_are_no_crash(self):
        def shell(redirection, *arguments):
            return subprocess.run(["sh", "-c", f'"$0" "$@" {redirection}', SHIP, *arguments], capture_output=True,
                                  text=True, env=clean_environment(), timeout=PATIENCE, check=False)
        self.assertEqual(0, shell("2>&- </dev/null", "-s", "null:", "-v").returncode)
        closed = shell("<&-", "-s", "null:")
        self.assertIn(closed.returncode, (0, IO))
        self.assertEqual(IO, shell(">&-", "--help").returncode)

    def test_a_reader_of_the_help_that_goes_away_is_no_crash(self):
        result = subprocess.run(["sh", "-c", '"$0" --help | true', SHIP], capture_output=True, text=True,
                                env=clean_environment(), timeout=PATIENCE, check=False)
        self.assertEqual(0, result.returncode)
        self.assertNotIn("Traceback", result.stderr)


if __name__ == "__main__":
    unittest.main()
