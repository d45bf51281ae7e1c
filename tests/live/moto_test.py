"""The cloudwatch sink in front of moto's server, from PyPI."""

import json
import os
import sys
import unittest

import server
from server import LINES, LiveTest, Server, fetch, sample_lines

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "live", "AWS_SECRET_ACCESS_KEY": "live"}


def install():
    def make(directory):
        server.command(sys.executable, "-m", "venv", directory)
        server.command(os.path.join(directory, "bin", "python"), "-m", "pip", "-q", "install", "moto[server]==5.1.*")
    return server.cached("moto-5.1", make)


class Moto(Server):
    def arguments(self):
        # By the interpreter: the scripts of an environment that was moved name the old place.
        return [os.path.join(install(), "bin", "python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def is_ready(self):
        fetch(self.url("/moto-api/data.json"))

    def call(self, action, **body):
        scope = "Credential=live/20260101/eu-central-1/logs/aws4_request, SignedHeaders=host, Signature=0"
        return json.loads(fetch(self.url("/"), json.dumps(body).encode(), {
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Logs_20140328." + action,
            "Authorization": "AWS4-HMAC-SHA256 " + scope}) or b"{}")

    def events(self, group, stream):
        """The stream's events in order: milliseconds and message."""
        found, token = [], {}
        while True:
            page = self.call("GetLogEvents", logGroupName=group, logStreamName=stream, startFromHead=True, limit=10000,
                             **token)
            found += [(event["timestamp"], event["message"]) for event in page["events"]]
            if token.get("nextToken") == page["nextForwardToken"] or not page["events"]:
                return found
            token = {"nextToken": page["nextForwardToken"]}


class Cloudwatch(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.moto = Moto()
        cls.moto.__enter__()
        cls.addClassCleanup(cls.moto.close)

    def sink(self, path, query=""):
        return f"cloudwatch://eu-central-1/{path}?endpoint_url={self.moto.url()}{query}"

    def test_what_is_read_back_is_what_was_shipped(self):
        lines = sample_lines(LINES)
        self.end(self.begin(lines, "--sink", self.sink("/shop/web/%7Bpid%7D", "&retention_days=30"), "--batch-size", "5000",
                            environment=ENVIRONMENT))
        (group,) = self.moto.call("DescribeLogGroups", logGroupNamePrefix="/shop")["logGroups"]
        self.assertEqual(("/shop/web", 30), (group["logGroupName"], group["retentionInDays"]))
        (stream,) = self.moto.call("DescribeLogStreams", logGroupName="/shop/web")["logStreams"]
        events = self.moto.events("/shop/web", stream["logStreamName"])
        self.assertEqual(lines, [message for _, message in events])
        first = json.loads(lines[0])["log"]["timestamp"]
        milliseconds = server.datetime.datetime.fromisoformat(first[:-1] + "+00:00").timestamp() * 1000
        self.assertEqual(round(milliseconds), events[0][0])

    def test_streams_come_from_the_record(self):
        lines = ['{"service":"%s","n":%d}' % ("ab"[number % 2], number) for number in range(100)]
        self.end(self.begin(lines, "--sink", self.sink("many/%7Bservice%7D"), environment=ENVIRONMENT))
        for part in (0, 1):
            self.assertEqual(lines[part::2], [message for _, message in self.moto.events("many", "ab"[part])])


if __name__ == "__main__":
    unittest.main(verbosity=2)
