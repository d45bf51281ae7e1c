"""The completion scripts, asked as a shell asks them."""

import os
import pty
import select
import shutil
import subprocess
import tempfile
import time
import unittest

from program import PATIENCE, ROOT, run

CONFIGURATION = '''
[sinks.loki]
url = "loki+http://loki:3100"
[sinks.local-file]
url = "file:///tmp/x"
[sinks.loki.queue]
size = 5
'''
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


def calls(path):
    """The arguments of each call that was written down."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [call.split("\n")[:-1] for call in file.read().split("---\n")[:-1]]


def typed(shell, lines):
    """What fapilog-ship gets as arguments where someone types these lines at a terminal; a tab completes."""
    with tempfile.TemporaryDirectory() as home:
        told = os.path.join(home, "told")
        # In place of the program: it writes down what it gets, and what is one call.
        prelude = f'fapilog-ship() {{ printf "%s\\n" "$@" --- >>{told}; }}\n'
        os.makedirs(os.path.join(home, "dead"))
        with open(os.path.join(home, "app.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION)
        os.makedirs(os.path.join(home, "bin"))
        for name in ("zebra-crossing", "zebra-finch"):
            with open(os.path.join(home, "bin", name), "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n")
            os.chmod(file.name, 0o755)
        open(os.path.join(home, "dead", "letters.ndjson"), "w", encoding="utf-8").close()
        if shell == "bash":
            prelude += f"bind 'set bell-style none'; source '{BASH}'\n"
            command = ["bash", "--norc", "--noprofile", "-i"]
        else:
            prelude += (f"fpath=('{os.path.join(ROOT, 'completions')}' $fpath); autoload -Uz compinit; "
                        f"compinit -u -d {home}/dump; unsetopt beep\n")
            command = ["zsh", "-f", "-i"]
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(home)
            os.environ.update(HOME=home, TERM="dumb", PS1="$ ", PATH=os.path.join(home, "bin") + ":" + os.environ["PATH"])
            os.execvp(command[0], command)
        try:
            wanted = 0
            for line in [prelude, *(line + "\n" for line in lines)]:
                os.write(terminal, line.encode())
                wanted += line is not prelude
                until = time.monotonic() + PATIENCE
                while True:
                    # What the shell shows has to be read, or it stops.
                    if select.select([terminal], [], [], 0.02)[0]:
                        os.read(terminal, 65536)
                    if len(calls(told)) == wanted:
                        break
                    if time.monotonic() > until:
                        raise AssertionError(f"{shell} did not run {line!r}")
        finally:
            os.close(terminal)
            os.waitpid(process, 0)
        return calls(told)


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

    def test_bash_offers_names_of_sets_patterns_levels_and_sinks(self):
        self.assertEqual(["gdpr", "gdpr_pii", "gdpr_uk"], sorted(name for name in completed("--redact", "gdpr") if "pii" not in name or name == "gdpr_pii")[:3])
        self.assertEqual(["jwt"], completed("--redact", "jw"))
        self.assertEqual(["credentials,email"], completed("--redact", "credentials,ema"))
        self.assertEqual(["AUDIT"], completed("--protected-levels", "AU"))
        self.assertEqual(["ERROR,SECURITY"], completed("--protected-levels", "ERROR,SE"))
        self.assertEqual(["TRACE"], completed("--min-level", "T"))
        with tempfile.TemporaryDirectory() as home:
            path = os.path.join(home, "app.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(CONFIGURATION)
            self.assertEqual(["local-file", "loki"], completed("tap", "-c", path, "--sink", "lo"))
            self.assertEqual(["loki"], completed("tap", "--config", "=", path, "--sink", "lok"))
        self.assertEqual(["in"], completed("tap", "--stage", "i"))
        self.assertEqual(["--stage"], completed("tap", "--st")[-1:])
        self.assertEqual(["loki+http://", "loki+https://"], completed("--sink", "lok"))

    def test_bash_offers_commands_and_then_files_behind_two_dashes(self):
        self.assertIn("printf", completed("--sink", "null:", "--", "print"))
        self.assertNotIn("check", [word for word in completed("--", "che") if word == "check" and not shutil.which("check")])
        self.assertIn(os.path.join(ROOT, "CMakeLists.txt"), completed("--", "python3", os.path.join(ROOT, "CMakeL")))
        self.assertEqual([], [word for word in completed("--", "python3", "--qu") if word.startswith("--queue")])

    def test_fish_offers_names_and_what_stands_behind_two_dashes(self):
        if not shutil.which("fish"):
            self.skipTest("needs fish")
        self.assertEqual(["jwt"], completed_by_fish("fapilog-ship --redact jw"))
        self.assertEqual(["credentials,email"], completed_by_fish("fapilog-ship --redact credentials,ema"))
        self.assertEqual(["AUDIT"], completed_by_fish("fapilog-ship --protected-levels AU"))
        self.assertEqual({"in", "out"}, set(completed_by_fish("fapilog-ship tap --stage ")))
        with tempfile.TemporaryDirectory() as home:
            path = os.path.join(home, "app.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(CONFIGURATION)
            self.assertEqual(["local-file", "loki"], sorted(completed_by_fish(f"fapilog-ship tap --config {path} --sink lo")))
            self.assertEqual(["loki"], completed_by_fish(f"fapilog-ship tap --config={path} --sink lok"))
        self.assertIn("printf", completed_by_fish("fapilog-ship --sink null: -- print"))
        self.assertNotIn("check", [word for word in completed_by_fish("fapilog-ship -- che") if not shutil.which("check")])
        self.assertIn("CMakeLists.txt", completed_by_fish("fapilog-ship -- cat CMakeL"))

    def test_fish_offers_commands_flags_and_values(self):
        if not shutil.which("fish"):
            self.skipTest("needs fish")
        self.assertIn("check", completed_by_fish("fapilog-ship ch"))
        self.assertEqual({"--queue-size", "--queue-bytes"}, set(completed_by_fish("fapilog-ship --queue-")))
        self.assertEqual({"loki+http://", "loki+https://"}, set(completed_by_fish("fapilog-ship --sink loki")))
        self.assertEqual(["production"], completed_by_fish("fapilog-ship --preset p"))
        self.assertEqual(["WARNING"], completed_by_fish("fapilog-ship --min-level WA"))
        self.assertEqual(["zsh"], completed_by_fish("fapilog-ship completions z"))
        self.assertEqual(["--connect"], completed_by_fish("fapilog-ship check --conn"))
        self.assertEqual(["--url"], completed_by_fish("fapilog-ship top --ur"))
        self.assertEqual([], completed_by_fish("fapilog-ship top --conn"))
        self.assertIn("CMakeLists.txt", completed_by_fish("fapilog-ship replay CMakeL"))
        self.assertIn("CMakeLists.txt", completed_by_fish("fapilog-ship verify CMakeL"))
        self.assertEqual(["--seal-key-file"], completed_by_fish("fapilog-ship verify --sea"))
        self.assertIn("CMakeLists.txt", completed_by_fish("fapilog-ship --config CMakeL"))

    def test_what_is_typed_at_a_terminal_is_completed(self):
        lines = {
            "fapilog-ship --pres\tprod\t": ["--preset", "production"],
            "fapilog-ship --queue-b\t5": ["--queue-bytes", "5"],
            "fapilog-ship --min-level WA\t": ["--min-level", "WARNING"],
            "fapilog-ship --format=t\t": ["--format=text"],
            "fapilog-ship -s elasticsearch+https\t": ["-s", "elasticsearch+https://"],
            "fapilog-ship --sink kaf\t": ["--sink", "kafka://"],
            "fapilog-ship -c dea\tlet\t": ["-c", "dead/letters.ndjson"],
            "fapilog-ship --input dea\tlet\t": ["--input", "dead/letters.ndjson"],
            "fapilog-ship che\t--conn\t": ["check", "--connect"],
            "fapilog-ship check --expl\t": ["check", "--explain"],
            "fapilog-ship --queue-size 5 rep\tdea\tlet\t": ["--queue-size", "5", "replay", "dead/letters.ndjson"],
            "fapilog-ship top --ur\tx": ["top", "--url", "x"],
            "fapilog-ship comp\tzs\t": ["completions", "zsh"],
            "fapilog-ship --redact jw\t": ["--redact", "jwt"],
            "fapilog-ship --protected-levels ERROR,SEC\t": ["--protected-levels", "ERROR,SECURITY"],
            "fapilog-ship tap -c app.toml --sink loc\t": ["tap", "-c", "app.toml", "--sink", "local-file"],
            "fapilog-ship tap --stag\tou\t": ["tap", "--stage", "out"],
            "fapilog-ship -s null: -- zebra-f\tdea\tlet\t": ["-s", "null:", "--", "zebra-finch", "dead/letters.ndjson"],
            # A flag of another command, and what is no flag at all, stay as they are.
            "fapilog-ship top --conn\tx": ["top", "--connx"],
            "fapilog-ship --no-such\tx": ["--no-suchx"],
        }
        for shell in ("bash", "zsh"):
            if not shutil.which(shell):
                continue
            for line, wanted, got in zip(lines, lines.values(), typed(shell, lines), strict=True):
                with self.subTest(shell=shell, line=line):
                    # zsh writes --flag=value, where bash leaves a blank between.
                    self.assertEqual(" ".join(wanted).replace("=", " "), " ".join(got).replace("=", " "))

    def test_each_shell_reads_its_script(self):
        for shell, name in (("bash", "fapilog-ship.bash"), ("zsh", "_fapilog-ship"), ("fish", "fapilog-ship.fish")):
            with self.subTest(shell=shell):
                subprocess.run([shell, "-n", os.path.join(ROOT, "completions", name)], timeout=PATIENCE, check=True)


if __name__ == "__main__":
    unittest.main()
