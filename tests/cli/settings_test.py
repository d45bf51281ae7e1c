"""Settings as a user gives them: files, environment, flags and URLs through the real program."""

import glob
import os
import subprocess
import tempfile
import unittest

from program import PATIENCE, ROOT, SHIP, ProgramTest, clean_environment, run

USAGE = 64
IO = 74
CONFIG = 78


class Errors(ProgramTest):
    def test_all_errors_of_all_sources_are_shown_at_once_with_their_places(self):
        path = self.write("app.toml", '[queue]\nszie = 5\nmax_bytes = "12 XB"\n\n'
                          '[sinks.l]\nurl = "loki+http://h?max_age=x"\nmax_streams = 0\n')
        result = run("check", "-c", path, "--drop", "none", environment={"FAPILOG_SHIP_WAIT": "soon"})
        self.assert_fails(
            result, CONFIG,
            f'error: {path}:2:1: queue.szie: unknown key; did you mean "queue.size"?',
            f'error: {path}:3:13: queue.max_bytes: found "12 XB" (an unknown unit), expected a size',
            f"error: {path}:6:7: sinks.l.url: column 23 of the URL: max_age: found",
            f"error: {path}:7:15: sinks.l.max_streams: found 0 (too small), expected an integer from 1",
            'error: FAPILOG_SHIP_WAIT: queue.wait: found "soon"',
            'error: --drop: queue.drop: found "none", expected one of newest, oldest')
        self.assertEqual(6, len(result.stderr.splitlines()))

    def test_a_run_refuses_what_check_refuses(self):
        self.assert_fails(run("--queue-size", "0", stdin="{}\n"), CONFIG, "--queue-size: queue.size")
        self.assert_fails(run("--print-config", "--queue-size", "0"), CONFIG, "--queue-size: queue.size")

    def test_a_file_that_is_no_toml_is_an_error_with_its_line(self):
        path = self.write("app.toml", "[queue]\nsize = \n")
        self.assert_fails(run("check", "-c", path), CONFIG, f"{path}:2:8: not valid TOML")

    def test_a_file_that_is_missing_is_an_error(self):
        self.assert_fails(run("check", "-c", self.path("no.toml")), CONFIG, "No such file or directory")

    def test_what_is_not_understood_is_usage(self):
        self.assert_fails(run("--queue-siz", "5"), USAGE, 'unknown option --queue-siz; did you mean "--queue-size"?')
        self.assert_fails(run("--queue-size"), USAGE, "--queue-size needs a value (N)")
        self.assert_fails(run("chekc"), USAGE, 'unexpected argument "chekc"; did you mean "check"?')
        self.assert_fails(run("completions", "tcsh"), USAGE, "bash, zsh or fish")
        self.assert_fails(run("check", "--", "true"), USAGE, "no command after --")

    def test_an_input_that_cannot_be_opened_is_an_io_error(self):
        self.assert_fails(run("--input", self.path("no.log"), "-s", "null:"), IO, "no.log")

    def test_an_unknown_variable_is_a_warning(self):
        result = run("check", environment={"FAPILOG_SHIP_QUEUE_SIZ": "5"})
        self.assertEqual(0, result.returncode)
        self.assertIn('warning: the environment variable FAPILOG_SHIP_QUEUE_SIZ is unknown and has no effect; '
                      'did you mean "FAPILOG_SHIP_QUEUE_SIZE"?', result.stderr)
        self.assertEqual("", run("check", "-q", environment={"FAPILOG_SHIP_QUEUE_SIZ": "5"}).stderr)


class Precedence(ProgramTest):
    def line_of(self, key, *arguments, environment=None):
        result = run("--print-config", *arguments, environment=environment)
        self.assertEqual(0, result.returncode, result.stderr)
        return [line for line in result.stdout.splitlines() if line.startswith(key + " =")][0]

    def test_flag_environment_files_preset_default(self):
        first = self.write("a.toml", "[filter]\nmin_level = 'ERROR'\n")
        second = self.write("b.toml", "filter.min_level = 'CRITICAL'\n")
        key = "min_level"
        variable = {"FAPILOG_SHIP_MIN_LEVEL": "AUDIT"}
        self.assertNotIn(key, run("--print-config").stdout)
        self.assertEqual('min_level = "DEBUG"  # preset dev', self.line_of(key, "--preset", "dev"))
        self.assertEqual(f'min_level = "ERROR"  # {first}:2:13', self.line_of(key, "--preset", "dev", "-c", first))
        self.assertEqual(f'min_level = "CRITICAL"  # {second}:1:20',
                         self.line_of(key, "--preset", "dev", "-c", first, "-c", second))
        self.assertEqual('min_level = "AUDIT"  # FAPILOG_SHIP_MIN_LEVEL',
                         self.line_of(key, "-c", first, environment=variable))
        self.assertEqual('min_level = "SECURITY"  # --min-level',
                         self.line_of(key, "-c", first, "--min-level", "security", environment=variable))

    def test_a_regular_file_as_input_is_never_dropped_from(self):
        path = self.write("in.ndjson", "{}\n")
        with open(path, encoding="utf-8") as file:
            result = subprocess.run([SHIP, "--print-config"], stdin=file, capture_output=True, text=True,
                                    env=clean_environment(), timeout=PATIENCE, check=False)
        self.assertIn("drop_on_full = false  # default: every input is a regular file", result.stdout)
        self.assertIn("drop_on_full = true  # default\n", run("--print-config").stdout)

    def test_what_is_printed_can_be_used(self):
        arguments = ["--preset", "production", "-s", "file:a%20b.log?rotate_size=3mb", "-s", "null:?queue.size=3",
                     "--label", "a=b"]
        printed = run("--print-config", *arguments).stdout
        path = self.write("printed.toml", printed)
        again = run("--print-config", "-c", path).stdout
        values = [[line.split("  # ")[0] for line in text.splitlines()] for text in (printed, again)]
        self.assertEqual(values[0], values[1])


class Check(ProgramTest):
    def test_it_lists_the_sinks_and_where_they_come_from(self):
        path = self.write("app.toml", '[sinks.main]\nurl = "loki+http://shop:geheim@h:3100"\n'
                          '[sinks.local]\nurl = "file:///x"\n')
        result = run("check", "--config", path)
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual(f"OK\n  sink main  loki+http://h:3100  ({path}:2:7)\n  sink local  file:///x  ({path}:4:7)\n",
                         result.stdout)
        self.assertEqual("", result.stderr)

    def test_the_reference_and_every_example_are_right(self):
        files = sorted(glob.glob(os.path.join(ROOT, "config", "examples", "*.toml")))
        self.assertGreaterEqual(len(files), 5)
        for path in [os.path.join(ROOT, "config", "reference.toml"), *files]:
            with self.subTest(path=path):
                result = run("check", "-c", path)
                self.assertEqual(0, result.returncode, result.stderr)
                self.assertTrue(result.stdout.startswith("OK\n"))
                # The places that an example names need not be on this machine.
                for line in result.stderr.splitlines():
                    self.assertRegex(line, r"warning: .*(does not exist|cannot read)")

    def test_it_says_which_places_are_missing_here(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "app.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f'[spool]\ndir = "{directory}/no/spool"\n[sinks.l]\nurl = "loki+https://h"\n'
                           f'bearer_token_file = "{directory}/token"\n')
            result = run("check", path)
            self.assertEqual(0, result.returncode)
            self.assertIn(f"{path}:2:7: spool.dir: the directory {directory}/no does not exist", result.stderr)
            self.assertIn(f"{path}:5:21: sinks.l.bearer_token_file: cannot read {directory}/token: No such file", result.stderr)


class Help(unittest.TestCase):
    def test_it_fits_a_terminal_and_goes_to_standard_output(self):
        result = run("--help")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 100, line)
        for part in ("--queue-size N", "-s, --sink URL", "--[no-]drop-on-full", "Exit codes:", "  78  ", "Examples:"):
            self.assertIn(part, result.stdout)

    def test_version_names_sinks_and_libraries(self):
        result = run("--version")
        self.assertEqual(0, result.returncode)
        self.assertRegex(result.stdout, r"\Afapilog-ship \d+\.\d+\.\d+\n")
        for part in ("stdout", "loki", "\nfeatures:"):
            self.assertIn(part, result.stdout)
        for library in ("libcurl", "libdeflate", "prometheus-cpp", "protozero", "RE2", "simdjson", "snappy", "toml[+][+]"):
            self.assertRegex(result.stdout, library + r" \d+\.\d+")


class Secrets(ProgramTest):
    """Whatever a user does with a secret, right or wrong, no output shows it."""

    WORD = "Geheimnis"

    def assert_silent(self, *arguments, environment=None):
        environment = {"PW": self.WORD, **(environment or {})}
        for extra in ([], ["-v"], ["--print-config"], ["--stats-at-exit", "--stats-format", "json"],
                      ["--stats-at-exit"]):
            for command in ([], ["check"]):
                result = run(*command, *arguments, *extra, "--drain-timeout", "100ms", "--min-level", "99",
                             stdin="{}\n", environment=environment)
                with self.subTest(arguments=arguments, extra=extra):
                    self.assertNotIn(self.WORD, result.stdout + result.stderr)

    def test_in_urls(self):
        for url in ("http://u:Geheimnis@127.0.0.1:9/", "http://Geheimnis@127.0.0.1:9/",
                    "loki+http://127.0.0.1:9?username=u&password=Geheimnis",
                    "http://127.0.0.1:9?bearer_token=Geheimnis",
                    "http://127.0.0.1:9?signing_secret=Geheimnis", "http://127.0.0.1:9?headers.Cookie=Geheimnis",
                    "http://127.0.0.1:9?query.token=Geheimnis", "http://127.0.0.1:9?proxy=http://u:Geheimnis@p:1",
                    "http://127.0.0.1:9?pasword=Geheimnis", "http://u:Geheimnis@127.0.0.1:x/",
                    "http://u:Geheimnis/x@h/", "http:/u:Geheimnis@h/", "lokki+http://u:Geheimnis@h/",
                    "u:Geheimnis@h", "http://127.0.0.1:9?headers=Geheimnis", "file://u:Geheimnis@h/x"):
            self.assert_silent("-s", url)
            self.assert_silent(environment={"FAPILOG_SHIP_SINK": url})

    def test_in_files(self):
        for toml in ('username = "u"\npassword = "Geheimnis"', 'username = "u"\npassword = "${PW}"',
                     'bearer_token = "${PW}"', 'bearer_token = "${PW}"\nusername = "u"',
                     'password = ["Geheimnis"]', 'passwort = "Geheimnis"', 'headers.X = "${PW}"',
                     'headers.X = ["Geheimnis"]', 'headers."a b" = "Geheimnis"', 'headers = "Geheimnis"',
                     'signing_secret = "Geheimnis"\nsigning_secret_file = "x"', 'proxy = "http://${PW}@p"'):
            path = self.write("app.toml", f'[sinks.h]\nurl = "http://127.0.0.1:9/"\n{toml}\n')
            self.assert_silent("-c", path)
        path = self.write("app.toml", '[sinks.h]\nurl = "http://u:${PW}@127.0.0.1:9/"\n')
        self.assert_silent("-c", path)

    def test_in_secret_files(self):
        secret = self.write("secret", self.WORD + "\n")
        self.assert_silent("-s", f"http://127.0.0.1:9?bearer_token_file={secret}")


class Later(unittest.TestCase):
    def test_what_is_to_come_says_so(self):
        for arguments in (["check", "--connect"], ["replay", "x"]):
            result = run(*arguments)
            if result.returncode == USAGE:
                self.assertIn("not in this version of fapilog-ship", result.stderr)
        for scheme in ("kafka://b/t",):
            result = run("check", "-s", scheme)
            if result.returncode == CONFIG:
                self.assertIn("this build has no", result.stderr)


if __name__ == "__main__":
    unittest.main()
