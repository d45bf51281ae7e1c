"""Sealed files and verify, as users run them; a second verifier, written from the format's page, agrees."""

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

import program
import second_verifier


def new_key(private, public):
    key = Ed25519PrivateKey.generate()
    with open(private, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with open(public, "wb") as file:
        file.write(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def lines(first, count):
    return "".join(json.dumps({"n": number, "message": f"order {number * 7919 % 1000}"}) + "\n" for number in range(first, first + count))


class SealTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.private, self.public = self.path("seal.pem"), self.path("seal.pub")
        new_key(self.private, self.public)
        os.mkdir(self.path("log"))

    def ship(self, text, *options, query="", code=0):
        url = f"file://{self.path('log/app.ndjson')}?seal=true&seal_key_file={self.private}{query}"
        result = program.run("-s", url, *options, stdin=text)
        self.assertEqual(code, result.returncode, result.stderr)
        return result

    def verify(self, *arguments, code=0, key=True):
        result = program.run("verify", *arguments, *(["--seal-key-file", self.public] if key else []))
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        return result.stdout

    def logs(self):
        folder = self.path("log")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if not name.endswith(".seal")]

    def second(self, paths):
        """What the second verifier says: the line of the first fault, or "whole"."""
        try:
            second_verifier.verify_chain(paths, dict([second_verifier.read_key(self.public)]))
        except second_verifier.Tampered as fault:
            return fault.line
        return "whole"


class Verify(SealTest):
    def test_a_whole_file_is_whole(self):
        self.ship(lines(1, 1000))
        said = self.verify(self.path("log/app.ndjson"))
        self.assertIn("app.ndjson: whole, records 1 to 1,000, ", said)
        self.assertIn("its end was NOT checked", said)
        self.assertEqual("whole", self.second(self.logs()))
        self.assertEqual(lines(1, 1000), self.read("log/app.ndjson"))

    def test_a_directory_is_all_its_chain_compressed_or_not(self):
        for compress in ("none", "gzip", "zstd"):
            with self.subTest(compress=compress):
                shutil.rmtree(self.path("log"))
                os.mkdir(self.path("log"))
                self.ship(lines(1, 2000), query=f"&rotate_size=20KB&compress={compress}")
                self.ship(lines(2001, 100), query=f"&rotate_size=20KB&compress={compress}")
                self.assertGreater(len(self.logs()), 3)
                said = self.verify(self.path("log"))
                self.assertEqual(len(self.logs()), said.count(": whole"))
                self.assertIn("to 2,100, ", said)
                self.assertEqual("whole", self.second(self.logs()))

    def test_an_edit_is_told_with_line_record_and_time(self):
        self.ship(lines(1, 500))
        text = self.read("log/app.ndjson").split("\n")
        text[249] = text[249].replace("order", "0rder")
        self.write("log/app.ndjson", "\n".join(text))
        said = self.verify(self.path("log/app.ndjson"), code=1)
        self.assertRegex(said, r"app\.ndjson: TAMPERED at line 250 \(record 250, sealed 20\S+Z\): a line was edited\n")
        self.assertEqual(250, self.second(self.logs()))

    def test_the_second_verifier_agrees_on_random_changes(self):
        self.ship(lines(1, 3000), query="&rotate_size=40KB&fsync=always")
        paths = self.logs()
        chance = random.Random(5)
        for _ in range(25):
            path = chance.choice(paths)
            with open(path, "rb") as file:
                before = file.read()
            changed = bytearray(before)
            at = chance.randrange(len(changed))
            kind = chance.choice(["edit", "remove", "repeat", "cut"])
            begin, end = before.rfind(b"\n", 0, at) + 1, before.find(b"\n", at) + 1
            if kind == "edit":
                changed[at] ^= 1 << chance.randrange(7)
            elif kind == "remove":
                del changed[begin:end]
            elif kind == "repeat":
                changed[begin:begin] = before[begin:end]
            else:
                del changed[at:]
            with open(path, "wb") as file:
                file.write(changed)
            said = self.verify(*paths, code=1)
            where = f"TAMPERED at line {self.second(paths):,} "
            self.assertIn(where, said, f"{kind} at {at}")
            with open(path, "wb") as file:
                file.write(before)
        self.assertEqual("whole", self.second(paths))

    def test_what_cannot_be_read_is_74_and_tampering_comes_first(self):
        self.ship(lines(1, 10))
        missing = program.run("verify", self.path("nothing"))
        self.assertEqual(74, missing.returncode)
        self.assertIn("nothing.seal", missing.stderr)
        self.write("log/app.ndjson", "{}\n")
        self.verify(self.path("log/app.ndjson"), self.path("nothing"), code=1)
        os.mkdir(self.path("empty"))
        self.assertEqual(74, program.run("verify", self.path("empty")).returncode)

    def test_a_file_that_was_never_sealed_is_not_taken_for_whole(self):
        self.write("log/app.ndjson", lines(1, 3))
        self.assertIn("TAMPERED: there is no seal beside it", self.verify(self.path("log/app.ndjson"), code=1))

    def test_without_a_key_it_says_that_signatures_were_not_checked(self):
        self.ship(lines(1, 10))
        self.assertIn("signatures were NOT checked", self.verify(self.path("log"), key=False))
        self.assertNotIn("NOT checked: give the public", self.verify(self.path("log")))
        new_key(self.path("other.pem"), self.path("other.pub"))
        wrong = program.run("verify", self.path("log"), "--seal-key-file", self.path("other.pub"))
        self.assertEqual(1, wrong.returncode)
        self.assertIn("which is not among those given", wrong.stdout)
        both = program.run("verify", self.path("log"), "--seal-key-file", self.path("other.pub"), "--seal-key-file", self.public)
        self.assertEqual(0, both.returncode)

    def test_an_option_before_the_paths_takes_one_of_the_words_behind_it(self):
        self.ship(lines(1, 10))
        told = program.run("verify", "--seal-key-file", self.public, self.path("log"))
        self.assertEqual(0, told.returncode, told.stderr)
        self.assertNotIn("signatures were NOT checked", told.stdout)
        other = program.run("verify", "--expect-head", "0" * 64, "--seal-key-file", self.public, self.path("log"))
        self.assertEqual(1, other.returncode, other.stderr)

    def test_a_wrong_key_file_and_no_path_are_errors(self):
        self.assert_fails(program.run("verify", "x", "--seal-key-file", self.write("k", "text")), 78, "not an Ed25519 public key")
        self.assert_fails(program.run("verify", "x", "--seal-key-file", self.path("none")), 74, "none")
        self.assert_fails(program.run("verify"), 64, "verify needs the paths")
        self.assert_fails(program.run("check", "--expect-head", "0"), 64, "--expect-head goes with verify only")

    def test_the_expected_head_finds_what_was_cut_off(self):
        self.ship(lines(1, 100))
        root = self.verify(self.path("log")).split("newest root ")[1].split()[0]
        old = {name: self.read("log/" + name) for name in ("app.ndjson", "app.ndjson.seal")}
        self.ship(lines(101, 100))
        newer = self.verify(self.path("log")).split("newest root ")[1].split()[0]
        self.assertIn("checked against the expected head, up to record 100;", self.verify(self.path("log"), "--expect-head", root))
        for name, text in old.items():
            self.write("log/" + name, text)
        self.verify(self.path("log"))
        self.assertIn("TAMPERED: the expected head", self.verify(self.path("log"), "--expect-head", newer, code=1))

    def anchored(self):
        return self.write("config.toml", f"""
[sinks.audit]
url = "file://{self.path('log/app.ndjson')}"
seal = true
seal_key_file = "{self.private}"
rotate_size = "20 KB"
anchor = "far"
[sinks.far]
url = "file://{self.path('anchors.ndjson')}"
levels = ["SECURITY"]
""")

    def test_every_manifest_reaches_the_anchor_that_of_the_end_too(self):
        result = program.run("-c", self.anchored(), stdin=lines(1, 2000))
        self.assertEqual(0, result.returncode, result.stderr)
        told = [json.loads(line) for line in self.read("anchors.ndjson").splitlines()]
        self.assertEqual(len(self.logs()), len(told))
        self.assertEqual("end", told[-1]["reason"])
        self.assertEqual(2000, sum(one["records"] for one in told))
        said = self.verify(self.path("log"), "--anchor", self.path("anchors.ndjson"))
        self.assertIn("its end was checked against an anchor, up to record 2,000", said)
        newest = self.path("log/app.ndjson")
        os.remove(newest)
        os.remove(newest + ".seal")
        self.verify(self.path("log"))
        self.assertIn("which is missing: the newest end was cut off",
                      self.verify(self.path("log"), "--anchor", self.path("anchors.ndjson"), code=1))

    def test_an_anchor_must_be_another_sink_and_no_circle(self):
        for name, text in (("nobody", 'no sink has the name "nobody"'), ("audit", "ends where it began: audit -> audit")):
            result = program.run("check", "-c", self.write("c.toml", f'[sinks.audit]\nurl = "file:///tmp/a"\nseal = true\n'
                                                                      f'seal_key_file = "k"\nanchor = "{name}"\n'))
            self.assert_fails(result, 78, text)
        both = ('[sinks.a]\nurl = "file:///tmp/a"\nseal = true\nseal_key_file = "k"\nanchor = "b"\n'
                '[sinks.b]\nurl = "http://h/"\nfallback = "a"\n')
        self.assert_fails(program.run("check", "-c", self.write("c.toml", both)), 78, "a -> b -> a")

    def test_settings_that_need_each_other(self):
        self.assert_fails(program.run("check", "-s", "file:///tmp/a?seal=true"), 78, "without a seal_key_file")
        self.assert_fails(program.run("check", "-s", "file:///tmp/a?seal_key_file=k"), 78, "needs seal = true")
        self.assert_fails(program.run("-s", f"file:///tmp/a?seal=true&seal_key_file={self.write('k', 'x')}"), 78,
                          "seal_key_file", "not an Ed25519 private key")

    def test_what_was_lost_stands_in_the_proof(self):
        long = json.dumps({"message": "x" * 5000, "n": [0] * 2000}) + "\n"
        self.ship(lines(1, 3) + long * 2 + lines(4, 1), "--max-record-bytes", "1KB", "--max-record-action", "drop")
        self.assertIn("    lost: 2 records size_guard, never written to this file\n", self.verify(self.path("log")))
        with open(self.path("log/app.ndjson.seal"), encoding="utf-8") as file:
            told = [json.loads(line).get("lost", {}) for line in file]
        self.assertEqual(2, sum(lost.get("size_guard", 0) for lost in told))

    def test_a_packed_file_that_is_damaged_is_tampered_with(self):
        self.ship(lines(1, 1000), query="&rotate_size=20KB&compress=gzip")
        path = self.logs()[0]
        with gzip.open(path, "rt") as file:
            text = file.read()
        with gzip.open(path, "wt") as file:
            file.write(text.replace('"n": 5,', '"n": 6,', 1))
        self.assertIn("TAMPERED at line 5 ", self.verify(self.path("log"), code=1))
        with open(path, "r+b") as file:
            file.seek(200)
            file.write(b"\0\0\0\0")
        self.assertIn("the compressed file was damaged here", self.verify(self.path("log"), code=1))

    def test_a_file_that_is_written_meanwhile_is_whole(self):
        url = f"file://{self.path('log/app.ndjson')}?seal=true&seal_key_file={self.private}&rotate_size=30KB"
        with subprocess.Popen([program.SHIP, "-s", url, "--no-drop-on-full"], stdin=subprocess.PIPE, env=program.clean_environment()) as ship:
            writer = subprocess.Popen(["sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo '{\"n\":'$i'}'; i=$((i+1)); done"],
                                      stdout=ship.stdin)
            while writer.poll() is None:
                if os.path.exists(self.path("log/app.ndjson.seal")):
                    self.verify(self.path("log"))
                time.sleep(0.02)
            ship.send_signal(signal.SIGTERM)
            ship.stdin.close()
            self.assertEqual(0, ship.wait(program.PATIENCE))
        self.assertIn("to 20,000, ", self.verify(self.path("log")))


if __name__ == "__main__":
    unittest.main()
