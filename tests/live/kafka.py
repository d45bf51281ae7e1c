"""A real Apache Kafka broker in KRaft mode, from Maven Central, and another client to read it, kafka-python from PyPI."""

import json
import os
import shutil
import socket
import subprocess
import sys

import server
from server import HERE, Proxy, Server

POM = os.path.join(HERE, "kafka", "pom.xml")
PASSWORD = "correct-horse-battery"


def install():
    def make(directory):
        shutil.copy(POM, directory)
        server.command("mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
                       "-DoutputDirectory=lib", cwd=directory)
    return server.cached("kafka", make, POM)


def reader():
    def make(directory):
        server.command(sys.executable, "-m", "venv", directory)
        server.command(os.path.join(directory, "bin", "pip"), "install", "-q", "kafka-python==2.0.2")
    return os.path.join(server.cached("kafka-python-2.0.2", make), "bin", "python")


def run(*arguments, cwd):
    subprocess.run(arguments, cwd=cwd, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


class Kafka(Server):
    """One broker, which is its own controller. Beside the plain listener it has one behind a proxy that may cut
    connections, and one that speaks TLS and wants a user."""

    def __init__(self):
        super().__init__()
        self.proxied_port, self.tls_port, self.controller_port = (server.free_port() for _ in range(3))
        self.proxy = Proxy(self.proxied_port)
        self.java = ["java", "-Xms256m", "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp",
                     os.path.join(install(), "lib", "*")]
        self.make_certificates()
        with open(os.path.join(self.directory, "server.properties"), "w", encoding="utf-8") as file:
            file.write(self.properties())
        run(*self.java, "kafka.tools.StorageTool", "format", "-t", "fapilogShipLiveTests00", "-c", "server.properties",
            "--add-scram", f"SCRAM-SHA-512=[name=scram,password={PASSWORD}]", cwd=self.directory)

    def make_certificates(self):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out",
            "ca.pem", cwd=self.directory)
        run("openssl", "req", *key, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", "server.key", "-out", "server.csr", cwd=self.directory)
        run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-copy_extensions", "copy", "-out", "server.pem", cwd=self.directory)
        with open(os.path.join(self.directory, "keys.pem"), "wb") as out:
            for name in ("server.key", "server.pem"):
                with open(os.path.join(self.directory, name), "rb") as file:
                    out.write(file.read())

    def properties(self):
        listeners = {"PLAIN": self.port, "PROXIED": self.proxied_port, "SECRET": self.tls_port}
        told = {**listeners, "PROXIED": self.proxy.port}
        plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
        return "\n".join([
            "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@127.0.0.1:{self.controller_port}",
            "listeners=" + ",".join(f"{name}://127.0.0.1:{port}" for name, port in
                                    {**listeners, "CONTROLLER": self.controller_port}.items()),
            "advertised.listeners=" + ",".join(f"{name}://127.0.0.1:{port}" for name, port in told.items()),
            "controller.listener.names=CONTROLLER", "inter.broker.listener.name=PLAIN",
            "listener.security.protocol.map=PLAIN:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT,SECRET:SASL_SSL",
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
            f'listener.name.secret.plain.sasl.jaas.config={plain} required user_shop="{PASSWORD}";',
            f"listener.name.secret.scram-sha-512.sasl.jaas.config={scram} required;",
            "listener.name.secret.ssl.keystore.type=PEM",
            f"listener.name.secret.ssl.keystore.location={self.directory}/keys.pem",
            f"log.dirs={self.directory}/data", "num.partitions=3", "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
            "num.network.threads=2", "num.io.threads=2", "log.cleaner.dedupe.buffer.size=4194304", ""])

    def arguments(self):
        return [*self.java, "kafka.Kafka", "server.properties"]

    def is_ready(self):
        socket.create_connection(("127.0.0.1", self.port), 1).close()
        self.client()

    def client(self, *arguments):
        """What the other client says."""
        done = subprocess.run([reader(), os.path.join(HERE, "kafka", "read.py"), f"127.0.0.1:{self.port}", *arguments],
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        if done.returncode != 0:
            raise OSError(done.stderr[-3000:])
        return done.stdout

    def close(self):
        self.proxy.close()
        super().close()

    def read(self, topic):
        """Every message: partition, offset, key, time, headers, value."""
        return [json.loads(line) for line in self.client(topic).splitlines()]
