"""moto's server, from PyPI, which speaks the APIs of CloudWatch Logs and S3."""

import json
import os
import sys

import server
from bucket import BucketServer
from server import Server, fetch


class Moto(BucketServer, Server):
    @staticmethod
    def install():
        def make(directory):
            server.command(sys.executable, "-m", "venv", directory)
            server.command(os.path.join(directory, "bin", "python"), "-m", "pip", "-q", "install", "moto[server]==5.1.*")
        return server.cached("moto-5.1", make)

    def arguments(self):
        # By the interpreter: the scripts of an environment that was moved name the old place.
        return [os.path.join(self.install(), "bin", "python"), "-m", "moto.server", "-H", "127.0.0.1", "-p",
                str(self.port)]

    def is_ready(self):
        fetch(self.url("/moto-api/data.json"))

    def call(self, action, **body):
        scope = "Credential=live/20260101/eu-central-1/logs/aws4_request, SignedHeaders=host, Signature=0"
        return json.loads(fetch(self.url("/"), json.dumps(body).encode(), {
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Logs_20140328." + action,
            "Authorization": "AWS4-HMAC-SHA256 " + scope}) or b"{}")

    def streams(self, group):
        return [stream["logStreamName"] for stream in
                self.call("DescribeLogStreams", logGroupName=group)["logStreams"]]

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


if __name__ == "__main__":
    server.main(Moto)
