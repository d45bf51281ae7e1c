"""The completion scripts, asked as a shell asks them."""

import os
import shutil
import subprocess
import unittest

from program import PATIENCE, ROOT, run

BASH = os.path.join(ROOT, "completions", "fapilog-ship.bash")


def completed(*words):
    """What bash would offer for the last word."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _fapilog_ship; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    result = subprocess.run(["bash", "-c", script, "bash", BASH, "fapilog-ship", *words], capture_output=True,
                            text=True, timeout=PATIENCE, check=True)
    return result.stdout.split()


def completed_by_fish(line):
    """What fish would offer for the end of this line."""
    script = f"source '{os.path.join(ROOT, 'completions', 'fapilog-ship.fish')}'; complete -C '{line}'"
    result = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, cwd=ROOT,
                            timeout=PATIENCE, check=True)
    return [offer.split("\t")[0] for offer in result.stdout.splitlines()]


class Completions(unittest.TestCase):
    def test_the_program_prints_the_files_that_are_shipped(self):
        for shell, name in (("bash", "fapilog-ship.bash"), ("zsh", "_fapilog-ship"), ("fish", "fapilog-ship.fish")):
            with open(os.path.join(ROOT, "completions", name), encoding="utf-8") as file:
                self.assertEqual(file.read(), run("completions", shell).stdout)

    def test_bash_offers_commands_flags_and_values(self):
        self.assertEqual(["check"], completed("ch"))
        self.assertEqual(["--queue-size", "--queue-bytes"], completed("--queue"))
        self.assertEqual(["newest"], completed("--drop", "n"))
        self.assertEqual(["loki+http://", "loki+https://"], completed("--sink", "lo"))
        self.assertEqual(["production"], completed("check", "--preset", "p"))
        self.assertEqual(["zsh"], completed("completions", "z"))
        self.assertEqual([], completed("--queue-size", ""))
        self.assertIn(os.path.join(ROOT, "CMakeLists.txt"), completed("-c", os.path.join(ROOT, "CMakeL")))

    def test_fish_offers_commands_flags_and_values(self):
        if not shutil.which("fish"):
            self.skipTest("needs fish")
        self.assertIn("check", completed_by_fish("fapilog-ship ch"))
        self.assertEqual({"--queue-size", "--queue-bytes"}, set(completed_by_fish("fapilog-ship --queue-")))
        self.assertEqual({"loki+http://", "loki+https://"}, set(completed_by_fish("fapilog-ship --sink loki")))
        self.assertEqual(["production"], completed_by_fish("fapilog-ship --preset p"))
        self.assertEqual(["WARNING"], completed_by_fish("fapilog-ship --min-level WA"))
        self.assertEqual(["zsh"], completed_by_fish("fapilog-ship completions z"))
        self.assertIn("CMakeLists.txt", completed_by_fish("fapilog-ship --config CMakeL"))

    def test_each_shell_reads_its_script(self):
        for shell, name in (("bash", "fapilog-ship.bash"), ("zsh", "_fapilog-ship"), ("fish", "fapilog-ship.fish")):
            with self.subTest(shell=shell):
                subprocess.run([shell, "-n", os.path.join(ROOT, "completions", name)], timeout=PATIENCE, check=True)


if __name__ == "__main__":
    unittest.main()
