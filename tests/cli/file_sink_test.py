"""The file sink in the real program: rotation, logrotate's ways, full disks, FIFOs."""

import ctypes
import glob
import gzip
import json
import os
import resource
import signal
import subprocess
import time
import unittest

import program


def lines_of(count, begin=0):
    return [json.dumps({"n": begin + number, "text": "x" * 80}) + "\n" for number in range(count)]


class FileSinkTest(program.ProgramTest):
    def start(self, *arguments, **options):
        process = subprocess.Popen([program.SHIP, "--stats-at-exit", "--stats-format", "json", *arguments],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=program.clean_environment(),
                                   text=True, **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stderr):
            stream.close()

    def feed(self, process, lines):
        process.stdin.write("".join(lines))
        process.stdin.flush()

    def finish(self, process):
        """Ends the input; returns the exit code and the last statistics of the only sink."""
        process.stdin.close()
        said = process.stderr.read()
        code = process.wait(timeout=program.PATIENCE)
        stats = [line for line in said.splitlines() if line.startswith("{")]
        return code, list(json.loads(stats[-1])["sinks"].values())[0]

    def until(self, what):
        """Waits for something that another process does."""
        deadline = time.monotonic() + program.PATIENCE
        while not what():
            self.assertLess(time.monotonic(), deadline, "it did not happen")
            time.sleep(0.01)

    def test_a_file_at_standard_input_arrives_whole_and_the_program_ends(self):
        source = os.path.join(program.ROOT, "tests", "data", "fapilog-stdout.ndjson")
        with open(source, encoding="utf-8") as stdin:
            result = subprocess.run([program.SHIP, "--sink", f"file://{self.path('out')}"], stdin=stdin,
                                    env=program.clean_environment(), timeout=program.PATIENCE, check=False)
            self.assertEqual(0, result.returncode)
            stdin.seek(0)
            self.assertEqual(stdin.read(), self.read("out"))

    def test_rotated_and_compressed_files_hold_every_line_once_and_in_order(self):
        lines = lines_of(3000)
        code, sink = self.ship_all(lines, "?rotate_size=50KB&compress=gzip")
        self.assertEqual((0, 3000), (code, sink["delivered"]))
        names = sorted(glob.glob(self.path("app-*.ndjson.gz")))
        self.assertGreater(len(names), 4)
        got = []
        for name in names:
            with gzip.open(name, "rt", encoding="utf-8") as file:
                content = file.read()
            self.assertLessEqual(len(content), 50 * 1024)
            got += content.splitlines(True)
        self.assertEqual(lines, got + self.read("app.ndjson").splitlines(True))
        self.assertEqual(len(names) + 1, len(os.listdir(self.directory)))

    def ship_all(self, lines, parameters=""):
        process = self.start("--sink", f"file://{self.path('app.ndjson')}{parameters}")
        self.feed(process, lines)
        return self.finish(process)

    def test_no_more_files_are_kept_than_were_asked_for_and_others_are_left_alone(self):
        self.write("app-notes.ndjson", "mine")
        self.ship_all(lines_of(3000), "?rotate_size=20KB&max_files=3")
        self.assertEqual(5, len(os.listdir(self.directory)))
        self.assertEqual("mine", self.read("app-notes.ndjson"))

    def test_logrotate_moves_the_file_and_sends_sighup(self):
        first, second = lines_of(100), lines_of(100, 100)
        process = self.start("--sink", f"file://{self.path('app.ndjson')}")
        self.feed(process, first)
        self.until(lambda: os.path.exists(self.path("app.ndjson")) and self.read("app.ndjson") == "".join(first))
        os.rename(self.path("app.ndjson"), self.path("app.ndjson.1"))
        process.send_signal(signal.SIGHUP)
        self.until(lambda: os.path.exists(self.path("app.ndjson")))
        self.feed(process, second)
        self.finish(process)
        self.assertEqual("".join(first), self.read("app.ndjson.1"))
        self.assertEqual("".join(second), self.read("app.ndjson"))

    def test_a_file_that_is_moved_or_deleted_without_a_word_is_made_anew(self):
        process = self.start("--sink", f"file://{self.path('app.ndjson')}")
        for begin, gone in ((0, os.unlink), (100, lambda name: os.rename(name, name + ".1")), (200, None)):
            lines = lines_of(100, begin)
            self.feed(process, lines)
            self.until(lambda: os.path.exists(self.path("app.ndjson"))
                       and self.read("app.ndjson") == "".join(lines))  # pylint: disable=cell-var-from-loop
            if gone:
                gone(self.path("app.ndjson"))
        code, sink = self.finish(process)
        self.assertEqual((0, 300), (code, sink["delivered"]))

    def test_copytruncate_leaves_no_hole(self):
        process = self.start("--sink", f"file://{self.path('app.ndjson')}")
        self.feed(process, lines_of(100))
        self.until(lambda: os.path.exists(self.path("app.ndjson")) and self.read("app.ndjson").count("\n") == 100)
        os.truncate(self.path("app.ndjson"), 0)
        self.feed(process, lines_of(10, 100))
        self.finish(process)
        self.assertEqual("".join(lines_of(10, 100)), self.read("app.ndjson"))

    def test_the_torn_last_line_of_a_crash_is_ended(self):
        self.write("app.ndjson", '{"n":0}\n{"torn')
        self.ship_all(lines_of(2))
        self.assertEqual(['{"n":0}\n', '{"torn\n', *lines_of(2)], self.read("app.ndjson").splitlines(True))

    @unittest.skipUnless(os.geteuid() == 0, "needs root to mount a file system")
    def test_the_file_size_limit_is_a_full_disk_and_no_death(self):
        fed = lines_of(30)
        limit = 1024
        process = self.start("--sink", f"file://{self.path('out')}?rotate_size=900", "--sink",
                             f"file://{self.path('all')}", "--retry-base", "10ms", "--retry-max", "50ms",
                             "--drain-timeout", "300ms",
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.feed(process, fed)
        process.stdin.close()
        said = process.stderr.read()
        self.assertEqual(75, process.wait(timeout=program.PATIENCE), said)
        self.assertIn("File too large", said)
        stats = json.loads([line for line in said.splitlines() if line.startswith("{")][-1])["sinks"]
        self.assertEqual(len(fed), stats["file"]["delivered"], "each file stays below the limit")
        self.assertEqual("".join(fed[:stats["file-2"]["delivered"]]), self.read("all"), "whole lines only")
        self.assertEqual(len(fed), stats["file-2"]["delivered"] + stats["file-2"]["dropped"]["shutdown"])

    def test_a_full_file_system_that_is_freed_gets_each_line_once_and_none_is_torn(self):
        mount = self.path("disk")
        os.mkdir(mount)
        # In a mount namespace of this process's own.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x00020000) != 0 or subprocess.call(["mount", "--make-rprivate", "/"]) != 0 or \
                subprocess.call(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount]) != 0:
            self.skipTest("cannot mount")
        self.addCleanup(subprocess.call, ["umount", "-l", mount])
        ballast = os.path.join(mount, "ballast")
        with open(ballast, "wb") as file:
            file.write(b"x" * 150 * 1024)
        lines = lines_of(2000)
        name = os.path.join(mount, "app.ndjson")
        process = self.start("--sink", f"file://{name}", "--no-drop-on-full", "--retry-base", "10ms", "--retry-max",
                             "50ms")
        self.feed(process, lines)
        self.until(lambda: os.path.exists(name) and os.statvfs(mount).f_bavail == 0)
        for _ in range(50):
            with open(name, encoding="utf-8") as file:
                content = file.read()
            # A reader may look while a line is torn; it is taken back at once.
            if content.endswith("\n"):
                break
            time.sleep(0.01)
        self.assertTrue(content.endswith("\n"))
        os.truncate(ballast, 0)
        code, sink = self.finish(process)
        self.assertEqual((0, 2000), (code, sink["delivered"]))
        with open(name, encoding="utf-8") as file:
            self.assertEqual(lines, file.readlines())

    def test_a_fifo_that_nobody_reads_holds_nothing_up_and_delivers_once_somebody_does(self):
        os.mkfifo(self.path("fifo"))
        process = self.start("--sink", f"file://{self.path('fifo')}", "--retry-base", "10ms", "--retry-max", "50ms")
        lines = lines_of(1000)
        self.feed(process, lines)
        with open(self.path("fifo"), encoding="utf-8") as reader:
            process.stdin.close()
            self.assertEqual(lines, reader.readlines())
        self.assertEqual(0, process.wait(timeout=program.PATIENCE))

    def test_a_fifo_whose_reader_is_stopped_does_not_hold_up_the_end(self):
        os.mkfifo(self.path("fifo"))
        reader = os.open(self.path("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        process = self.start("--sink", f"file://{self.path('fifo')}", "--drain-timeout", "200ms")
        self.feed(process, lines_of(3000))
        code, sink = self.finish(process)
        self.assertEqual(75, code)
        got = b""
        while True:
            piece = os.read(reader, 1 << 16)
            if not piece:
                break
            got += piece
        # What is counted as delivered is what came out, but for the line that was being written.
        self.assertEqual(got.count(b"\n"), sink["delivered"])
        self.assertEqual(3000, sink["delivered"] + sink["dropped"]["shutdown"])

    def rotate_under_a_limit(self, options, source, descriptors):
        """Ships the file `source` into rotated files with few descriptors; returns the lines of all of them."""
        process = self.start("--sink", f"file://{self.path('app.ndjson')}?{options}", "--drain-timeout", f"{program.PATIENCE}s",
                             "--input", source, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)))
        said = process.stderr.read()
        self.assertEqual(0, process.wait(timeout=program.PATIENCE), said)
        self.assertNotIn("Too many open files", said)
        lines = []
        for path in sorted(glob.glob(self.path("app*"))):
            with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
                lines += file.readlines()
        return lines

    def test_rotation_holds_few_descriptors_however_fast_files_rotate(self):
        """Fault T7."""
        lines = lines_of(20_000)
        source = self.write("source.ndjson", "".join(lines))
        self.assertEqual(sorted(lines), sorted(self.rotate_under_a_limit("rotate_size=1KB", source, 32)))

    def test_rotation_does_not_wait_with_open_files_for_compression(self):
        """Fault T7."""
        lines = lines_of(40_000)
        source = self.write("source.ndjson", "".join(lines))
        options = "rotate_size=20KB&compress=gzip&fsync=interval"
        self.assertEqual(sorted(lines), sorted(self.rotate_under_a_limit(options, source, 32)))

    def test_a_directory_that_became_a_file_is_noticed(self):
        """Fault T5."""
        os.mkdir(self.path("logs"))
        process = self.start("--sink", f"file://{self.path('logs/app')}", "--drain-timeout", "1s", bufsize=1)
        self.feed(process, lines_of(10))
        self.until(lambda: os.path.exists(self.path("logs/app")) and self.read("logs/app").count("\n") == 10)
        os.rename(self.path("logs"), self.path("moved"))
        self.write("logs", "a file")
        self.feed(process, lines_of(10, 10))
        process.stdin.close()
        said = process.stderr.read()
        self.assertEqual(75, process.wait(timeout=program.PATIENCE), said)
        self.assertIn("Not a directory", said)
        self.assertEqual(lines_of(10), self.read("moved/app").splitlines(True))

    def test_a_missing_directory_is_told_with_what_to_do(self):
        process = self.start("--sink", f"file://{self.path('none/app.ndjson')}", "--drain-timeout", "200ms")
        self.feed(process, lines_of(1))
        process.stdin.close()
        said = process.stderr.read()
        self.assertEqual(75, process.wait(timeout=program.PATIENCE))
        self.assertIn(f"the directory {self.path('none')} does not exist", said)


if __name__ == "__main__":
    unittest.main()
