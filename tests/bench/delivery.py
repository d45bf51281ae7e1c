"""The time from an application's write(2) until the line is where it goes, at several rates."""

import json
import os
import subprocess
import time

import chart
import measure

TITLE = "From write to delivery"
RATES = (1, 1000, 100_000)
START = 0.3  # seconds: what a start takes is measured elsewhere


def through_pipe(command, producer):
    """Ages of the lines that come out of standard output."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    reader = subprocess.Popen([measure.SINK, "pipe"], stdin=process.stdout, stdout=subprocess.PIPE, text=True)
    process.stdout.close()
    time.sleep(START)
    subprocess.run(producer, stdout=process.stdin, stderr=subprocess.DEVNULL, check=True)
    process.stdin.close()
    said = reader.communicate()[0]
    process.wait()
    return json.loads(said)["age"]


def through_http(command, producer):
    with measure.Sink("sent") as server:
        process = subprocess.Popen([*command, "--sink", server.url()], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(START)
        subprocess.run(producer, stdout=process.stdin, stderr=subprocess.DEVNULL, check=True)
        process.stdin.close()
        process.wait()
        return server.report()["age"]


def run(bench):
    ship = [bench.ship, "--config", "/dev/null"]
    ways = {
        "cat": lambda producer: through_pipe(["cat"], producer),
        "stdout:": lambda producer: through_pipe([*ship, "--sink", "stdout:"], producer),
        "HTTP, batch_timeout 250 ms (default)": lambda producer: through_http(ship, producer),
        "HTTP, batch_timeout 5 ms": lambda producer: through_http([*ship, "--batch-timeout", "5ms"], producer),
    }
    results = {}
    for rate in RATES:
        seconds = 3 if bench.quick else 10 if rate == 1 else 5
        producer = [measure.PRODUCER, "--lines", str(rate * seconds), "--rate", str(rate)]
        for name, way in ways.items():
            age = way(producer)
            age["lost"] = rate * seconds - age["lines"]
            results.setdefault(name, {})[str(rate)] = age
    return results


def render(data):
    rows = [[name, *(f"{ages[str(rate)][key] / 1000:,.2f}" for rate in RATES for key in ("p50_us", "p99_us")),
             f"{sum(one['lost'] for one in ages.values()):,}"] for name, ages in data.items()]
    headings = [f"{rate:,}/s {quantile}" for rate in RATES for quantile in ("p50", "p99")] + ["dropped"]
    return ("ms from before write(2) until the line is read from standard output, or its request is answered.\n\n"
            + measure.markdown(["to", *headings], rows) +
            "\nA batch that is not full waits for `batch_timeout`: that is the floor at low rates. At high rates batches fill "
            "before it ends.\n")


def draw(data, out):
    chart.bars(os.path.join(out, "delivery.svg"), "From write(2) to delivery, p99 in ms", [
        (f"{rate:,} lines a second", [(name, ages[str(rate)]["p99_us"] / 1000, f"{ages[str(rate)]['p99_us'] / 1000:,.2f}",
                                       name != "cat") for name, ages in data.items()]) for rate in RATES], names_width=220)
