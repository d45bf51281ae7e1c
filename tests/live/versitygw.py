"""A real versitygw, from the Go module proxy: S3's API over a directory. It verifies every signature and checksum."""

import os

import server
from bucket import KEY, SECRET, BucketServer
from server import Server


class VersityGateway(BucketServer, Server):
    @staticmethod
    def install():
        return server.go_program("versitygw", "github.com/versity/versitygw/cmd/versitygw")

    def arguments(self):
        data = os.path.join(self.directory, "data")
        os.makedirs(data, exist_ok=True)
        return [self.install(), "--port", f"127.0.0.1:{self.port}", "--access", KEY, "--secret", SECRET, "--region",
                "us-east-1", "--health", "/health", "--keep-alive", "--quiet", "posix", "--nometa", data]

    def is_ready(self):
        server.fetch(self.url("/health"))


if __name__ == "__main__":
    server.main(VersityGateway)
