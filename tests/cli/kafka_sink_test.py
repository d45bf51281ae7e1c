"""The kafka sink of the real program where no broker answers, and its settings. What brokers answer is tested by the
unit tests, with fakes, and by tests/live, with a real one."""

import json
import re
import socket
import time
import unittest

from program import ProgramTest, run

CONFIG, UNDELIVERED = 78, 75
LINES = "".join(f'{{"message":"m","n":{number}}}\n' for number in range(100))


class NoBroker(ProgramTest):
    def ship(self, address, *arguments):
        begun = time.monotonic()
        result = run("--sink", f"kafka://{address}/logs", "--stats-at-exit", "--stats-format", "json",
                     "--drain-timeout", "1s", *arguments, stdin=LINES)
        # Far above what is promised: only one that waits for the brokers fails here.
        self.assertLess(time.monotonic() - begun, 20)
        said = result.stderr.splitlines()
        # Every word is the shipper's own.
        for line in said:
            self.assertRegex(line, r"^(\S+ fapilog-ship: |\{)")
        (sink,) = json.loads([line for line in said if line.startswith("{")][-1])["sinks"].values()
        self.assertEqual(100, sink["submitted"])
        return result, sink

    def test_the_end_is_on_time_where_nobody_listens(self):
        result, sink = self.ship("127.0.0.1:1")
        self.assertEqual(UNDELIVERED, result.returncode)
        self.assertEqual(100, sink["dropped"]["shutdown"])
        self.assertIn("no broker can be reached: ", result.stderr)
        self.assertIn("Connection refused", result.stderr)

    def test_the_end_is_on_time_where_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            result, sink = self.ship(f"127.0.0.1:{silent.getsockname()[1]}")
        self.assertEqual(UNDELIVERED, result.returncode)
        self.assertEqual(100, sink["dropped"]["shutdown"])

    def test_the_spool_takes_what_no_broker_took(self):
        result, sink = self.ship("127.0.0.1:1", "--spool", self.path("spool"))
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual(100, sink["spooled"])

    def test_what_goes_to_the_fallback_is_diverted(self):
        config = self.write("app.toml", f"""
[sinks.kafka]
url = "kafka://127.0.0.1:1/logs"
fallback = "local"
request_timeout = "300ms"
delivery.breaker_failures = 1
delivery.retry_base = "10ms"

[sinks.local]
url = "file://{self.path('local.ndjson')}"
levels = ["AUDIT"]
""")
        result = run("--config", config, "--drain-timeout", "10s", stdin=LINES)
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual(LINES, self.read("local.ndjson"))


class Settings(ProgramTest):
    def refuses(self, url, *parts):
        self.assert_fails(run("check", "--sink", url), CONFIG, *parts)

    def test_what_is_missing_or_wrong_is_named(self):
        self.refuses("kafka://b1,b2", "no topic is given")
        self.refuses("kafka://b1/t?topic=x", "given twice")
        self.refuses("kafka://b1/%7Bx", "without its }")
        self.refuses("kafka://b1/t?acks=2", "expected one of all, 1, 0")
        self.refuses("kafka://b1/t?ca_file=x", "needs tls = true")
        self.refuses("kafka://b1/t?username=u", "needs a password")

    def test_properties_are_checked_and_the_nearest_name_is_told(self):
        self.refuses("kafka://b1/t?properties.linger.sm=5", "sinks.kafka.properties.linger.sm",
                     'did you mean "linger.ms"?')
        self.refuses("kafka://b1/t?properties.linger.ms=soon", "linger.ms")
        self.refuses("kafka://b1/t?properties.acks=1", "set acks of the sink")
        self.refuses("kafka://b1/t?properties.queue.buffering.max.kbytes=1", "memory")
        self.refuses("kafka://b1/t?acks=1&properties.enable.idempotence=true", 'needs acks = "all"')
        self.refuses("kafka://b1/t?tls=true&properties.security.protocol=ssl", "together with tls")

    def test_a_file_tells_the_line_of_a_property(self):
        config = self.write("app.toml", '[sinks.k]\nurl = "kafka://b1/t"\n\n[sinks.k.properties]\n"linger.mss" = "5"\n')
        result = run("check", "--config", config)
        self.assertEqual(CONFIG, result.returncode)
        self.assertTrue(re.search(r"app\.toml:5:\d+: sinks\.k\.properties\.linger\.mss: .*did you mean", result.stderr),
                        result.stderr)

    def test_properties_that_do_not_go_together_end_the_start(self):
        self.assert_fails(run("--sink", "kafka://b1/t?properties.max.in.flight=9"), CONFIG, "sink kafka", "max.in.flight")

    def test_no_property_is_shown(self):
        shown = run("--sink", "kafka://b1/t?properties.ssl.key.password=hunter2", "--print-config")
        self.assertEqual(0, shown.returncode, shown.stderr)
        self.assertNotIn("hunter2", shown.stdout + shown.stderr)
        self.assertIn("ssl.key.password", shown.stdout)


if __name__ == "__main__":
    unittest.main()
