"""What packaging/sbom says is in each package, compared with what the programs tell of themselves.

BUILD in the environment names another build directory; the targets fapilog-ship and portable have to be built there."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from packages import BUILD, PORTABLE, ROOT, need, needed_libraries, output
from portable_test import LIBRARIES

SCRIPT = os.path.join(ROOT, "packaging", "sbom")
DEB, RPM, TARBALL, WHEEL, IMAGE = NAMES = ("fapilog-ship_1_amd64.deb", "fapilog-ship-1.x86_64.rpm", "fapilog-ship-1-linux-x86_64.tar.xz",
                                           "fapilog_ship-1-py3-none-any.whl", "fapilog-ship-1-linux-amd64.oci.tar")
# Names in `--version` that are not those of Debian's sources.
TOLD_AS = {"libcurl": "curl", "RE2": "re2", "toml++": "tomlplusplus", "zstd": "libzstd", "OpenSSL": "openssl", "CLI11": "cli11",
           "GNU": "gcc-12"}


class Sbom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need(PORTABLE)
        need(os.path.join(BUILD, "fapilog-ship"))
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        # Of a package it reads the kind and the digest; what is in it stands in the build directory.
        cls.paths = [os.path.join(cls.work, name) for name in NAMES]
        for path in cls.paths:
            with open(path, "w", encoding="ascii") as file:
                file.write(path)
        cls.documents = cls.make()

    @classmethod
    def make(cls):
        output(sys.executable, SCRIPT, *cls.paths)
        found = {}
        for path in cls.paths:
            with open(path + ".spdx.json", encoding="utf-8") as file:
                found[os.path.basename(path)] = json.load(file)
        return found

    def inside(self, name, *kinds):
        """What is related in one of these ways to the program of a package: version by name."""
        document = self.documents[name]
        wanted = {row["relatedSpdxElement"] for row in document["relationships"]
                  if row["spdxElementId"] == "SPDXRef-fapilog-ship" and row["relationshipType"] in kinds}
        return {package["name"]: package.get("versionInfo") for package in document["packages"] if package["SPDXID"] in wanted}

    def test_each_is_a_document_of_spdx(self):
        for name, document in self.documents.items():
            self.assertEqual(("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT", name), (
                document["spdxVersion"], document["dataLicense"], document["SPDXID"], document["name"]))
            self.assertRegex(document["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertRegex(document["documentNamespace"], r"^https://[^#]+$")
            identities = [package["SPDXID"] for package in document["packages"]]
            self.assertEqual(len(identities), len(set(identities)))
            for package in document["packages"]:
                self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
                for field in ("name", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"):
                    self.assertTrue(package[field], package)
                self.assertIs(package["filesAnalyzed"], False)
                self.assertNotEqual("NOASSERTION", package["licenseDeclared"], package["name"])
                for reference in package.get("externalRefs", ()):
                    self.assertRegex(reference["referenceLocator"], r"^pkg:deb/debian/[a-z0-9.+-]+@[^@+]+\?arch=(source|amd64|all)$")
            related = {row["relatedSpdxElement"] for row in document["relationships"]}
            self.assertEqual(set(identities), related, "everything in it is related to it")

    def test_each_names_the_file_that_it_is_of(self):
        for name, document in self.documents.items():
            with open(os.path.join(self.work, name), "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            first = document["packages"][0]
            self.assertEqual((name, digest), (first["packageFileName"], first["checksums"][0]["checksumValue"]))
            self.assertEqual(f"fapilog-ship {first['versionInfo']}", output(PORTABLE, "--version").splitlines()[0])

    def test_each_library_that_the_portable_program_holds(self):
        for name in (RPM, TARBALL, WHEEL, IMAGE):
            self.assertEqual({*LIBRARIES, "glibc"}, set(self.inside(name, "STATIC_LINK")), name)  # of glibc, what is never shared

    def test_the_versions_are_those_that_the_program_tells(self):
        told = dict(re.findall(r"([\w+-]+) (\d[\w.]*)(?:,|$)", output(PORTABLE, "--version").split("built with: ")[1]))
        linked = self.inside(TARBALL, "STATIC_LINK")
        self.assertGreaterEqual(len(told), 15)
        for name, version in told.items():
            if name == "RE2":  # its soname; Debian counts by the day
                continue
            packaged = re.sub(r"^\d+:", "", linked[TOLD_AS.get(name, name)])
            self.assertTrue(packaged.startswith(version), (name, version, packaged))

    def test_each_library_that_the_deb_needs(self):
        program = os.path.join(BUILD, "fapilog-ship")
        paths = dict(re.findall(r"(\S+) => (/\S+) \(", output("ldd", program)))
        owners = set()
        for library in needed_libraries(program):
            path = paths.get(library, "/lib64/" + library)
            for spelling in (path, "/usr" + path, os.path.realpath(path), os.path.realpath(path).removeprefix("/usr")):
                done = subprocess.run(["dpkg", "-S", spelling], capture_output=True, text=True, check=False, timeout=60)
                owners |= {done.stdout.split(":")[0]} - {""}
        self.assertEqual(owners, set(self.inside(DEB, "DYNAMIC_LINK")))
        self.assertIn("libcurl4", owners)
        self.assertEqual({"cli11", "tomlplusplus", "protozero"}, set(self.inside(DEB, "STATIC_LINK")))

    def test_the_image_holds_the_c_library_and_the_authorities(self):
        wanted = dict(line.split() for line in output("dpkg-query", "-W", "-f", "${Package} ${Version}\n", "libc6",
                                                      "ca-certificates").splitlines())
        self.assertEqual(wanted, self.inside(IMAGE, "CONTAINS"))
        self.assertEqual({"libc6": None}, self.inside(TARBALL, "DYNAMIC_LINK"))

    def test_two_are_the_same(self):
        self.assertEqual(self.documents, self.make())


if __name__ == "__main__":
    unittest.main()
