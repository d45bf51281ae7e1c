"""Packs build/release as an .rpm, looks at it as rpmlint does, and takes it through its life in an empty root.

BUILD in the environment names another build directory; the target `portable` has to be built there. The part in the
root needs to be root itself."""

import filecmp
import os
import re
import stat
import subprocess
import time
import unittest

from packages import (LIBC, OLDEST_GLIBC, PORTABLE, ROOT, PackageTest, first_line_times, make_root, newest_versions,
                      output)


class Rpm(PackageTest):
    generator = "RPM"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpm = cls.packed(cls, "fapilog-ship-[0-9]*.rpm")
        cls.symbols = cls.packed(cls, "fapilog-ship-debuginfo-*.rpm")

    def query(self, *what):
        return output("rpm", "-qp", *what, self.rpm)

    def test_rpmlint_finds_nothing_that_is_not_explained(self):
        settings = os.path.join(ROOT, "packaging", "rpm", "rpmlint.toml")
        done = subprocess.run(["rpmlint", "-c", settings, self.rpm, self.symbols], capture_output=True, text=True,
                              check=False, timeout=300, env={**os.environ, "PYTHONPATH": ""})
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertRegex(done.stdout, r"2 packages and 0 specfiles checked; 0 errors, 0 warnings")

    def test_two_packings_are_the_same_bytes(self):
        time.sleep(1.1)  # so that a time that gets in would differ
        again = self.pack("two")
        for path in (self.rpm, self.symbols):
            self.assertTrue(filecmp.cmp(path, os.path.join(again, os.path.basename(path)), shallow=False), path)

    def test_it_requires_the_c_library_alone(self):
        requires = {line for line in self.query("--requires").split("\n") if line and not line.startswith("rpmlib(")}
        libraries = {re.match(r"[^(]+", line)[0] for line in requires if ".so" in line}
        self.assertEqual(LIBC, libraries)
        self.assertEqual({"/bin/sh", "/usr/sbin/useradd", "rtld(GNU_HASH)"},
                         {line for line in requires if ".so" not in line and not line.startswith("config(")})
        versions = {tuple(map(int, v.split("."))) for v in re.findall(r"\(GLIBC_([0-9.]+)\)", "\n".join(requires))}
        self.assertLessEqual(max(versions), OLDEST_GLIBC)

    def test_owners_modes_and_kinds_of_files(self):
        rows = self.query("--qf", "[%{FILENAMES} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEMODES:octal} %{FILEFLAGS:fflags}\n]")
        files = {row.split()[0]: row.split()[1:] for row in rows.splitlines()}
        self.assertEqual(["root:root", "100644", "cn"], files["/etc/fapilog-ship/config.toml"])
        self.assertEqual(["root:root", "100755"], files["/usr/bin/fapilog-ship"])
        for directory in ("/var/lib/fapilog-ship", "/var/log/fapilog-ship"):
            self.assertEqual(["fapilog-ship:fapilog-ship", "40750"], files[directory])
        for manual in ("man1/fapilog-ship.1.gz", "man5/fapilog-ship.toml.5.gz"):
            self.assertEqual(["root:root", "100644", "d"], files["/usr/share/man/" + manual])
        for path in ("/usr/lib/systemd/system/fapilog-ship@.service", "/usr/lib/systemd/system/fapilog-ship@.socket",
                     "/usr/lib/systemd/system/fapilog-ship-stream@.service", "/usr/lib/systemd/system/fapilog-ship-stream@.socket",
                     "/usr/share/bash-completion/completions/fapilog-ship", "/usr/share/zsh/site-functions/_fapilog-ship",
                     "/usr/share/fish/vendor_completions.d/fapilog-ship.fish"):
            self.assertEqual(["root:root", "100644"], files[path])
        for name in ("LICENSE", "LICENSES"):
            self.assertEqual("l", files["/usr/share/licenses/fapilog-ship/" + name][2])
        shared = {"/usr", "/etc", "/var", "/usr/bin", "/usr/share", "/usr/share/man", "/usr/lib/systemd", "/var/log"}
        self.assertEqual(set(), shared & set(files), "a directory of others is not this package's")

    def test_the_symbols_fit_the_program(self):
        tree = os.path.join(self.work, "tree")
        for package in (self.rpm, self.symbols):
            os.makedirs(tree, exist_ok=True)
            output("sh", "-c", 'rpm2cpio "$1" | cpio -idm --quiet', "sh", package, cwd=tree)
        identities = {re.search(r"Build ID: (\w+)", output("readelf", "-n", os.path.join(tree, path),
                                                           stderr=subprocess.DEVNULL))[1]
                      for path in ("usr/bin/fapilog-ship", "usr/lib/debug/usr/bin/fapilog-ship.debug")}
        self.assertEqual(1, len(identities))
        self.assertIn("fapilog-ship.debug", output("readelf", "--string-dump=.gnu_debuglink", "--wide",
                                                   os.path.join(tree, "usr/bin/fapilog-ship"), errors="replace"))
        self.assertNotIn(".debug_info", output("objdump", "-h", os.path.join(tree, "usr/bin/fapilog-ship")))
        versions = newest_versions(os.path.join(tree, "usr/bin/fapilog-ship"))
        print(f"\nrpm {os.path.getsize(self.rpm)} bytes, installed {self.query('--qf', '%{SIZE}')} bytes, "
              f"symbols {os.path.getsize(self.symbols)} bytes, newest symbol versions {versions}")
        self.assertEqual({"GLIBC"}, set(versions))
        self.assertLessEqual(versions["GLIBC"], OLDEST_GLIBC)


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Life(PackageTest):
    """From an empty root to an empty root."""

    generator = "RPM"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = os.path.join(cls.work, "root")
        make_root(cls.root, "/bin/sh", "getent", "groupadd", "useradd", besides=[PORTABLE])
        cls.rpm = cls.packed(cls, "fapilog-ship-[0-9]*.rpm")
        os.mknod(os.path.join(cls.root, "dev/null"), 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        os.makedirs(os.path.join(cls.root, "run/systemd/system"))
        # Stands for systemd's own: it writes down what it is asked.
        with open(os.path.join(cls.root, "usr/bin/systemctl"), "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho "$@" >>/tmp/asked\n')
            os.chmod(file.name, 0o755)

    def manage(self, *arguments):
        done = subprocess.run(["rpm", "--root", self.root, "--dbpath", "/var/lib/rpm", *arguments], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout

    def asked(self):
        """What systemctl was asked since the last time."""
        path = os.path.join(self.root, "tmp/asked")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        os.remove(path)
        return lines

    def as_user(self, line):
        return ["chroot", "--userspec=fapilog-ship:fapilog-ship", self.root, "/bin/sh", "-c", line]

    def listing(self):
        return {os.path.relpath(os.path.join(folder, name), self.root)
                for folder, folders, names in os.walk(self.root) for name in folders + names
                if "var/lib/rpm" not in os.path.join(folder, name)}

    def test_install_run_upgrade_and_remove(self):
        for directory in ("var/lib", "var/log", "var/tmp", *(f"usr/share/{name}" for name in (
                "man/man1", "man/man5", "zsh/site-functions", "bash-completion/completions", "licenses", "doc",
                "fish/vendor_completions.d")), "usr/lib/systemd/system"):
            os.makedirs(os.path.join(self.root, directory))
        before = self.listing()
        self.manage("-i", "--nodeps", self.rpm)
        self.assertEqual(["daemon-reload"], self.asked())
        with open(os.path.join(self.root, "etc/passwd"), encoding="utf-8") as file:
            user = re.search(r"^fapilog-ship:[x!]:(\d+):(\d+):.*:/var/lib/fapilog-ship:/sbin/nologin$", file.read(), re.M)
        self.assertTrue(user, "the user is there")
        self.assertLess(int(user[1]), 1000, "a system user")
        for directory in ("var/lib/fapilog-ship", "var/log/fapilog-ship"):
            status = os.stat(os.path.join(self.root, directory))
            self.assertEqual((int(user[1]), int(user[2]), 0o750), (status.st_uid, status.st_gid, status.st_mode & 0o7777))
        self.assertEqual("", self.manage("-V", "--nodeps", "fapilog-ship"))

        self.assertIn("features: patterns kafka", output("chroot", self.root, "/usr/bin/fapilog-ship", "--version"))
        self.assertEqual('{"a":1}\n', output(*self.as_user("echo '{\"a\":1}' | fapilog-ship")))
        output(*self.as_user("echo '{\"a\":1}' | fapilog-ship -s file:///var/log/fapilog-ship/a.ndjson"
                             " --spool /var/lib/fapilog-ship/a"))
        self.assertEqual('{"a":1}\n', output("cat", os.path.join(self.root, "var/log/fapilog-ship/a.ndjson")))
        status = subprocess.run(self.as_user("fapilog-ship -q -- /bin/sh -c 'echo out; exit 3'"), check=False,
                                stdout=subprocess.DEVNULL, timeout=60)
        self.assertEqual(3, status.returncode)
        times = first_line_times(self.as_user("exec fapilog-ship"))
        print(f"\nstart to first line of the .rpm's program: median {times[len(times) // 2] * 1000:.1f} ms, "
              f"most {times[-1] * 1000:.1f} ms")
        self.assertLess(times[0], 0.3)

        configuration = os.path.join(self.root, "etc/fapilog-ship/config.toml")
        with open(configuration, "a", encoding="utf-8") as file:
            file.write('[labels]\napp = "edited"\n')
        newer = self.pack("newer", "CPACK_RPM_PACKAGE_VERSION=99.0")
        self.manage("-U", "--nodeps", self.packed("fapilog-ship-[0-9]*.rpm", newer))
        self.assertEqual("99.0", self.manage("-q", "--qf", "%{VERSION}", "fapilog-ship"))
        self.assertEqual({"daemon-reload"}, set(self.asked()), "an upgrade stops nothing")
        with open(configuration, encoding="utf-8") as file:
            self.assertIn("edited", file.read())
        self.assertEqual('x\n', output(*self.as_user("echo x | fapilog-ship --on-invalid drop; echo x")))

        self.manage("-e", "--nodeps", "fapilog-ship")
        self.assertEqual(["stop fapilog-ship*@*.socket fapilog-ship*@*.service", "daemon-reload"], self.asked())
        left = {path for path in self.listing() - before if not re.fullmatch(r"etc/\.?(pwd|passwd|group|g?shadow|sub[ug]id)[-.a-z]*", path)}
        self.assertEqual({"etc/fapilog-ship", "etc/fapilog-ship/config.toml.rpmsave", "var/log/fapilog-ship",
                          "var/log/fapilog-ship/a.ndjson", "var/lib/fapilog-ship", "var/lib/fapilog-ship/a"},
                         {path for path in left if not path.startswith("var/lib/fapilog-ship/a/")})


if __name__ == "__main__":
    unittest.main()
