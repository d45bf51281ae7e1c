#!/usr/bin/env python3
"""A long run under load with faults that come and go, and what became of memory, descriptors and books:

    tests/bench/soak.py                               # an hour at 100,000 lines a second
    tests/bench/soak.py --seconds 30 --cycle 25       # the same, short

One shipper, three sinks: `plain` (HTTP), `kept` (HTTP with a spool that fills up) and `file` (rotated). Behind them a
server of ours hangs, refuses, cuts connections, is slow, forgets its answers, goes away and comes back; SIGUSR1 and
SIGHUP come meanwhile, every other reload with a sink changed. At the end every line is accounted for: what the producer
wrote, what the shipper's books say in every snapshot, what the server stored and what stands in the files.

Writes summary.md, soak.svg and samples.json into --out; ends with 1 where a check failed. The process group may be
stopped and continued (kill -STOP -- -PGID): the producer does not catch up with what it missed."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import chart
import measure

LEVELS = "INFO,DEBUG,INFO,WARNING,INFO,INFO,INFO,ERROR"
ROTATED = 2
# The share of a cycle that each state lasts, and what is told to the server. None: it is not there.
CYCLE = (
    (0.20, "well", "ok *"), (0.12, "hangs, the spool fills", "hang *"), (0.16, "well", "ok *"),
    (0.08, "refuses", "refuse *"), (0.08, "well", "ok *"), (0.05, "cuts", "cut *"), (0.03, "well", "ok *"),
    (0.05, "slow", "slow 300 *"), (0.07, "well", "ok *"), (0.01, "loses its answers", "lose *"), (0.04, "well", "ok *"),
    (0.03, "away", None), (0.08, "well", "ok *"),
)
# When in a cycle the shipper is told to reload: with a sink changed, then as it is.
RELOADS = ((0.10, True), (0.26, False), (0.60, True), (0.84, False))


class Server:
    """bench_sink, which may go away and come back on the same port. Counts of the lives that ended are kept."""

    def __init__(self):
        self.port = 0
        self.ended = {}
        self.life = None
        self.start()

    def start(self):
        for attempt in range(100):
            try:
                self.life = measure.Sink(port=self.port)
                self.port = self.life.port
                return
            except OSError:
                if attempt == 99:
                    raise
                time.sleep(0.05)

    def stop(self):
        for path, counts in self.life.report("quit")["paths"].items():
            before = self.ended.setdefault(path, dict.fromkeys(counts, 0))
            for key, count in counts.items():
                before[key] += count
        self.life.process.wait()
        self.life = None


def state_of(pid):
    """Memory (kB), threads, descriptors and processor seconds of a process, as the kernel says."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = dict(line.split(":", 1) for line in file if ":" in line)
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        ticks = file.read().rsplit(")", 1)[1].split()
    return {"resident_kb": int(status["VmRSS"].split()[0]), "anonymous_kb": int(status["RssAnon"].split()[0]),
            "peak_kb": int(status["VmHWM"].split()[0]), "threads": int(status["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "cpu": (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")}


def configuration(port, directory, odd):
    """What the shipper runs with. Every other reload finds a sink that is not as it was."""
    return f"""
[queue]
drop_on_full = true
[delivery]
batch_size = 1000
request_timeout = "2s"
retry_base = "50ms"
retry_max = "1s"
breaker_interval = "1s"
drain_timeout = "300s"
[spool]
dir = "{directory}/spool"
max_bytes = "128 MB"
[sinks.plain]
url = "http://127.0.0.1:{port}/plain"
delivery.batch_size = {800 if odd else 1000}
spool.mode = "off"
[sinks.kept]
url = "http://127.0.0.1:{port}/kept"
[sinks.file]
url = "file://{directory}/files/app.ndjson"
rotate_size = "64 MB"
spool.mode = "off"
"""


class Soak:
    """One run."""

    def __init__(self, options, directory, harness):
        self.options = options
        self.directory = directory
        self.harness = harness
        self.samples = []
        self.faults = []  # (from, to, what), seconds
        self.counts = {"reloads": 0, "snapshots": 0, "restarts": 0, "pauses": 0}
        self.odd = False
        self.keep_files = options.rate * options.seconds * 250 < 4e9

    def path(self, name):
        return os.path.join(self.directory, name)

    def configure(self, port):
        text = configuration(port, self.directory, self.odd)
        if not self.keep_files:
            text = text.replace('rotate_size = "64 MB"', f'rotate_size = "64 MB"\nmax_files = {ROTATED}')
        with open(self.path("ship.toml.new"), "w", encoding="ascii") as file:
            file.write(text)
        os.replace(self.path("ship.toml.new"), self.path("ship.toml"))

    def run(self):
        """Returns what the checks need to know of the end."""
        os.mkdir(self.path("files"))
        os.mkdir(self.path("spool"))
        self.server = Server()
        self.configure(self.server.port)
        with self.harness.Ship("--config", self.path("ship.toml")) as ship:
            self.ship = ship
            ship.ready()
            lines = int(self.options.rate * self.options.seconds)
            with open(self.path("producer"), "wb") as said:
                producer = subprocess.Popen(
                    [measure.PRODUCER, "--lines", str(lines), "--rate", str(self.options.rate), "--sizes", "100,400",
                     "--levels", LEVELS, "--burst", str(self.options.burst)],
                    stdin=subprocess.DEVNULL, stdout=ship.stdin, stderr=said)
            ship.producers.append(producer)
            ship.close_input()  # ours; the producer has its own
            self.begun = time.monotonic()
            while self.is_running(producer):
                self.cycle(producer)
            if self.server.life is None:
                self.server.start()
            self.server.life.tell("ok *")
            producer.wait()
            code, drained = ship.wait(600)
            self.server.stop()
            with open(self.path("producer"), encoding="ascii") as file:
                written = json.load(file)
            return {"code": code, "drained_seconds": drained, "producer": written, "final": ship.last,
                    "wrong": ship.wrong, "stored": self.server.ended, "files": self.files(),
                    "spool_left": sum(len(names) for _, _, names in os.walk(self.path("spool"))),
                    "said": ship.said[-20:], **self.counts}

    def is_running(self, producer):
        return producer.poll() is None and self.ship.process.poll() is None

    def now(self):
        return time.monotonic() - self.begun

    def cycle(self, producer):
        """All states once. Samples, snapshots and reloads come between."""
        length = self.options.cycle
        begin = self.now()
        reloads = list(RELOADS)
        at = begin
        for share, what, command in CYCLE:
            self.change(command)
            entered = self.now()
            at += share * length
            while self.now() < at:
                if not self.is_running(producer):
                    return
                self.sample(what)
                if reloads and self.now() - begin >= reloads[0][0] * length:
                    self.reload(reloads.pop(0)[1])
                self.rest(min(self.options.every, at - self.now()))
            if command != "ok *":
                self.faults.append((entered, self.now(), what))

    def rest(self, seconds):
        """Sleeps. The time for which all of us were stopped does not count."""
        before = time.monotonic()
        time.sleep(max(0.0, seconds))
        stopped = time.monotonic() - before - seconds
        if stopped > 3:
            self.begun += stopped
            self.counts["pauses"] += 1

    def change(self, command):
        if command is None:
            self.server.stop()
            return
        if self.server.life is None:
            self.counts["restarts"] += 1
            self.server.start()
        self.server.life.tell(command)

    def reload(self, changed):
        if changed:
            self.odd = not self.odd
            self.configure(self.server.port)
        self.ship.process.send_signal(signal.SIGHUP)
        self.counts["reloads"] += 1

    def sample(self, what):
        try:
            one = {"at": self.now(), "state": what, **state_of(self.ship.process.pid)}
            stats = self.snapshot()
        except (AssertionError, OSError, KeyError):
            if self.ship.process.poll() is None:
                raise
            return
        self.counts["snapshots"] += 1
        one["lines"] = stats["input"]["lines"]
        for name, sink in stats["sinks"].items():
            one[name] = {"queue": sink["queue_depth"], "spooled": sink["spooled"], "delivered": sink["delivered"],
                         "dropped": sum(sink["dropped"].values())}
        self.samples.append(one)
        if len(self.samples) % 60 == 0:
            print(json.dumps(one), file=sys.stderr, flush=True)
            self.save()

    def snapshot(self):
        try:
            return self.ship.snapshot()
        except AssertionError:  # all of us were stopped while it waited
            return self.ship.snapshot()

    def save(self):
        with open(os.path.join(self.options.out, "samples.json"), "w", encoding="ascii") as file:
            json.dump({"samples": self.samples, "faults": self.faults, "so_far": self.counts}, file)

    def files(self):
        """How many files there are, and how many lines are in them where all were kept."""
        names = os.listdir(self.path("files"))
        lines = None
        if self.keep_files:
            lines = 0
            for name in names:
                with open(os.path.join(self.path("files"), name), "rb") as file:
                    while block := file.read(1 << 20):
                        lines += block.count(b"\n")
        return {"count": len(names), "lines": lines}


def slope_an_hour(points):
    """Least squares: how much the value grows in 3600 s."""
    n = len(points)
    if n < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return 3600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def thirds(values):
    """The second and the last third of a series: the first is warming up."""
    third = len(values) // 3
    return values[third:2 * third], values[2 * third:]


def checks(samples, end):
    """What must hold: a list of (rule, holds, figures)."""
    written = end["producer"]["lines"]
    final = end["final"]
    sinks = final["sinks"]
    found = [
        ("the producer was never stopped, every line was written", end["producer"]["errno"] == 0, f"{written:,} lines"),
        ("every line that was written was read", final["input"]["lines"] == written,
         f"{final['input']['lines']:,} read"),
        ("both identities hold in every snapshot", not end["wrong"],
         f"{end['snapshots']:,} snapshots{'; ' + end['wrong'][0] if end['wrong'] else ''}"),
    ]
    for name, sink in sinks.items():
        ends = sink["filtered"] + sink["delivered"] + sum(sink["dropped"].values()) + sink["dead_lettered"]
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sink["dropped"].items() if count) or "0"
        found.append((f"{name}: every line has one ending", ends == written and not sink["pending"] + sink["spooled"],
                      f"{sink['delivered']:,} delivered; dropped: {reasons}"))
        stored = end["stored"].get("/" + name)
        if stored:
            again = stored["stored"] + stored["doubtful"] - sink["delivered"]
            found.append((f"{name}: the server has all that the books call delivered", again >= 0,
                          f"{stored['stored'] + stored['doubtful']:,} stored, {again:,} of them again, "
                          f"{stored['doubtful']:,} without an answer"))
    if end["files"]["lines"] is not None:
        found.append(("file: all that is delivered stands in the files",
                      end["files"]["lines"] == sinks["file"]["delivered"], f"{end['files']['lines']:,} lines"))
    else:
        found.append(("file: no more files than are to be kept", end["files"]["count"] <= ROTATED + 1,
                      f"{end['files']['count']} files"))
    found.append(("it ended with 0", end["code"] == 0, f"{end['code']}, drained in {end['drained_seconds']:.1f} s"))
    found += flat(samples)
    return found


def flat(samples):
    """The checks of what must not grow."""
    middle, late = thirds(samples)
    if not middle:
        return []
    warm = middle + late
    growth = slope_an_hour([(one["at"], one["anonymous_kb"]) for one in warm])
    span = warm[-1]["at"] - warm[0]["at"]
    peaks = [max(one["resident_kb"] for one in part) for part in (middle, late)]
    found = [("memory is flat: the last third's most is not above the second's", peaks[1] <= peaks[0] * 1.05 + 512,
              f"{peaks[1] / 1024:.1f} MB after {peaks[0] / 1024:.1f} MB; peak of all "
              f"{max(one['peak_kb'] for one in samples) / 1024:.1f} MB")]
    # Of a short run a straight line says nothing.
    found.append(("memory does not creep: below 1 MB an hour", span < 900 or growth < 1024, f"{growth:+.0f} kB an hour"))
    for key in ("descriptors", "threads"):
        most = [max(one[key] for one in part) for part in (middle, late)]
        usual = [measure.median([one[key] for one in part]) for part in (middle, late)]
        found.append((f"{key} are flat", most[1] <= most[0] + 2 and usual[1] <= usual[0] + 1,
                      f"most {most[1]} after {most[0]}, median {usual[1]:g} after {usual[0]:g}"))
    return found


def summary(options, samples, faults, end):
    """The page, and whether all is well."""
    found = checks(samples, end)
    taken = end["producer"]["seconds"] - end["producer"]["missed_seconds"]
    kinds = {}
    for begin, until, what in faults:
        count, seconds = kinds.get(what, (0, 0))
        kinds[what] = (count + 1, seconds + until - begin)
    parts = [f"# Soak: {end['producer']['lines']:,} lines in {taken:,.0f} s, {end['producer']['lines'] / taken:,.0f} a "
             "second", "", f"{measure.machine()}. {end['producer']['bytes'] / 1e9:.1f} GB; "
             f"{len(faults)} faults, {end['reloads']} reloads, {end['restarts']} restarts of the server, "
             f"{end['snapshots']:,} snapshots by SIGUSR1.", "", "| rule | holds | |", "|---|---|---|"]
    parts += [f"| {rule} | {'yes' if holds else '**no**'} | {figures} |" for rule, holds, figures in found]
    parts += ["", "| fault of the server | times | seconds |", "|---|---:|---:|"]
    parts += [f"| {what} | {count} | {seconds:.0f} |" for what, (count, seconds) in sorted(kinds.items())]
    if samples:
        cpu = (samples[-1]["cpu"] - samples[0]["cpu"]) / max(1, samples[-1]["at"] - samples[0]["at"])
        parts += ["", f"Processor: {100 * cpu:.0f} % of one core. write(2) of the producer ({options.burst} lines each): "
                  f"p50 {end['producer']['p50_us']:.1f} µs, p99 {end['producer']['p99_us']:.1f} µs, p99.9 "
                  f"{end['producer']['p999_us']:.1f} µs, max {end['producer']['max_us'] / 1000:.1f} ms."]
    parts += ["", "![memory, descriptors, threads and what waits, over time](soak.svg)", ""]
    return "\n".join(parts), all(holds for _, holds, _ in found)


def draw(path, samples, faults):
    def series(of):
        return [(one["at"] / 60, of(one)) for one in samples]

    chart.over_time(path, "Soak: faults are shaded", [
        ("memory, MB", {"resident": series(lambda one: one["resident_kb"] / 1024),
                        "anonymous": series(lambda one: one["anonymous_kb"] / 1024)}),
        ("descriptors and threads", {"descriptors": series(lambda one: one["descriptors"]),
                                     "threads": series(lambda one: one["threads"])}),
        ("thousand records waiting in memory", {
            name: series(lambda one, name=name: one.get(name, {}).get("queue", 0) / 1000)
            for name in ("plain", "kept", "file")}),
        ("thousand records in the spool", {"kept": series(lambda one: one.get("kept", {}).get("spooled", 0) / 1000)}),
    ], [(begin / 60, until / 60) for begin, until, _ in faults])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ship", default=os.environ.get("FAPILOG_SHIP", measure.RELEASE))
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--rate", type=int, default=100_000, help="lines a second (%(default)s)")
    parser.add_argument("--burst", type=int, default=10, help="lines in one write(2) (%(default)s)")
    parser.add_argument("--cycle", type=float, default=180, help="seconds that a round of all faults takes (%(default)s)")
    parser.add_argument("--every", type=float, default=2, help="seconds between samples (%(default)s)")
    parser.add_argument("--out", default="soak", help="directory of what it writes (%(default)s)")
    parser.add_argument("--dir", help="where files and spool lie meanwhile (default: a temporary directory)")
    options = parser.parse_args()
    os.environ["FAPILOG_SHIP"] = options.ship
    import harness  # noqa: E402  pylint: disable=import-outside-toplevel  # it reads the environment

    options.out = os.path.abspath(options.out)
    os.makedirs(options.out, exist_ok=True)
    directory = tempfile.mkdtemp(prefix="soak-", dir=options.dir)
    # Whoever ends it early gets no summary, and finds nothing left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    soak = Soak(options, directory, harness)
    try:
        end = soak.run()
    finally:
        soak.save()
        server = getattr(soak, "server", None)
        if server and server.life:
            server.life.close()
        shutil.rmtree(directory, ignore_errors=True)
    text, well = summary(options, soak.samples, soak.faults, end)
    with open(os.path.join(options.out, "summary.md"), "w", encoding="utf-8") as file:
        file.write(text)
    draw(os.path.join(options.out, "soak.svg"), soak.samples, soak.faults)
    print(text)
    if not well:
        sys.exit("not all rules hold: " + "\n".join(end["said"]))


if __name__ == "__main__":
    main()
