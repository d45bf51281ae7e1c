"""Files that are followed, as users meet them: patterns, links, odd files, restarts, lines that are not over."""

import gzip
import json
import os
import signal
import subprocess
import time
import unittest

import program
from program import ProgramTest


def line(text):
    return json.dumps({"message": text}) + "\n"


class Follow(ProgramTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("logs"))
        self.process = None
        self.addCleanup(self.kill)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def start(self, *arguments, patterns=("logs/*.log",), checkpoint=True):
        inputs = [part for pattern in patterns for part in ("--input", self.path(pattern))]
        if checkpoint:
            arguments = ("--checkpoint", self.path("checkpoint"), *arguments)
        with open(self.path("said"), "ab") as said:
            self.process = subprocess.Popen(
                [program.SHIP, "--follow", *inputs, "--sink", "file:" + self.path("out"), "--batch-timeout", "10ms",
                 *arguments], stdin=subprocess.DEVNULL, stderr=said, env=program.clean_environment())

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(program.PATIENCE)
        self.assertEqual(0, code, self.said())

    def said(self):
        return self.read("said")

    def append(self, name, text):
        with open(self.path(name), "ab", buffering=0) as file:
            file.write(text.encode() if isinstance(text, str) else text)

    def messages(self):
        if not os.path.exists(self.path("out")):
            return []
        records = [json.loads(one) for one in self.read("out").splitlines()]
        return [record["message"] if "message" in record else record["log"]["message"] for record in records]

    def until(self, condition, what):
        deadline = time.monotonic() + program.PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what}: {self.messages()[:20]} {self.said()}")
            self.assertIsNone(self.process.poll(), self.said())
            time.sleep(0.01)

    def await_messages(self, *messages):
        self.until(lambda: len(self.messages()) >= len(messages), f"waited for {messages}")
        self.assertEqual(sorted(messages), sorted(self.messages()))

    def test_lines_are_shipped_as_they_are_written_and_int_ends_like_term(self):
        self.append("logs/a.log", line("before"))
        self.start()
        self.await_messages("before")
        self.append("logs/a.log", line("after"))
        self.await_messages("before", "after")
        self.stop(signal.SIGINT)

    def test_a_pattern_that_fits_nothing_waits_for_files_and_directories(self):
        self.start(patterns=("logs/*/*.log", "logs/plain.txt"))
        self.until(lambda: "is not there yet" in self.said(), "a hint")
        os.mkdir(self.path("logs/new"))
        self.append("logs/new/a.log", line("one"))
        self.append("logs/plain.txt", line("two"))
        self.await_messages("one", "two")
        self.stop()

    def test_one_file_by_many_names_is_shipped_once(self):
        self.append("logs/a.log", line("one"))
        os.link(self.path("logs/a.log"), self.path("logs/hard.log"))
        os.symlink(self.path("logs/a.log"), self.path("logs/soft.log"))
        self.start(patterns=("logs/*.log", "logs/a*", "logs/a.log"))
        self.await_messages("one")
        self.append("logs/hard.log", line("two"))
        self.await_messages("one", "two")
        self.stop()

    def test_a_link_to_another_directory_is_followed_when_its_file_grows_and_when_it_changes(self):
        os.mkdir(self.path("pods"))
        self.append("pods/0.log", line("one"))
        os.symlink(self.path("pods/0.log"), self.path("logs/a.log"))
        self.start()
        self.await_messages("one")
        self.append("pods/0.log", line("two"))
        self.await_messages("one", "two")
        self.append("pods/1.log", line("three"))
        os.symlink(self.path("pods/1.log"), self.path("logs/new"))
        os.rename(self.path("logs/new"), self.path("logs/a.log"))
        self.await_messages("one", "two", "three")
        self.stop()

    def test_odd_files_beside_do_no_harm(self):
        os.mkdir(self.path("logs/directory.log"))
        os.mkfifo(self.path("logs/fifo.log"))
        self.append("logs/empty.log", "")
        self.append("logs/packed.log", gzip.compress(line("packed").encode()))
        self.append("logs/binary.log", b"\x7fELF\x00\x01\xff\n")
        os.symlink(self.path("nowhere"), self.path("logs/dangling.log"))
        self.append("logs/a.log", line("one"))
        self.start()
        self.until(lambda: "one" in self.messages() and len(self.messages()) == 2, "two records")
        self.assertIn("packed.log is packed", self.said())
        self.append("logs/empty.log", line("two"))
        self.until(lambda: "two" in self.messages(), "the file that was empty")
        self.stop()
        self.assertNotIn("packed", self.messages())

    def test_a_directory_is_told_what_to_write_instead(self):
        self.start(patterns=("logs",))
        self.until(lambda: "give a pattern such as " + self.path("logs") + "/*.log" in self.said(), "a hint")
        self.stop()

    def test_follow_without_files_is_an_error(self):
        result = program.run("--follow")
        self.assertEqual(78, result.returncode)
        self.assertIn("--input PATH", result.stderr)
        result = program.run("--follow", "--input", "-")
        self.assert_fails(result, 78, "standard input cannot be followed")
        result = program.run("--start", "end")
        self.assertEqual(0, result.returncode)
        self.assertIn("input.start changes nothing without input.follow", result.stderr)

    def test_a_line_waits_for_its_newline_and_is_taken_as_it_is_once_nobody_writes_it_any_more(self):
        self.append("logs/a.log", '{"message":')
        self.start()
        self.append("logs/a.log", '"whole"}\n{"message":"begun"')
        self.await_messages("whole")
        os.rename(self.path("logs/a.log"), self.path("logs/a.1"))
        self.append("logs/a.1", "}")
        self.await_messages("whole", "begun")
        self.stop()

    def test_a_line_longer_than_max_line_bytes_is_cut_however_it_comes(self):
        self.start("--max-line-bytes", "1KB")
        for _ in range(3):
            self.append("logs/a.log", "x" * 300_000)
            time.sleep(0.05)
        self.append("logs/a.log", "\n" + line("next"))
        self.until(lambda: "next" in self.messages(), "the line behind")
        self.stop()
        self.assertEqual([1024, 4], [len(message) for message in self.messages()])
        self.assertIn('"_original_size":900000', self.read("out").replace(" ", ""))

    def test_tracebacks_of_two_files_do_not_mix(self):
        self.start("--multiline-timeout", "60s")
        for name in "ab":
            self.append(f"logs/{name}.log", line("first") + f"ERROR {name} failed\nTraceback (most recent call last):\n")
        self.await_messages("first", "first")
        for name in "ba":
            self.append(f"logs/{name}.log", f'  File "{name}.py", line 1, in <module>\nValueError: {name}\n')
        self.stop()
        self.assertEqual(4, len(self.messages()), self.messages())
        for message in self.messages()[2:]:
            name = message.split()[1]
            self.assertTrue(message.endswith(f"ValueError: {name}"), message)
            self.assertIn(f'File "{name}.py"', message)

    def test_lines_that_wait_for_the_rest_of_their_record_are_read_again_after_a_kill(self):
        self.start("--multiline-timeout", "60s")
        begun = "ERROR it failed\nTraceback (most recent call last):\n"
        self.append("logs/a.log", line("first") + begun)
        self.await_messages("first")
        # A checkpoint of later than this tells how far each file is done with.
        before = time.time_ns()
        self.append("logs/b.log", line("second"))
        self.await_messages("first", "second")
        written = [self.path(name) for name in ("checkpoint", "checkpoint.journal")]
        self.until(lambda: any(os.path.exists(path) and os.stat(path).st_mtime_ns > before for path in written),
                   "a checkpoint")
        self.kill()
        self.start("--multiline-timeout", "60s")
        self.append("logs/a.log", "ValueError: no\n" + line("last"))
        self.until(lambda: "last" in self.messages(), "the last line")
        self.stop()
        self.assertIn(begun + "ValueError: no", self.messages())

    def test_lines_of_containers_are_unwrapped_by_their_directory(self):
        os.makedirs(self.path("docker/containers/0"))
        os.makedirs(self.path("pods/web"))
        self.append("docker/containers/0/0-json.log",
                    json.dumps({"log": "from docker\n", "stream": "stdout", "time": "2026-01-02T03:04:05Z"}) + "\n")
        self.append("pods/web/0.log", "2026-01-02T03:04:05.6Z stdout P from \n2026-01-02T03:04:05.6Z stderr F an error\n"
                    "2026-01-02T03:04:05.7Z stdout F cri\n")
        self.start(patterns=("docker/containers/*/*.log", "pods/*/*.log"))
        self.await_messages("from docker", "from cri", "an error")
        self.stop()

    # Restarts.

    def restart(self, *arguments, **more):
        self.stop()
        self.start(*arguments, **more)

    def test_the_next_run_goes_on_where_this_one_ended(self):
        self.append("logs/a.log", line("one"))
        self.start()
        self.await_messages("one")
        self.stop()
        self.append("logs/a.log", line("two"))
        self.start()
        self.await_messages("one", "two")
        self.stop()

    def test_what_was_renamed_between_two_runs_is_read_to_its_end(self):
        self.append("logs/a.log", line("one"))
        self.start()
        self.await_messages("one")
        self.stop()
        self.append("logs/a.log", line("two"))
        os.rename(self.path("logs/a.log"), self.path("logs/a.log.1"))
        self.append("logs/a.log", line("three"))
        self.start()
        self.await_messages("one", "two", "three")
        self.stop()

    def test_a_file_cut_below_the_checkpoint_between_two_runs_is_read_from_its_beginning(self):
        self.append("logs/a.log", line("one") + line("two"))
        self.start()
        self.await_messages("one", "two")
        self.stop()
        os.truncate(self.path("logs/a.log"), 0)
        self.append("logs/a.log", line("three"))
        self.start()
        self.await_messages("one", "two", "three")
        self.stop()

    def test_another_file_with_the_number_of_a_former_one_is_a_new_one(self):
        self.append("logs/a.log", line("one"))
        self.start()
        self.await_messages("one")
        self.stop()
        # The same inode, longer than before, and other bytes: as after a file system gave the number out again.
        with open(self.path("logs/a.log"), "r+b") as file:
            file.write((line("another one") + line("two")).encode())
        os.rename(self.path("logs/a.log"), self.path("logs/b.log"))
        self.start()
        self.await_messages("one", "another one", "two")
        self.stop()

    def test_a_file_cut_and_written_past_its_old_end_at_once_is_read_from_its_beginning(self):
        self.append("logs/a.log", line("one") + line("two"))
        self.start()
        self.await_messages("one", "two")
        again = [f"line {number}" for number in range(100)]
        with open(self.path("logs/a.log"), "wb", buffering=0) as file:
            file.write("".join(map(line, again)).encode())
        self.await_messages("one", "two", *again)
        self.stop()

    def test_a_file_that_is_removed_gives_its_descriptor_and_its_entry_back(self):
        self.append("logs/a.log", line("one"))
        self.start()
        self.await_messages("one")
        os.remove(self.path("logs/a.log"))

        def held():
            folder = f"/proc/{self.process.pid}/fd"
            return [name for name in os.listdir(folder) if "a.log" in os.readlink(os.path.join(folder, name))]
        self.until(lambda: not held(), "the file is closed")
        self.stop()
        self.assertNotIn("a.log", self.read("checkpoint"))

    def test_start_at_the_end_ships_what_is_written_from_then_on(self):
        self.append("logs/a.log", line("old"))
        self.append("logs/b.log", line("old") + '{"message":')
        self.start("--start", "end")
        self.until(lambda: os.path.exists(self.path("checkpoint")) and "b.log" in
                   self.read("checkpoint") + self.read("checkpoint.journal"), "the first look")
        self.append("logs/a.log", line("new"))
        self.append("logs/b.log", '"begun"}\n')
        self.append("logs/c.log", line("later"))
        self.await_messages("new", "begun", "later")
        self.stop()

    def test_start_at_the_beginning_ships_all_again(self):
        self.append("logs/a.log", line("one"))
        self.start()
        self.await_messages("one")
        self.restart("--start", "beginning")
        self.await_messages("one", "one")
        self.stop()

    def test_a_damaged_checkpoint_is_told_and_what_it_still_says_counts(self):
        self.append("logs/a.log", line("one"))
        self.append("logs/b.log", line("two"))
        self.start()
        self.await_messages("one", "two")
        self.stop()
        kept = [text for text in self.read("checkpoint").splitlines(True) if "b.log" not in text]
        self.write("checkpoint", "".join(kept) + "+ rubbish\n")
        self.start()
        self.await_messages("one", "two", "two")
        self.stop()
        self.assertIn("is damaged", self.said())

    def test_a_checkpoint_has_one_owner(self):
        self.start()
        self.until(lambda: os.path.exists(self.path("checkpoint")), "the checkpoint")
        result = program.run("--follow", "--input", self.path("logs/x"), "--checkpoint", self.path("checkpoint"))
        self.assertEqual(78, result.returncode, result.stderr)
        self.assertIn("another fapilog-ship has it", result.stderr)
        self.stop()

    def test_keep_has_the_checkpoint_below_its_directory(self):
        self.append("logs/a.log", line("one"))
        self.start("--keep", self.path("kept"), checkpoint=False)
        self.await_messages("one")
        self.restart("--keep", self.path("kept"), checkpoint=False)
        self.append("logs/a.log", line("two"))
        self.await_messages("one", "two")
        self.stop()
        self.assertTrue(os.path.exists(self.path("kept/checkpoint")))

    def test_what_the_shipper_writes_itself_is_not_followed(self):
        self.append("out", line("of an earlier run"))
        self.append("logs/a.log", line("one"))
        self.start(patterns=("ou*", "logs/*.log"))
        self.until(lambda: "is the output of sink file" in self.said(), "a hint")
        self.await_messages("of an earlier run", "one")
        self.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
