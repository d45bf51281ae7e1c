"""The static program of build/release and its tarball: that it needs nothing, and runs where another C library is, or none.

BUILD in the environment names another build directory; the targets `static` and `portable` have to be built there. What
runs in an empty root needs to be root."""

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import portable_test
from hardening import Hardened
from packages import BUILD, PORTABLE, ROOT, first_line_times, need, needed_libraries, output

STATIC = os.path.join(BUILD, "static", "fapilog-ship")
SCRIPT = os.path.join(ROOT, "packaging", "build_static")
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
# Of a system whose names come from modules: none of them is for a program with a C library of its own.
MODULES = "hosts: mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] myhostname\npasswd: sss\ngroup: sss\n"


def make(directory):
    """The path of a tarball that is made anew."""
    return output(sys.executable, SCRIPT, "--out", directory).strip()


class Tarball(Hardened, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need(STATIC)
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.tarball = make(os.path.join(cls.work, "one"))
        output("tar", "-C", cls.work, "--strip-components=1", "-xf", cls.tarball)
        cls.hardened = os.path.join(cls.work, "fapilog-ship")

    def test_buffers_are_watched(self):
        """As everywhere; but what watches is inside, so that nothing asks for it."""
        symbols = output("nm", os.path.join(BUILD, "static", "whole", "fapilog-ship"))
        for name in ("__stack_chk_fail", "__memcpy_chk"):
            self.assertRegex(symbols, rf"(?m) [TtiW] {name}$")

    def test_it_needs_nothing(self):
        self.assertEqual([], needed_libraries(self.hardened))
        self.assertNotIn("INTERP", output("readelf", "-lW", self.hardened))
        times = first_line_times([self.hardened])
        print(f"\nstatic program {os.path.getsize(self.hardened)} bytes, tarball {os.path.getsize(self.tarball)}, start to first line: "
              f"median {times[len(times) // 2] * 1000:.1f} ms")

    def test_it_is_all_that_the_portable_one_is(self):
        self.assertEqual(output(PORTABLE, "--version"), output(self.hardened, "--version"))

    def test_it_holds_the_licences_too(self):
        rows = output("tar", "--numeric-owner", "-tvf", self.tarball).splitlines()
        self.assertEqual({"fapilog-ship": "-rwxr-xr-x", "LICENSE": "-rw-r--r--", "LICENSES": "-rw-r--r--",
                          "LICENSE.glibc": "-rw-r--r--", "README.md": "-rw-r--r--"},
                         {row.rsplit("/", 1)[1]: row.split()[0] for row in rows})

    def test_what_is_in_it_is_told(self):
        output(sys.executable, os.path.join(ROOT, "packaging", "sbom"), self.tarball)
        with open(self.tarball + ".spdx.json", encoding="utf-8") as file:
            document = json.load(file)
        linked = {row["relatedSpdxElement"].removeprefix("SPDXRef-") for row in document["relationships"]
                  if row["relationshipType"] == "STATIC_LINK"}
        self.assertEqual({*portable_test.LIBRARIES, "glibc"}, linked)
        self.assertEqual({"DESCRIBES", "STATIC_LINK"}, {row["relationshipType"] for row in document["relationships"]})

    def test_two_packings_are_the_same_bytes(self):
        time.sleep(1.1)  # so that a time that gets in would differ
        self.assertTrue(filecmp.cmp(self.tarball, make(os.path.join(self.work, "two")), shallow=False))


class Elsewhere(portable_test.Elsewhere):
    """All that the portable program shows in a root with glibc alone, in a root with nothing."""

    program = STATIC

    def setUp(self):
        super().setUp()
        self.assertFalse(any(os.path.exists(self.root + path) for path in ("/lib", "/lib64", "/usr/lib")))

    def test_modules_for_names_are_left_alone(self):
        with open(self.root + "/etc/nsswitch.conf", "w", encoding="ascii") as file:
            file.write(MODULES)
        with open(self.root + "/etc/hosts", "w", encoding="ascii") as file:
            file.write("127.0.0.1 collector\n")
        done = self.ship("--sink", self.url.replace("127.0.0.1", "collector") + "?tls_verify=false")
        self.assertEqual(0, done.returncode, done.stderr)

    def test_it_is_an_entrypoint_among_programs_of_another_kind(self):
        os.makedirs(self.root + "/bin")
        shutil.copy("/bin/busybox", self.root + "/bin/sh")
        shutil.copy(SAMPLE, self.root + "/sample")
        done = self.ship("-q", "--", "/bin/sh", "-c", "echo out; exit 3")
        self.assertEqual(3, done.returncode, done.stderr)
        self.assertIn('"message":"out"', done.stdout)
        done = subprocess.run(["chroot", self.root, "/bin/sh", "-c", "/fapilog-ship </sample"], capture_output=True, check=False, timeout=60)
        with open(SAMPLE, "rb") as file:
            self.assertEqual(file.read(), done.stdout, done.stderr)


if __name__ == "__main__":
    unittest.main()
