"""How the cost of a line grows with the number of sinks, the size of the queue and the length of the line. Where a queue
is full and each line evicts another, only the lines that come once it is full are counted: what memory costs while the
queue fills, it costs once."""

import fcntl
import os
import struct
import subprocess
import termios
import time

import chart
import measure

TITLE = "How cost grows"
SINKS = (1, 2, 4, 8)
QUEUES = (1_000, 10_000, 100_000, 1_000_000)
LENGTHS = (100, 400, 1_000, 2_000, 10_000)
IN_FLIGHT = 256  # of a worker's batch, beside what the queue holds


def ship(bench, *options):
    return [bench.ship, "--config", "/dev/null", "--stats-at-exit", "--stats-format", "json", *options]


def one(bench, kind, lines, *options):
    """Medians: ns of CPU and of wall time a line, peak memory."""
    source, _, lines = bench.input(kind, lines)
    done = [measure.pipeline(source, ship(bench, *options)) for _ in range(bench.rounds if bench.quick else 3)]
    return {"cpu_ns": measure.median([run.cpu for run in done]) / lines * 1e9,
            "wall_ns": measure.median([run.wall for run in done]) / lines * 1e9,
            "peak_mb": max(run.peak_kb for run in done) / 1024}


class Program:
    """The program at the end of a pipe, and the CPU (ns) of its threads at the moments when it has nothing more to do."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True)
        self.pipe = self.process.stdin.fileno()

    def feed(self, source, lines):
        """CPU and wall time of so many lines from the beginning of a file, in ns."""
        cpu, wall = self.cpu(), time.monotonic_ns()
        subprocess.run(["head", "-n", str(lines), source], stdout=self.pipe, check=True)
        while struct.unpack("i", fcntl.ioctl(self.pipe, termios.FIONREAD, bytes(4)))[0] > 0:
            time.sleep(0.001)
        wall = time.monotonic_ns() - wall
        before, now = -1, self.cpu()
        while now != before:
            time.sleep(0.02)
            before, now = now, self.cpu()
        return now - cpu, wall

    def cpu(self):
        tasks = f"/proc/{self.process.pid}/task"
        total = 0
        for thread in os.listdir(tasks):
            with open(f"{tasks}/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    def end(self):
        """Peak memory, MB, and the statistics."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            peak = int(status.read().split("VmHWM:", 1)[1].split()[0]) / 1024
        _, said = self.process.communicate()
        return peak, measure.Measured(0, 0, 0, said, self.process.returncode).stats()


def through_queue(bench, source, size, lines, *options):
    """Of `lines` that come when a queue of `size` records has been full, or would have been."""
    program = Program(ship(bench, "--queue-size", str(size), "--queue-bytes", "1GB", *options))
    program.feed(source, 1)  # it has started
    fill = size + 2 * IN_FLIGHT
    filling, _ = program.feed(source, fill)
    cpu, wall = program.feed(source, lines)
    peak, stats = program.end()
    return {"cpu_ns": cpu / lines, "wall_ns": wall / lines, "fill_cpu_ns": filling / fill, "peak_mb": peak,
            "evicted": max(sink["dropped"]["evicted"] for sink in stats["sinks"].values())}


def queues(bench, lines, nowhere):
    """The same lines into queues that are drained at once, and into full ones; in turns, medians."""
    ways = {"queue, drained": nowhere, "queue, each line evicts": measure.EACH_EVICTS}
    data = {name: {} for name in ways}
    # One level, so that each arrival takes the place of the oldest.
    source, _, _ = bench.input("400i", max(lines, QUEUES[-1] + 2 * IN_FLIGHT))
    for size in QUEUES:
        done = {name: [] for name in ways}
        for _ in range(bench.rounds):
            for name, options in ways.items():
                done[name].append(through_queue(bench, source, size, lines, *options))
        for name, figures in done.items():
            data[name][size] = {key: measure.median([one[key] for one in figures]) for key in figures[0]}
    return data


def run(bench):
    lines = bench.lines // 2
    nowhere = ("--no-drop-on-full", "--sink", "null:")
    data = {"sinks": {}, "length": {}}
    for count in SINKS:
        urls = [part for i in range(count) for part in ("--sink", f"null:?name=s{i}")]
        data["sinks"][count] = one(bench, "real", lines, "--no-drop-on-full", *urls)
    for length in LENGTHS:
        data["length"][length] = one(bench, str(length), min(lines, lines * 400 // length), *nowhere)
    return {**data, **queues(bench, lines, nowhere)}


def render(data):
    text = ""
    for title, key in (("sinks (null)", "sinks"), ("bytes of a line → null", "length")):
        rows = [[f"{int(x):,}", f"{y['cpu_ns']:,.0f}", f"{y['wall_ns']:,.0f}", f"{y['cpu_ns'] / int(x):,.2f}",
                 f"{y['peak_mb']:.1f}"] for x, y in data[key].items()]
        per = "CPU ns a line and sink" if key == "sinks" else "CPU ns a byte"
        text += measure.markdown([title, "CPU ns a line", "wall ns a line", per, "peak MB"], rows) + "\n"
    evicted, drained = data["queue, each line evicts"], data["queue, drained"]
    rows = [[f"{int(size):,}", f"{drained[size]['cpu_ns']:,.0f}", f"{evicted[size]['cpu_ns']:,.0f}",
             f"{evicted[size]['cpu_ns'] / drained[size]['cpu_ns']:.2f}", f"{evicted[size]['fill_cpu_ns']:,.0f}",
             f"{drained[size]['peak_mb']:.1f}", f"{evicted[size]['peak_mb']:.1f}", f"{evicted[size]['evicted']:,.0f}"]
            for size in drained]
    text += measure.markdown(
        ["records in the queue", "→ null: CPU ns a line", "sink down, queue full, each line evicts: CPU ns a line", "ratio",
         "while it fills: CPU ns a line", "→ null: peak MB", "sink down: peak MB", "lines evicted"], rows)
    return text + "\nA queue that fills takes memory from the system, page by page; once it is full it has all it needs.\n"


def draw(data, out):
    def points(key, what):
        return [(int(x), y[what]) for x, y in data[key].items()]

    chart.growth(os.path.join(out, "growth.svg"), "How cost grows", [
        ("CPU ns a line", "sinks", {"→ null": points("sinks", "cpu_ns")}),
        ("CPU ns a line", "bytes of a line", {"→ null": points("length", "cpu_ns")}),
        ("CPU ns a line", "records in the queue", {"→ null": points("queue, drained", "cpu_ns"),
                                                   "full, each evicts": points("queue, each line evicts", "cpu_ns")}),
        ("peak memory, MB", "records in the queue", {"→ null": points("queue, drained", "peak_mb"),
                                                     "full": points("queue, each line evicts", "peak_mb")})])
