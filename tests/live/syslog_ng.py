"""A real syslog-ng, from Debian: takes syslog over TCP, TLS, UDP and Unix sockets and writes what it understood into a
file."""

import glob
import os

import debian
import server
from nginx import make_certificates
from server import Server

CONFIGURATION = """@version: 3.38
options {{ keep-hostname(yes); use-dns(no); log-msg-size(65536); log-fifo-size(100000); stats-freq(0); frac-digits(3); flush-lines(1); }};
source s {{ {source} }};
destination d {{ file("{directory}/taken"
  template("$HOST\\t$PROGRAM\\t$PID\\t$MSGID\\t$S_ISODATE\\t$LEVEL_NUM\\t$FACILITY_NUM\\t$SDATA\\t$MSG\\n")); }};
log {{ source(s); destination(d); flags(flow-control); }};
"""
SOURCES = {
    "tcp": 'syslog(ip("127.0.0.1") port({port}) transport("tcp") max-connections(500));',
    "newline": 'network(ip("127.0.0.1") port({port}) transport("tcp") flags(syslog-protocol) max-connections(500));',
    "tls": 'syslog(ip("127.0.0.1") port({port}) transport("tls") max-connections(500) tls(cert-file("{directory}/server.pem") '
           'key-file("{directory}/server.key") ca-file("{directory}/ca.pem") peer-verify(required-trusted)));',
    "udp": 'syslog(ip("127.0.0.1") port({port}) transport("udp"));',
    "dgram": 'unix-dgram("{directory}/socket");',
    "stream": 'unix-stream("{directory}/socket");',
}


class SyslogNg(Server):
    def __init__(self, way):
        super().__init__()
        self.way = way
        if way == "tls":
            make_certificates(self.directory)
        with open(os.path.join(self.directory, "syslog-ng.conf"), "w", encoding="utf-8") as file:
            source = SOURCES[way].format(directory=self.directory, port=self.port)
            file.write(CONFIGURATION.format(directory=self.directory, source=source))

    @staticmethod
    def install():
        return debian.unpacked("syslog-ng-core")

    def arguments(self):
        root = self.install()
        (modules,) = glob.glob(os.path.join(root, "usr", "lib", "syslog-ng", "[0-9]*"))
        here = self.directory
        return ["env", "LD_LIBRARY_PATH=" + os.path.dirname(modules),
                os.path.join(root, "usr", "sbin", "syslog-ng"), "-F", "--no-caps", "--stderr",
                "-f", os.path.join(here, "syslog-ng.conf"), "-R", os.path.join(here, "persist"),
                "-p", os.path.join(here, "pid"), "-c", os.path.join(here, "control"), "--module-path", modules]

    def is_ready(self):
        server.is_listening({"dgram": "unix", "stream": "unix"}.get(self.way, self.way), self.port,
                            os.path.join(self.directory, "socket"))

    def sink(self, port=None):
        """The sink's URL."""
        if self.way in ("dgram", "stream"):
            return f"syslog+unix:{self.directory}/socket"
        at = f"127.0.0.1:{port or self.port}"
        if self.way == "newline":
            return f"syslog+tcp://{at}?framing=newline"
        if self.way == "tls":
            return (f"syslog+tls://{at}?ca_file={self.directory}/ca.pem&cert_file={self.directory}/client.pem"
                    f"&key_file={self.directory}/client.key")
        return f"syslog+{self.way}://{at}"

    def taken(self):
        """What was understood: host, application, process, id, time, severity, facility, structured data, message."""
        return server.table(os.path.join(self.directory, "taken"))


if __name__ == "__main__":
    server.main(lambda: SyslogNg("tcp"))
