"""What the command wrote is delivered, however it ends and whatever it leaves behind."""

import json
import os
import signal
import time
import unittest

from entrypoint import Entrypoint, children_of, messages, python, run, wait_until
from program import ProgramTest

MANY = 100_000
WRITER = f"import os, sys, signal\nfor n in range({MANY}): print('{{\"n\":%d}}' % n)\nsys.stdout.flush()\n"


class Ending(ProgramTest):
    def check_all_delivered(self, ending, status):
        sink = self.path("out")
        command = [part for part in python(WRITER + ending) if part != "-u"]
        code, _, error = run(command, ["-s", f"file://{sink}", "--no-drop-on-full"])
        self.assertEqual(status, code, error)
        with open(sink, encoding="ascii") as file:
            self.assertEqual(list(range(MANY)), [json.loads(line)["n"] for line in file])

    def test_all_lines_of_a_command_that_exits_at_once(self):
        self.check_all_delivered("os._exit(3)", 3)

    def test_all_lines_of_a_command_that_crashes(self):
        self.check_all_delivered("import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.abort()", 134)

    def test_all_lines_of_a_command_that_is_killed(self):
        self.check_all_delivered("os.kill(os.getpid(), signal.SIGKILL)", 137)

    def test_a_daemon_that_holds_the_pipe_does_not_keep_the_shipper(self):
        code = ("import os, signal, sys, time\n"
                "if os.fork() == 0:\n"
                "    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)\n"
                "print('done'); sys.exit(4)")
        with Entrypoint(python(code), ["--drain-timeout", "400ms"]) as entrypoint:
            self.assertEqual(4, entrypoint.process.wait(60))
            self.assertEqual(["done"], messages(os.read(entrypoint.process.stdout.fileno(), 65536).decode()))

    def test_what_a_grandchild_writes_before_it_ends_is_delivered(self):
        code = ("import os, sys, time\n"
                "read, write = os.pipe()\n"
                "if os.fork() == 0:\n"
                "    os.setsid(); os.write(write, b'x')\n"
                "    while os.getppid() == int(sys.argv[1]): time.sleep(0.01)\n"
                "    print('late'); os._exit(0)\n"
                "os.read(read, 1)\n"
                "print('early')")
        wrapped = ["/bin/sh", "-c", 'exec "$@" $$', "sh", *python(code)]
        status, output, _ = run(wrapped)
        self.assertEqual((0, ["early", "late"]), (status, messages(output)))

    def test_a_command_that_closes_its_output_goes_on(self):
        code = ("import os, time\nprint('first')\nos.close(1); os.close(2)\ntime.sleep(0.3)\nos._exit(9)")
        status, output, _ = run(python(code))
        self.assertEqual((9, ["first"]), (status, messages(output)))

    def test_a_prompt_without_newline_is_delivered(self):
        status, output, _ = run(["/bin/sh", "-c", "printf 'name? '"])
        self.assertEqual((0, ["name? "]), (status, messages(output)))

    def test_the_command_reads_standard_input(self):
        reader, writer = os.pipe()
        os.write(writer, b"a line\n")
        os.close(writer)
        status, output, _ = run(["cat"], stdin=reader)
        os.close(reader)
        self.assertEqual((0, ["a line"]), (status, messages(output)))

    def test_standard_error_alone_makes_nothing_an_error(self):
        _, output, _ = run(["/bin/sh", "-c", "echo out; echo err >&2; sleep .05; echo 'ERROR: bad' >&2"])
        logs = {log["message"]: log for log in (json.loads(line)["log"] for line in output.splitlines())}
        self.assertEqual(("INFO", "stdout"), (logs["out"]["level"], logs["out"]["diagnostics"]["stream"]))
        self.assertEqual(("INFO", "stderr"), (logs["err"]["level"], logs["err"]["diagnostics"]["stream"]))
        self.assertEqual("ERROR", logs["ERROR: bad"]["level"])

    def test_streams_never_mix_within_a_line(self):
        code = ("import os\n"
                "for n in range(2000):\n"
                "    for part in (b'a' * 40, b'b' * 40 + b'\\n'): os.write(1, part); os.write(2, part.upper())\n")
        _, output, _ = run(python(code), ["--no-drop-on-full"])
        self.assertEqual({"a" * 40 + "b" * 40, "A" * 40 + "B" * 40}, set(messages(output)))
        self.assertEqual(4000, len(output.splitlines()))

    def test_a_traceback_is_one_record_and_loses_its_colours(self):
        code = ("import sys\nsys.stderr.write('\\x1b[31mERROR\\x1b[0m it broke\\n')\n"
                "def f(): raise KeyError('a')\nf()")
        status, output, _ = run(python(code))
        self.assertEqual(1, status)
        text, = messages(output)
        self.assertTrue(text.startswith("ERROR it broke\nTraceback (most recent call last):\n  File "), text)
        self.assertTrue(text.endswith("\nKeyError: 'a'"), text)

    def test_a_group_waits_no_longer_than_its_timeout(self):
        code = "import time\nprint('one')\nprint('  more')\ntime.sleep(1000)"
        with Entrypoint(python(code), ["--multiline-timeout", "50ms"]) as entrypoint:
            self.assertEqual("one\n  more", entrypoint.line()["log"]["message"])
            entrypoint.send(signal.SIGTERM)
            self.assertEqual(143, entrypoint.end()[0])

    def test_a_pattern_of_the_users_starts_records(self):
        _, output, _ = run(["printf", "%s\\n", "# a", "b", "  c", "# d"], ["--multiline-start", "^#"])
        self.assertEqual(["# a\nb\n  c", "# d"], messages(output))

    def test_without_multiline_each_line_is_a_record(self):
        _, output, _ = run(["printf", "%s\\n", "a", "  b"], ["--no-multiline"])
        self.assertEqual(["a", "  b"], messages(output))

    def test_a_second_request_ends_the_drain_at_once(self):
        with Entrypoint(["/bin/sh", "-c", "echo lost; trap : TERM; exit 5"],
                        ["-s", "stdout:", "-s", "http://127.0.0.1:9/", "--drain-timeout", "1000s"]) as entrypoint:
            entrypoint.line()
            end = time.monotonic() + 60
            while entrypoint.process.poll() is None and time.monotonic() < end:
                entrypoint.send(signal.SIGTERM)
                time.sleep(0.05)
            self.assertEqual(5, entrypoint.process.poll())

    def said(self, entrypoint, words):
        """Reads what it says until these words come."""
        while words not in (line := entrypoint.process.stderr.readline().decode()):
            self.assertTrue(line, f"it ended without {words!r}")
        return line

    def test_after_ctrl_c_has_ended_the_command_the_drain_is_announced_and_another_ends_it(self):
        with Entrypoint(python("import time\nprint('lost', flush=True)\ntime.sleep(1000)"),
                        ["-s", "stdout:", "-s", "http://127.0.0.1:9/", "--drain-timeout", "1000s"]) as entrypoint:
            entrypoint.line()
            entrypoint.send(signal.SIGINT)
            self.said(entrypoint, "delivering what is left; a second signal ends at once")
            entrypoint.send(signal.SIGINT)
            self.assertEqual(130, entrypoint.end()[0])

    def test_when_a_command_has_ended_by_itself_the_first_signal_announces_and_the_second_ends(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number), \
                    Entrypoint(["/bin/sh", "-c", "echo lost; exit 5"],
                               ["-s", "stdout:", "-s", "http://127.0.0.1:9/", "--drain-timeout", "1000s"]) as entrypoint:
                entrypoint.line()
                wait_until(lambda: not children_of(entrypoint.pid))
                entrypoint.send(number)
                self.said(entrypoint, "delivering what is left; a second signal ends at once")
                entrypoint.send(number)
                self.assertEqual(5, entrypoint.end()[0])

    def test_a_command_that_ignores_ctrl_c_is_waited_for_and_that_is_said(self):
        code = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('on', flush=True)\ntime.sleep(1000)"
        with Entrypoint(python(code)) as entrypoint:
            entrypoint.line()
            entrypoint.send(signal.SIGINT)
            line = self.said(entrypoint, "waiting for it to end (no --grace)")
            self.assertIn("passed SIGINT to '", line)
            entrypoint.send(signal.SIGTERM)
            self.assertEqual(143, entrypoint.end()[0])


if __name__ == "__main__":
    unittest.main()
