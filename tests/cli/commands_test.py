"""The commands as people type them, and the short forms of flags."""

import os
import unittest

import program
import web

from program import run


class Commands(program.ProgramTest):
    LINE = '{"level":"info","message":"a"}\n'

    def test_a_file_is_read_and_written_by_its_name_alone(self):
        source = self.write("app.log", self.LINE)
        target = self.path("a b?%.log")
        done = run(source, "-o", target)
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)
        with open(target, encoding="utf-8") as file:
            self.assertEqual(self.LINE, file.read())

    def test_colour_and_time_of_the_pretty_form(self):
        source = self.write("app.log", '{"timestamp":"2026-01-02T03:04:05Z","level":"info","message":"a"}\n')
        coloured = run(source, "--pretty", "--color", "always", "--time", "utc")
        self.assertEqual((0, ""), (coloured.returncode, coloured.stderr))
        self.assertIn("\x1b[", coloured.stdout)
        self.assertIn("03:04:05.000Z", coloured.stdout)
        plain = run(source, "-s", "stdout:?format=pretty&color=never", "--color", "always")
        self.assertNotIn("\x1b[", plain.stdout)

    def test_help_is_short_whole_or_of_one_command(self):
        short = run("-h").stdout
        self.assertLessEqual(len(short.splitlines()), 45)
        whole = run("--help").stdout
        self.assertEqual(whole, run("help").stdout)
        self.assertLess(whole.index("Examples:"), whole.index("--queue-size"))
        for command in ("check", "init", "replay", "top", "health", "verify", "completions"):
            own = run("help", command)
            self.assertEqual((0, ""), (own.returncode, own.stderr))
            self.assertEqual(own.stdout, run(command, "--help").stdout)
            self.assertIn(f"fapilog-ship {command} ", own.stdout)
            self.assertLessEqual(max(map(len, own.stdout.splitlines())), 100)
            self.assertIn(f"\n  {command} ", whole)

    def test_version_has_three_forms(self):
        self.assertEqual(1, len({run(*words).stdout for words in (["--version"], ["-V"], ["version"])}))

    def test_check_takes_a_file_by_its_name_alone(self):
        good = self.write("good.toml", '[sinks.a]\nurl = "null:"\n')
        self.assertIn("sink a", run("check", good).stdout)
        wrong = self.write("wrong.toml", "[queue]\nsiez = 5\n")
        done = run("check", good, wrong)
        self.assertEqual(78, done.returncode)
        self.assertIn("wrong.toml:2:1", done.stderr)

    def test_init_writes_a_configuration_that_check_takes_and_never_over_another(self):
        path = self.path("new.toml")
        made = run("init", "--preset", "production", "-s", "loki+http://loki:3100", path)
        self.assertEqual((0, "", ""), (made.returncode, made.stdout, made.stderr))
        self.assertEqual(0, run("check", path).returncode)
        with open(path, encoding="utf-8") as file:
            before = file.read()
        self.assertEqual(before, run("init", "--preset", "production", "-s", "loki+http://loki:3100").stdout)
        again = run("init", path)
        self.assertEqual(74, again.returncode)
        self.assertIn("never writes over a file", again.stderr)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(before, file.read())

    def test_health_is_0_while_a_run_answers_and_1_when_none_does(self):
        with web.Served("--sink", "null:") as served:
            url = f"http://127.0.0.1:{served.port}"
            well = run("health", "--url", url)
            self.assertEqual((0, "", ""), (well.returncode, well.stdout, well.stderr))
        gone = run("health", "--url", url)
        self.assertEqual((1, ""), (gone.returncode, gone.stdout))
        self.assertIn(f"127.0.0.1:{served.port}: cannot connect", gone.stderr)


if __name__ == "__main__":
    unittest.main()
