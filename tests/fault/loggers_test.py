"""What matters survives whoever wrote it: with a queue full of one logger's DEBUG lines before a server that hangs, its
ERROR lines all arrive."""

import os
import re

import harness
import peer as peers

LOGGERS = os.path.join(harness.HERE, "..", "data", "loggers")
QUEUE = 100
DEBUGS = 3 * QUEUE
ERRORS = 50
# Each writes a DEBUG "cache miss" and an ERROR "query failed".
SOURCES = ("bunyan", "ecs", "env_logger", "hclog", "jboss-json", "l4j-JsonLayout", "logback-ecs", "logback-logstash",
           "logback-spring", "logrus", "loguru-json", "monolog-json", "otel-oneline", "pino", "pjl-default", "powertools",
           "slog-json", "slog-text", "stdlib-basic", "stdlib-time", "structlog-json", "tracing-bunyan", "tracing-json",
           "winston-json", "zap", "zerolog")
# Written by hand after the documented forms.
OTHERS = {
    "gelf": ('{"version":"1.1","host":"h","short_message":"cache miss","timestamp":1767323045.678,"level":7}',
             '{"version":"1.1","host":"h","short_message":"query failed","timestamp":1767323045.678,"level":3}'),
    "journald": ('{"__REALTIME_TIMESTAMP":"1767323045678901","PRIORITY":"7","MESSAGE":"cache miss"}',
                 '{"__REALTIME_TIMESTAMP":"1767323045678901","PRIORITY":"3","MESSAGE":"query failed"}'),
    "laravel": ("[2026-01-02 03:04:05] local.DEBUG: cache miss", "[2026-01-02 03:04:05] local.ERROR: query failed"),
    "docker": ('{"log":"DEBUG: cache miss\\n","stream":"stderr","time":"2026-01-02T03:04:05.6Z"}',
               '{"log":"ERROR: query failed\\n","stream":"stderr","time":"2026-01-02T03:04:05.6Z"}'),
}


def lines_of(source):
    """Its DEBUG line and its ERROR line."""
    if source in OTHERS:
        return OTHERS[source]
    with open(os.path.join(LOGGERS, source + ".log"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    debug = next(line for line in lines if "cache miss" in line)
    error = next(line for line in lines if "query failed" in line)
    return debug, error


class Loggers(harness.FaultTest):
    def arrived(self, source):
        """The numbers of the ERROR lines that came to a server that hung while the queue filled, and the books."""
        debug, error = lines_of(source)
        with peers.Peer(peers.hang_before_answer) as peer, harness.Ship(
                "--sink", peer.url(), "--queue-size", str(QUEUE), "--batch-size", "10", "--workers", "1",
                "--retry-base", "10ms") as ship:
            ship.ready()
            ship.stdin.write((debug + "\n").encode() * DEBUGS)
            ship.stdin.flush()
            ship.until(lambda stats: stats["input"]["lines"] == DEBUGS)
            numbered = [error.replace("query failed", f"query failed {number:03}", 1) for number in range(ERRORS)]
            ship.stdin.write("".join(line + "\n" for line in numbered).encode())
            ship.stdin.flush()
            ship.until(lambda stats: stats["input"]["lines"] == DEBUGS + ERRORS)
            peer.set(peers.ok)
            ship.close_input()
            code, _ = ship.wait()
            self.assertEqual(0, code, "\n".join(ship.said))
            self.check_books(ship, DEBUGS + ERRORS)
            found = re.findall(rb"query failed (\d{3})", b"\n".join(peer.accepted))
            return sorted({int(number) for number in found}), ship.last["sinks"]["http"]

    def test_all_errors_arrive_past_a_queue_full_of_debug_lines(self):
        for source in (*SOURCES, *OTHERS):
            with self.subTest(source=source):
                arrived, sink = self.arrived(source)
                self.assertEqual(list(range(ERRORS)), arrived)
                self.assertEqual({"submitted": ERRORS, "delivered": ERRORS, "dropped": 0}, sink["protected"])
                self.assertGreaterEqual(sink["dropped"]["evicted"], ERRORS - 10)


if __name__ == "__main__":
    harness.main()
