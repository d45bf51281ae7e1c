"""Certificates that are replaced while the program runs, in every way that they are replaced in the field, for every sink
that speaks TLS: the next connection is made with what is there now, with or without a signal."""

import itertools
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import harness
import peer as peers
from harness import Ship

AUTHORITIES = ("first", "second")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}


def answer_bulk(peer, connection, request):
    items = [{"create": {"status": 201}}] * (request.body.count(b"\n") // 2)
    return peers.status(200, body=json.dumps({"errors": False, "items": items}).encode())(peer, connection, request)


# How each sink is written, and what its server answers. `{}` stands for the port.
HTTP_SINKS = {
    "http": ("https://127.0.0.1:{}/logs?", peers.ok),
    "loki": ("loki+https://127.0.0.1:{}?", peers.ok),
    "elasticsearch": ("elasticsearch+https://127.0.0.1:{}/web?", answer_bulk),
    "otlp": ("otlp+https://127.0.0.1:{}?", peers.status(200)),
    "cloudwatch": ("cloudwatch://eu-central-1/web/app?endpoint_url=https://127.0.0.1:{}&", peers.status(200, body=b"{}")),
    "splunk": ("splunk+https://127.0.0.1:{}?token=t&", peers.status(200, body=b'{"text":"Success","code":0}')),
    "datadog": ("datadog://datadoghq.eu?api_key=k&endpoint_url=https://127.0.0.1:{}&", peers.status(202, body=b"{}")),
    "s3": ("s3://b?endpoint_url=https://127.0.0.1:{}&object_interval=0s&", peers.status(200)),
}


class Mount:
    """A directory as Kubernetes mounts a secret: each name is a link into `..data`, which is a link to this version.
    The same files are what an operator without Kubernetes writes or renames."""

    def __init__(self, directory):
        self.directory = directory
        self.versions = itertools.count()
        self.files = {}

    def path(self, name):
        return os.path.join(self.directory, name)

    def put(self, files):
        """All files anew, behind one link that is swapped."""
        self.files.update(files)
        version = f"..version_{next(self.versions)}"
        os.mkdir(self.path(version))
        for name, text in self.files.items():
            with open(self.path(f"{version}/{name}"), "w", encoding="ascii") as file:
                file.write(text)
            if not os.path.lexists(self.path(name)):
                os.symlink(f"..data/{name}", self.path(name))
        os.symlink(version, self.path("..data.new"))
        os.rename(self.path("..data.new"), self.path("..data"))

    def write(self, files):
        self.files.update(files)
        for name, text in files.items():
            with open(self.path(name), "w", encoding="ascii") as file:
                file.write(text)

    def rename(self, files):
        self.files.update(files)
        for name, text in files.items():
            with open(self.path("new"), "w", encoding="ascii") as file:
                file.write(text)
            os.rename(self.path("new"), os.path.realpath(self.path(name)))


WAYS = {"in place": Mount.write, "by rename": Mount.rename, "by a swapped link": Mount.put}
STEPS = list(itertools.product(("ca_file", "cert_file"), WAYS, (False, True)))


class KafkaHandshakes:
    """A broker that only ever shakes hands, which is all that a certificate is for."""

    def __init__(self, tls):
        self.tls = tls
        self.handshake_errors = []
        self.names = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.tls.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1)  # In TLS 1.3 the client is sure of us only now.
                    self.names.append(name_of(secured))
            except OSError as error:
                self.handshake_errors.append(str(error))


def name_of(connection):
    """The common name in the certificate that the client showed."""
    return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]


class Certificates(harness.FaultTest):
    def setUp(self):
        super().setUp()
        self.texts = {}
        for authority in (*AUTHORITIES, "clients"):
            self.openssl("req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={authority}", "-keyout", f"{authority}.key",
                         "-out", f"{authority}.pem")
        for authority in AUTHORITIES:
            self.sign(f"server-{authority}", authority)
            self.sign(f"client-{authority}", "clients")
        self.contexts = {}
        for authority in AUTHORITIES:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.path(f"server-{authority}.pem"), self.path(f"server-{authority}.key"))
            context.load_verify_locations(self.path("clients.pem"))
            context.verify_mode = ssl.CERT_REQUIRED
            self.contexts[authority] = context
        os.mkdir(self.path("tls"))
        self.mount = Mount(self.path("tls"))
        self.state = {"ca_file": "first", "cert_file": "first"}
        self.mount.put({**self.files("ca_file"), **self.files("cert_file")})

    def openssl(self, command, *arguments):
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256") if command == "req" else ()
        subprocess.run(["openssl", command, *curve, *arguments], cwd=self.directory, check=True, capture_output=True)

    def sign(self, name, authority):
        with open(self.path("names"), "w", encoding="ascii") as file:
            file.write("subjectAltName=IP:127.0.0.1\n")
        self.openssl("req", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                     "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{name}.pem")

    def files(self, setting):
        """What stands in the files of this setting now."""
        which = self.state[setting]
        sources = ({"ca.pem": f"{which}.pem"} if setting == "ca_file"
                   else {"client.pem": f"client-{which}.pem", "client.key": f"client-{which}.key"})
        result = {}
        for name, source in sources.items():
            with open(self.path(source), encoding="ascii") as file:
                result[name] = file.read()
        return result

    def ship(self, sink):
        files = {"ca_file": "ca.pem", "cert_file": "client.pem", "key_file": "client.key"}
        return Ship("--sink", sink + "&".join(f"{key}={self.mount.path(name)}" for key, name in files.items()), "--retry-base",
                    "5ms", "--retry-max", "20ms", "--breaker-interval", "50ms", "--workers", "1", "--drain-timeout", "100ms",
                    "--request-timeout", f"{harness.PATIENCE}s", environment=CREDENTIALS)

    def wait_for(self, condition, ship):
        end = time.monotonic() + harness.PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, "\n".join(ship.said[-5:]))
            time.sleep(0.005)

    def replace(self, ship, server, setting, way, with_signal):
        """The other certificate, in this way. One of the server's is refused until then."""
        self.state[setting] = AUTHORITIES[1 - AUTHORITIES.index(self.state[setting])]
        if setting == "ca_file":
            server.tls = self.contexts[self.state[setting]]
        return lambda: (WAYS[way](self.mount, self.files(setting)), with_signal and self.reload(ship))

    def reload(self, ship):
        before = sum("reloaded" in line for line in ship.said)
        ship.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: sum("reloaded" in line for line in ship.said) > before, ship)

    def line(self, ship, number):
        ship.stdin.write(b'{"level":"INFO","seq":%d}\n' % number)
        ship.stdin.flush()

    def check_http(self, name):
        sink, answer = HTTP_SINKS[name]
        arrived = []

        def take(peer, connection, request):
            arrived.append(name_of(connection))
            return answer(peer, connection, request)
        with peers.Peer(take, tls=self.contexts["first"]) as server, self.ship(sink.format(server.port)) as ship:
            ship.ready()
            self.line(ship, 0)
            self.wait_for(lambda: arrived == ["client-first"], ship)
            for number, (setting, way, with_signal) in enumerate(STEPS, 1):
                step = f"{setting}, {way}, {'with' if with_signal else 'without'} a signal"
                replace = self.replace(ship, server, setting, way, with_signal)
                if setting == "ca_file":
                    # No kept connection: the server shows its new certificate, and nobody trusts it yet.
                    refused = len(server.handshake_errors)
                    for connection in server.open:
                        try:
                            connection.shutdown(socket.SHUT_RDWR)
                        except OSError:
                            pass
                    self.line(ship, number)
                    self.wait_for(lambda: len(server.handshake_errors) > refused, ship)  # pylint: disable=W0640
                    replace()
                else:
                    replace()
                    self.line(ship, number)
                self.wait_for(lambda: len(arrived) > number, ship)  # pylint: disable=cell-var-from-loop
                self.assertEqual("client-" + self.state["cert_file"], arrived[number], step)
            ship.close_input()
            self.assertEqual(0, ship.wait()[0], "\n".join(ship.said))
            self.check_books(ship, len(STEPS) + 1)
            self.assertEqual(len(STEPS) + 1, ship.last["sinks"][name]["delivered"])

    def test_http(self):
        self.check_http("http")

    def test_loki(self):
        self.check_http("loki")

    def test_elasticsearch(self):
        self.check_http("elasticsearch")

    def test_otlp(self):
        self.check_http("otlp")

    def test_cloudwatch(self):
        self.check_http("cloudwatch")

    def test_splunk(self):
        self.check_http("splunk")

    def test_datadog(self):
        self.check_http("datadog")

    def test_s3(self):
        self.check_http("s3")

    def test_kafka(self):
        with KafkaHandshakes(self.contexts["first"]) as server, \
                self.ship(f"kafka://127.0.0.1:{server.port}/logs?tls=true&") as ship:
            ship.ready()
            self.line(ship, 0)
            self.wait_for(lambda: server.names, ship)
            for setting, way, with_signal in STEPS:
                step = f"{setting}, {way}, {'with' if with_signal else 'without'} a signal"
                refused = len(server.handshake_errors)
                replace = self.replace(ship, server, setting, way, with_signal)
                if setting == "ca_file":
                    self.wait_for(lambda: len(server.handshake_errors) > refused, ship)  # pylint: disable=W0640
                replace()
                if setting == "ca_file":
                    before = len(server.names)
                    self.wait_for(lambda: len(server.names) > before, ship)  # pylint: disable=cell-var-from-loop
                else:
                    self.wait_for(lambda: server.names[-1] == "client-" + self.state["cert_file"], ship)
                self.assertEqual("client-" + self.state["cert_file"], server.names[-1], step)
            ship.close_input()
            self.assertEqual(75, ship.wait()[0])


if __name__ == "__main__":
    harness.main()
