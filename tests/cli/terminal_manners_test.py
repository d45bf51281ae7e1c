"""Manners where a person sits before it, and towards a command that wants its signals for itself."""

import os
import signal
import sys
import unittest

from entrypoint import Entrypoint, python, wait_until
from entrypoint_terminal_test import Terminal
from manners_test import WRITER
from program import ProgramTest, run

UNDELIVERED = 75
WANTED = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT, signal.SIGWINCH)
LOSSY = '[size_guard]\nmax_bytes = 512\naction = "drop"\n'
# Says which signals it got; TERM ends it.
TELLER = """
import json, os, signal, sys, time
def tell(number, _): os.write(1, b'{"got":%d}\\n' % number)
for number in (1, 3, 10, 12, 28): signal.signal(number, tell)
signal.signal(15, lambda *_: os._exit(9))
os.write(1, b'{"ready":1}\\n')
while True: time.sleep(0.05)
"""


class AtATerminal(ProgramTest):
    def test_ctrl_c_lets_the_writer_of_a_pipeline_of_three_clean_up(self):
        self.write("writer.py", WRITER)
        with Terminal() as shell:
            shell.see("$ ")
            shell.type(f'"$PYTHON" {self.path("writer.py")} {self.path("cleaned")} | "$SHIP" -s stdout: '
                       f'-s file:{self.path("out")} | cat\n')
            wait_until(lambda: os.path.exists(self.path("out")) and self.read("out"))
            shell.type("\x03")
            shell.see("$ ")
            shell.type("echo back=$((6*7))\n")
            shell.see("back=42")
        self.assertEqual("clean", self.read("cleaned"))
        self.assertEqual(['{"first":1}', '{"last":0}', '{"last":1}', '{"last":2}'], self.read("out").split())

    def test_head_behind_it_is_not_worth_a_word(self):
        with Terminal() as shell:
            shell.see("$ ")
            shell.type('yes "{}" | "$SHIP" | head -1; echo code=${PIPESTATUS[1]}\n')
            said = shell.see("code=74")
            self.assertIn("{}\r\n", said)
            self.assertNotIn("fapilog-ship:", said)

    def test_closed_input_is_called_closed(self):
        with Terminal() as shell:
            shell.see("$ ")
            shell.type('"$SHIP" -s null: <&-; echo code=$?\n')
            shell.see("standard input is closed")
            shell.see("code=74")

    def test_without_arguments_it_says_what_it_waits_for_and_ctrl_d_ends_it(self):
        with Terminal() as shell:
            shell.see("$ ")
            shell.type('"$SHIP"; echo code=$?\n')
            shell.see("reading lines from this terminal; Ctrl-D ends")
            shell.type('{"a":1}\n')
            shell.see('{"a":1}')
            shell.type("\x04")
            shell.see("code=0")


class Signals(ProgramTest):
    def test_with_none_every_signal_that_could_ask_for_statistics_is_the_commands(self):
        with Entrypoint(python(TELLER), ["--stats-signal", "none"]) as entrypoint:
            self.assertEqual({"ready": 1}, entrypoint.line())
            for number in WANTED:
                entrypoint.send(number)
                self.assertEqual({"got": number}, entrypoint.line())
            entrypoint.send(signal.SIGTERM)
            self.assertEqual(9, entrypoint.end()[0])

    def test_hup_reaches_the_command_unless_it_should_not(self):
        for options, gets_it in (([], True), (["--forward-hup"], True), (["--no-forward-hup"], False)):
            with self.subTest(options=options), Entrypoint(python(TELLER), options) as entrypoint:
                self.assertEqual({"ready": 1}, entrypoint.line())
                entrypoint.send(signal.SIGHUP)
                # It takes up files and settings either way, and says so.
                while b"reload" not in entrypoint.process.stderr.readline():
                    pass
                entrypoint.send(signal.SIGQUIT)
                expected = [signal.SIGHUP, signal.SIGQUIT] if gets_it else [signal.SIGQUIT]
                self.assertEqual([{"got": number} for number in expected],
                                 [entrypoint.line() for _ in expected])
                entrypoint.send(signal.SIGTERM)
                self.assertEqual(9, entrypoint.end()[0])


class FailOnLoss(ProgramTest):
    def test_it_ends_with_75_where_a_record_was_dropped_and_only_there(self):
        lossy = ["-c", self.write("lossy.toml", LOSSY), "-s", f"file:{self.path('out')}"]
        large = '{"a":"' + "x" * 600 + '"}\n'
        for options, text, code in ((["--fail-on-loss"], large, UNDELIVERED), ([], large, 0),
                                    (["--fail-on-loss"], '{"a":1}\n', 0)):
            with self.subTest(options=options, code=code):
                result = run(*lossy, *options, stdin=text)
                self.assertEqual(code, result.returncode, result.stderr)

    def test_a_commands_own_status_comes_first(self):
        result = run("-c", self.write("lossy.toml", LOSSY), "-s", f"file:{self.path('out')}", "--fail-on-loss", "--", sys.executable, "-c", "print('{\"a\":\"' + 'x' * 600 + '\"}'); exit(3)")
        self.assertEqual(3, result.returncode, result.stderr)


if __name__ == "__main__":
    unittest.main()
