#!/usr/bin/env python3
"""Measures fapilog-ship beside its peers, and what it costs as lines, sinks and queues grow. One command:

    cmake --preset release && cmake --build build/release --target fapilog-ship bench_tools
    tests/bench/bench.py --out results                       # all of it: some 15 minutes
    tests/bench/bench.py --out results --quick               # a look: below 2 minutes, and rough
    tests/bench/bench.py --out results --only latency,small  # the rest of an earlier run in `results` is kept

Writes bench.md, charts as SVG, and results.json; into tests/bench/results also what README and performance.md show. What is compared is run
in turns, A B A B; ratios are taken within a round, and of all figures the medians are shown. fluent-bit and vector take
part where they are on the PATH."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import delivery
import documents
import footprint
import growth
import instructions
import latency
import locks
import measure
import slow
import spool
import throughput

KEPT = os.path.join(measure.HERE, "results")  # what is kept in the tree, and shown in README
SECTIONS = {"throughput": throughput, "latency": latency, "delivery": delivery, "slow": slow, "spool": spool,
            "growth": growth, "locks": locks, "small": footprint, "instructions": instructions}
SLOW = ("instructions",)  # not with --quick


class Bench:
    """What the sections share: the program, how much to do, inputs and servers that are made on first use."""

    def __init__(self, options, work):
        self.ship = os.path.abspath(options.ship)
        self.quick = options.quick
        self.lines = options.lines or (100_000 if options.quick else 1_000_000)
        self.rounds = options.rounds or (1 if options.quick else 5)
        self.work = work
        self.inputs = {}
        self.nginx = None

    def input(self, kind, lines):
        """Path, size and number of lines of an input."""
        if (kind, lines) not in self.inputs:
            path, size = measure.make_input(self.work, lines, f"{kind}-{lines}.ndjson", kind)
            self.inputs[kind, lines] = (path, size, lines)
        return self.inputs[kind, lines]

    def forget_inputs(self):
        for path, _, _ in self.inputs.values():
            os.unlink(path)
        self.inputs = {}

    def nginx_url(self, scheme):
        if self.nginx is None:
            directory = os.path.join(self.work, "nginx")
            os.mkdir(directory)
            self.nginx = measure.Nginx(directory)
        return f"{scheme}://127.0.0.1:{self.nginx.port}" + ("/logs" if scheme == "http" else "")


def version(ship):
    return subprocess.run([ship, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]


def page(results):
    parts = ["# Measurements", "", f"{results['version']}; {results['machine']}.", ""]
    for name, section in SECTIONS.items():
        if name in results:
            parts += [f"## {section.TITLE}", "", section.render(results[name])]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="directory for results, table and charts")
    parser.add_argument("--only", help=f"of {','.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="fewer lines, one round")
    parser.add_argument("--lines", type=int, help="of the largest inputs (1,000,000)")
    parser.add_argument("--rounds", type=int, help="of the comparison with peers (5)")
    parser.add_argument("--ship", default=os.environ.get("FAPILOG_SHIP", measure.RELEASE))
    parser.add_argument("--dir", help="where inputs and outputs lie meanwhile (default: a temporary directory)")
    parser.add_argument("--draw", action="store_true", help="run nothing, only make table and charts of what is in --out")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else [
        name for name in SECTIONS if not (options.quick and name in SLOW)]
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        parser.error(f"--only: no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    measure.need("rotatelogs", "s6-log", "svlogd", "multilog", "nginx")
    os.makedirs(options.out, exist_ok=True)
    kept = os.path.join(options.out, "results.json")
    results = {}
    if os.path.exists(kept):
        with open(kept, encoding="utf-8") as file:
            results = json.load(file)
    if not options.draw:
        measure_all(options, chosen, results, kept)
    with open(os.path.join(options.out, "bench.md"), "w", encoding="utf-8") as file:
        file.write(page(results))
    for name, section in SECTIONS.items():
        if name in results:
            section.draw(results[name], options.out)
    if os.path.abspath(options.out) == KEPT and {"throughput", "latency"} <= set(results):
        machine = f"On {results['machine']}, release build. "
        documents.put(documents.PERFORMANCE, "bench.py",
                      machine + throughput.short(results["throughput"]) + "\n" + latency.short(results["latency"]))
        documents.put(documents.README, "bench.py", machine + latency.short(results["latency"]))
    print(page(results))


def measure_all(options, chosen, results, kept):
    """One section after the other; what is done is kept, whatever becomes of the next."""
    results.update(version=version(options.ship), machine=measure.machine())
    work = tempfile.mkdtemp(prefix="bench-", dir=options.dir)
    bench = Bench(options, work)
    try:
        for name in chosen:
            print(f"{name} …", file=sys.stderr, flush=True)
            # Keys become text in the file; here they are text at once.
            results[name] = json.loads(json.dumps(SECTIONS[name].run(bench)))
            bench.forget_inputs()
            with open(kept, "w", encoding="utf-8") as file:
                json.dump(results, file, indent=1, sort_keys=False)
    finally:
        if bench.nginx:
            bench.nginx.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
