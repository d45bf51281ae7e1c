"""kill -9 at any moment of a sealed file's life: the chain goes on, at most one block is open, nothing is called tampered, and
every line that a killed run left is in the chain."""

import os
import pty
import random
import subprocess
import sys
import time
import unittest

import harness

sys.path.insert(0, os.path.join(os.path.dirname(harness.HERE), "cli"))
import second_verifier  # noqa: E402
import verify_test  # noqa: E402

# FAULT_LONG=1: the number that the promise is about.
KILLS = int(os.environ.get("SEAL_KILLS", "200" if harness.LONG else "25"))


class Killed(harness.FaultTest):
    def setUp(self):
        super().setUp()
        self.private, self.public = self.path("seal.pem"), self.path("seal.pub")
        verify_test.new_key(self.private, self.public)
        os.makedirs(self.path("log"))

    def verify(self, path="log"):
        return subprocess.run([harness.SHIP, "verify", self.path(path), "--seal-key-file", self.public], capture_output=True,
                              text=True, timeout=harness.PATIENCE, check=False)

    def logs(self):
        folder = self.path("log")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if not name.endswith(".seal")]

    def test_the_chain_goes_on_after_each_kill(self):
        chance = random.Random(harness.SEED)
        print(f"{self.id()}: FAULT_SEED={harness.SEED}", file=sys.stderr)
        open_blocks = 0
        for kill in range(KILLS):
            query = chance.choice(["", "&fsync=interval", "&fsync=always"]) + chance.choice(["", "&compress=gzip"])
            url = f"file://{self.path('log/app.ndjson')}?seal=true&seal_key_file={self.private}&rotate_size=60KB{query}"
            # Lines of many sizes, flat out or in bursts.
            feed = ("import sys, time, random\nchance = random.Random(int(sys.argv[1]))\n"
                    "for i in range(10**9):\n"
                    "    sys.stdout.write('{\"n\":%d,\"x\":\"%s\"}\\n' % (i, 'y' * chance.randrange(200)))\n"
                    "    if i % 50 == 0: sys.stdout.flush(); time.sleep(chance.choice([0, 0, 0.001]))\n")
            with subprocess.Popen([sys.executable, "-c", feed, str(kill)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as producer:
                ship = subprocess.Popen([harness.SHIP, "-s", url], stdin=producer.stdout, stderr=subprocess.DEVNULL)
                producer.stdout.close()
                time.sleep(chance.uniform(0.01, 0.25))
                ship.kill()
                ship.wait()
                producer.kill()
            if not os.listdir(self.path("log")) or os.listdir(self.path("log")) == ["app.ndjson"]:
                continue
            # All of it takes longer and longer.
            newest = kill % 10 > 0 and os.path.exists(self.path("log/app.ndjson.seal"))
            said = self.verify("log/app.ndjson.seal" if newest else "log")
            self.assertEqual(0, said.returncode, f"kill {kill}: {said.stdout[-2000:]}{said.stderr}")
            open_blocks = max(open_blocks, said.stdout.count("not sealed yet"))
        ship = subprocess.run([harness.SHIP, "-s", url], input=b'{"last":1}\n', timeout=harness.PATIENCE, check=False)
        self.assertEqual(0, ship.returncode)
        said = self.verify()
        self.assertEqual(0, said.returncode, said.stdout[-3000:] + said.stderr)
        self.assertLessEqual(open_blocks, 1)
        files = second_verifier.verify_chain(self.logs(), dict([second_verifier.read_key(self.public)]))
        records = sum(file.data.count(b"\n") for file in files)
        self.assertEqual(records, files[-1].last["record"] + files[-1].last["records"] - 1)
        print(f"{self.id()}: {KILLS} kills, {len(files)} files, {records} records whole", file=sys.stderr)


class Bar(harness.FaultTest):
    def test_a_terminal_shows_how_far_it_is(self):
        private, public = self.path("seal.pem"), self.path("seal.pub")
        verify_test.new_key(private, public)
        os.makedirs(self.path("log"))
        log = self.path("log/app.ndjson")
        subprocess.run([harness.SHIP, "-s", f"file://{log}?seal=true&seal_key_file={private}"], check=True,
                       input=b'{"x":"' + b"y" * 1000 + b'"}\n', timeout=harness.PATIENCE)
        text = (b'{"x":"' + b"y" * 1000 + b'"}\n') * 8000
        subprocess.run([harness.SHIP, "-s", f"file://{log}?seal=true&seal_key_file={private}"], check=True, input=text,
                       timeout=harness.PATIENCE)
        # A slow disk: what is over at once has no bar.
        faults = harness.Faults(self, self.path("log"))
        faults.set_disk(calls=faults.READ, delay_ms=50)
        master, slave = pty.openpty()
        clean = {name: value for name, value in os.environ.items() if name != "CI"}
        with subprocess.Popen([harness.SHIP, "verify", log, "--seal-key-file", public], stdout=subprocess.PIPE, stderr=slave,
                              env={**clean, **faults.environment, "TERM": "xterm"}) as verify:
            os.close(slave)
            said = verify.stdout.read()
            shown = b""
            try:
                while chunk := os.read(master, 65536):
                    shown += chunk
            except OSError:
                pass
        os.close(master)
        self.assertEqual(0, verify.returncode)
        self.assertIn(b"app.ndjson: whole, records 1 to 8,001", said)
        self.assertRegex(shown, rb"[0-9]+%  [0-9.]+ [KM]?B of 7\.[0-9]+ MB")
        self.assertNotIn(b"%", said)


if __name__ == "__main__":
    unittest.main()
