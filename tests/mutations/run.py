#!/usr/bin/env python3
"""Puts bugs into the program, one at a time, and sees whether the tests notice.

    run.py LIST [--build DIR] [--only TEXT]

LIST is a module beside this one, such as redact: it names a test program (TARGET, a target of CMake that is built already)
and MUTATIONS, each a source file, a text that stands in it once, what takes its place, and the tests that must then fail: of
the test program, or a script such as "cli/reload_test.py ReloadTest.test_…", which runs the program itself. No file of the
tree is touched: the changed source is compiled by itself and linked in front of the library. Not part of the gate: a run
takes minutes. Exit 1 where a mutation survives."""

import argparse
import importlib
import json
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def run(command, directory, timeout=300):
    return subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          timeout=timeout)


def compile_command(build, source):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            if os.path.realpath(os.path.join(entry["directory"], entry["file"])) == source:
                return shlex.split(entry["command"])
    raise SystemExit(f"{source}: not in compile_commands.json")


def link_command(build, target):
    lines = run(["ninja", "-t", "commands", target], build).stdout.splitlines()
    # What is done before and after the link does not matter here.
    parts = [part for line in reversed(lines) for part in line.split(" && ")]
    return shlex.split(next(part for part in parts if f"-o {target} " in part or f"-o tests/{target} " in part))


class Mutation:
    def __init__(self, build, target, scratch, row):
        self.build, self.target, self.scratch = build, target, scratch
        self.file, self.old, self.new, self.tests = row
        script = self.tests.split()
        self.script = script if script[0].endswith("_test.py") else None
        if self.script:
            self.target = "fapilog-ship"

    def command(self, program):
        if self.script:
            return ["env", f"FAPILOG_SHIP={program}", sys.executable, os.path.join(ROOT, "tests", self.script[0]),
                    *self.script[1:]]
        return [program, self.tests, "--abort"]

    def outcome(self):
        """caught, SURVIVED, or why it could not be tried."""
        source = os.path.join(ROOT, self.file)
        with open(source, encoding="utf-8") as file:
            text = file.read()
        if text.count(self.old) != 1:
            return f"stands {text.count(self.old)} times in the file"
        changed = os.path.join(self.scratch, os.path.basename(source))
        with open(changed, "w", encoding="utf-8") as file:
            file.write(text.replace(self.old, self.new))
        compiling = compile_command(self.build, source)
        made = os.path.join(self.scratch, "changed.o")
        compiling[compiling.index("-o") + 1] = made
        compiling[compiling.index("-c") + 1] = changed
        result = run([word for word in compiling if word != "-Werror"], self.build)
        if result.returncode != 0:
            return "does not compile: " + result.stdout[-300:]
        linking = link_command(self.build, self.target)
        at = linking.index("-o")
        program = os.path.join(self.scratch, self.target)
        linking[at + 1] = program
        linking.insert(at, made)
        result = run(linking, self.build)
        if result.returncode != 0:
            return "does not link: " + result.stdout[-300:]
        try:
            result = run(self.command(program), self.build)
        except subprocess.TimeoutExpired:
            return "caught"
        if "No test cases matched" in result.stdout:
            return "no such test"
        return "SURVIVED" if result.returncode == 0 else "caught"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list")
    parser.add_argument("--build", default=os.path.join(ROOT, "build/dev"))
    parser.add_argument("--only", default="", help="those whose file, text or tests hold this")
    options = parser.parse_args()
    sys.path.insert(0, HERE)
    mutations = importlib.import_module(options.list)
    caught = tried = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, row in enumerate(mutations.MUTATIONS, 1):
            if not any(options.only in text for text in row):
                continue
            outcome = Mutation(os.path.abspath(options.build), mutations.TARGET, scratch, row).outcome()
            tried += 1
            caught += outcome == "caught"
            print(f"{number:3} {outcome:8} {os.path.basename(row[0])}: {row[1].strip().splitlines()[0][:60]}", flush=True)
    print(f"{caught} of {tried} caught")
    return 0 if caught == tried else 1


if __name__ == "__main__":
    sys.exit(main())
