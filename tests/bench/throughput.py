"""How fast, and for how much processor time and memory, lines go from a pipe to nowhere, into a file, over HTTP and to
Loki: fapilog-ship beside the tools that Debian has, in turns, and beside itself with other settings."""

import os
import shutil
import subprocess

import chart
import measure

TITLE = "Throughput"
# fluent-bit 5.1.1 on 2,000,000 lines of 419 bytes (HTTP and Loki: 1,000,000), CPU seconds, and what s6-log took for
# the same lines on that machine: scaled by s6-log's time here, they stand in for it where it is not installed.
FLUENT_BIT_US_A_LINE = {"null": 3.8, "file": 6.95, "http": 7.6, "loki": 8.5}
S6_LOG_US_A_LINE = 1.495
OURS = "fapilog-ship"


class Case:
    """One command behind `cat input |`. `target`: where its standard output goes, below the directory for output."""

    def __init__(self, name, kind, command, target=None, few=False, lines=1.0):
        self.name, self.kind, self.command, self.target, self.few, self.lines = name, kind, command, target, few, lines


def ship(bench, sink, *options):
    return [bench.ship, "--config", "/dev/null", "--no-drop-on-full", "--stats-at-exit", "--stats-format", "json",
            *options, "--sink", sink]


def peers(bench, out):
    """All that is compared on real lines."""
    http, loki = bench.nginx_url("http"), bench.nginx_url("loki+http")
    cases = [
        Case("cat >/dev/null", "null", ["cat"]),
        Case(OURS, "null", ship(bench, "null:")),
        Case("cat >file", "file", ["cat"], "cat"),
        Case("rotatelogs", "file", ["rotatelogs", f"{out}/rotatelogs", "86400"]),
        Case(OURS, "file", ship(bench, f"file://{out}/ship.ndjson")),
        Case("s6-log", "file", ["s6-log", "n2", "s268435455", f"{out}/s6"]),
        Case("svlogd", "file", ["svlogd", f"{out}/svlogd"], few=True),
        Case("multilog", "file", ["multilog", "s16777215", "n100", f"{out}/multilog"], few=True),
        Case(OURS, "http", ship(bench, http)),
        Case(OURS, "loki", ship(bench, loki)),
    ]
    if shutil.which("fluent-bit"):
        outputs = {"null": ["null"], "file": ["file", "-p", f"path={out}", "-p", "format=plain"],
                   "http": ["http", "-p", f"port={bench.nginx.port}", "-p", "format=json_lines"],
                   "loki": ["loki", "-p", f"port={bench.nginx.port}"]}
        cases += [Case("fluent-bit", kind, ["fluent-bit", "-q", "-i", "stdin", "-o", *arguments, "-p", "match=*"], few=True)
                  for kind, arguments in outputs.items()]
    if shutil.which("vector"):
        cases += [Case("vector", kind, ["vector", "-q", "-c", vector_config(bench, out, kind)], few=True)
                  for kind in ("null", "file", "http", "loki")]
    return cases


def vector_config(bench, out, kind):
    sinks = {"null": 'type = "blackhole"', "file": f'type = "file"\npath = "{out}/vector"\nencoding.codec = "text"',
             "http": f'type = "http"\nuri = "http://127.0.0.1:{bench.nginx.port}/"\nencoding.codec = "text"\n'
                     'framing.method = "newline_delimited"',
             "loki": f'type = "loki"\nendpoint = "http://127.0.0.1:{bench.nginx.port}"\nencoding.codec = "text"\n'
                     'labels.app = "bench"'}
    path = os.path.join(bench.work, f"vector-{kind}.toml")
    with open(path, "w", encoding="ascii") as file:
        file.write(f'data_dir = "{bench.work}"\n[sources.in]\ntype = "stdin"\n[sinks.out]\ninputs = ["in"]\n{sinks[kind]}\n')
    return path


def variants(bench, out):
    """Ours alone, with one and two workers, compressed or not."""
    http, loki = bench.nginx_url("http"), bench.nginx_url("loki+http")
    cases = []
    for workers in ("1", "2"):
        for compression in ("none", "gzip", "zstd"):
            cases.append(Case(f"HTTP, {plural(workers)}, {compression}", "http",
                              ship(bench, f"{http}?compression={compression}", "--workers", workers)))
        cases.append(Case(f"Loki, {plural(workers)}, snappy", "loki", ship(bench, loki, "--workers", workers)))
    for compression in ("none", "gzip", "zstd"):
        cases.append(Case(f"file, rotated at 64 MB, {compression}", "file",
                          ship(bench, f"file://{out}/ship.ndjson?rotate_size=64MB&compress={compression}")))
    return cases


def plural(workers):
    return f"{workers} worker" + ("s" if workers != "1" else "")


def run_cases(bench, make_cases, source, size, lines, rounds):
    """Runs each case in turn, round by round. By name and kind: lists of wall, CPU and peak."""
    out = os.path.join(bench.work, "out")
    results = {}
    for number in range(rounds):
        for case in make_cases(bench, out):
            if case.few and number >= 2:
                continue
            os.mkdir(out)
            if case.name == "svlogd":
                os.mkdir(f"{out}/svlogd")
            stdout = open(f"{out}/{case.target}", "wb") if case.target else subprocess.DEVNULL
            done = measure.pipeline(source, case.command, stdout)
            if case.target:
                stdout.close()
            check(case, done, out, size, lines)
            shutil.rmtree(out)
            one = results.setdefault(f"{case.name}|{case.kind}", {"wall": [], "cpu": [], "peak_kb": []})
            for key, values in one.items():
                values.append(getattr(done, key))
    return {"results": results, "size": size, "lines": lines, "rounds": rounds}


def check(case, done, out, size, lines):
    """A fast run that lost something is no measurement."""
    if "--stats-at-exit" not in case.command:
        return
    (sink,) = done.stats()["sinks"].values()
    if sink["delivered"] != lines:
        raise SystemExit(f"{case.name}: {sink['delivered']} of {lines} lines delivered: {sink}")
    path = f"{out}/ship.ndjson"
    if case.name == OURS and os.path.exists(path) and os.path.getsize(path) != size:
        raise SystemExit(f"{case.name}: the file's size differs from the input's")


def of_kinds(bench, out):
    return [case for case in peers(bench, out) if case.kind in ("null", "file") and not case.few]


def run(bench):
    data = {"peers": run_cases(bench, peers, *bench.input("real", bench.lines), bench.rounds)}
    data["variants"] = run_cases(bench, variants, *bench.input("real", bench.lines), min(3, bench.rounds))
    data["kinds"] = {kind: run_cases(bench, of_kinds, *bench.input(kind, bench.lines * 463 // 2 // average), min(3, bench.rounds))
                     for kind, average in (("100", 100), ("400", 400), ("2000", 2000), ("mixed", 380))}
    return data


def middle(one, key):
    return measure.median(one[key])


def ratio(part, name, other, key):
    """The median of the ratios within each round."""
    ours, theirs = part["results"].get(name), part["results"].get(other)
    if not ours or not theirs:
        return None
    return measure.median([a / b for a, b in zip(ours[key], theirs[key]) if b])


def fluent_bit_us(part, kind):
    """CPU of fluent-bit for a line: measured here, or scaled by s6-log."""
    measured = part["results"].get(f"fluent-bit|{kind}")
    if measured:
        return middle(measured, "cpu") / part["lines"] * 1e6
    s6 = part["results"].get("s6-log|file")
    return s6 and FLUENT_BIT_US_A_LINE[kind] * (middle(s6, "cpu") / part["lines"] * 1e6) / S6_LOG_US_A_LINE


def wall_of(one):
    """The median; where the rounds lie far apart, from where to where."""
    low, high = min(one["wall"]), max(one["wall"])
    return f"{middle(one, 'wall'):.2f}" + (f" ({low:.2f}–{high:.2f})" if high > 1.5 * low else "")


def row_of(part, name, one):
    wall, cpu, size = middle(one, "wall"), middle(one, "cpu"), part["size"]
    return [name, wall_of(one), f"{size / wall / 1e6:,.0f}", f"{cpu / part['lines'] * 1e9:,.0f}",
            f"{middle(one, 'peak_kb') / 1024:.1f}"]


def render(data):
    part = data["peers"]
    rows = []
    for key, one in part["results"].items():
        name, kind = key.split("|")
        theirs = fluent_bit_us(part, kind)
        ours = middle(one, "cpu") / part["lines"] * 1e6
        against = {"null": "cat >/dev/null|null", "file": "cat >file|file"}.get(kind)
        shares = [ratio(part, key, other, "wall") for other in (against, "rotatelogs|file" if kind == "file" else None)]
        rows.append(row_of(part, f"{name} → {kind}", one) + [f"{share:.2f}" if share else "" for share in shares] +
                    [f"{theirs / ours:.1f}" if theirs and name == OURS else ""])
    text = (f"{part['lines']:,} lines that fapilog wrote, {part['size'] / 1e6:,.0f} MB, through `cat`; medians of "
            f"{part['rounds']} rounds in turns. CPU is user and system of the process, without `cat`'s. fluent-bit's CPU: "
            + ("measured here" if "fluent-bit|null" in part["results"] else "measured elsewhere, scaled by s6-log") + ".\n\n")
    text += measure.markdown(["stdin →", "wall s", "MB/s", "CPU ns a line", "peak MB", "wall ÷ cat", "wall ÷ rotatelogs",
                              "CPU: times less than fluent-bit"], rows)
    part = data["variants"]
    text += f"\nOurs on the same lines, medians of {part['rounds']}:\n\n" + measure.markdown(
        ["stdin →", "wall s", "MB/s", "CPU ns a line", "peak MB"],
        [row_of(part, key.split("|")[0], one) for key, one in part["results"].items()])
    rows = []
    for kind, part in data["kinds"].items():
        for key, one in part["results"].items():
            name, where = key.split("|")
            against = ratio(part, key, {"null": "cat >/dev/null|null", "file": "cat >file|file"}[where], "wall")
            rows.append([f"{kind if kind == 'mixed' else f'{int(kind):,} bytes'}: {name} → {where}"] +
                        row_of(part, "", one)[1:] + [f"{against:.2f}"])
    text += "\nFlat lines of other lengths:\n\n" + measure.markdown(
        ["lines, stdin →", "wall s", "MB/s", "CPU ns a line", "peak MB", "wall ÷ cat"], rows)
    return text


def short(data):
    """The table for the documents: what is compared with peers."""
    part = data["peers"]
    rows = []
    for key, one in part["results"].items():
        name, kind = key.split("|")
        bold = "**" if name == OURS else ""
        name = name if ">" in name else f"{name} → {kind}"
        rows.append([f"{bold}{name}{bold}", wall_of(one),
                     f"{middle(one, 'cpu') / part['lines'] * 1e9:,.0f} ns", f"{middle(one, 'peak_kb') / 1024:.0f} MB"])
    return (f"{part['lines']:,} lines that fapilog wrote ({part['size'] / 1e6:,.0f} MB), medians of {part['rounds']} rounds "
            "in turns:\n\n" + measure.markdown(["stdin →", "wall, s", "CPU a line", "peak memory"], rows))


def draw(data, out):
    part = data["peers"]

    def column(heading, kind, key, unit):
        entries = []
        for name_kind, one in part["results"].items():
            name, where = name_kind.split("|")
            if where != kind:
                continue
            value = middle(one, "cpu") / part["lines"] * 1e9 if key == "cpu" else middle(one, key)
            entries.append((name, value, f"{value:,.0f}{unit}" if key == "cpu" else f"{value:.2f}{unit}", name == OURS))
        if f"fluent-bit|{kind}" not in part["results"] and key == "cpu" and fluent_bit_us(part, kind):
            value = fluent_bit_us(part, kind) * 1000
            entries.append(("fluent-bit, scaled", value, f"{value:,.0f}{unit}", False))
        return heading, sorted(entries, key=lambda entry: entry[1])

    chart.bars(os.path.join(out, "throughput.svg"), "Processor time of a line that comes from a pipe, ns", [
        column("into a file", "file", "cpu", ""), column("to nowhere", "null", "cpu", ""),
        column("over HTTP", "http", "cpu", ""), column("to Loki", "loki", "cpu", "")], columns=2)
    chart.bars(os.path.join(out, "wall.svg"), "Lines from a pipe, seconds", [
        column("to nowhere", "null", "wall", " s"), column("into a file", "file", "wall", " s")])
