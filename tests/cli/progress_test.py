"""The progress bar in the real program, on a pseudo-terminal that keeps a screen."""

import concurrent.futures
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import program
from program import ProgramTest

BAR = re.compile(r"^ *\d+% ")
# Nobody listens there: the queue fills, the input waits, the bar stands still.
DEAD_SINK = ["-s", "http://127.0.0.1:9/", "--queue-size", "10", "--drain-timeout", "200ms"]


class Screen:
    """As much of a terminal as the program uses, with no end to the right or below."""

    def __init__(self):
        self.lines = [""]
        self.column = 0
        self.bars = set()
        self.rest = ""

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        while text:
            if match := re.match(r"\x1b\[([0-9;?]*)([A-Za-z])", text):
                if match[2] == "J":
                    self.lines[-1] = self.lines[-1][:self.column]
                text = text[match.end():]
            elif text[0] == "\x1b":
                self.rest = text
                return
            else:
                self.put(text[0])
                text = text[1:]

    def put(self, char):
        if char == "\r":
            if BAR.match(self.lines[-1]):
                self.bars.add(self.lines[-1])
            self.column = 0
        elif char == "\n":
            self.lines.append("")
            self.column = 0
        else:
            line = self.lines[-1]
            self.lines[-1] = line[:self.column] + char + line[self.column + 1:]
            self.column += 1

    def text(self):
        return "\n".join(self.lines)


class OnTerminal:
    """The program with standard error, and standard output if so wanted, on one pseudo-terminal."""

    def __init__(self, arguments, stdout=None, environment=None, columns=0):
        self.master, slave = pty.openpty()
        self.resize(columns)
        clean = {name: text for name, text in program.clean_environment().items() if name not in ("CI", "NO_COLOR")}
        self.process = subprocess.Popen([program.SHIP, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=slave if stdout is None else stdout, stderr=slave,
                                        env={**clean, "TERM": "xterm", **(environment or {})})
        os.close(slave)
        self.screen = Screen()

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self):
        """A little of what is shown; false at the end."""
        if not select.select([self.master], [], [], program.PATIENCE)[0]:
            raise AssertionError("nothing more is shown: " + self.screen.text())
        try:
            piece = os.read(self.master, 4096)
        except OSError:
            return False
        self.screen.feed(piece.decode(errors="replace"))
        return bool(piece)

    def until(self, condition):
        while not condition():
            if not self.read():
                raise AssertionError("it ended before: " + self.screen.text())

    def end(self, slowly=False):
        while self.read():
            if slowly:
                time.sleep(0.005)
        os.close(self.master)
        return self.process.wait(program.PATIENCE)


class ProgressBar(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("some.ndjson", "".join(
            '{"timestamp":"2026-11-22T09:09:09Z","level":"INFO","message":"line %d"}\n' % n for n in range(5000)))
        self.some = self.path("some.ndjson")

    def test_a_bar_tells_of_the_file_follows_the_size_and_is_gone_at_the_end(self):
        for source in (["-i", self.some], ["-i", self.some, "--progress", "always"]):
            with self.subTest(source=source):
                run = OnTerminal([*source, *DEAD_SINK], columns=100)
                run.until(lambda: run.screen.bars)
                bar = max(run.screen.bars, key=len)
                self.assertEqual(0, bar.index(bar.strip()) - 1 if bar.startswith(" ") else 0)
                self.assertLess(len(bar), 100)
                for part in ("%", "[", "/s", "queue 100%", "0 dropped", " lines"):
                    self.assertIn(part, bar)
                run.resize(30)
                run.process.send_signal(signal.SIGWINCH)
                run.screen.bars.clear()
                run.until(lambda: any(len(bar) < 30 for bar in run.screen.bars))
                run.process.send_signal(signal.SIGTERM)
                self.assertEqual(75, run.end())
                self.assertNotRegex(run.screen.text(), r"\d+% ")
                self.assertIn("fapilog-ship: error: ", run.screen.text())
                for line in run.screen.lines[:-1]:
                    self.assertRegex(line, r"^(fapilog-ship: |    )")

    def test_pretty_output_and_the_bar_on_one_terminal_do_not_tear_each_other(self):
        plain = subprocess.run([program.SHIP, "-i", self.some, "-s", "stdout:?format=pretty&color=never"],
                               capture_output=True, text=True, check=True, env=program.clean_environment())
        run = OnTerminal(["-i", self.some, "-s", "stdout:?format=pretty&color=never", "--queue-size", "50"])
        self.assertEqual(0, run.end(slowly=True))
        self.assertTrue(run.screen.bars)
        # Not assertEqual, which would look for the differences for minutes.
        self.assertTrue(plain.stdout.split("\n") == run.screen.lines)

    def silent(self, arguments=(), environment=None, **more):
        """What is shown until the statistics come for the second time."""
        run = OnTerminal(["-i", self.some, "--stats-interval", "400ms", *DEAD_SINK, *arguments],
                         environment=environment, **more)
        run.until(lambda: run.screen.text().count("submitted") > 3)
        run.process.kill()
        run.end()
        return run.screen.bars

    def test_there_is_no_bar_where_nobody_wants_one(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        silent = [{"environment": {"CI": "true"}}, {"environment": {"TERM": "dumb"}}, {"environment": {"TERM": ""}},
                  {"arguments": ["--progress", "never"]}, {"arguments": ["--quiet"]},
                  {"arguments": ["-s", "stdout:"], "stdout": writer}]
        with concurrent.futures.ThreadPoolExecutor(len(silent)) as pool:
            for how, bars in zip(silent, pool.map(lambda how: self.silent(**how), silent)):
                self.assertEqual(set(), bars, how)

    def test_a_pipe_has_no_bar_and_standard_error_in_a_file_none_either(self):
        with open(self.path("said"), "wb") as said:
            process = subprocess.Popen([program.SHIP, "-i", self.some, "--stats-interval", "500ms", *DEAD_SINK],
                                       stderr=said, env=program.clean_environment({"TERM": "xterm"}))
            while "submitted" not in self.read("said"):
                time.sleep(0.01)
            process.kill()
            process.wait()
        self.assertNotIn("\x1b", self.read("said"))


if __name__ == "__main__":
    unittest.main()
