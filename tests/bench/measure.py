"""What the measuring programs share: input of real lines, one measured pipeline, medians, a table."""

import os
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
RELEASE = os.path.join(ROOT, "build", "release", "fapilog-ship")

sys.path.insert(0, os.path.join(ROOT, "tests", "fault"))


def make_input(directory, lines, name="input.ndjson"):
    """A file of so many lines of real fapilog output. Returns its path and its size, bytes."""
    path = os.path.join(directory, name)
    with open(SAMPLE, "rb") as file:
        sample = file.readlines()
    block = b"".join(sample)
    with open(path, "wb") as file:
        for _ in range(lines // len(sample)):
            file.write(block)
        file.write(b"".join(sample[:lines % len(sample)]))
    return path, os.path.getsize(path)


class Measured:
    """Wall and CPU seconds and the peak of resident memory (kB) of the last command of a pipeline."""

    def __init__(self, wall, cpu, peak_kb, said):
        self.wall = wall
        self.cpu = cpu
        self.peak_kb = peak_kb
        self.said = said


def pipeline(source, command, stdout=subprocess.DEVNULL, limit=600):
    """Runs `cat source | command`, times both together and the CPU of the command alone."""
    os.sync()
    begin = time.monotonic()
    cat = subprocess.Popen(["cat", source], stdout=subprocess.PIPE)
    process = subprocess.Popen(command, stdin=cat.stdout, stdout=stdout, stderr=subprocess.PIPE)
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
    cat.wait()
    peak.stop()
    text = said[0].decode(errors="replace")
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}: {text}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, peak.kb, text)


class Peak:
    """Looks at VmHWM now and then until the process is gone. (The rusage of wait4 also counts what the parent had
    resident when it forked.)"""

    def __init__(self, pid):
        self.kb = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch, args=(pid,), daemon=True)
        self.thread.start()

    def watch(self, pid):
        while not self.done.wait(0.02):
            try:
                with open(f"/proc/{pid}/status", encoding="ascii") as status:
                    text = status.read()
                self.kb = max(self.kb, int(text.split("VmHWM:", 1)[1].split()[0]))
            except (OSError, IndexError):
                return

    def stop(self):
        self.done.set()
        self.thread.join()


def median(values):
    return statistics.median(values)


def table(headings, rows):
    """Prints a Markdown table."""
    print("| " + " | ".join(headings) + " |")
    print("|" + "---|" * len(headings))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def need(*programs):
    """Ends with a message where a program is missing: a measurement without its peer is none."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise SystemExit(f"not found: {', '.join(missing)}; install bench_packages of packaging/dependencies.sh")


def machine():
    """One line on what this ran on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} cores, {model}"
