"""Starts the real program, apart from the environment and the configuration of the machine."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHIP = os.environ.get("FAPILOG_SHIP", os.path.join(ROOT, "build", "dev", "fapilog-ship"))
# What whoever started the tests ignores, as nohup does, the program under test would ignore as well.
for inherited in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(inherited, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
# How long anything may take to happen; nothing is decided by it but that it happens at all.
PATIENCE = 60


def clean_environment(extra=None):
    """The environment without the shipper's own variables."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("FAPILOG_SHIP")}
    environment.update(extra or {})
    return environment


def patient(arguments, environment):
    """The environment for a program whose input ends at once: on a machine under load, delivery may take longer than
    the drain that users get. What a test itself says of the drain holds."""
    if {"-c", "--config", "--preset", "--drain-timeout", "--print-config"}.intersection(arguments):
        return environment
    return {"FAPILOG_SHIP_DRAIN_TIMEOUT": "40s", **(environment or {})}


def run(*arguments, stdin="", environment=None, cwd=None):
    """Runs the program to its end; the result has returncode, stdout and stderr as text."""
    return subprocess.run([SHIP, *arguments], input=stdin, capture_output=True, text=True, cwd=cwd,
                          env=clean_environment(patient(arguments, environment)), timeout=PATIENCE, check=False)


class ProgramTest(unittest.TestCase):
    """A directory for each test, and files in it."""

    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory, True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def assert_fails(self, result, code, *parts):
        """It ended with `code`, each part stands in an error message, and standard output is empty."""
        self.assertEqual(code, result.returncode, result.stderr)
        self.assertEqual("", result.stdout)
        for part in parts:
            self.assertIn(part, result.stderr)
        for line in result.stderr.splitlines():
            self.assertRegex(line, r"^(\d{4}-\d\d-\d\dT[\d:.]+Z fapilog-ship: |    )")
