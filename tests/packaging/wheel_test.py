"""The wheel of the portable program: made twice, installed into fresh virtual environments, used, and removed again.

BUILD in the environment names another build directory; the target `portable` has to be built there. Asks no server."""

import base64
import csv
import filecmp
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

from packages import OLDEST_GLIBC, PORTABLE, ROOT, need, output

SCRIPT = os.path.join(ROOT, "packaging", "build_wheel")
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")


def make(directory):
    """The path of a wheel that is made anew."""
    return output(sys.executable, SCRIPT, "--out", directory).strip()


def environment(directory):
    """A fresh virtual environment that has pip; returns its interpreter."""
    output(sys.executable, "-m", "venv", directory)
    return os.path.join(directory, "bin", "python")


def pip(python, *arguments):
    return output(python, "-m", "pip", "--disable-pip-version-check", *arguments, stderr=subprocess.STDOUT)


def listing(directory):
    return {os.path.join(folder, file) for folder, _, files in os.walk(directory) for file in files}


class WheelTest(unittest.TestCase):
    """The wheel, made once for all tests."""

    work = None

    @classmethod
    def setUpClass(cls):
        if WheelTest.work:
            return
        need(PORTABLE)
        WheelTest.work = tempfile.mkdtemp()
        unittest.addModuleCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        WheelTest.wheel = make(os.path.join(cls.work, "one"))


class Wheel(WheelTest):
    def test_two_are_the_same_bytes(self):
        time.sleep(2.1)  # a zip file counts two seconds at a time; one that gets in would differ
        self.assertTrue(filecmp.cmp(self.wheel, make(os.path.join(self.work, "two")), shallow=False))

    def test_its_name_says_which_systems_can_run_it(self):
        found = re.search(r"-py3-none-manylinux_(\d+)_(\d+)_x86_64\.whl$", self.wheel)
        self.assertLessEqual((int(found[1]), int(found[2])), OLDEST_GLIBC)
        print(f"\nwheel {os.path.getsize(self.wheel)} bytes")

    def test_what_it_records_is_what_it_holds(self):
        with zipfile.ZipFile(self.wheel) as archive:
            (record,) = [name for name in archive.namelist() if name.endswith("/RECORD")]
            rows = list(csv.reader(archive.read(record).decode().splitlines()))
            self.assertEqual(sorted(archive.namelist()), sorted(path for path, _, _ in rows))
            for path, digest, size in rows:
                if path != record:
                    data = archive.read(path)
                    wanted = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                    self.assertEqual((f"sha256={wanted}", str(len(data))), (digest, size), path)
            self.assertEqual({"LICENSE", "LICENSES"}, {os.path.basename(path) for path, _, _ in rows if "/licenses/" in path})

    def test_its_version_is_that_of_the_program(self):
        with zipfile.ZipFile(self.wheel) as archive:
            (metadata,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
            version = re.search(r"^Version: (.*)$", archive.read(metadata).decode(), re.M)[1]
        self.assertEqual(f"fapilog-ship {version}", output(PORTABLE, "--version").splitlines()[0])


class Installed(WheelTest):
    """In an environment of its own, with nothing but what venv puts there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = os.path.join(cls.work, "environment")
        cls.python = environment(cls.home)
        pip(cls.python, "install", "--no-index", cls.wheel)
        cls.path = os.path.join(cls.home, "bin") + ":/usr/bin:/bin"

    def ship(self, *command, **options):
        return subprocess.run(command, capture_output=True, check=False, timeout=60, env={"PATH": self.path}, **options)

    def test_the_command_is_in_the_path(self):
        self.assertTrue(filecmp.cmp(PORTABLE, os.path.join(self.home, "bin", "fapilog-ship"), shallow=False))
        self.assertEqual(output(PORTABLE, "--version").encode(), self.ship("fapilog-ship", "--version").stdout)

    def test_the_first_example_of_the_readme(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            command, lines = re.search(r"```console\n\$ (my-app \|.*)\n(\d+)\n", file.read()).groups()
        with open(SAMPLE, encoding="utf-8") as file:
            some = file.readlines()
        source = os.path.join(self.work, "lines")
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(some[number % len(some)] for number in range(int(lines)))
        done = self.ship("sh", "-c", command.replace("my-app", f"cat {source}", 1))
        self.assertEqual((0, lines), (done.returncode, done.stdout.decode().strip()), done.stderr)

    def test_the_module_is_the_program(self):
        done = self.ship(self.python, "-m", "fapilog_ship", "-q", "--", "sh", "-c", "echo out; exit 3")
        self.assertEqual(3, done.returncode, done.stderr)
        self.assertIn(b'"message":"out"', done.stdout)
        # One process, of the same number: what is signalled is the program.
        with subprocess.Popen([self.python, "-m", "fapilog_ship"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdin.write(b"{}\n")
            process.stdin.flush()
            self.assertEqual(b"{}\n", process.stdout.readline())
            self.assertEqual(os.path.join(self.home, "bin", "fapilog-ship"), os.readlink(f"/proc/{process.pid}/exe"))
            process.stdin.close()
            self.assertEqual(0, process.wait(60))

    def test_python_hands_on_no_ignored_signals(self):
        done = self.ship(self.python, "-m", "fapilog_ship", "-q", "--", "grep", "SigIgn", "/proc/self/status")
        ignored = int(re.search(rb"SigIgn:\\t([0-9a-f]+)", done.stdout)[1], 16)
        self.assertEqual(0, ignored & (1 << 12 | 1 << 24), done.stdout)

    def test_an_application_can_ask_where_it_is(self):
        done = self.ship(self.python, "-c", "import fapilog_ship; print(fapilog_ship.program())")
        self.assertEqual(os.path.join(self.home, "bin", "fapilog-ship"), done.stdout.decode().strip())

    def test_in_a_directory_of_the_users_choice(self):
        target = os.path.join(self.work, "target")
        pip(self.python, "install", "--no-index", "--target", target, self.wheel)
        done = subprocess.run([self.python, "-I", "-c", f"import sys; sys.path.insert(0, {target!r}); import fapilog_ship; "
                               "print(fapilog_ship.program())"], capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(os.path.join(target, "bin", "fapilog-ship"), done.stdout.strip())

    def test_without_the_program_it_says_so(self):
        sources = os.path.join(ROOT, "packaging", "pip")
        done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {sources!r}); "
                               "import fapilog_ship; fapilog_ship.program()"], capture_output=True, text=True, check=False, timeout=60)
        self.assertRegex(done.stderr, "FileNotFoundError: the program fapilog-ship was not found at .*install the package again")

    def test_removing_it_leaves_nothing(self):
        home = os.path.join(self.work, "another")
        output(sys.executable, "-m", "venv", "--without-pip", home)
        before = listing(home)
        python = os.path.join(home, "bin", "python")
        pip(self.python, "--python", python, "install", "--no-index", self.wheel)
        output(python, "-m", "fapilog_ship", "--version")
        self.assertNotEqual(before, listing(home))
        pip(self.python, "--python", python, "uninstall", "-y", "fapilog-ship")
        self.assertEqual(before, listing(home))


if __name__ == "__main__":
    unittest.main()
