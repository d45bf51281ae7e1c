"""Lines that stop other shippers: here every other line arrives as it came."""

import json
import os
import subprocess

import harness
from harness import Ship

SAMPLE = os.path.join(os.path.dirname(harness.HERE), "data", "fapilog-stdout.ndjson")


class OddLines(harness.FaultTest):
    def ship_text(self, data, *arguments):
        """Sends the bytes through a pipe into a file. Returns the file's lines and the final statistics."""
        out = self.path("out.ndjson")
        with Ship("--sink", f"file://{out}", *arguments) as ship:
            ship.stdin.write(data)
            ship.close_input()
            code, _ = ship.wait()
            self.assertEqual(0, code, "\n".join(ship.said))
            self.check_books(ship)
            with open(out, "rb") as file:
                return file.read().split(b"\n")[:-1], ship.last

    def sample(self, count):
        with open(SAMPLE, "rb") as file:
            return [next(file).rstrip(b"\n") for _ in range(count)]

    def among(self, odd):
        """300 real lines with an odd one in their middle. Returns what came out in its place, and the statistics."""
        lines = self.sample(300)
        came, stats = self.ship_text(b"\n".join([*lines[:150], odd, *lines[150:]]) + b"\n")
        self.assertEqual(301, len(came))
        self.assertEqual(lines, came[:150] + came[151:])
        self.assertEqual(301, stats["sinks"]["file"]["delivered"])
        return came[150], stats

    def test_a_line_of_20_kB_arrives_whole(self):
        line = b'{"level":"INFO","message":"' + b"x" * 20000 + b'"}'
        came, _ = self.among(line)
        self.assertEqual(line, came)

    def test_a_line_of_10_MB_is_cut_and_counted(self):
        came, stats = self.among(b'{"level":"INFO","message":"' + b"x" * 10_000_000 + b'"}')
        self.assertIn("_truncated", came.decode())
        json.loads(came)
        self.assertLessEqual(len(came), 1 << 21)
        self.assertEqual(1, stats["input"]["truncated"])

    def test_a_line_that_is_no_JSON_is_wrapped_and_counted(self):
        came, stats = self.among(b"Traceback? no, just text")
        self.assertEqual("Traceback? no, just text", json.loads(came)["log"]["message"])
        self.assertEqual(1, stats["input"]["invalid"])

    def test_megabytes_without_a_newline(self):
        came, stats = self.ship_text(b"x" * 30_000_000)
        for line in came:
            json.loads(line)
        self.assertEqual(30_000_000, stats["input"]["bytes"])

    def test_a_file_as_standard_input_ends_by_itself_with_all_lines(self):
        out = self.path("out.ndjson")
        with open(SAMPLE, "rb") as sample, Ship("--sink", f"file://{out}", stdin=sample) as ship:
            code, _ = ship.wait()
            self.assertEqual(0, code, "\n".join(ship.said))
            self.check_books(ship, 4000)
        with open(SAMPLE, "rb") as sent, open(out, "rb") as came:
            self.assertEqual(sent.read(), came.read())

    def test_without_a_sink_it_is_a_pipe_filter(self):
        with open(SAMPLE, "rb") as sample:
            done = subprocess.run([harness.SHIP], stdin=sample, capture_output=True, timeout=harness.PATIENCE,
                                  check=False)
            sample.seek(0)
            self.assertEqual(sample.read(), done.stdout)
        self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    harness.main()
