"""A real rsyslog, from Debian: takes syslog over TCP, TLS, UDP and a Unix socket and writes what it understood into a
file."""

import os

import debian
import server
from nginx import make_certificates
from server import Server

# Each message is written before the next is taken: what a kill loses is what the kernel holds.
CONFIGURATION = """
global(workDirectory="{directory}" maxMessageSize="64k" {tls})
main_queue(queue.type="direct")
{input}
template(name="told" type="string"
         string="%hostname%\\t%app-name%\\t%procid%\\t%msgid%\\t%timereported:::date-rfc3339%\\t%syslogseverity%\\t%syslogfacility%\\t%structured-data%\\t%msg%\\n")
action(type="omfile" file="{directory}/taken" template="told")
"""
INPUTS = {
    "tcp": 'module(load="imtcp" MaxSessions="500")\ninput(type="imtcp" port="{port}" address="127.0.0.1")',
    "tls": 'module(load="imtcp" MaxSessions="500" StreamDriver.Name="ossl" StreamDriver.Mode="1" '
           'StreamDriver.AuthMode="x509/certvalid")\ninput(type="imtcp" port="{port}" address="127.0.0.1")',
    "udp": 'module(load="imudp")\ninput(type="imudp" port="{port}" address="127.0.0.1")',
    "unix": 'module(load="imuxsock" SysSock.Use="off")\n'
            'input(type="imuxsock" socket="{directory}/socket" createPath="off" useSpecialParser="on" '
            'rateLimit.interval="0" usePIDFromSystem="off" useSysTimestamp="off")',
}
TLS = ('defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{directory}/ca.pem" '
       'defaultNetstreamDriverCertFile="{directory}/server.pem" defaultNetstreamDriverKeyFile="{directory}/server.key"')


class Rsyslog(Server):
    def __init__(self, way):
        super().__init__()
        self.way = way
        if way == "tls":
            make_certificates(self.directory)
        with open(os.path.join(self.directory, "rsyslog.conf"), "w", encoding="utf-8") as file:
            places = {"directory": self.directory, "port": self.port}
            file.write(CONFIGURATION.format(input=INPUTS[way].format(**places),
                                            tls=TLS.format(**places) if way == "tls" else "", **places))

    @staticmethod
    def install():
        return debian.unpacked("rsyslog", "rsyslog-openssl")

    def arguments(self):
        root = self.install()
        return [os.path.join(root, "usr", "sbin", "rsyslogd"), "-n", "-i", os.path.join(self.directory, "pid"),
                "-f", os.path.join(self.directory, "rsyslog.conf"),
                "-M", os.path.join(debian.library_directory(root), "rsyslog")]

    def is_ready(self):
        server.is_listening(self.way, self.port, os.path.join(self.directory, "socket"))

    def sink(self, port=None):
        """The sink's URL."""
        if self.way == "unix":
            return f"syslog+unix:{self.directory}/socket"
        return f"syslog+{self.way}://127.0.0.1:{port or self.port}?" + (self.certificates() if self.way == "tls" else "")

    def certificates(self):
        return f"ca_file={self.directory}/ca.pem&cert_file={self.directory}/client.pem&key_file={self.directory}/client.key"

    def taken(self):
        """What was understood: host, application, process, id, time, severity, facility, structured data, message."""
        return server.table(os.path.join(self.directory, "taken"))


if __name__ == "__main__":
    server.main(lambda: Rsyslog("tcp"))
