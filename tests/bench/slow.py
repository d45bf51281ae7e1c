"""What a slow server costs: 20,000 lines a second, all settings at their defaults, and answers that take long."""

import json
import subprocess

import measure

TITLE = "A slow server"
DELAYS = (2, 20, 100, 200, 500)  # milliseconds
RATE = 20_000
SIZE = 463


def one(command, delay, seconds):
    """The books of one run against a server that takes `delay` ms for each answer."""
    with measure.Sink() as server:
        server.tell(f"slow {delay} *")
        process = subprocess.Popen([*command, "--stats-at-exit", "--stats-format", "json", "--sink", server.url()],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = subprocess.run([measure.PRODUCER, "--lines", str(RATE * seconds), "--rate", str(RATE), "--sizes",
                               str(SIZE)], stdout=process.stdin, stderr=subprocess.PIPE, check=True, text=True).stderr
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
            peak = int(status.read().split("VmHWM:", 1)[1].split()[0])
        process.stdin.close()
        books = json.loads([line for line in process.stderr.read().splitlines() if line.startswith("{")][-1])
        process.wait()
        sink = books["sinks"]["http"]
        producer = json.loads(said)
        return {"lines": RATE * seconds, "dropped": sum(sink["dropped"].values()), "delivered": sink["delivered"],
                "requests": sink["batches"], "peak_mb": round(peak / 1024, 1),
                "connections": server.report()["connections"], "write_p999_us": producer.get("p999_us"),
                "stored": sum(path["stored"] for path in server.report()["paths"].values())}


def run(bench):
    seconds = 5 if bench.quick else 60
    return {str(delay): one([bench.ship, "--config", "/dev/null"], delay, seconds) for delay in DELAYS}


def render(data):
    rows = [[f"{delay} ms", f"{one['lines']:,}", f"{one['dropped']:,}", f"{one['stored']:,}", f"{one['requests']:,}",
             str(one["connections"]), f"{one['peak_mb']:.0f}", str(one["write_p999_us"])] for delay, one in data.items()]
    return (f"{RATE:,} lines of {SIZE} bytes a second, all defaults; the server answers each request after:\n\n" +
            measure.markdown(["answer after", "lines", "dropped", "stored", "requests", "connections", "peak, MB",
                           "write(2) p99.9, µs"], rows))
