"""Which sink of the real program gets which record."""

import json
import unittest

from program import ProgramTest, run


class Routing(ProgramTest):
    def test_levels_a_floor_and_a_catch_all(self):
        names = ("errors", "audit", "loud", "warnings", "rest", "all")
        config = self.write("ship.toml", "".join(
            f'[sinks.{name}]\nurl = "file://{self.path(name)}"\n{keys}\n' for name, keys in zip(names, (
                'levels = ["ERROR", "fatal"]', 'levels = ["AUDIT"]', 'levels = ["LOUD"]', 'filter.min_level = "WARNING"',
                'levels = ["others"]', ""))))
        levels = ["DEBUG", "INFO", "warn", "ERROR", "FATAL", "CRITICAL", "AUDIT", "LOUD", "QUIET"]
        lines = [f'{{"level":"{level}","n":{number}}}' for number, level in enumerate(levels)]
        result = run("-c", config, "--stats-at-exit", "--stats-format", "json", "--no-drop-on-full",
                     stdin="\n".join(lines) + "\n")
        self.assertEqual(0, result.returncode, result.stderr)
        got = {name: [json.loads(line)["level"] for line in self.read(name).splitlines()] for name in names}
        self.assertEqual({"errors": ["ERROR", "FATAL"], "audit": ["AUDIT"], "loud": ["LOUD"],
                          "warnings": ["warn", "ERROR", "FATAL", "CRITICAL", "AUDIT"],
                          "rest": ["DEBUG", "INFO", "warn", "CRITICAL", "QUIET"], "all": levels}, got)
        sinks = json.loads(result.stderr.splitlines()[-1])["sinks"]
        for name in names:
            self.assertEqual(len(got[name]), sinks[name]["delivered"])

    def test_a_catch_all_alone_gets_everything(self):
        result = run("--sink", "stdout:?levels=others", stdin='{"level":"ERROR"}\n{"level":"x"}\n')
        self.assertEqual('{"level":"ERROR"}\n{"level":"x"}\n', result.stdout)


if __name__ == "__main__":
    unittest.main()
