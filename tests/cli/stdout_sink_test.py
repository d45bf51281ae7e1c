"""Standard output in the real program: slow, stopped and missing readers, other users' pipes, terminals."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
import unittest

import program

SAMPLE = os.path.join(program.ROOT, "tests", "data", "fapilog-stdout.ndjson")


def lines_of(count):
    return "".join(json.dumps({"n": number, "text": "x" * 80}) + "\n" for number in range(count)).encode()


class StdoutSinkTest(program.ProgramTest):
    def start(self, stdout, *arguments, stdin=subprocess.PIPE, environment=None, **options):
        process = subprocess.Popen([program.SHIP, "--stats-at-exit", "--stats-format", "json", *arguments],
                                   stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                                   env=program.clean_environment(environment), **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def books(self, process):
        """Waits for the end; returns the exit code and the statistics of the only sink."""
        said = process.stderr.read().decode()
        code = process.wait(timeout=program.PATIENCE)
        stats = [line for line in said.splitlines() if line.startswith("{")]
        return code, list(json.loads(stats[-1])["sinks"].values())[0]

    def pipe(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        return reader, writer

    def read_all(self, reader):
        got = b""
        while True:
            piece = os.read(reader, 1 << 16)
            if not piece:
                return got
            got += piece

    def until_full(self, reader):
        """Waits until the pipe holds nearly all it can."""
        deadline = time.monotonic() + program.PATIENCE
        while int.from_bytes(fcntl.ioctl(reader, termios.FIONREAD, bytes(4)), sys.byteorder) < 60000:
            self.assertLess(time.monotonic(), deadline, "the pipe never filled up")
            time.sleep(0.01)

    def test_a_file_comes_out_byte_for_byte_and_the_program_ends(self):
        with open(SAMPLE, "rb") as stdin:
            result = subprocess.run([program.SHIP], stdin=stdin, capture_output=True, timeout=program.PATIENCE,
                                    env=program.clean_environment(), check=False)
            stdin.seek(0)
            self.assertEqual(0, result.returncode)
            self.assertTrue(stdin.read() == result.stdout)

    def test_a_file_redirected_into_a_file_is_the_same_file(self):
        with open(SAMPLE, "rb") as stdin, open(self.path("out"), "wb") as stdout:
            self.assertEqual(0, subprocess.call([program.SHIP], stdin=stdin, stdout=stdout,
                                                env=program.clean_environment(), timeout=program.PATIENCE))
        with open(SAMPLE, "rb") as source, open(self.path("out"), "rb") as copy:
            self.assertTrue(source.read() == copy.read())

    def closed_pipe(self):
        reader, writer = os.pipe()
        os.close(reader)
        return writer

    def test_where_nobody_reads_the_only_output_the_run_ends_at_once_though_the_input_goes_on(self):
        writer = self.closed_pipe()
        process = self.start(writer, "--drain-timeout", "1h")
        os.close(writer)
        process.stdin.write(lines_of(10))
        process.stdin.flush()
        said = process.stderr.read().decode()
        self.assertEqual(74, process.wait(timeout=program.PATIENCE))
        self.assertNotIn("fapilog-ship: ", said, "as any filter before head, it ends without a word")

    def test_a_reader_that_leaves_is_noticed_though_no_line_comes(self):
        reader, writer = os.pipe()
        process = self.start(writer, "--drain-timeout", "1h")
        os.close(writer)
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        self.assertEqual(b"{}\n", os.read(reader, 10))
        os.close(reader)
        said = process.stderr.read().decode()
        self.assertEqual(74, process.wait(timeout=program.PATIENCE))
        self.assertNotIn("fapilog-ship: ", said)

    def test_below_a_shell_head_ends_the_pipe(self):
        result = subprocess.run(["bash", "-c", 'yes "{}" | "$0" --queue-size 100 | head -1; echo ${PIPESTATUS[1]}', program.SHIP],
                                capture_output=True, text=True, env=program.clean_environment(), check=False,
                                timeout=program.PATIENCE)
        self.assertEqual("{}\n74\n", result.stdout)

    def test_beside_another_sink_the_run_goes_on_and_counts_what_nobody_reads(self):
        writer = self.closed_pipe()
        process = self.start(writer, "-s", "stdout:", "-s", f"file://{self.path('out')}", "--stats-at-exit")
        os.close(writer)
        for _ in range(3):
            process.stdin.write(lines_of(10))
            process.stdin.flush()
        process.stdin.close()
        said = process.stderr.read().decode()
        self.assertEqual(0, process.wait(timeout=program.PATIENCE), said)
        stats = json.loads([line for line in said.splitlines() if line.startswith("{")][-1])["sinks"]
        self.assertEqual((30, 30), (stats["stdout"]["dropped"]["rejected"], stats["file"]["delivered"]))

    def test_a_command_lives_on_without_a_reader_and_it_is_said_once(self):
        writer = self.closed_pipe()
        script = "for i in 1 2 3 4 5; do echo $i; sleep 0.3; done; exit 7"
        process = self.start(writer, "--", "sh", "-c", script, stdin=subprocess.DEVNULL)
        os.close(writer)
        said = process.stderr.read().decode()
        self.assertEqual(7, process.wait(timeout=program.PATIENCE))
        self.assertEqual(1, said.count("warning: sink stdout: standard output was closed by its reader; what goes "
                                       "there is dropped from now on"), said)
        stats = json.loads([line for line in said.splitlines() if line.startswith("{")][-1])["sinks"]
        self.assertEqual(5, stats["stdout"]["dropped"]["rejected"])

    def test_a_reader_that_never_reads_does_not_hold_up_the_end_and_the_books_are_right(self):
        reader, writer = self.pipe()
        process = self.start(writer, "--drain-timeout", "200ms")
        os.close(writer)
        process.stdin.write(lines_of(3000))
        process.stdin.close()
        code, sink = self.books(process)
        self.assertEqual(75, code)
        got = self.read_all(reader)
        self.assertEqual(got.count(b"\n"), sink["delivered"])
        self.assertEqual(3000, sink["delivered"] + sink["dropped"]["shutdown"])
        whole = got[:got.rfind(b"\n") + 1]
        self.assertTrue(lines_of(3000).startswith(whole))

    def test_a_reader_that_is_stopped_and_goes_on_sees_every_line_once(self):
        reader, writer = self.pipe()
        with open(SAMPLE, "rb") as stdin:
            process = self.start(writer, "--drain-timeout", "60s", stdin=stdin)
            os.close(writer)
            self.until_full(reader)
            got = self.read_all(reader)
            stdin.seek(0)
            self.assertTrue(stdin.read() == got)
        self.assertEqual(0, self.books(process)[0])

    def test_the_shared_description_never_becomes_non_blocking(self):
        for make in (os.pipe, pty.openpty):
            reader, writer = make()
            process = self.start(writer)
            process.stdin.write(lines_of(3))
            process.stdin.flush()
            self.assertTrue(os.read(reader, 100))
            self.assertEqual(0, fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK)
            process.stdin.close()
            self.assertEqual(0, process.wait(timeout=program.PATIENCE))
            os.close(reader)
            os.close(writer)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_another_users_pipe_that_may_not_be_opened_works_and_is_interruptible_too(self):
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        with open(SAMPLE, "rb") as stdin:
            result = subprocess.run([*as_nobody, program.SHIP], stdin=stdin, capture_output=True,
                                    timeout=program.PATIENCE, env=program.clean_environment(), check=False)
            if b"ermission denied" in result.stderr:
                self.skipTest("another user may not run the program from where it stands")
            stdin.seek(0)
            self.assertTrue(stdin.read() == result.stdout)
        reader, writer = self.pipe()
        process = subprocess.Popen([*as_nobody, program.SHIP, "--drain-timeout", "200ms"], stdin=subprocess.PIPE,
                                   stdout=writer, stderr=subprocess.DEVNULL, env=program.clean_environment())
        self.addCleanup(self.end, process)
        os.close(writer)
        process.stdin.write(lines_of(3000))
        process.stdin.close()
        self.assertEqual(75, process.wait(timeout=program.PATIENCE))
        whole = self.read_all(reader)
        self.assertTrue(lines_of(3000).startswith(whole[:whole.rfind(b"\n") + 1]))

    def test_a_stopped_terminal_does_not_hold_up_the_end(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = self.start(slave, "--drain-timeout", "200ms")
        os.close(slave)
        process.stdin.write(lines_of(20000))
        process.stdin.close()
        self.assertEqual(75, self.books(process)[0])

    def test_sigterm_ends_it_within_its_budget_although_nobody_reads(self):
        reader, writer = self.pipe()
        process = self.start(writer, "--drain-timeout", "300ms")
        os.close(writer)
        process.stdin.write(lines_of(3000))
        process.stdin.flush()
        self.until_full(reader)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(75, self.books(process)[0])


class PrettyTest(program.ProgramTest):
    LINE = '{"level":"ERROR","message":"order failed","timestamp":"2026-11-22T09:09:09.624Z","order_id":18}\n'

    def on_terminal(self, *arguments, environment=None):
        master, slave = pty.openpty()
        process = subprocess.Popen([program.SHIP, *arguments], stdin=subprocess.PIPE, stdout=slave,
                                   env=program.clean_environment({"TERM": "xterm", **(environment or {})}))
        os.close(slave)
        process.stdin.write(self.LINE.encode())
        process.stdin.close()
        got = b""
        try:
            while piece := os.read(master, 4096):
                got += piece
        except OSError:
            pass
        os.close(master)
        self.assertEqual(0, process.wait(timeout=program.PATIENCE))
        return got.decode()

    def test_colours_are_for_terminals_and_for_those_who_ask(self):
        colored = "\x1b[1;31mERROR\x1b[0m"
        self.assertIn(colored, self.on_terminal("--pretty"))
        self.assertNotIn("\x1b", self.on_terminal("--pretty", environment={"NO_COLOR": "1"}))
        self.assertNotIn("\x1b", self.on_terminal("--pretty", environment={"TERM": "dumb"}))
        self.assertNotIn("\x1b", self.on_terminal("-s", "stdout:?format=pretty&color=never"))
        always = "stdout:?format=pretty&color=always"
        self.assertIn(colored, self.on_terminal("-s", always, environment={"NO_COLOR": "1"}))
        self.assertNotIn("\x1b", program.run("--pretty", stdin=self.LINE).stdout)
        self.assertIn(colored, program.run("-s", always, stdin=self.LINE).stdout)

    def test_times_are_local_or_utc(self):
        zone = {"TZ": "XXX-05:30"}
        self.assertIn(" 14:39:09.624 ", " " + program.run("--pretty", stdin=self.LINE, environment=zone).stdout)
        self.assertIn(" 09:09:09.624Z ", " " + program.run("-s", "stdout:?format=pretty&time=utc", stdin=self.LINE,
                                                          environment=zone).stdout)

    def test_logfmt_is_one_line_a_record(self):
        self.assertEqual('time=2026-11-22T09:09:09.624Z level=ERROR msg="order failed" order_id=18\n',
                         program.run("-s", "stdout:?format=logfmt", stdin=self.LINE).stdout)


if __name__ == "__main__":
    unittest.main()
