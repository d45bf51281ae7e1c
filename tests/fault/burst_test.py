"""Bursts that are faster than any disk, into a spool with room: nothing is lost, and every line is on disk under an
identity of its own."""

import json
import subprocess

import harness
import spool_files

LINES = 300_000
NOBODY = "http://127.0.0.1:9/in"


class Burst(harness.FaultTest):
    def setUp(self):
        super().setUp()
        with open(self.path("lines"), "w", encoding="ascii") as file:
            for number in range(LINES):
                level = "ERROR" if number % 16 == 0 else "INFO"
                file.write(f'{{"level":"{level}","n":"{number:08d}","m":"yyyy"}}\n')

    def burst(self, *arguments):
        """Pipes all lines into the program; returns its last statistics of the sink."""
        with subprocess.Popen(["cat", self.path("lines")], stdout=subprocess.PIPE) as cat:
            done = subprocess.run([harness.SHIP, "--config", "/dev/null", "--sink", NOBODY, "--drain-timeout", "1s",
                                   "--stats-at-exit", "--stats-format", "json", *arguments],
                                  stdin=cat.stdout, stderr=subprocess.PIPE, text=True, timeout=harness.PATIENCE, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        said = [line for line in done.stderr.splitlines() if line.startswith("{")]
        return json.loads(said[-1])["sinks"]["http"]

    def check(self, sink, directory):
        self.assertEqual(0, sum(sink["dropped"].values()), sink)
        self.assertEqual(LINES, sink["spooled"])
        records = spool_files.records(directory)
        self.assertEqual([f"{number:08d}" for number in range(LINES)], [json.loads(record.line)["n"] for record in records])
        self.assertEqual(LINES, len({record.identity for record in records}))

    def test_a_spool_with_room_loses_nothing_of_a_burst(self):
        """Fault T2."""
        for number, arguments in enumerate(([], ["--queue-size", "500"], ["--spool-mode", "durable"],
                                            ["--spool-mode", "durable", "--queue-size", "500"])):
            with self.subTest(arguments=arguments):
                directory = self.path(f"spool-{number}")
                self.check(self.burst("--spool", directory, *arguments), f"{directory}/http")

    def test_keep_is_one_switch_for_it(self):
        directory = self.path("kept")
        self.check(self.burst("--keep", directory), f"{directory}/spool/http")

    def test_a_full_spool_of_protected_records_keeps_the_newest_under_oldest(self):
        """Fault T3."""
        directory = self.path("spool")
        self.burst("--spool", directory, "--spool-bytes", "1MB", "--drop", "oldest", "--protected-levels", "ERROR,INFO",
                   "--queue-size", "500", "--batch-size", "10")
        numbers = [int(json.loads(record.line)["n"]) for record in spool_files.records(f"{directory}/http")]
        self.assertEqual(LINES - 1, numbers[-1])
        # But for what a worker had in hand, and the older files of the higher level.
        self.assertGreater(sum(number > LINES // 2 for number in numbers), len(numbers) // 2)


if __name__ == "__main__":
    harness.main()
