"""Packs build/release as a .deb, twice, and looks at it as lintian, dpkg and a user do.

BUILD in the environment names another build directory. Installing it into a fresh system is life_cycle's part."""

import filecmp
import os
import re
import subprocess
import tempfile
import time
import unittest

from hardening import Hardened
from packages import BUILD, OLDEST_GLIBC, PackageTest, first_line_times, needed_libraries, newest_versions, output


class Deb(Hardened, PackageTest):
    generator = "DEB"
    program = os.path.join(BUILD, "fapilog-ship")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deb = cls.packed(cls, "fapilog-ship_*.deb")
        cls.tree = os.path.join(cls.work, "tree")
        output("dpkg-deb", "-x", cls.deb, cls.tree)
        cls.hardened = os.path.join(cls.tree, "usr/bin/fapilog-ship")

    def field(self, name):
        return output("dpkg-deb", "-f", self.deb, name).strip()

    def test_lintian_finds_nothing(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.deb], capture_output=True,
                              text=True, check=False, timeout=300)
        self.assertEqual((0, ""), (done.returncode, done.stdout))

    def test_two_packings_are_the_same_bytes(self):
        time.sleep(1.1)  # so that a time that gets in would differ
        self.assertTrue(filecmp.cmp(self.deb, self.packed("fapilog-ship_*.deb", self.pack("two")), shallow=False))

    def test_everything_is_where_its_reader_looks(self):
        for path in ("usr/bin/fapilog-ship", "usr/share/man/man1/fapilog-ship.1.gz",
                     "usr/share/man/man5/fapilog-ship.toml.5.gz", "usr/share/bash-completion/completions/fapilog-ship",
                     "usr/share/zsh/vendor-completions/_fapilog-ship",
                     "usr/share/fish/vendor_completions.d/fapilog-ship.fish", "etc/fapilog-ship/config.toml",
                     "lib/systemd/system/fapilog-ship@.service", "lib/systemd/system/fapilog-ship@.socket",
                     "lib/systemd/system/fapilog-ship-stream@.service", "lib/systemd/system/fapilog-ship-stream@.socket",
                     "usr/share/doc/fapilog-ship/copyright", "usr/share/doc/fapilog-ship/changelog.gz"):
            self.assertTrue(os.path.isfile(os.path.join(self.tree, path)), path)
        self.assertTrue(os.path.isdir(os.path.join(self.tree, "var/lib/fapilog-ship")))
        self.assertTrue(os.path.isdir(os.path.join(self.tree, "var/log/fapilog-ship")))

    def test_the_configuration_is_kept_and_sets_nothing(self):
        control = os.path.join(self.work, "control")
        output("dpkg-deb", "-e", self.deb, control)
        with open(os.path.join(control, "conffiles"), encoding="utf-8") as file:
            self.assertEqual("/etc/fapilog-ship/config.toml\n", file.read())
        program = os.path.join(self.tree, "usr/bin/fapilog-ship")
        shipped = output(program, "-c", os.path.join(self.tree, "etc/fapilog-ship/config.toml"), "--print-config")
        empty = os.path.join(self.work, "empty.toml")
        open(empty, "w", encoding="utf-8").close()
        self.assertEqual(output(program, "-c", empty, "--print-config"), shipped)

    def test_the_dependencies_are_those_of_the_program(self):
        packages = self.field("Depends")
        needed = needed_libraries(os.path.join(self.tree, "usr/bin/fapilog-ship"))
        print(f"\nneeds {', '.join(needed)}\ndepends on {packages}")
        self.assertIn("libc6 (>= 2.", packages)
        self.assertIn("libcurl4 ", packages + " ")

    def test_size_and_symbol_versions(self):
        program = os.path.join(self.tree, "usr/bin/fapilog-ship")
        versions = newest_versions(program)
        print(f"\npackage {os.path.getsize(self.deb)} bytes, installed {self.field('Installed-Size')} KB, "
              f"program {os.path.getsize(program)} bytes, symbols {versions}")
        self.assertLessEqual(versions["GLIBC"], OLDEST_GLIBC)
        self.assertLess(int(self.field("Installed-Size")), 16 * 1024)

    def test_our_functions_begin_where_a_call_may_land(self):
        """The instructions are there; the mark is not, for Debian 12's start files have none."""
        begin = re.search(r"^([0-9a-f]+) T main$", output("nm", self.program), re.M)[1]
        code = output("objdump", "-d", f"--start-address=0x{begin}", f"--stop-address={int(begin, 16) + 4:#x}", self.program)
        self.assertIn("endbr64", code)

    def test_the_symbols_are_in_a_package_of_their_own(self):
        symbols = self.packed("*dbgsym*")
        self.assertIn(".debug", output("dpkg-deb", "-c", symbols))
        with tempfile.TemporaryDirectory() as tree:
            output("dpkg-deb", "-R", symbols, tree)
            with open(os.path.join(tree, "DEBIAN/md5sums"), encoding="ascii") as sums:
                self.assertRegex(sums.read(), r"\A[0-9a-f]{32}  usr/lib/debug/.build-id/\S+\.debug\n\Z")
        self.assertNotIn(".debug_info", output("objdump", "-h", os.path.join(self.tree, "usr/bin/fapilog-ship")))

    def test_it_starts_soon(self):
        times = first_line_times([os.path.join(self.tree, "usr/bin/fapilog-ship")])
        print(f"\nstart to first line of the .deb's program: median {times[len(times) // 2] * 1000:.1f} ms, "
              f"most {times[-1] * 1000:.1f} ms")
        self.assertLess(times[0], 0.3)


if __name__ == "__main__":
    unittest.main()
