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
        "--sink", "http://127.0.0.1:9/", "--where", "level == 'INFO'", "--drop-on-full", "--drop", "oldest",
        "--queue-size", "100", "--retry-base", "30s", "--drain-timeout", "1ms"],
}
UNDELIVERED = 75  # how a run with nobody to deliver to ends


def counted(tool, pattern, ship, arguments, source):
    """Runs the program under a tool of valgrind; the number that the tool's report has behind `pattern`."""
    command = ["valgrind", *tool, ship, "--config", "/dev/null", "--no-drop-on-full", *arguments]
    with open(source, "rb") as lines:
        done = subprocess.run(command, stdin=lines, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=300, check=False)
    found = re.search(pattern, done.stderr)
    if done.returncode not in (0, UNDELIVERED) or not found:
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ship", default=measure.RELEASE)
    parser.add_argument("--check", action="store_true", help="fail where a bound is broken")
    arguments = parser.parse_args()
    measure.need("valgrind")
    with open(BOUNDS, encoding="ascii") as file:
        bounds = json.load(file)
    rows, broken = [], []
    with tempfile.TemporaryDirectory() as directory:
        few, _ = measure.make_input(directory, FEW, "few.ndjson")
        many, _ = measure.make_input(directory, MANY, "many.ndjson")
        for name, settings in WAYS.items():
            instructions, allocations = a_line(arguments.ship, settings, few, many, directory)
            bound = bounds[name]
            rows.append([name, f"{instructions:.0f}", bound["instructions"], f"{allocations:.3f}", bound["allocations"]])
            if instructions > bound["instructions"] or allocations > bound["allocations"]:
                broken.append(name)
    measure.table(["lines of 463 bytes →", "instructions a line", "at most", "allocations a line", "at most"], rows)
    if arguments.check and broken:
        sys.exit(f"more than the bounds in {BOUNDS} allow: {', '.join(broken)}. If it is worth that, raise them there.")


if __name__ == "__main__":
    main()
