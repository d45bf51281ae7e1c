"""A real HAProxy, from Debian, in front of several servers, which it takes in turns."""

import os

import server
from server import Server

CONFIGURATION = """
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  retries 0
frontend in
  bind 127.0.0.1:{port}
  default_backend out
backend out
  balance roundrobin
{servers}
"""


class Haproxy(Server):
    def __init__(self, *ports):
        super().__init__()
        with open(os.path.join(self.directory, "haproxy.cfg"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(port=self.port, servers="".join(
                f"  server s{port} 127.0.0.1:{port}\n" for port in ports)))

    def arguments(self):
        return ["haproxy", "-db", "-f", os.path.join(self.directory, "haproxy.cfg")]

    def is_ready(self):
        with server.socket.create_connection(("127.0.0.1", self.port)):
            pass
