"""Packs build/release as a .deb, twice, and looks at it as lintian, dpkg and a user do.

BUILD in the environment names another build directory. Installing it into a fresh system is life_cycle's part."""

import filecmp
import glob
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build", "release"))


def output(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300, **options).stdout


def newest_versions(program):
    """The newest version of each family of symbols that the program wants of others."""
    wanted = re.findall(r"\b(GLIBC|GLIBCXX|CXXABI)_([0-9.]+)\b", output("objdump", "-T", program))
    return {family: max(tuple(map(int, version.split("."))) for name, version in wanted if name == family)
            for family in {name for name, _ in wanted}}


@unittest.skipUnless(os.path.exists(os.path.join(BUILD, "fapilog-ship")), "needs a release build")
class Deb(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.deb = cls.pack("one")
        cls.tree = os.path.join(cls.work, "tree")
        output("dpkg-deb", "-x", cls.deb, cls.tree)

    @classmethod
    def pack(cls, name):
        directory = os.path.join(cls.work, name)
        output("cpack", "-G", "DEB", "-B", directory, "--config", os.path.join(BUILD, "CPackConfig.cmake"),
               "-D", f"CPACK_OUTPUT_FILE_PREFIX={directory}",
               "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip")  # xz takes a minute for the symbols
        return glob.glob(os.path.join(directory, "*.deb"))[0]

    def field(self, name):
        return output("dpkg-deb", "-f", self.deb, name).strip()

    def test_lintian_finds_nothing(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.deb], capture_output=True,
                              text=True, check=False, timeout=300)
        self.assertEqual((0, ""), (done.returncode, done.stdout))

    def test_two_packings_are_the_same_bytes(self):
        time.sleep(1.1)  # so that a time that gets in would differ
        self.assertTrue(filecmp.cmp(self.deb, self.pack("two"), shallow=False))

    def test_everything_is_where_its_reader_looks(self):
        for path in ("usr/bin/fapilog-ship", "usr/share/man/man1/fapilog-ship.1.gz",
                     "usr/share/man/man5/fapilog-ship.toml.5.gz", "usr/share/bash-completion/completions/fapilog-ship",
                     "usr/share/zsh/vendor-completions/_fapilog-ship",
                     "usr/share/fish/vendor_completions.d/fapilog-ship.fish", "etc/fapilog-ship/config.toml",
                     "lib/systemd/system/fapilog-ship@.service", "lib/systemd/system/fapilog-ship@.socket",
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
        needed = re.findall(r"NEEDED +(\S+)", output("objdump", "-p", os.path.join(self.tree, "usr/bin/fapilog-ship")))
        print(f"needs {', '.join(needed)}\ndepends on {packages}")
        self.assertIn("libc6 (>= 2.", packages)
        self.assertIn("libcurl4 ", packages + " ")

    def test_size_and_symbol_versions(self):
        program = os.path.join(self.tree, "usr/bin/fapilog-ship")
        versions = newest_versions(program)
        print(f"package {os.path.getsize(self.deb)} bytes, installed {self.field('Installed-Size')} KB, "
              f"program {os.path.getsize(program)} bytes, symbols {versions}")
        self.assertLessEqual(versions["GLIBC"], (2, 34))
        self.assertLess(int(self.field("Installed-Size")), 16 * 1024)

    def test_the_symbols_are_in_a_package_of_their_own(self):
        (symbols,) = glob.glob(os.path.join(self.work, "one", "*dbgsym*"))
        self.assertIn(".debug", output("dpkg-deb", "-c", symbols))
        self.assertNotIn(".debug_info", output("objdump", "-h", os.path.join(self.tree, "usr/bin/fapilog-ship")))


if __name__ == "__main__":
    unittest.main()
