"""What the tests of packages share: packing, and looking at programs."""

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
PORTABLE = os.path.join(BUILD, "portable", "fapilog-ship")
# Quick to pack: xz takes a minute for the symbols.
QUICK = ("CPACK_DEBIAN_COMPRESSION_TYPE=gzip", "CPACK_RPM_COMPRESSION_TYPE=gzip", "CPACK_SHIP_XZ=-0")
# All that a program may need that is to run on every Linux with glibc.
LIBC = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
OLDEST_GLIBC = (2, 34)  # of Red Hat Enterprise Linux 9


def need(program):
    """Fails where it has not been built: a test that is left out without a word tests nothing."""
    if not os.path.exists(program):
        raise AssertionError(f"{program} is missing: run packaging/build_packages --only-build first")


def output(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300, **options).stdout


def needed_libraries(program):
    return re.findall(r"NEEDED +(\S+)", output("objdump", "-p", program))


def newest_versions(program):
    """The newest version of each family of symbols that the program wants of others."""
    wanted = re.findall(r"\b(GLIBC|GLIBCXX|CXXABI|GCC)_([0-9.]+)\b", output("objdump", "-T", program))
    return {family: max(tuple(map(int, version.split("."))) for name, version in wanted if name == family)
            for family in {name for name, _ in wanted}}


def first_line_times(command, rounds=20, **options):
    """Seconds from the start of a shipper to the first line out of it, sorted; its input stays open behind the line."""
    times = []
    for _ in range(rounds):
        begin = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options) as process:
            process.stdin.write(b'{"level":"INFO"}\n')
            process.stdin.flush()
            line = process.stdout.readline()
            times.append(time.monotonic() - begin)
            process.stdin.close()
            process.stdout.read()
            assert line == b'{"level":"INFO"}\n', line
    return sorted(times)


def make_root(directory, *programs, besides=()):
    """A system of next to nothing: these programs and what they load, what the programs `besides` load, and root as its
    only user."""
    def take(path):
        target = directory + path
        if not os.path.exists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.realpath(path), target)
    for program in (*programs, *besides):
        path = shutil.which(program) or program
        if program in programs:
            take(path)
        for library in re.findall(r"(/\S+) \(0x", output("ldd", path)):
            take(library)
    for folder in ("etc", "tmp", "run", "dev"):
        os.makedirs(os.path.join(directory, folder), exist_ok=True)
    for name, line in (("passwd", "root:x:0:0:root:/root:/bin/sh\n"), ("group", "root:x:0:\n")):
        with open(os.path.join(directory, "etc", name), "w", encoding="utf-8") as file:
            file.write(line)


class PackageTest(unittest.TestCase):
    """Packs once for all tests of a class, into `work`/one."""

    generator = None
    program = PORTABLE  # what is packed

    @classmethod
    def setUpClass(cls):
        need(cls.program)
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.pack("one")

    @classmethod
    def pack(cls, name, *settings):
        """Returns the directory that holds the packages."""
        directory = os.path.join(cls.work, name)
        definitions = [word for setting in (*QUICK, *settings, f"CPACK_OUTPUT_FILE_PREFIX={directory}")
                       for word in ("-D", setting)]
        output("cpack", "-G", cls.generator, "-B", directory, "--config", os.path.join(BUILD, "CPackConfig.cmake"),
               *definitions, stderr=subprocess.DEVNULL)
        return directory

    def packed(self, pattern, where="one"):
        (path,) = glob.glob(os.path.join(self.work, where, pattern))
        return path
