"""How the cost of a line grows with the number of sinks, the size of the queue and the length of the line."""

import os

import chart
import measure

TITLE = "How cost grows"
SINKS = (1, 2, 4, 8)
QUEUES = (1_000, 10_000, 100_000, 1_000_000)
LENGTHS = (100, 400, 1_000, 2_000, 10_000)
UNDELIVERED = 75


def ship(bench, *options):
    return [bench.ship, "--config", "/dev/null", "--stats-at-exit", "--stats-format", "json", *options]


def one(bench, kind, lines, *options, codes=(0,)):
    """Medians: ns of CPU and of wall time a line, peak memory."""
    source, _, lines = bench.input(kind, lines)
    done = [measure.pipeline(source, ship(bench, *options), codes=codes) for _ in range(bench.rounds if bench.quick else 3)]
    return {"cpu_ns": measure.median([run.cpu for run in done]) / lines * 1e9,
            "wall_ns": measure.median([run.wall for run in done]) / lines * 1e9,
            "peak_mb": max(run.peak_kb for run in done) / 1024, "stats": done[-1].stats()}


def run(bench):
    lines = bench.lines // 2
    nowhere = ("--no-drop-on-full", "--sink", "null:")
    data = {"sinks": {}, "queue, each line evicts": {}, "queue, drained": {}, "length": {}}
    for count in SINKS:
        urls = [part for i in range(count) for part in ("--sink", f"null:?name=s{i}")]
        data["sinks"][count] = one(bench, "real", lines, "--no-drop-on-full", *urls)
    for size in QUEUES:
        # One level, so that each arrival takes the place of the oldest; more lines than the queue holds.
        some = max(lines, size * 3 // 2 if not bench.quick else lines)
        data["queue, each line evicts"][size] = one(
            bench, "400i", some, "--drop-on-full", "--drop", "oldest", "--queue-size", str(size), "--queue-bytes", "1GB",
            "--drain-timeout", "1ms", "--sink", "http://127.0.0.1:9/", codes=(UNDELIVERED,))
        data["queue, drained"][size] = one(bench, "400i", some, "--queue-size", str(size), "--queue-bytes", "1GB", *nowhere)
    for length in LENGTHS:
        data["length"][length] = one(bench, str(length), min(lines, lines * 400 // length), *nowhere)
    for part in data.values():
        for figures in part.values():
            figures["evicted"] = max(sink["dropped"]["evicted"] for sink in figures.pop("stats")["sinks"].values())
    return data


def render(data):
    text = ""
    for title, key in (("sinks (null)", "sinks"), ("bytes of a line → null", "length")):
        rows = [[f"{int(x):,}", f"{y['cpu_ns']:,.0f}", f"{y['wall_ns']:,.0f}", f"{y['cpu_ns'] / int(x):,.2f}",
                 f"{y['peak_mb']:.1f}"] for x, y in data[key].items()]
        per = "CPU ns a line and sink" if key == "sinks" else "CPU ns a byte"
        text += measure.markdown([title, "CPU ns a line", "wall ns a line", per, "peak MB"], rows) + "\n"
    evicted, drained = data["queue, each line evicts"], data["queue, drained"]
    rows = [[f"{int(size):,}", f"{drained[size]['cpu_ns']:,.0f}", f"{evicted[size]['cpu_ns']:,.0f}",
             f"{evicted[size]['cpu_ns'] / drained[size]['cpu_ns']:.2f}", f"{drained[size]['peak_mb']:.1f}",
             f"{evicted[size]['peak_mb']:.1f}", f"{evicted[size]['evicted']:,}"] for size in drained]
    return text + measure.markdown(
        ["records in the queue", "→ null: CPU ns a line", "sink down, queue full, each line evicts: CPU ns a line", "ratio",
         "→ null: peak MB", "sink down: peak MB", "lines evicted"], rows)


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
