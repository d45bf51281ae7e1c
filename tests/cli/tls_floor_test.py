"""The oldest version of TLS that the program speaks is its own, not the system's."""

import os
import socket
import ssl
import subprocess
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from program import ProgramTest, run  # noqa: E402

# A system that allows what nobody should use any more.
LAX = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = lax
[lax]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
"""


class TlsFloor(ProgramTest):
    def offered(self, newest):
        """What a server that knows nothing above `newest` sees of the program: whether they came to an understanding."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.path("key"), "-out", self.path("cert")],
                       check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
        context.load_cert_chain(self.path("cert"), self.path("key"))
        spoken = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve():
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    try:
                        with context.wrap_socket(connection, server_side=True) as stream:
                            spoken.append(stream.version())
                            request = b""
                            while not request.endswith(b"{}\n"):
                                request += stream.recv(1 << 16) or b"{}\n"
                            stream.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                    except (ssl.SSLError, OSError):
                        connection.close()
            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            lax = self.write("openssl.cnf", LAX)
            result = run("--sink", f"https://127.0.0.1:{listener.getsockname()[1]}/?ca_file={self.path('cert')}",
                         "--drain-timeout", "1s", "--retry-base", "10ms", stdin="{}\n", environment={"OPENSSL_CONF": lax})
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
        return result, spoken

    def test_nothing_older_than_1_2_is_spoken(self):
        for newest in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            result, spoken = self.offered(newest)
            self.assertEqual((75, []), (result.returncode, spoken), result.stderr)

    def test_1_2_is(self):
        result, spoken = self.offered(ssl.TLSVersion.TLSv1_2)
        self.assertEqual((0, ["TLSv1.2"]), (result.returncode, spoken), result.stderr)


if __name__ == "__main__":
    unittest.main()
