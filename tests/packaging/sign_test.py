"""packaging/sign with a key that is made here: what it signed is accepted, and one changed byte is not."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest

from packages import ROOT, output

SCRIPT = os.path.join(ROOT, "packaging", "sign")
OWNER = "owner@fapilog-ship.example"
SPEC = """Name: fapilog-ship
Version: 1
Release: 1
Summary: As small as an .rpm can be
License: Apache-2.0
BuildArch: noarch
%description
Nothing.
%files
"""


class Sign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.home = os.path.join(cls.work, "home")
        os.mkdir(cls.home, 0o700)
        cls.environment = {**os.environ, "GNUPGHOME": cls.home, "HOME": cls.work}
        cls.addClassCleanup(subprocess.run, ["gpgconf", "--kill", "all"], env=cls.environment, check=False)
        cls.run_here("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", OWNER, "rsa2048", "sign", "never")
        # Any bytes are a package to what signs it; only an .rpm has to be one.
        cls.packages = os.path.join(cls.work, "packages")
        os.mkdir(cls.packages)
        for name in ("fapilog-ship_1_amd64.deb", "fapilog_ship-1-py3-none-any.whl", "fapilog-ship-1-linux-amd64.oci.tar"):
            with open(os.path.join(cls.packages, name), "wb") as file:
                file.write(name.encode() * 100)
        spec = os.path.join(cls.work, "fapilog-ship.spec")
        with open(spec, "w", encoding="ascii") as file:
            file.write(SPEC)
        cls.run_here("rpmbuild", "--quiet", "-bb", "--define", f"_topdir {cls.work}/rpm", "--define", f"_rpmdir {cls.packages}",
                     "--define", "_rpmfilename fapilog-ship-1.rpm", spec)
        cls.rpm = os.path.join(cls.packages, "fapilog-ship-1.rpm")
        with open(cls.rpm + ".spdx.json", "w", encoding="ascii") as file:
            file.write(cls.digest(cls.rpm))
        cls.run_here(SCRIPT, "--key", OWNER, cls.packages)

    @classmethod
    def run_here(cls, *command, **options):
        return output(*command, env=cls.environment, stderr=subprocess.STDOUT, **options)

    @staticmethod
    def digest(path):
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def refuses(self, *command):
        done = subprocess.run(command, env=self.environment, cwd=self.packages, capture_output=True, check=False, timeout=60)
        self.assertNotEqual(0, done.returncode, done.stdout)

    def test_every_package_is_in_the_sums_and_these_are_the_owners(self):
        self.run_here("gpg", "--verify", "SHA256SUMS.asc", "SHA256SUMS", cwd=self.packages)
        self.run_here("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=self.packages)
        with open(os.path.join(self.packages, "SHA256SUMS"), encoding="ascii") as file:
            named = {line.split()[1] for line in file}
        there = {name for name in os.listdir(self.packages) if not name.endswith(".asc")} - {"SHA256SUMS"}
        self.assertEqual(there, named)

    def test_every_package_has_a_signature_of_its_own(self):
        for name in os.listdir(self.packages):
            if name.endswith((".deb", ".whl", ".tar")):
                self.run_here("gpg", "--verify", name + ".asc", name, cwd=self.packages)

    def test_an_rpm_holds_its_own(self):
        database = os.path.join(self.work, "database")
        public = os.path.join(self.work, "public.asc")
        self.refuses("rpmkeys", "--dbpath", os.path.join(self.work, "empty"), "--checksig", "--define",
                     "_pkgverify_level signature", self.rpm)
        with open(public, "w", encoding="ascii") as file:
            file.write(self.run_here("gpg", "--armor", "--export", OWNER))
        self.run_here("rpmkeys", "--dbpath", database, "--import", public)
        self.run_here("rpmkeys", "--dbpath", database, "--checksig", "--define", "_pkgverify_level signature", self.rpm)

    def test_what_says_what_is_in_an_rpm_names_the_signed_one(self):
        with open(self.rpm + ".spdx.json", encoding="ascii") as file:
            self.assertEqual(self.digest(self.rpm), file.read())

    def test_one_changed_byte_is_noticed(self):
        for name in ("fapilog-ship_1_amd64.deb", "SHA256SUMS"):
            copy = os.path.join(self.work, "changed")
            with open(os.path.join(self.packages, name), "rb") as file:
                data = bytearray(file.read())
            data[10] ^= 1
            with open(copy, "wb") as file:
                file.write(data)
            self.refuses("gpg", "--verify", name + ".asc", copy)

    def test_a_key_that_is_not_there_is_named(self):
        done = subprocess.run([SCRIPT, "--key", "nobody@example.com", self.packages], env=self.environment, capture_output=True,
                              text=True, check=False, timeout=60)
        self.assertEqual(1, done.returncode)
        self.assertIn("no secret key 'nobody@example.com'", done.stderr)
        self.assertTrue(os.path.exists(os.path.join(self.packages, "SHA256SUMS.asc")), "nothing was removed")


if __name__ == "__main__":
    unittest.main()
