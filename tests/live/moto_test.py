"""The cloudwatch and the s3 sink in front of moto's server."""

import json
import os
import unittest

import server
from bucket import BucketTests
from moto import Moto
from server import LINES, LiveTest, sample_lines

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "live", "AWS_SECRET_ACCESS_KEY": "live"}


def milliseconds(line):
    time = json.loads(line)["log"]["timestamp"]
    return round(server.datetime.datetime.fromisoformat(time[:-1] + "+00:00").timestamp() * 1000)


class Cloudwatch(LiveTest):
    def setUp(self):
        super().setUp()
        self.moto = self.started(Moto())

    def sink(self, path, query="", port=None):
        return f"cloudwatch://eu-central-1/{path}?endpoint_url=http://127.0.0.1:{port or self.moto.port}{query}"

    def test_what_is_read_back_is_what_was_shipped(self):
        lines = sample_lines(LINES)
        self.ship(lines, "--sink", self.sink("/shop/web/%7Bpid%7D", "&retention_days=30"), "--batch-size", "5000",
                  environment=ENVIRONMENT)
        (group,) = self.moto.call("DescribeLogGroups", logGroupNamePrefix="/shop")["logGroups"]
        self.assertEqual(("/shop/web", 30), (group["logGroupName"], group["retentionInDays"]))
        (stream,) = self.moto.streams("/shop/web")
        self.assertEqual([(milliseconds(line), line) for line in lines], self.moto.events("/shop/web", stream))

    def test_streams_come_from_the_record(self):
        lines = ['{"service":"%s","n":%d}' % ("ab"[number % 2], number) for number in range(100)]
        self.ship(lines, "--sink", self.sink("many/%7Bservice%7D"), environment=ENVIRONMENT)
        for part in (0, 1):
            self.assertEqual(lines[part::2], [message for _, message in self.moto.events("many", "ab"[part])])

    def test_a_server_that_is_killed_and_comes_back_empty_gets_group_and_stream_anew(self):
        """moto keeps everything in memory: what it has is read before it is killed."""
        lines = sample_lines(LINES)
        found = []

        def has_the_first_half():
            found[:] = self.moto.events("/killed", "s")
            # A page that is read while older events arrive repeats some of the page before.
            return len(set(found)) == LINES // 2
        self.ship_and_kill(self.moto, lines, has_the_first_half, "--sink", self.sink("/killed/s"), "--batch-size", "1000",
                            environment=ENVIRONMENT, at_rest=True)
        found += self.moto.events("/killed", "s")
        self.assert_all_there([(milliseconds(line), line) for line in lines], found)

    def test_a_network_that_cuts_connections_loses_nothing(self):
        """CloudWatch tells no event from its double: those of a lost answer may be there twice."""
        lines = sample_lines(LINES)
        self.ship_through_faults(self.moto, lines, lambda port: ("--sink", self.sink("/faults/s", port=port),
                                                                 "--batch-size", "200"), ENVIRONMENT)
        self.assert_all_there([(milliseconds(line), line) for line in lines], self.moto.events("/faults", "s"), 12 * 200)

    def test_a_role_is_assumed_with_the_clusters_token(self):
        token = os.path.join(self.directory, "token")
        with open(token, "w", encoding="utf-8") as file:
            file.write("ey.the.token\n")
        lines = sample_lines(100)
        self.ship(lines, "--sink", self.sink("role/s"), environment={
            "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/shipper",
            "AWS_ENDPOINT_URL_STS": self.moto.url(), "HOME": self.directory})
        self.assertEqual(lines, [message for _, message in self.moto.events("role", "s")])


class Bucket(BucketTests, LiveTest):
    def setUp(self):
        super().setUp()
        self.store = self.started(Moto())
        self.store.make_bucket("logs")

    # moto keeps everything in memory: what it had is gone with it.
    test_a_server_that_is_killed_gets_all_of_it_once = None


if __name__ == "__main__":
    unittest.main(verbosity=2)
