"""A server that speaks S3's API, as the tests of the s3 sink use it: requests with signatures of their own, and the
tests themselves, which are the same for each such server."""

import datetime
import gzip
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from server import LINES, SHIP, fetch, free_port, sample_lines  # noqa: E402
from strict_cloudwatch import signature  # noqa: E402

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
# How often the shipper is killed while it fills objects; the long form is 100.
KILLS = 100 if os.environ.get("FAULT_LONG") else 12


class BucketServer:
    """Beside a Server: its buckets."""

    def request(self, method, path, query=""):
        """The answer's body. `path` is encoded already."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/us-east-1/s3/aws4_request"
        headers = {"host": f"127.0.0.1:{self.port}", "x-amz-date": now,
                   "x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
        names = sorted(headers)
        # The helper encodes the path; S3 wants it encoded once.
        signed = signature(method, urllib.parse.unquote(path) + ("?" + query if query else ""), headers, b"", SECRET,
                           scope, names, now)
        return fetch(self.url(path) + ("?" + query if query else ""), None,
                     {**{name: text for name, text in headers.items() if name != "host"},
                      "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={';'.join(names)}, "
                                       f"Signature={signed}"}, method)

    def make_bucket(self, name):
        self.request("PUT", "/" + name)

    def keys(self, bucket):
        found, token = [], ""
        while True:
            query = "list-type=2" + (f"&continuation-token={urllib.parse.quote(token, safe='')}" if token else "")
            page = ElementTree.fromstring(self.request("GET", "/" + bucket, query))
            name = page.tag[:page.tag.find("}") + 1]
            found += [entry.findtext(name + "Key") for entry in page.iter(name + "Contents")]
            token = page.findtext(name + "NextContinuationToken") or ""
            if not token:
                return found

    def objects(self, bucket):
        """The lines of each object, by its key. Each object is whole, or this fails."""
        found = {}
        for key in self.keys(bucket):
            body = self.request("GET", f"/{bucket}/{urllib.parse.quote(key, safe='/-_.~')}")
            if body[:2] == b"\x1f\x8b":
                body = gzip.decompress(body)
            text = body.decode()
            assert text.endswith("\n"), f"{key} ends within a line"
            found[key] = text.splitlines()
        return found

    def lines(self, bucket):
        return [line for _, lines in sorted(self.objects(bucket).items()) for line in lines]


class BucketTests:
    """For a LiveTest whose `setUp` starts `self.store` and makes the bucket "logs"."""

    environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}

    def sink(self, query="", port=None):
        return f"s3://logs/shop/web?endpoint_url=http://127.0.0.1:{port or self.store.port}{query}"

    def test_what_is_read_back_is_what_was_shipped(self):
        lines = sample_lines(LINES)
        sink = self.ship(lines, "--sink", self.sink("&object_size=512KB"), environment=self.environment)
        objects = self.store.objects("logs")
        self.assertEqual(sorted(lines), sorted(line for found in objects.values() for line in found))
        self.assertEqual(sink["batches"], len(objects))
        today = datetime.datetime.now(datetime.timezone.utc).strftime("shop/web/%Y/")
        for key, found in objects.items():
            self.assertTrue(key.startswith(today), key)
            self.assertTrue(key.endswith(".ndjson.gz"), key)
            self.assertLessEqual(sum(map(len, found)), 512 * 1024)

    def test_with_a_spool_too_and_nothing_is_left_there(self):
        lines = sample_lines(LINES)
        spool = os.path.join(self.directory, "spool")
        self.ship(lines, "--sink", self.sink("&object_size=512KB"), "--spool", spool, environment=self.environment)
        self.assertEqual(sorted(lines), sorted(self.store.lines("logs")))
        self.assertEqual(["lock"], os.listdir(os.path.join(spool, "s3")))

    def test_a_server_that_is_killed_gets_all_of_it_once(self):
        lines = sample_lines(LINES)
        spool = os.path.join(self.directory, "spool")
        self.ship_and_kill(self.store, lines, lambda: len(self.store.keys("logs")) > 3, "--sink",
                           self.sink("&object_size=64KB&object_interval=100ms"), "--spool", spool,
                           environment=self.environment)
        self.assertEqual(sorted(lines), sorted(self.store.lines("logs")))

    def test_a_network_that_cuts_connections_loses_nothing_and_stores_nothing_twice(self):
        lines = sample_lines(LINES)
        self.ship_through_faults(self.store, lines, lambda port: ("--sink", self.sink(
            "&object_size=32KB&compress=none", port=port), "--spool", os.path.join(self.directory, "spool")), self.environment)
        self.assertEqual(sorted(lines), sorted(self.store.lines("logs")))

    def test_killed_while_it_fills_objects_it_stores_each_line_once(self):
        """Each run is killed at another moment, KILLS of them while it has work; in the end each line is there once."""
        seed = int(os.environ.get("BUCKET_SEED", random.randrange(1 << 30)))
        dice = random.Random(seed)
        spool = os.path.join(self.directory, "spool")
        query = "&object_size=48KB&object_interval=50ms&delivery.workers=3"
        share = max(1000, LINES // KILLS)
        lines = []
        kills = busy = halves = 0
        with self.subTest(seed=seed):
            while busy < KILLS:
                if not self.holds(spool):
                    lines += sample_lines(share, len(lines))
                    self.fill(spool, lines[-share:], query)
                ship = self.begin(None, "--sink", self.sink(query), "--spool", spool, environment=self.environment)
                self.wait(ship, lambda: "of an earlier run are in the spool" in self.heard() or not self.holds(spool))
                before = len(self.store.keys("logs"))
                time.sleep(dice.random() * dice.choice((0.02, 0.3)))
                ship.send_signal(signal.SIGKILL)
                ship.communicate()
                kills += 1
                busy += self.holds(spool)
                halves += self.holds(spool) and len(self.store.objects("logs")) > before  # and each is whole
            self.end(self.begin([], "--sink", self.sink(query), "--spool", spool, environment=self.environment))
            found = self.store.lines("logs")
            print(f"killed {kills} times: {busy} with records left in the spool, {halves} of them after objects had gone; "
                  f"{len(set(lines) - set(found))} of {len(lines)} lines missing, {len(found) - len(set(found))} twice",
                  file=sys.stderr)
            self.assertEqual([], sorted(set(lines) ^ set(found))[:3])
            self.assertEqual(len(lines), len(found))

    def fill(self, spool, lines, query):
        """Puts them all on disk: nobody is at the port of this sink."""
        path = os.path.join(self.directory, "fill.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        with open(path, "rb") as records:
            subprocess.run([SHIP, "--sink", self.sink(query, port=free_port()), "--spool", spool, "--drain-timeout",
                            "100ms"], stdin=records, check=True, env={**os.environ, **self.environment},
                           stderr=subprocess.DEVNULL)

    @staticmethod
    def holds(spool):
        """Whether records wait there."""
        path = os.path.join(spool, "s3")
        return os.path.isdir(path) and any(name.endswith(".seg") for name in os.listdir(path))

    def test_memory_stays_within_the_ceiling_under_full_load(self):
        """The queue's bytes, 32 MB for the program, 6 MB for each of four workers."""
        lines = sample_lines(min(LINES, 20000)) * 10
        ship = self.begin(lines, "--sink", self.sink(), "--spool", os.path.join(self.directory, "spool"),
                          environment=self.environment)
        peak = 0
        while ship.poll() is None:
            try:
                with open(f"/proc/{ship.pid}/status", encoding="utf-8") as status:
                    peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
            except OSError:
                pass
            time.sleep(0.02)
        self.end(ship)
        print(f"peak {peak // 1024} MB", file=sys.stderr)
        self.assertLess(peak, (64 + 32 + 4 * 6) * 1024)

    def check(self, *arguments):
        clean = {name: text for name, text in os.environ.items() if not name.startswith(("FAPILOG_SHIP", "AWS_"))}
        return subprocess.run([SHIP, "check", "--connect", *arguments],
                              capture_output=True, text=True, check=False, env={**clean, **self.environment})

    def test_check_finds_the_bucket_or_says_what_is_wrong(self):
        done = self.check("--sink", self.sink())
        self.assertIn("bucket logs is there", done.stdout + done.stderr)
        self.assertEqual(0, done.returncode)
        done = self.check("--sink", self.sink().replace("s3://logs", "s3://missing"))
        self.assertIn("NoSuchBucket", done.stdout + done.stderr)
        self.assertNotEqual(0, done.returncode)
