"""Runs every example of README.md and compares what it prints.

A ```console block holds commands after `$ ` (continued after `> `) and what they print; `…` stands for any text, and
alone on a line for any lines. A ```toml block whose first line is `# NAME.toml` is written to that file, and must
pass `fapilog-ship check`. All blocks below one heading share a directory that is empty at first.

The examples run in a network of their own, where every host that they name is this machine: `loki` answers as Loki
does on port 3100, `elasticsearch` as its kind on 9200, `logs.example.com` takes anything on port 80. `my-app` is on the PATH: an
application that logs."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from strict_bulk import StrictBulk  # noqa: E402

SHIP = os.environ.get("FAPILOG_SHIP", "fapilog-ship")
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
INSIDE = "README_TEST_INSIDE"
HOSTS = {"loki": (3100, peers.ok), "logs.example.com": (80, peers.ok), "elasticsearch": (9200, StrictBulk())}


class Block:
    """One fenced block: its language, its text, the heading above it, the line that it begins on."""

    def __init__(self, language, text, heading, line):
        self.language = language
        self.text = text
        self.heading = heading
        self.line = line


def blocks_of(markdown):
    found, heading, language, begin, text = [], "", None, 0, []
    for number, line in enumerate(markdown.split("\n"), 1):
        if language is None and line.startswith("#"):
            heading = line.lstrip("# ")
        elif language is None and line.startswith("```"):
            language, begin, text = line[3:].strip(), number, []
        elif line.startswith("```"):
            found.append(Block(language, "\n".join(text), heading, begin))
            language = None
        elif language is not None:
            text.append(line)
    return found


def commands_of(text):
    """Pairs of a command and what it should print."""
    pairs = []
    for line in text.split("\n"):
        if line.startswith("$ "):
            pairs.append([line[2:], []])
        elif line.startswith("> ") and not pairs[-1][1]:
            pairs[-1][0] += "\n" + line[2:]
        else:
            pairs[-1][1].append(line)
    return [(command, "\n".join(expected).strip("\n")) for command, expected in pairs]


def matches(expected, printed):
    lines = [r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ \t]*\n"
             for line in expected.split("\n")]
    pattern = "".join(lines) if expected else ""
    return re.fullmatch(pattern, printed if not printed or printed.endswith("\n") else printed + "\n") is not None


def run(commands, directory):
    """Runs the commands one after the other in one shell; a list of what each printed on both streams."""
    script = "".join(f"{{ {command}\n}} 2>&1; code=$?; printf '\\036'; (exit $code)\n" for command in commands)
    done = subprocess.run(["bash", "-c", script], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          timeout=120, check=False)
    return done.stdout.decode(errors="replace").split("\x1e")[:-1]


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            cls.blocks = blocks_of(file.read())
        cls.work = tempfile.mkdtemp(prefix="readme-")
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        programs = os.path.join(cls.work, "bin")
        os.mkdir(programs)
        os.symlink(os.path.abspath(SHIP), os.path.join(programs, "fapilog-ship"))
        with open(os.path.join(programs, "my-app"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec cat '{SAMPLE}'\n")
        os.chmod(file.name, 0o755)
        os.environ["PATH"] = programs + ":" + os.environ["PATH"]
        for port, action in HOSTS.values():
            server = peers.Peer(action, address=("127.0.0.1", port))
            cls.addClassCleanup(server.close)

    def test_every_example_prints_what_it_says(self):
        self.assertGreater(len(self.blocks), 3)
        directories = {}
        for block in self.blocks:
            directory = directories.setdefault(block.heading, tempfile.mkdtemp(dir=self.work))
            with self.subTest(f"README.md:{block.line}"):
                self.example(block, directory)

    def example(self, block, directory):
        if block.language == "toml":
            name = block.text.split("\n")[0].lstrip("# ")
            self.assertRegex(name, r"^[a-z-]+\.toml$", "the first line of a toml block names its file")
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(block.text + "\n")
            (said,) = run([f"fapilog-ship check --config {name} && echo it-is-good"], directory)
            self.assertIn("it-is-good", said)
        elif block.language == "console":
            pairs = commands_of(block.text)
            printed = run([command for command, _ in pairs], directory)
            self.assertEqual(len(pairs), len(printed))
            for (command, expected), said in zip(pairs, printed):
                self.assertTrue(matches(expected, said), f"$ {command}\nREADME says:\n{expected}\nit printed:\n{said}")
        else:
            self.assertEqual("text", block.language, "a block is console, toml or text")


class TheRunner(unittest.TestCase):
    def test_wildcards(self):
        self.assertTrue(matches("a … c", "a b c\n"))
        self.assertTrue(matches("a\n…\nd", "a\nb\nc\nd\n"))
        self.assertTrue(matches("", ""))
        self.assertFalse(matches("", "something\n"))
        self.assertFalse(matches("a\nb", "a\nc\n"))
        self.assertFalse(matches("a", "a\nb\n"))

    def test_commands_and_their_output(self):
        self.assertEqual([("echo a", "a"), ("cat <<X\nb\nX", "b\nc")],
                         commands_of("$ echo a\na\n$ cat <<X\n> b\n> X\nb\nc"))
        self.assertEqual(["a\n", "3\n"], run(["echo a; (exit 3)", "echo $?"], "/"))


def main():
    """Starts itself again in namespaces where the examples' host names lead to this machine."""
    if INSIDE in os.environ:
        unittest.main(verbosity=2)
    with tempfile.NamedTemporaryFile("w", suffix=".hosts") as hosts:
        hosts.write("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *HOSTS)))
        hosts.flush()
        identity = [] if os.geteuid() == 0 else ["--map-root-user"]
        scene = f'ip link set lo up && mount --bind {hosts.name} /etc/hosts && exec "$@"'
        sys.exit(subprocess.call(["unshare", "--mount", "--net", *identity, "sh", "-c", scene, "sh", sys.executable,
                                  os.path.abspath(__file__)], env={**os.environ, INSIDE: "1"}))


if __name__ == "__main__":
    main()
