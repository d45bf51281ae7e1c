"""The small costs: from exec to the first line in a file, wake-ups and memory while idle, memory while a sink hangs,
allocations a line."""

import ctypes
import os
import subprocess
import time

import latency
import measure

TITLE = "Small costs"
LINE = b'{"level":"INFO","message":"first"}\n'
FEW = 50_000


class FirstLine:
    """From before fork until a line stands in a file, told by inotify: who looks at the file all the time slows down
    what it measures."""

    IN_MODIFY = 2

    def __init__(self, directory):
        self.directory = os.path.join(directory, "first")
        os.makedirs(self.directory)
        self.path = os.path.join(self.directory, "first.ndjson")
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.watch = self.libc.inotify_init1(os.O_CLOEXEC)
        if self.watch < 0 or self.libc.inotify_add_watch(self.watch, self.directory.encode(), self.IN_MODIFY) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def milliseconds(self, command):
        inside, outside = os.pipe()
        os.write(outside, LINE)
        begin = time.monotonic()
        with subprocess.Popen(command, stdin=inside, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            os.close(inside)
            while not os.path.exists(self.path) or os.path.getsize(self.path) < len(LINE):
                os.read(self.watch, 4096)
            took = time.monotonic() - begin
            os.close(outside)
        os.unlink(self.path)
        return took * 1000


def starts(ship, directory, rounds):
    """Milliseconds, sorted: tee, which does next to nothing before it copies, and ours, in turns."""
    first = FirstLine(directory)
    commands = {"tee": ["tee", first.path],
                "fapilog-ship": [ship, "--config", "/dev/null", "--sink", f"file://{first.path}"]}
    took = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            took[name].append(first.milliseconds(command))
    os.close(first.watch)
    return {name: {"median": measure.median(values), "slowest": max(values)} for name, values in took.items()}


def switches(pid):
    """Voluntary context switches of all threads: each is a wake-up."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as status:
            total += int(status.read().split("\nvoluntary_ctxt_switches:", 1)[1].split()[0])
    return total


def idle(command, seconds):
    """Wake-ups a minute and resident memory (MB) with nothing to do, after one line."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.stdin.write(LINE)
    process.stdin.flush()
    time.sleep(2)
    before = switches(process.pid)
    time.sleep(seconds)
    wakeups = (switches(process.pid) - before) / seconds * 60
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        resident = int(status.read().split("VmRSS:", 1)[1].split()[0]) / 1024
    process.stdin.close()
    process.wait()
    return {"wakeups_a_minute": wakeups, "resident_mb": resident}


def allocations(bench, directory, *options):
    """Allocations of one line more, counted by a library that is loaded before the C library."""
    counts = []
    for lines in (FEW, 2 * FEW):
        source, _, _ = bench.input("real", lines)
        path = os.path.join(directory, "allocations")
        command = [bench.ship, "--config", "/dev/null", "--no-drop-on-full", *options]
        measure.pipeline(source, command, environment={"LD_PRELOAD": measure.ALLOCATIONS, "ALLOCATIONS_REPORT": path})
        with open(path, encoding="ascii") as file:
            counts.append(int(file.read()))
    return (counts[1] - counts[0]) / FEW


def run(bench):
    seconds = 3 if bench.quick else 20
    ship = [bench.ship, "--config", "/dev/null"]
    out = bench.work
    with measure.Sink() as server:
        server.tell("hang /hang")
        first = starts(bench.ship, out, 10 if bench.quick else 50)
        quiet = {name: idle([*ship, *options], seconds) for name, options in {
            "a file": ["--sink", f"file://{out}/idle.ndjson"],
            "HTTP": ["--sink", server.url()],
            "HTTP with a spool, and metrics": ["--sink", server.url(), "--spool", f"{out}/idle-spool", "--listen",
                                               f"127.0.0.1:{measure.free_port()}"],
        }.items()}
        hung = {f"{size:,} records, {limit}": latency.through(
            [*ship, "--drain-timeout", "100ms", "--queue-size", str(size), "--queue-bytes", limit, "--sink",
             server.url("/hang")], 2, 100_000, ("--burst", "10"))["peak_kb"] / 1024
            for size, limit in ((10_000, "64MB"), (100_000, "16MB"), (100_000, "64MB"))}
    ways = {"null": ["--sink", "null:"], "file": ["--sink", f"file://{out}/a.ndjson"], "HTTP": ["--sink", bench.nginx_url("http")],
            "HTTP, gzip": ["--sink", bench.nginx_url("http") + "?compression=gzip"],
            "HTTP, zstd": ["--sink", bench.nginx_url("http") + "?compression=zstd"],
            "Loki": ["--sink", bench.nginx_url("loki+http")]}
    return {"start_ms": first, "idle": quiet, "hung_mb": hung,
            "allocations": {name: allocations(bench, out, *options) for name, options in ways.items()}}


def render(data):
    rows = [[f"from fork to the first line in a file, {name}: median (slowest)", f"{one['median']:.1f} ms ({one['slowest']:.1f})"]
            for name, one in data["start_ms"].items()]
    for name, one in data["idle"].items():
        rows.append([f"idle, {name}: wake-ups a minute", f"{one['wakeups_a_minute']:.0f}"])
        rows.append([f"idle, {name}: resident", f"{one['resident_mb']:.1f} MB"])
    rows += [[f"sink hung, queue of {name}: peak memory", f"{value:.1f} MB"] for name, value in data["hung_mb"].items()]
    rows += [[f"allocations a line → {name}", f"{value:.3f}"] for name, value in data["allocations"].items()]
    return measure.markdown(["what", "value"], rows)


def draw(_data, _out):
    pass
