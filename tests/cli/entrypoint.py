"""Runs the real program in front of a command, as PID 1 of a process namespace or not."""

import json
import os
import select
import signal
import subprocess
import sys
import time

from program import PATIENCE, SHIP, clean_environment

IN_NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
# Every signal that a process can be sent and can take, without those that are the shipper's own affair.
FORWARDED = [n for n in [*range(1, 32), *range(signal.SIGRTMIN, signal.SIGRTMAX + 1)]
             if n not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGUSR1)]


def can_make_namespaces():
    return subprocess.run([*IN_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def python(code):
    """A command that runs `code`."""
    return [sys.executable, "-u", "-c", code]


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []


def state_of(pid):
    """R, S, T, Z …; none where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def wait_until(condition):
    """Waits for what must happen at some time."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen")
        time.sleep(0.005)


def messages(output):
    return [json.loads(line)["log"]["message"] for line in output.splitlines()]


class Entrypoint:
    """The program in front of a command; lines of its output are read one by one."""

    def __init__(self, command, options=(), namespace=False, **more):
        words = [*(IN_NAMESPACE if namespace else []), SHIP, *options, "--", *command]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=clean_environment(), **{"stdin": subprocess.DEVNULL, **more})
        self.buffer = b""
        self.pid = self.process.pid
        if namespace:
            found = []
            # A short run may be over before it was seen.
            wait_until(lambda: found.extend(children_of(self.process.pid)) or found or
                       self.process.poll() is not None)
            self.pid = found[0] if found else self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            for pid in [*children_of(self.pid), self.pid, self.process.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()

    def line(self):
        """The next line of output, as an object."""
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            if not ready:
                raise AssertionError("no line came")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise AssertionError("the output ended: " + self.process.stderr.read().decode())
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def send(self, number):
        os.kill(self.pid, number)

    def end(self):
        """Waits for the end; the exit code and what else was put out."""
        output, error = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, (self.buffer + output).decode(), error.decode()


def run(command, options=(), namespace=False, **more):
    """The exit code, output and diagnostics of a run to its end."""
    with Entrypoint(command, options, namespace, **more) as entrypoint:
        return entrypoint.end()
