#!/usr/bin/env python3
"""How fast, and for how much processor time, lines go from a pipe to nowhere, into a file, over HTTP and to Loki:
fapilog-ship beside the plain tools, one after the other, several times over. Prints Markdown.

Ratios are taken within each round and their median is shown: absolute figures drift with the machine."""

import argparse
import json
import os
import shutil
import subprocess
import tempfile

import measure

# fluent-bit 5.1.1 on 2,000,000 lines of 419 bytes (HTTP and Loki: 1,000,000), CPU seconds, and what
# s6-log took for the same 2,000,000 lines on that machine: scaled by s6-log's time here, they stand in for it.
FLUENT_BIT = {"null": 7.6, "file": 13.9, "http": 15.2, "loki": 17.0}
FLUENT_BIT_S6_LOG = 2.99


def commands(ship, out, port, wanted):
    """Name, command, where its standard output goes, and the kind of work it is compared within."""
    base = [ship, "--no-drop-on-full", "--stats-at-exit", "--stats-format", "json"]
    everything = [
        ("cat >/dev/null", ["cat"], None, "null"),
        ("fapilog-ship → null", [*base, "--sink", "null:"], None, "null"),
        ("cat >file", ["cat"], f"{out}/cat", "file"),
        ("rotatelogs → file", ["rotatelogs", f"{out}/rotatelogs", "86400"], None, "file"),
        ("s6-log → file", ["s6-log", "n2", "s268435455", f"{out}/s6"], None, "file"),
        ("fapilog-ship → file", [*base, "--sink", f"file://{out}/ship.ndjson"], None, "file"),
        ("svlogd → file", ["svlogd", f"{out}/svlogd"], None, "slow"),
        ("multilog → file", ["multilog", "s16777215", "n100", f"{out}/multilog"], None, "slow"),
        ("fapilog-ship → HTTP", [*base, "--sink", f"http://127.0.0.1:{port}/logs"], None, "http"),
        ("fapilog-ship → Loki", [*base, "--sink", f"loki+http://127.0.0.1:{port}"], None, "loki"),
    ]
    return [command for command in everything if command[3] in wanted]


class Nginx:
    """A server that reads every body and answers 204."""

    def __init__(self, directory, port):
        measure.need("nginx")
        config = os.path.join(directory, "nginx.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log; worker_processes 1;
events {{ }}
http {{ access_log off; client_body_temp_path {directory}/body; client_max_body_size 100m;
  proxy_temp_path {directory}/t1; fastcgi_temp_path {directory}/t2; uwsgi_temp_path {directory}/t3;
  scgi_temp_path {directory}/t4;
  server {{ listen 127.0.0.1:{port}; keepalive_requests 1000000; location / {{ return 204; }} }} }}
""")
        self.process = subprocess.Popen(["nginx", "-p", directory, "-c", config], stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def check(name, result, out, size, lines):
    """A fast run that lost something is no measurement."""
    if name.startswith("fapilog-ship"):
        stats = json.loads(next(line for line in result.said.splitlines() if line.startswith('{"fapilog_ship"')))
        (sink,) = stats["sinks"].values()
        if sink["delivered"] != lines:
            raise SystemExit(f"{name}: {sink['delivered']} of {lines} lines delivered: {sink}")
    if name == "fapilog-ship → file" and os.path.getsize(f"{out}/ship.ndjson") != size:
        raise SystemExit(f"{name}: the file's size differs from the input's")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ship", default=measure.RELEASE, help="the program (default: the release build)")
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--what", default="null,file", help="of null, file, slow, http, loki (default: null,file)")
    parser.add_argument("--dir", help="where input and output lie while it runs (default: a temporary directory)")
    arguments = parser.parse_args()
    wanted = arguments.what.split(",")
    if "file" in wanted:
        measure.need("rotatelogs", "s6-log")
    if "slow" in wanted:
        measure.need("svlogd", "multilog")

    work = tempfile.mkdtemp(prefix="throughput-", dir=arguments.dir)
    server = None
    try:
        source, size = measure.make_input(work, arguments.lines)
        out = os.path.join(work, "out")
        if {"http", "loki"} & set(wanted):
            server = Nginx(work, 18204)
        todo = commands(arguments.ship, out, 18204, wanted)
        results = {name: [] for name, *_ in todo}
        for _ in range(arguments.rounds):
            for name, command, target, _ in todo:
                os.mkdir(out)
                if "svlogd" in command[0]:
                    os.mkdir(f"{out}/svlogd")
                stdout = open(target, "wb") if target else subprocess.DEVNULL
                result = measure.pipeline(source, command, stdout)
                check(name, result, out, size, arguments.lines)
                results[name].append(result)
                shutil.rmtree(out)
        show(arguments, size, todo, results)
    finally:
        if server:
            server.stop()
        shutil.rmtree(work)


def show(arguments, size, todo, results):
    print(f"{arguments.lines} lines, {size / 1e6:.0f} MB, from a file through `cat`; {measure.machine()}; "
          f"medians of {arguments.rounds} rounds.\n")

    def ratio(name, other, what):
        pairs = zip(results[name], results.get(other, []))
        ratios = [getattr(mine, what) / getattr(theirs, what) for mine, theirs in pairs if getattr(theirs, what)]
        return f"{measure.median(ratios):.2f}" if ratios else ""

    rows = []
    for name, _, _, kind in todo:
        wall = measure.median([result.wall for result in results[name]])
        cpu = measure.median([result.cpu for result in results[name]])
        peak = measure.median([result.peak_kb for result in results[name]])
        rows.append([name, f"{wall:.2f}", f"{size / wall / 1e6:.0f}", f"{cpu:.2f}",
                     f"{cpu / arguments.lines * 1e9:.0f}", f"{peak / 1024:.1f}",
                     ratio(name, {"null": "cat >/dev/null", "file": "cat >file"}.get(kind), "wall"),
                     ratio(name, "rotatelogs → file" if kind == "file" else None, "wall")])
    measure.table(["stdin →", "wall s", "MB/s", "CPU s", "CPU ns a line", "peak MB", "wall ÷ cat",
                   "wall ÷ rotatelogs"], rows)
    if "s6-log → file" not in results:
        return
    s6_log = measure.median([result.cpu for result in results["s6-log → file"]])
    scale_s6 = s6_log / (FLUENT_BIT_S6_LOG * arguments.lines / 2_000_000)
    print(f"\nfluent-bit's CPU seconds, scaled by s6-log here ÷ there ({scale_s6:.2f}):\n")
    rows = []
    for name, _, _, kind in todo:
        if name.startswith("fapilog-ship"):
            cpu = measure.median([result.cpu for result in results[name]])
            theirs = FLUENT_BIT[kind] * scale_s6 * arguments.lines / 2_000_000
            rows.append([name, f"{cpu:.2f}", f"{theirs:.1f}", f"{theirs / cpu:.1f}"])
    measure.table(["stdin →", "fapilog-ship CPU s", "fluent-bit CPU s", "times less"], rows)


if __name__ == "__main__":
    main()
