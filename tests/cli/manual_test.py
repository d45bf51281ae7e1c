"""The manual pages: without fault for mandoc and man, complete, and every example in them runs."""

import os
import re
import shutil
import subprocess
import unittest
import urllib.request

from program import PATIENCE, ROOT, SHIP, ProgramTest, clean_environment, run
from documents_test import commands_of, matches
from documents_test import run as run_commands

PAGES = [os.path.join(ROOT, "packaging", "man", name) for name in ("fapilog-ship.1", "fapilog-ship.toml.5")]


def rendered(page):
    """What a reader sees, without line breaks."""
    done = subprocess.run(["mandoc", "-Tascii", "-Owidth=200", page], capture_output=True, text=True, timeout=PATIENCE,
                          check=True)
    return re.sub(r"\s+", " ", re.sub(".\b", "", done.stdout))


def examples(page):
    """The displays of the section EXAMPLES, as text."""
    with open(page, encoding="utf-8") as file:
        section = file.read().split(".Sh EXAMPLES\n")[1].split(".Sh ")[0]
    return [text.replace("\\e", "\\") for text in re.findall(r"^\.Bd .*?\n(.*?)^\.Ed", section, re.MULTILINE | re.DOTALL)]


class ManualPages(ProgramTest):
    def test_mandoc_finds_nothing_to_say(self):
        if not shutil.which("mandoc"):
            self.skipTest("needs mandoc")
        said = subprocess.run(["mandoc", "-Tlint", "-Wstyle", *PAGES], capture_output=True, text=True, timeout=PATIENCE,
                              check=False).stdout
        # The pages refer to each other, and are not installed where they are tested.
        self.assertEqual([], [line for line in said.splitlines() if "referenced manual not found" not in line])

    def test_man_shows_them_without_a_warning(self):
        if not shutil.which("man") or not shutil.which("groff"):
            self.skipTest("needs man and groff")
        for page in PAGES:
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                                  env=clean_environment({"MANROFFSEQ": "", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}),
                                  timeout=PATIENCE, check=False)
            self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_each_flag_of_the_help_and_each_key_of_the_reference_is_in_them(self):
        if not shutil.which("mandoc"):
            self.skipTest("needs mandoc")
        program, file = (rendered(page) for page in PAGES)
        flags = re.findall(r"^ +(?:-., )?(--[][a-z-]+)", run("--help").stdout, re.MULTILINE)
        self.assertGreater(len(flags), 50)
        for flag in flags:
            self.assertIn(flag.replace("[no-]", ""), program)
        with open(os.path.join(ROOT, "config", "reference.toml"), encoding="utf-8") as reference:
            keys = re.findall(r"^#([a-z_]+) = ", reference.read(), re.MULTILINE)
        self.assertGreater(len(keys), 80)
        for key in set(keys) - {"url", "K", "ERROR"}:
            self.assertIn(key, file)
        codes = re.findall(r"^ +([0-9]+)  ", run("--help").stdout.split("Exit codes:")[1], re.MULTILINE)
        for word in [*codes, "SIGHUP", "SIGTERM", "SIGUSR1", "126", "127", "128+N", "/etc/fapilog-ship/config.toml"]:
            self.assertIn(f" {word}", program)

    def test_each_variable_that_the_program_asks_for_is_in_them(self):
        names = set()
        for folder in ("src", "config", "cli"):
            for directory, _, files in os.walk(os.path.join(ROOT, folder)):
                for file in files:
                    with open(os.path.join(directory, file), encoding="utf-8") as source:
                        names |= set(re.findall(r'\b(?:getenv|environment)\("([A-Z_]+)"', source.read()))
        self.assertIn("SSL_CERT_FILE", names)
        with open(PAGES[0], encoding="utf-8") as file:
            section = file.read().split(".Sh ENVIRONMENT\n")[1].split(".Sh ")[0]
        self.assertEqual(set(), names - set(re.findall(r"[A-Z_]{2,}", section)))

    def test_each_file_of_the_packages_that_has_to_do_with_running_is_in_them(self):
        with open(PAGES[0], encoding="utf-8") as file:
            named = re.findall(r"^\.It Pa (\S+)", file.read().split(".Sh FILES\n")[1].split(".Sh ")[0], re.MULTILINE)
        wanted = {"/etc/fapilog-ship/config.toml", "/var/lib/fapilog-ship", "/var/log/fapilog-ship"}
        for unit in os.listdir(os.path.join(ROOT, "packaging", "systemd")):
            with open(os.path.join(ROOT, "packaging", "systemd", unit), encoding="utf-8") as file:
                wanted |= set(re.findall(r"[-= ]((?:/etc|/run)/\S+)", file.read().replace("%i", "NAME")))
        self.assertEqual(set(), {path.rstrip(",") for path in wanted} - set(named))

    def test_each_metric_is_in_them(self):
        process = subprocess.Popen([SHIP, "-s", "null:", "--min-level", "INFO", "--listen", "127.0.0.1:0"],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
        self.addCleanup(process.communicate)
        address = re.search(r"http://[0-9.:]+", process.stderr.readline())[0]
        with urllib.request.urlopen(f"{address}/metrics", timeout=PATIENCE) as answer:
            metrics = re.findall(r"^# HELP (\S+) (.*)$", answer.read().decode(), re.MULTILINE)
        self.assertGreater(len(metrics), 30)
        with open(PAGES[0], encoding="utf-8") as file:
            page = file.read()
        for name, text in metrics:
            self.assertIn(f".It Li {name}\n{text}".replace("\n", " "), page.replace("\n", " "))

    def test_every_example_prints_what_it_says(self):
        program = os.path.join(self.directory, "bin")
        os.mkdir(program)
        os.symlink(os.path.abspath(SHIP), os.path.join(program, "fapilog-ship"))
        os.environ["PATH"] = program + ":" + os.environ["PATH"]
        if os.environ.get("SHIP_SANITIZE"):
            # Patterns compile slowly under a sanitizer, and lines that wait for them are lost when the time is up.
            os.environ["FAPILOG_SHIP_DRAIN_TIMEOUT"] = "60s"
        texts = examples(PAGES[0])
        self.assertGreater(len(texts), 4)
        for text in texts:
            pairs = commands_of(text.rstrip("\n"))
            printed = run_commands([command for command, _ in pairs], self.directory)
            for (command, expected), said in zip(pairs, printed):
                self.assertTrue(matches(expected, said), f"$ {command}\nthe page says:\n{expected}\nit printed:\n{said}")

    def test_every_example_of_a_file_is_valid(self):
        texts = examples(PAGES[1])
        self.assertGreater(len(texts), 1)
        for text in texts:
            result = run("check", "--config", self.write("example.toml", text))
            self.assertEqual(0, result.returncode, result.stderr)


if __name__ == "__main__":
    unittest.main()
