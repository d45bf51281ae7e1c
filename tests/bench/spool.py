"""What a spool takes while nobody answers: a burst written as fast as the pipe takes it, until the end of the input."""

import json
import os
import shutil
import subprocess

import measure

TITLE = "A burst into the spool"
SIZE = 463
QUEUES = (500, 10_000)
MODES = ("overflow", "durable")


def one(bench, mode, queue, lines):
    directory = os.path.join(bench.work, "spool")
    refused = measure.free_port()
    process = subprocess.Popen(
        [bench.ship, "--config", "/dev/null", "--stats-at-exit", "--stats-format", "json", "--drain-timeout", "2s",
         "--queue-size", str(queue), "--spool", directory, "--spool-mode", mode, "--spool-bytes", "4GB",
         "--sink", f"http://127.0.0.1:{refused}/in"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # Twenty lines in one write: one would measure the pipe.
    said = subprocess.run(
        [measure.PRODUCER, "--lines", str(lines), "--rate", "0", "--sizes", str(SIZE), "--burst", "20"],
        stdout=process.stdin, stderr=subprocess.PIPE, check=True, text=True).stderr
    process.stdin.close()
    books = json.loads([line for line in process.stderr.read().splitlines() if line.startswith("{")][-1])
    process.wait()
    shutil.rmtree(directory)
    sink = books["sinks"]["http"]
    return {"mode": mode, "queue": queue, "lines": lines, "kept": sink["spooled"],
            "dropped": sum(sink["dropped"].values()), "seconds": json.loads(said)["seconds"]}


def run(bench):
    return [one(bench, mode, queue, bench.lines) for mode in MODES for queue in QUEUES]


def render(data):
    rows = [[row["mode"], f"{row['queue']:,}", f"{row['lines']:,}", f"{row['kept']:,}", f"{row['dropped']:,}",
             f"{row['lines'] / row['seconds'] / 1000:,.0f}", f"{row['lines'] * SIZE / row['seconds'] / 1e6:,.0f}"]
            for row in data]
    return (f"Lines of {SIZE} bytes as fast as the pipe takes them, a sink that refuses connections:\n\n" + measure.markdown(
        ["mode", "queue", "lines", "kept", "dropped", "thousand lines a second", "MB/s"], rows))


def draw(_data, _out):
    pass
