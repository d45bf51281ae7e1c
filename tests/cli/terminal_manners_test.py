"""Manners where a person sits before it, and towards a command that wants its signals for itself."""

import os
import shutil
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


# As a server that reloads itself: the parent waits for its worker, and speaks last.
RELOADER = f"""
import signal, subprocess, sys
signal.signal(signal.SIGINT, lambda *_: None)
worker = subprocess.Popen([sys.executable, '-c', {WRITER!r}, sys.argv[1]])
code = worker.wait()
print('{{"reloader":%d}}' % code, flush=True)
"""
NODE = """
const timer = setInterval(() => {}, 1000);
process.on("SIGINT", () => setTimeout(() => {
  for (let i = 0; i < 3; i++) console.log(`{"last":${i}}`);
  require("fs").writeFileSync(process.argv[2], "clean");
  clearInterval(timer);
}, 300));
console.log('{"first":1}');
"""
UVICORN = """
import asyncio, os
async def app(scope, receive, send):
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            print('{"first":1}', flush=True)
        else:
            await asyncio.sleep(0.3)
            for i in range(3): print('{"last":%d}' % i, flush=True)
            open(os.environ["CLEANED"], "w").write("clean")
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown": return
"""
WORDS = ['{"first":1}', '{"last":0}', '{"last":1}', '{"last":2}']


class AtATerminal(ProgramTest):
    def interrupted(self, pipeline):
        """What was delivered of a job at a terminal that Ctrl-C ended, once its clean-up is done and the shell is back.
        `{ship}` in the pipeline is where the shipper stands."""
        with Terminal() as shell:
            shell.see("$ ")
            shell.type(pipeline.replace("{ship}", f'"$SHIP" -s file:{self.path("out")}') + "\n")
            wait_until(lambda: os.path.exists(self.path("out")) and '{"first":1}' in self.read("out"))
            shell.type("\x03")
            shell.see("$ ")
            shell.type("echo back=$((6*7))\n")
            shell.see("back=42")
        self.assertEqual("clean", self.read("cleaned"))
        return self.read("out").splitlines()

    def test_ctrl_c_lets_the_writer_of_a_pipeline_of_three_clean_up(self):
        self.write("writer.py", WRITER)
        self.assertEqual(WORDS, self.interrupted(
            f'"$PYTHON" {self.path("writer.py")} {self.path("cleaned")} | {{ship}} -s stdout: | cat'))

    def test_ctrl_c_lets_a_writer_that_reloads_itself_clean_up(self):
        self.write("reloader.py", RELOADER)
        self.assertEqual([*WORDS, '{"reloader":0}'], self.interrupted(
            f'"$PYTHON" {self.path("reloader.py")} {self.path("cleaned")} | {{ship}}'))

    def test_ctrl_c_lets_node_clean_up(self):
        self.write("writer.js", NODE)
        for pipeline in ("{command} | {ship}", "{ship} -- {command}"):
            with self.subTest(pipeline):
                self.assertEqual(WORDS, self.interrupted(pipeline.replace(
                    "{command}", f'node {self.path("writer.js")} {self.path("cleaned")}')))
                os.unlink(self.path("out"))

    @unittest.skipUnless(shutil.which("uvicorn"), "needs uvicorn, which tests/live/fastapi_test.py has")
    def test_ctrl_c_lets_uvicorn_with_reload_clean_up(self):
        self.write("writer.py", UVICORN)
        command = f'cd {self.directory}; export CLEANED={self.path("cleaned")}; '
        command += "uvicorn writer:app --reload --uds {0}/socket" .format(self.directory)
        for pipeline in (command + " 2>&1 | {ship}", command.replace("uvicorn", "{ship} -- uvicorn")):
            with self.subTest(pipeline):
                said = self.interrupted(pipeline)
                self.assertEqual(WORDS, [line for line in said if line.startswith(('{"first', '{"last'))])
                self.assertIn("Stopping reloader process", said[-1])
                os.unlink(self.path("out"))

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
