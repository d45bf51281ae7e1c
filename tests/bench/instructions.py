#!/usr/bin/env python3
"""Instructions and allocations that a line costs, counted by valgrind: the same on an idle machine and a busy one, so
that a test can compare them with a bound. What starting costs is taken off: two inputs, and the difference between
them. Prints Markdown; with --check it fails where a line costs more than `instructions.json` beside this file allows."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import measure

TITLE = "Instructions and allocations, counted"
BOUNDS = os.path.join(measure.HERE, "instructions.json")
FEW, MANY = 4_000, 20_000
WAYS = {
    "null": ["--sink", "null:"],
    "file": ["--sink", "file://{directory}/out.ndjson"],
    "level and where": ["--sink", "null:", "--min-level", "INFO", "--where", "level in ('ERROR', 'INFO', 'WARNING')"],
    "enrich and rename": ["--sink", "null:", "--enrich", "region=eu", "--rename", "level=severity"],
    "redact a field": ["--sink", "null:", "--redact-field", "password"],
    "one level": ["--sink", "null:", "--where", "level == 'INFO'"],
    "one level, each evicts the oldest": [
        *measure.EACH_EVICTS, "--where", "level == 'INFO'", "--queue-size", "100", "--retry-base", "30s"],
}


def counted(tool, pattern, ship, arguments, source):
    """Runs the program under a tool of valgrind; the number that the tool's report has behind `pattern`."""
    command = ["valgrind", *tool, ship, "--config", "/dev/null", "--no-drop-on-full", *arguments]
    with open(source, "rb") as lines:
        done = subprocess.run(command, stdin=lines, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=300, check=False)
    found = re.search(pattern, done.stderr)
    if done.returncode not in (0, measure.UNDELIVERED) or not found:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return int(found.group(1).replace(",", ""))


def a_line(ship, arguments, few, many, directory):
    """Instructions and allocations of one line more."""
    arguments = [argument.format(directory=directory) for argument in arguments]
    callgrind = ["--tool=callgrind", f"--callgrind-out-file={directory}/callgrind"]
    instructions = [counted(callgrind, r"Collected : (\d+)", ship, arguments, source) for source in (few, many)]
    allocations = [counted([], r"total heap usage: ([\d,]+) allocs", ship, arguments, source)
                   for source in (few, many)]
    return tuple((after - before) / (MANY - FEW) for before, after in (instructions, allocations))


def run(bench):
    """By way: what a line costs and what it may."""
    measure.need("valgrind")
    with open(BOUNDS, encoding="ascii") as file:
        bounds = json.load(file)
    figures = {}
    with tempfile.TemporaryDirectory() as directory:
        few, _ = measure.make_input(directory, FEW, "few.ndjson")
        many, _ = measure.make_input(directory, MANY, "many.ndjson")
        for name, settings in WAYS.items():
            instructions, allocations = a_line(bench.ship, settings, few, many, directory)
            figures[name] = {"instructions": instructions, "allocations": allocations, "bounds": bounds[name]}
    return figures


def render(data):
    rows = [[name, f"{one['instructions']:.0f}", one["bounds"]["instructions"], f"{one['allocations']:.3f}",
             one["bounds"]["allocations"]] for name, one in data.items()]
    return measure.markdown(["lines of 463 bytes →", "instructions a line", "at most", "allocations a line", "at most"], rows)


def draw(_data, _out):
    pass


def broken(data):
    """The ways that cost more than they may."""
    return [name for name, one in data.items()
            if any(one[what] > one["bounds"][what] for what in ("instructions", "allocations"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ship", default=measure.RELEASE)
    parser.add_argument("--check", action="store_true", help="fail where a bound is broken")
    arguments = parser.parse_args()
    data = run(arguments)
    print(render(data))
    if arguments.check and broken(data):
        sys.exit(f"more than the bounds in {BOUNDS} allow: {', '.join(broken(data))}. If it is worth that, raise them there.")


if __name__ == "__main__":
    main()
