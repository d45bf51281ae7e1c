"""The cloudwatch sink of the real program, in front of a strict server that verifies each signature."""

import json
import os
import socket
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from program import ROOT, ProgramTest, run  # noqa: E402
from strict_cloudwatch import KEYS, StrictCloudwatch, signature  # noqa: E402

SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
(KEY, SECRET), = KEYS.items()
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "",
               "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/none"}


class Cloudwatch(ProgramTest):
    def ship(self, server, *arguments, stdin, path="//app/web/s", query="", environment=None):
        with peers.Peer(server) as peer:
            result = run("--sink", f"cloudwatch://eu-central-1{path}?endpoint_url={peer.url('')}{query}",
                         "--stats-at-exit", "--stats-format", "json", "--retry-base", "10ms", "--no-drop-on-full",
                         *arguments, stdin=stdin, environment=environment or ENVIRONMENT)
        self.assertEqual([], server.faults)
        self.stderr = result.stderr
        stats = [line for line in result.stderr.splitlines() if line.startswith("{")][-1]
        (sink,) = json.loads(stats)["sinks"].values()
        return result.returncode, sink

    def test_every_record_of_the_library_arrives_in_a_group_made_for_it(self):
        with open(SAMPLE, encoding="utf-8") as file:
            lines = file.read()
        server = StrictCloudwatch()
        server.errors = [(400, "ThrottlingException"), (503, "ServiceUnavailableException")]
        code, sink = self.ship(server, stdin=lines, path="//app/web/{host}-%25Y", query="&retention_days=14")
        self.assertEqual((0, 4000, 2), (code, sink["delivered"], sink["retries"]), self.stderr)
        self.assertEqual({"/app/web": 14}, server.groups)
        events = server.streams["/app/web", socket.gethostname() + "-2026"]
        self.assertEqual(sorted(lines.splitlines()), sorted(message for _, message in events))
        self.assertTrue(all(time // 1000 == 1795338549 or time > 1795338549000 for time, _ in events))

    def test_what_is_too_old_is_a_dead_letter_and_the_rest_is_stored(self):
        server = StrictCloudwatch(oldest=1750000000000)
        lines = '{"time":"2026-01-01T00:00:00Z","n":1}\n{"time":"2020-01-01T00:00:00Z","n":2}\n'
        code, sink = self.ship(server, "--dead-letter", self.path("dead.ndjson"), stdin=lines)
        self.assertEqual((0, 1, 1), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
        (letter,) = [json.loads(line) for line in self.read("dead.ndjson").splitlines()]
        self.assertEqual(2, json.loads(letter["record"])["n"])
        self.assertIn("older than 14 days", letter["reason"])

    def test_credentials_come_from_a_profile_or_a_container(self):
        directory = self.write("credentials", f"[web]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
        bare = {**ENVIRONMENT, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        code, sink = self.ship(StrictCloudwatch(), stdin="{}\n", query="&profile=web",
                               environment={**bare, "AWS_SHARED_CREDENTIALS_FILE": directory})
        self.assertEqual((0, 1), (code, sink["delivered"]), self.stderr)

        lease = json.dumps({"AccessKeyId": KEY, "SecretAccessKey": SECRET, "Token": "token",
                            "Expiration": "2099-01-01T00:00:00Z"}).encode()
        with peers.Peer(peers.status(200, body=lease)) as container:
            server = StrictCloudwatch()
            code, sink = self.ship(server, stdin="{}\n", environment={
                **bare, "AWS_CONTAINER_CREDENTIALS_FULL_URI": container.url("/creds"),
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "auth"})
            self.assertEqual((0, 1), (code, sink["delivered"]), self.stderr)
            self.assertEqual("auth", container.requests[0].headers["authorization"])

    def test_without_credentials_it_says_so_and_keeps_the_records(self):
        bare = {**ENVIRONMENT, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        code, _ = self.ship(StrictCloudwatch(), "--drain-timeout", "300ms", stdin="{}\n", environment=bare)
        self.assertEqual(75, code)
        self.assertIn("no AWS credentials", self.stderr)
        self.assertNotIn(SECRET, self.stderr)

    def test_refused_keys_are_said_and_never_shown(self):
        server = StrictCloudwatch(keys={"other": "x"})
        code, _ = self.ship(server, "--drain-timeout", "300ms", stdin="{}\n")
        self.assertEqual(75, code)
        self.assertIn("UnrecognizedClient (check the credentials and this machine's clock)", self.stderr)
        self.assertNotIn(SECRET, self.stderr)

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for url, part in (("cloudwatch://eu-central-1", "no log group is given"),
                          ("cloudwatch:///g/s", "expected an AWS region"),
                          ("cloudwatch://r/a%20b/s", "letters, digits"),
                          ("cloudwatch://r/g/s?retention_days=2", "expected 1, 3, 5"),
                          ("cloudwatch://r/g/s?access_key_id=a", "needs a secret_access_key"),
                          ("cloudwatch://r/g/s?endpoint_url=x", "expected http:// or https://"),
                          ("cloudwatch://r/g/%7Bx", "a { without its }")):
            with self.subTest(url=url):
                self.assert_fails(run("check", "--sink", url), 78, part)


class TheVerifier(unittest.TestCase):
    def test_it_agrees_with_the_published_test_suite(self):
        scope = "20150830/us-east-1/service/aws4_request"
        headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
        for method, path, expected in (
                ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
                ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
                ("GET", "/?Param2=value2&Param1=value1",
                 "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")):
            self.assertEqual(expected, signature(method, path, headers, b"", SECRET, scope, ["host", "x-amz-date"],
                                                 "20150830T123600Z"))
        form = {**headers, "content-type": "application/x-www-form-urlencoded"}
        self.assertEqual("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
                         signature("POST", "/", form, b"Param1=value1", SECRET, scope,
                                   ["content-type", "host", "x-amz-date"], "20150830T123600Z"))


if __name__ == "__main__":
    unittest.main()
