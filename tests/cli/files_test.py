"""Files as input: in order, packed or not, broken ones, and what is told of them."""

import gzip
import json
import os
import shutil
import subprocess
import unittest

import program
from program import ProgramTest


def lines(first, count):
    return "".join('{"n":%d}\n' % n for n in range(first, first + count)).encode()


class Files(ProgramTest):
    def put(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def zstd(self, data):
        return subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout

    def ship(self, *arguments, **more):
        return subprocess.run([program.SHIP, *arguments], capture_output=True, timeout=program.PATIENCE, check=False,
                              env=program.clean_environment(), **{"stdin": subprocess.DEVNULL, **more})

    @unittest.skipUnless(shutil.which("zstd"), "needs zstd")
    def test_plain_and_packed_files_are_read_in_order(self):
        paths = [self.put("a.ndjson", lines(0, 1000)), self.put("b.ndjson.gz", gzip.compress(lines(1000, 1000))),
                 self.put("c.ndjson.zst", self.zstd(lines(2000, 1000))), self.put("d.log", lines(3000, 1000))]
        result = self.ship("--input", *paths)
        self.assertEqual((0, b""), (result.returncode, result.stderr))
        self.assertEqual(lines(0, 4000), result.stdout)

    @unittest.skipUnless(shutil.which("zstd"), "needs zstd")
    def test_the_bytes_tell_the_packing_and_not_the_name(self):
        paths = [self.put("a.gz", lines(0, 10)), self.put("b", gzip.compress(lines(10, 10))),
                 self.put("c.gz", self.zstd(lines(20, 10))), self.put("d.gz", b"")]
        result = self.ship("--input", *paths)
        self.assertEqual((0, b"", lines(0, 30)), (result.returncode, result.stderr, result.stdout))

    @unittest.skipUnless(shutil.which("zstd"), "needs zstd")
    def test_members_and_frames_may_stand_one_behind_the_other(self):
        one, two = lines(0, 5000), lines(5000, 10)
        for pack in (gzip.compress, self.zstd):
            result = self.ship("--input", self.put("both", pack(one) + pack(two)))
            self.assertEqual((0, one + two), (result.returncode, result.stdout))

    def test_a_packed_file_may_be_standard_input(self):
        with open(self.put("a.gz", gzip.compress(lines(0, 100))), "rb") as file:
            result = self.ship(stdin=file)
        self.assertEqual((0, lines(0, 100)), (result.returncode, result.stdout))

    def test_a_file_that_was_cut_short_is_told_and_what_stands_before_is_delivered(self):
        whole = gzip.compress(lines(0, 20000))
        cut = self.put("cut.gz", whole[:len(whole) // 2])
        result = self.ship("--input", cut, self.put("next", lines(50000, 10)))
        self.assertEqual(74, result.returncode)
        self.assertIn(f"input {cut}: gzip data cannot be unpacked at byte {len(whole) // 2}", result.stderr.decode())
        got = result.stdout.splitlines(keepends=True)
        first = next(n for n, line in enumerate(got) if line == b'{"n":50000}\n')
        # The line that was torn is text by now.
        self.assertGreater(first, 5000)
        self.assertEqual(lines(0, first - 1), b"".join(got[:first - 1]))
        self.assertEqual(lines(50000, 10), b"".join(got[first:]))

    def test_a_file_that_is_input_and_output_is_refused(self):
        path = self.put("loop", lines(0, 10))
        for arguments in (["-i", path, "-s", "file://" + path], ["-i", path, "--dead-letter", path]):
            done = self.ship(*arguments)
            self.assertEqual((78, b""), (done.returncode, done.stdout))
            self.assertIn(b"is the same file as", done.stderr)
        with open(path, "rb") as source, open(path, "ab") as target:
            done = subprocess.run([program.SHIP], stdin=source, stdout=target, stderr=subprocess.PIPE, check=False,
                                  timeout=program.PATIENCE, env=program.clean_environment())
        self.assertEqual(78, done.returncode)
        self.assertIn(b"standard input is the same file as standard output", done.stderr)
        with open(path, "rb") as source:
            self.assertEqual(lines(0, 10), source.read())

    def test_each_damaged_file_is_told(self):
        damaged = bytearray(gzip.compress(lines(0, 20000)))
        damaged[len(damaged) // 2] ^= 0x55
        paths = [self.put("a.gz", bytes(damaged)), self.put("b.gz", bytes(damaged))]
        result = self.ship("--input", *paths, "-s", "null:")
        self.assertEqual(74, result.returncode)
        for path in paths:
            self.assertIn(path, result.stderr.decode())

    def test_what_cannot_be_read_is_told_before_anything_starts(self):
        good = self.put("good", lines(0, 10))
        xz = self.put("a.xz", b"\xfd7zXZ\0more")
        missing = self.path("missing")
        result = self.ship("--input", good, missing, self.directory, xz, "-s", "file://" + self.path("out"))
        self.assertEqual((74, b""), (result.returncode, result.stdout))
        said = result.stderr.decode()
        for part in (f"{missing}: cannot open: No such file", f"{self.directory}: cannot read: Is a directory",
                     f"{xz}: is packed with xz"):
            self.assertIn(part, said)
        self.assertFalse(os.path.exists(self.path("out")))

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_a_file_that_may_not_be_read_is_told(self):
        path = self.put("secret", lines(0, 10))
        os.chmod(path, 0o600)
        os.chmod(self.directory, 0o755)
        result = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program.SHIP, "--input",
                                 path], capture_output=True, text=True, check=False, env=program.clean_environment())
        if "setpriv" in result.stderr:
            self.skipTest("another user may not run the program from where it stands")
        self.assertEqual(74, result.returncode)
        self.assertIn(f"{path}: cannot open: Permission denied", result.stderr)

    def test_nothing_is_dropped_of_a_file_and_the_configuration_says_so(self):
        path = self.put("a", lines(0, 20000))
        options = ["--queue-size", "10", "--stats-at-exit", "--stats-format", "json", "-s", "null:"]
        result = self.ship("--input", path, *options)
        self.assertEqual(20000, json.loads(result.stderr)["sinks"]["null"]["delivered"])
        with open(path, "rb") as file:
            result = self.ship(*options, stdin=file)
            self.assertEqual(20000, json.loads(result.stderr)["sinks"]["null"]["delivered"])
            shown = self.ship("--print-config", stdin=file).stdout
        self.assertIn(b"drop_on_full = false  # default: every input is a regular file", shown)
        self.assertIn(b"drop_on_full = true  # default", self.ship("--print-config").stdout)


if __name__ == "__main__":
    unittest.main()
