"""How the program behaves in the company of others: Ctrl-C, a reader that leaves, streams that are closed, a
terminal without a pipe, signals that come before it is ready, a command that leaves its group."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
import unittest

from entrypoint import Entrypoint, python
from program import PATIENCE, ROOT, SHIP, ProgramTest, clean_environment
from signals_test import IO, UNDELIVERED, Running, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests", "fault"))
import peer as peers  # noqa: E402

# A writer with a clean-up: it says when it is there, and has last words after Ctrl-C.
WRITER = """
import signal, sys, time
def last_words(*_):
    time.sleep(0.3)
    for i in range(3): print('{"last":%d}' % i, flush=True)
    open(sys.argv[1], 'w').write('clean')
    sys.exit(0)
signal.signal(signal.SIGINT, last_words)
print('{"first":1}', flush=True)
while True: time.sleep(1)
"""


class CtrlC(ProgramTest):
    def test_the_writer_of_a_pipe_says_its_last_words(self):
        """Both get SIGINT, as from a terminal; the writer's clean-up comes to its end."""
        with Running("-s", "file:" + self.path("out")) as ship:
            writer = subprocess.Popen([sys.executable, "-c", WRITER, self.path("cleaned")], stdout=ship.process.stdin)
            ship.process.stdin.close()
            wait_for(lambda: os.path.exists(self.path("out")) and self.read("out"))
            ship.signal(signal.SIGINT)
            writer.send_signal(signal.SIGINT)
            self.assertEqual(0, writer.wait(PATIENCE))
            self.assertEqual(0, ship.wait())
        self.assertEqual("clean", self.read("cleaned"))
        self.assertEqual(['{"first":1}', '{"last":0}', '{"last":1}', '{"last":2}'], self.read("out").split())

    def test_a_silent_writer_is_waited_for_no_longer_than_the_drain_timeout(self):
        with Running("-s", "file:" + self.path("out"), "--drain-timeout", "300ms") as ship:
            ship.write(b'{"a":1}\n')
            wait_for(lambda: os.path.exists(self.path("out")) and self.read("out"))
            ship.signal(signal.SIGINT)
            self.assertEqual(0, ship.wait())
        self.assertEqual('{"a":1}\n', self.read("out"))

    def test_a_full_queue_that_holds_the_input_back_does_not_keep_it_from_ending(self):
        with Running("-s", "http://127.0.0.1:9/", "--no-drop-on-full", "--queue-size", "1", "--drain-timeout",
                     "300ms") as ship:
            ship.write(b"{}\n" * 50)
            while "connect" not in ship.line():
                pass
            ship.signal(signal.SIGINT)
            self.assertEqual(UNDELIVERED, ship.wait())

    def test_a_second_one_or_term_ends_at_once(self):
        for second in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(second=second), Running("-s", "null:", "--drain-timeout", "1h") as ship:
                ship.wait_until_it_runs()
                ship.signal(signal.SIGINT)
                while "a second signal" not in ship.line():
                    pass
                ship.signal(second)
                self.assertEqual(0, ship.wait())

    def test_a_fifo_by_name_is_drained_at_once(self):
        os.mkfifo(self.path("fifo"))
        with Running("-s", "file:" + self.path("out"), "-i", self.path("fifo"), "--drain-timeout", "1h") as ship:
            with open(self.path("fifo"), "w", encoding="ascii") as writer:
                writer.write('{"a":1}\n')
                writer.flush()
                wait_for(lambda: os.path.exists(self.path("out")) and self.read("out"))
                ship.signal(signal.SIGINT)
                self.assertEqual(0, ship.wait())

    def test_the_first_one_never_ends_the_drain_after_a_command(self):
        """It may have been meant for the command. The server comes back once it has been answered, and gets the line."""
        with peers.Peer() as gone:
            port = gone.port
        options = ["-s", f"http://127.0.0.1:{port}/", "--drain-timeout", "1h", "--retry-base", "20ms", "--retry-max", "50ms",
                   "--breaker-interval", "50ms"]
        with Entrypoint(["/bin/echo", "kept"], options) as entrypoint:
            while not b"connect" in entrypoint.process.stderr.readline():
                pass
            entrypoint.send(signal.SIGINT)
            # Of signals that wait the lower number comes first: what is answered now came after them.
            entrypoint.send(signal.SIGUSR1)
            while not b"input: 1 line" in (line := entrypoint.process.stderr.readline()):
                self.assertTrue(line, "it ended")
            with peers.Peer(address=("127.0.0.1", port)) as server:
                entrypoint.end()
                self.assertEqual(1, len(server.accepted))


class FirstInstruction(ProgramTest):
    def test_no_signal_before_it_is_ready_ends_it(self):
        """HUP, USR1 and TERM are kept until they can be answered, however early they come."""
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM):
            for milliseconds in range(3, 40, 6):
                with self.subTest(number=number, after=milliseconds), Running("-s", "null:") as ship:
                    # Its first instruction is behind the dynamic loader: what that maps is there.
                    maps = f"/proc/{ship.process.pid}/status"
                    def holds(path=maps):
                        with open(path, encoding="ascii") as status:
                            blocked = [line for line in status if line.startswith("SigBlk")][0].split()[1]
                        return int(blocked, 16) >> (signal.SIGHUP - 1) & 1
                    wait_for(holds)
                    time.sleep(milliseconds / 10000)
                    ship.signal(number)
                    if number != signal.SIGTERM:
                        ship.process.stdin.close()
                    self.assertEqual(0, ship.wait())

    def test_signals_are_held_before_the_configuration_is_read(self):
        """A FIFO as configuration stops the start at a place of our choice."""
        os.mkfifo(self.path("ship.toml"))
        with Running("-c", self.path("ship.toml"), "-s", "null:") as ship:
            with open(self.path("ship.toml"), "w", encoding="ascii") as config:
                ship.signal(signal.SIGHUP)
                ship.signal(signal.SIGUSR1)
                config.write("[labels]\n")
            self.assertIn("reopening", ship.line())
            ship.process.stdin.close()
            self.assertEqual(0, ship.wait())

    def test_other_commands_die_of_their_signals(self):
        os.mkfifo(self.path("ship.toml"))
        process = subprocess.Popen([SHIP, "check", "-c", self.path("ship.toml")], env=clean_environment())
        with open(self.path("ship.toml"), "w", encoding="ascii"):
            process.send_signal(signal.SIGINT)
            self.assertEqual(-signal.SIGINT, process.wait(PATIENCE))


class Streams(ProgramTest):
    def shell(self, script, *arguments):
        return subprocess.run(["bash", "-c", script, SHIP, *arguments], capture_output=True, text=True,
                              env=clean_environment(), timeout=PATIENCE, check=False)

    def test_it_is_silent_when_the_only_reader_has_left(self):
        result = self.shell('yes "{}" | "$0" | head -1; echo ${PIPESTATUS[1]}')
        self.assertEqual("{}\n" + f"{IO}\n", result.stdout)
        self.assertEqual("", result.stderr)

    def test_it_says_that_the_reader_left_where_others_still_get_the_lines(self):
        # More than a pipe holds, so that some come after the reader has left.
        lines = "seq 100000 | sed 's/.*/{}/'"
        result = self.shell(lines + f' | "$0" --queue-size 200000 -s stdout: -s file:{self.path("out")} | head -1')
        self.assertEqual("{}\n" * 100000, self.read("out"))
        self.assertIn("standard output was closed by its reader", result.stderr)

    def test_closed_standard_input_is_called_closed(self):
        result = self.shell('"$0" -s null: <&-')
        self.assertEqual(IO, result.returncode)
        self.assertIn("standard input is closed", result.stderr)


class AtATerminal(ProgramTest):
    def test_it_says_what_it_waits_for(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen([SHIP, "-s", "null:"], stdin=slave, stdout=subprocess.DEVNULL, stderr=slave,
                                   env=clean_environment())
        os.close(slave)
        said = b""
        while b"--help" not in said:
            self.assertTrue(select.select([master], [], [], PATIENCE)[0], said)
            said += os.read(master, 4096)
        self.assertIn(b"reading lines from this terminal; Ctrl-D ends", said)
        process.send_signal(signal.SIGINT)
        self.assertEqual(0, process.wait(PATIENCE))


class Command(ProgramTest):
    GROUPLESS = ("import os, signal, time\n"
                 "first = os.fork()\n"
                 "if first == 0: time.sleep(1000)\n"
                 "os.setpgid(first, first)\n"
                 "os.setpgid(0, first)\n"
                 "signal.signal(signal.SIGTERM, lambda *_: (os.kill(first, 9), os._exit(7)))\n"
                 "os.write(1, b'ready\\n')\n"
                 "while True: time.sleep(0.05)\n")

    def test_one_that_left_its_group_is_still_told_to_end(self):
        with Entrypoint(python(self.GROUPLESS)) as entrypoint:
            entrypoint.line()
            entrypoint.send(signal.SIGTERM)
            self.assertEqual(7, entrypoint.end()[0])

    def test_one_that_left_its_group_is_killed_when_its_grace_is_over(self):
        code = self.GROUPLESS.replace("lambda *_: (os.kill(first, 9), os._exit(7))", "signal.SIG_IGN").replace(
            "time.sleep(1000)", "os.execvp('sleep', ['sleep', '60'])").replace("os.setpgid(first, first)\n", "")
        code = code.replace("os.setpgid(0, first)", "os.setpgid(0, os.getpgid(os.getppid()))")
        with Entrypoint(python(code), ["--grace", "200ms"]) as entrypoint:
            entrypoint.line()
            entrypoint.send(signal.SIGTERM)
            self.assertEqual(137, entrypoint.end()[0])

class Explain(ProgramTest):
    def test_each_line_is_told_for_itself(self):
        result = subprocess.run([SHIP, "check", "--explain"], input='{"level":"info","message":"a"}\nplain\n',
                                capture_output=True, text=True, env=clean_environment(), timeout=PATIENCE, check=False)
        told = [line for line in result.stdout.splitlines() if line.startswith("input") and "records" not in line]
        self.assertIn("JSON, level", told[0])
        self.assertIn("text, wrapped", told[1])

    def test_it_says_whose_line_it_is_and_where_level_time_and_message_stand(self):
        lines = ['{"pid":1,"hostname":"h","level":50,"time":1795908639174,"msg":"x"}',
                 '{"log":"ERROR: no\\n","stream":"stderr","time":"2026-01-02T03:04:05.6Z"}', "2026-01-02 03:04:05 WARN text"]
        told = []
        for line in lines:
            result = subprocess.run([SHIP, "check", "--explain"], input=line + "\n", capture_output=True, text=True,
                                    env=clean_environment(), timeout=PATIENCE, check=False)
            told.append([step[13:] for step in result.stdout.splitlines()[1:]
                         if step.split()[0] in ("logger", "level", "time", "message")])
        self.assertEqual([["pino", "at level", "at time", "at msg"],
                          ["Docker", "in what the envelope holds", "at time", "at log"],
                          ["plain text", "in the text", "in the text"]], told)

    def test_it_looks_into_the_envelope_that_is_taken_off(self):
        line = '{"log":"{\\"a\\":1}\\n","stream":"stderr","time":"2026-01-02T03:04:05.6Z"}'
        result = subprocess.run([SHIP, "check", "--explain", "--unwrap", "docker", "--message-field", "a"], input=line + "\n",
                                capture_output=True, text=True, env=clean_environment(), timeout=PATIENCE, check=False)
        told = dict(step.split(None, 1) for step in result.stdout.splitlines() if not step.startswith(" "))
        self.assertEqual("what the platform's envelope holds", told["unwrap"])
        self.assertEqual("JSON, level INFO, time 2026-01-02T03:04:05.600Z", told["input"])
        self.assertEqual(["not found; INFO assumed", "in the platform's envelope", "at a"],
                         [told[name] for name in ("level", "time", "message")])


if __name__ == "__main__":
    unittest.main()
