"""A window of tmux, which is a whole terminal, and a shell in it."""

import os
import shutil
import subprocess
import time
import unittest

import program
from program import ProgramTest

DATA = os.path.join(program.ROOT, "tests", "data")


@unittest.skipUnless(shutil.which("tmux"), "needs tmux")
class Window(ProgramTest):
    def setUp(self):
        super().setUp()
        environment = {name: text for name, text in program.clean_environment().items()
                       if name not in ("TMUX", "NO_COLOR", "CI")}
        environment.update({"SHIP": program.SHIP, "DATA": DATA, "PS1": "$ ", "LC_ALL": "C.UTF-8"})
        self.tmux = lambda *words: subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self.path("socket"), *words], capture_output=True, text=True,
            check=True, env=environment, timeout=program.PATIENCE).stdout
        self.tmux("new-session", "-d", "-x", "100", "-y", "30", "env 'PS1=$ ' bash --norc --noprofile")
        self.addCleanup(lambda: self.tmux("kill-server"))
        self.until(lambda text: text.startswith("$"))

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def run_command(self, command):
        self.type("clear; " + command, "Enter")

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options).rstrip("\n")

    def until(self, condition):
        end = time.monotonic() + program.PATIENCE
        while not condition(text := self.screen()):
            self.assertLess(time.monotonic(), end, text)
            time.sleep(0.02)
        return text
