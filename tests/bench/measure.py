"""What the measuring programs share: inputs, one measured pipeline, the servers behind it, medians, a table."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
# Nobody listens there: once the queue is full, each line evicts the oldest. How such a run ends.
EACH_EVICTS = ("--drop-on-full", "--drop", "oldest", "--drain-timeout", "1ms", "--sink", "http://127.0.0.1:9/")
UNDELIVERED = 75
LEVELS = ["INFO", "INFO", "DEBUG", "INFO", "WARNING", "INFO", "ERROR", "INFO"]
RELEASE = os.path.join(ROOT, "build", "release", "fapilog-ship")
# What stands before, within and behind the program: cmake --build build/release --target bench_tools
TOOLS = os.path.join(ROOT, "build", "release", "tests", "bench")
PRODUCER = os.environ.get("BENCH_PRODUCER", os.path.join(TOOLS, "bench_producer"))
SINK = os.environ.get("BENCH_SINK", os.path.join(TOOLS, "bench_sink"))
ALLOCATIONS = os.environ.get("BENCH_ALLOCATIONS", os.path.join(TOOLS, "libbench_allocations.so"))
HOLDS = os.environ.get("BENCH_HOLDS", os.path.join(TOOLS, "libbench_holds.so"))

sys.path.insert(0, os.path.join(ROOT, "tests", "fault"))


def sample_lines(kind):
    """Lines to repeat. `real`: what fapilog wrote; a number: flat JSON of so many bytes; `400i`: the same, all of level
    INFO; `mixed`: flat ones, of 100, 400 and 2,000 bytes, six, three and one in ten."""
    if kind == "real":
        with open(SAMPLE, "rb") as file:
            return file.readlines()
    if kind == "mixed":
        sizes = [100, 400, 100, 100, 400, 100, 2000, 100, 400, 100]
    else:
        sizes = [int(kind.rstrip("i"))]
    levels = ["INFO"] if kind.endswith("i") else LEVELS
    return [flat_line(i, sizes[i % len(sizes)], levels[i % len(levels)]) for i in range(1000)]


def flat_line(number, size, level):
    """A flat record of exactly `size` bytes, newline included."""
    head = f'{{"level":"{level}","time":"2026-11-22T09:09:{number % 60:02}.624Z","id":{number},"message":"'
    words = "order accepted after check of stock and payment, sent to warehouse; " * (size // 60 + 1)
    return (head + words[:size - len(head) - 3] + '"}\n').encode()


def make_input(directory, lines, name="input.ndjson", kind="real"):
    """A file of so many lines. Returns its path and its size, bytes."""
    path = os.path.join(directory, name)
    sample = sample_lines(kind)
    block = b"".join(sample)
    with open(path, "wb") as file:
        for _ in range(lines // len(sample)):
            file.write(block)
        file.write(b"".join(sample[:lines % len(sample)]))
    return path, os.path.getsize(path)


class Measured:
    """Wall and CPU seconds and the peak of resident memory (kB) of the last command of a pipeline."""

    def __init__(self, wall, cpu, peak_kb, said, code):
        self.wall = wall
        self.cpu = cpu
        self.peak_kb = peak_kb
        self.said = said
        self.code = code

    def stats(self):
        """What fapilog-ship --stats-at-exit --stats-format json told."""
        return json.loads(next(line for line in self.said.splitlines() if line.startswith('{"fapilog_ship"')))


def pipeline(source, command, stdout=subprocess.DEVNULL, limit=600, codes=(0,), environment=None):
    """Runs `cat source | command`, times both together and the CPU of the command alone, with that of the children that
    it waited for."""
    os.sync()
    begin = time.monotonic()
    cat = subprocess.Popen(["cat", source], stdout=subprocess.PIPE)
    process = subprocess.Popen(command, stdin=cat.stdout, stdout=stdout, stderr=subprocess.PIPE,
                               env={**os.environ, **(environment or {})})
    cat.stdout.close()
    peak = Peak(process.pid)
    said = []
    reader = threading.Thread(target=lambda: said.append(process.stderr.read()), daemon=True)
    reader.start()
    alarm = threading.Timer(limit, process.kill)
    alarm.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    process.stderr.close()
    cat.wait()
    peak.stop()
    text = said[0].decode(errors="replace")
    if process.returncode not in codes:
        raise SystemExit(f"{command} ended with {process.returncode}: {text}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, peak.kb, text, process.returncode)


class Peak:
    """Looks at VmHWM now and then until the process is gone. (The rusage of wait4 also counts what the parent had
    resident when it forked.)"""

    def __init__(self, pid):
        self.kb = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch, args=(pid,), daemon=True)
        self.thread.start()

    def watch(self, pid):
        while True:
            try:
                with open(f"/proc/{pid}/status", encoding="ascii") as status:
                    text = status.read()
                self.kb = max(self.kb, int(text.split("VmHWM:", 1)[1].split()[0]))
            except (OSError, IndexError):
                return
            if self.done.wait(0.02):
                return

    def stop(self):
        self.done.set()
        self.thread.join()


class Sink:
    """bench_sink as a child: a server that counts lines and misbehaves as told."""

    def __init__(self, *options, port=0):
        self.process = subprocess.Popen([SINK, str(port), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise OSError(f"bench_sink has no port {port}")
        self.port = int(line)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def url(self, path="/logs"):
        return f"http://127.0.0.1:{self.port}{path}"

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def report(self, command="report"):
        self.tell(command)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Nginx:
    """A server that reads every body and answers 204: any port that is free."""

    def __init__(self, directory):
        need("nginx")
        self.port = free_port()
        config = os.path.join(directory, "nginx.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log; worker_processes 1;
events {{ }}
http {{ access_log off; client_body_temp_path {directory}/body; client_max_body_size 100m;
  proxy_temp_path {directory}/t1; fastcgi_temp_path {directory}/t2; uwsgi_temp_path {directory}/t3;
  scgi_temp_path {directory}/t4;
  server {{ listen 127.0.0.1:{self.port}; keepalive_requests 1000000; location / {{ return 204; }} }} }}
""")
        self.process = subprocess.Popen(["nginx", "-p", directory, "-c", config], stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def monotonic_ns():
    """The clock that bench_producer's marks are of."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def median(values):
    return statistics.median(values)


def markdown(headings, rows):
    """A Markdown table; all columns but the first are numbers."""
    lines = ["| " + " | ".join(headings) + " |", "|---|" + "---:|" * (len(headings) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def need(*programs):
    """Ends with a message where a program is missing: a measurement without its peer is none."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise SystemExit(f"not found: {', '.join(missing)}; install bench_packages of packaging/dependencies.sh")


def machine():
    """One line on what this ran on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = int(file.readline().split()[1]) / (1 << 20)
    with open("/etc/os-release", encoding="utf-8") as file:
        system = next((line.split("=", 1)[1].strip().strip('"') for line in file if line.startswith("PRETTY_NAME")), "Linux")
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GB, {system}, Linux {os.uname().release.split('-')[0]}"
