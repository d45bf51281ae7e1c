"""How long the program's locks are held, and what is done meanwhile. A library that is loaded before the C library
watches every mutex: longest holds in CPU time of the thread, so that being pre-empted does not count; and as counts that
no busy machine changes, the most bytes copied, allocations and calls of read, write or sync under one hold."""

import os
import re
import subprocess

import measure

TITLE = "Locks"
STORM = (*measure.EACH_EVICTS, "--queue-size", "10000", "--queue-bytes", "1GB")
SELDOM = 100
# A lane's one lock: what may happen under one hold. A read's lines are copied in with their padding, segments allocated.
LANE = re.compile(r"ship::(Lane|Backlog|SpoolTraffic)::")
LANE_BYTES = 320 << 10
LANE_ALLOCATIONS = 64


class Place:
    """One that locks a mutex, or several of one function: most of each figure."""

    def __init__(self, name):
        self.name = name
        self.holds = self.p999_ns = self.longest_ns = self.bytes = self.allocations = self.io = 0

    def add(self, holds, *most):
        self.holds += holds
        self.p999_ns, self.longest_ns, self.bytes, self.allocations, self.io = map(
            max, (self.p999_ns, self.longest_ns, self.bytes, self.allocations, self.io), most)


def functions(program, addresses):
    """By address of the program: the first of its own functions on the way there, inlined ones before those around them."""
    if not addresses:
        return {}
    # What stands on the stack is where a call returns to: the call is before it.
    done = subprocess.run(["addr2line", "-Cfia", "-e", program], capture_output=True, text=True, check=True,
                          input="".join(f"{address - 1:#x}\n" for address in addresses))
    found = {}
    for line in done.stdout.splitlines():
        if re.match(r"0x[0-9a-f]+$", line):
            address = int(line, 16) + 1
        elif line.startswith("ship::") and address not in found:
            found[address] = re.sub(r"[({<].*", "", line)
    return found


def parse(line):
    """Figures (as Place.add takes them), and who called whom: object and address."""
    words = line.split()
    return [int(word) for word in words[:6]], [word.rsplit("+", 1) for word in words[6:]]


def read_report(path, program):
    """What the library wrote: places of the program by name, those with the most holds first."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            figures, frames = parse(line)
            rows.append((figures, [int(at) for name, at in frames if os.path.samefile(name, program)]))
    names = functions(program, {address for _, path in rows for address in path})
    places = {}
    for figures, path in rows:
        name = next((names[address] for address in path if address in names), None)
        if name:
            places.setdefault(name, Place(name)).add(*figures)
    return sorted(places.values(), key=lambda place: -place.holds)


def watched(ship, source, directory, *options, codes=(0,)):
    path = os.path.join(directory, "holds")
    measure.pipeline(source, [ship, "--config", "/dev/null", *options], codes=codes,
                     environment={"LD_PRELOAD": measure.HOLDS, "HOLDS_REPORT": path})
    return read_report(path, ship)


def broken(places):
    """The bounds of a lane's lock that do not hold, as sentences."""
    wrong = []
    for place in places:
        if not LANE.match(place.name):
            continue
        for what, found, most in (("bytes copied", place.bytes, LANE_BYTES), ("calls for I/O", place.io, 0),
                                  ("allocations", place.allocations, LANE_ALLOCATIONS)):
            if found > most:
                wrong.append(f"{place.name}: {found} {what} under one hold; {most} are allowed")
    return wrong


def run(bench):
    source, _, _ = bench.input("400i", bench.lines)
    file = ("--no-drop-on-full", "--sink", f"file://{bench.work}/locks.ndjson")
    data = {}
    for name, options, codes in (("→ file", file, (0,)), ("queue full, each line evicts", STORM, (measure.UNDELIVERED,))):
        places = watched(bench.ship, source, bench.work, *options, codes=codes)
        if wrong := broken(places):
            raise SystemExit("\n".join(wrong))
        data[name] = [vars(place) for place in places]
    return data


def render(data):
    text = ""
    for way, places in data.items():
        rows = [[f"`{place['name'].removeprefix('ship::')}`", f"{place['holds']:,}", f"{place['p999_ns'] / 1000:,.1f}",
                 f"{place['longest_ns'] / 1000:,.1f}", f"{place['bytes']:,}", str(place["allocations"]), str(place["io"])]
                for place in places if place["holds"] >= SELDOM]
        text += measure.markdown([f"{way}: locked in", "holds", "p99.9 µs", "longest µs", "most bytes copied",
                                  "most allocations", "most calls for I/O"], rows) + "\n"
    return text + f"CPU time of the thread; what was held {SELDOM} times or more.\n"


def draw(_data, _out):
    pass
