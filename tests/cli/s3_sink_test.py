"""The s3 sink of the real program, in front of a strict S3."""

import json
import unittest

from hosted import HostedRules, lines_of
import peer as peers  # hosted knows the way
from program import ProgramTest, run
from strict_s3 import ENVIRONMENT, KEY, SECRET, StrictS3, error


class S3(HostedRules, ProgramTest):
    has_ids = False

    def service(self, **keywords):
        return StrictS3(**keywords)

    def url(self, peer, query):
        query = query.replace("compression=", "compress=")
        return (f"s3://logs/shop?endpoint_url=http://127.0.0.1:{peer.port}&access_key_id={KEY}&secret_access_key={SECRET}"
                f"&{query}")

    def check_stored(self, service, lines, most_twice=0):
        # With a spool an object that is sent again is the same one; without, so it is within a run.
        super().check_stored(service, lines)

    def test_objects_are_as_large_as_they_may_be_and_no_larger(self):
        lines = lines_of(2000)
        service = self.service()
        code, sink = self.ship(service, stdin="\n".join(lines) + "\n", query="object_size=16KB&object_interval=1h&compress=none")
        self.assertEqual((0, len(service.objects)), (code, sink["batches"]), self.stderr)
        sizes = [len(body) - body.count(b"\n") for body in service.objects.values()]
        self.assertLessEqual(max(sizes), 16 * 1024)
        self.assertLess(len(sizes), 2 * sum(sizes) / (16 * 1024))
        self.check_stored(service, lines)

    def test_an_object_that_is_too_large_comes_in_halves(self):
        lines = lines_of(400)
        service = self.service(largest=20_000)
        code, sink = self.ship(service, stdin="\n".join(lines) + "\n", query="compress=none&object_interval=1h")
        self.assertEqual((0, 400), (code, sink["delivered"]), self.stderr)
        self.check_stored(service, lines)

    def test_a_record_that_no_object_may_hold_is_a_dead_letter_alone(self):
        lines = [*lines_of(50), json.dumps({"m": "x" * 30_000}), *lines_of(50)]
        service = self.service(largest=20_000)
        code, sink = self.ship(service, "--dead-letter", self.path("dead"), stdin="\n".join(lines) + "\n",
                               query="compress=none&object_interval=1h")
        self.assertEqual((0, 100, 1), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        self.assertEqual(lines[50], json.loads(self.read("dead"))["record"])

    def test_throttling_and_wrong_checksums_are_tried_again(self):
        lines = lines_of(300)
        service = self.service()
        service.errors = [error(503, "SlowDown"), error(500, "InternalError"), error(400, "BadDigest"), (429, b""),
                          error(400, "RequestTimeout")]
        code, sink = self.ship(service, stdin="\n".join(lines) + "\n", query="delivery.workers=1")
        self.assertEqual((0, 300, 5), (code, sink["delivered"], sink["retries"]), self.stderr)
        self.check_stored(service, lines)

    def test_the_operator_is_told_what_to_do_and_all_is_kept(self):
        for service, words in ((self.service(bucket="other"), "make the bucket, or correct the sink's url"),
                               (self.service(region="eu-west-3"), 'set region = "eu-west-3"'),
                               (self.service(keys={}), "InvalidAccessKeyId"),
                               (self.service(keys={KEY: "another"}), "SignatureDoesNotMatch")):
            with self.subTest(words=words):
                code, sink = self.ship(service, "--drain-timeout", "400ms", stdin='{"a":1}\n')
                self.assertEqual((75, 0, 0), (code, sink["delivered"], sink["dead_lettered"]))
                self.assertIn(words, self.stderr)
                self.assertNotIn(SECRET, self.stderr)
                with peers.Peer(service) as peer:
                    result = run("check", "--connect", "--sink", self.url(peer, ""))
                self.assertEqual(1, result.returncode)
                self.assertIn(words, result.stdout)
                self.assertNotIn(SECRET, result.stdout + result.stderr)

    def test_keys_are_signed_whatever_is_in_them(self):
        service = self.service()
        with peers.Peer(service) as peer:
            url = (f"s3://logs/a%20b/%C3%BC%2B?endpoint_url=http://127.0.0.1:{peer.port}"
                   "&key=%25Y/team%3D%7Bteam%7D/(x)%26'&headers.x-amz-storage-class=STANDARD_IA")
            result = run("--sink", url, "--label", "team=caf\u00e9 1", stdin='{"a":1}\n', environment=ENVIRONMENT)
        self.assertEqual((0, []), (result.returncode, service.faults), result.stderr)
        (key,) = service.objects
        self.assertRegex(key, r"/20\d\d/team=caf\u00e9 1/\(x\)&'-")

    def test_check_connect_finds_the_bucket_and_stores_nothing(self):
        service = self.service()
        with peers.Peer(service) as peer:
            result = run("check", "--connect", "--sink", self.url(peer, ""))
        self.assertEqual(0, result.returncode, result.stdout)
        self.assertIn("ok: bucket logs is there", result.stdout)
        self.assertEqual(({}, []), (service.objects, service.faults))

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for query, part in (("endpoint_url=h", "expected http:// or https://"), ("key=%7Bx", "a { without its }"),
                            ("key=%7Bteam%7D", "neither {host} nor a label"), ("object_size=1GB", "from 1 KB to 64 MB"),
                            ("object_size=32MB", "more than an eighth of queue.max_bytes"), ("compress=snappy", "none, gzip, zstd"),
                            (f"secret_access_key={SECRET}", "needs an access_key_id")):
            with self.subTest(query=query):
                result = run("check", "--sink", f"s3://b?{query}")
                self.assert_fails(result, 78, part)
                self.assertNotIn(SECRET, result.stderr)
        self.assert_fails(run("check", "--sink", "s3://"), 78, "as in s3://BUCKET/PREFIX")


if __name__ == "__main__":
    unittest.main()
