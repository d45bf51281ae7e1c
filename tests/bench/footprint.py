#!/usr/bin/env python3
"""The small costs: from exec to the first line in a file, wake-ups while idle, memory while idle."""

import argparse
import os
import subprocess
import tempfile
import time

import measure

LINE = b'{"level":"INFO","message":"first"}\n'


def first_line(ship, directory):
    """Milliseconds from before exec until the line stands in the file."""
    path = os.path.join(directory, "first.ndjson")
    begin = time.monotonic()
    process = subprocess.Popen([ship, "--sink", f"file://{path}"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdin.write(LINE)
    process.stdin.flush()
    while time.monotonic() - begin < 10:
        if os.path.exists(path) and os.path.getsize(path) == len(LINE):
            break
        time.sleep(0.0002)
    took = time.monotonic() - begin
    process.stdin.close()
    process.wait()
    os.unlink(path)
    return took * 1000


def switches(pid):
    """Voluntary context switches of all threads: each is a wake-up."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as status:
            total += int(status.read().split("\nvoluntary_ctxt_switches:", 1)[1].split()[0])
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ship", default=measure.RELEASE)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--idle", type=float, default=10, help="seconds of idling")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        times = sorted(first_line(arguments.ship, directory) for _ in range(arguments.rounds))
        process = subprocess.Popen([arguments.ship, "--sink", f"file://{directory}/idle.ndjson"],
                                   stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdin.write(LINE)
        process.stdin.flush()
        time.sleep(2)
        before = switches(process.pid)
        time.sleep(arguments.idle)
        wakeups = (switches(process.pid) - before) / arguments.idle
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            resident = int(status.read().split("VmRSS:", 1)[1].split()[0])
        process.stdin.close()
        process.wait()
    measure.table(["what", "value"], [
        ["exec to first line in a file, median", f"{measure.median(times):.1f} ms"],
        ["exec to first line in a file, slowest", f"{times[-1]:.1f} ms"],
        ["wake-ups while idle", f"{wakeups:.1f}/s"], ["resident while idle", f"{resident / 1024:.1f} MB"]])


if __name__ == "__main__":
    main()
