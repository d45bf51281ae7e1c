"""The container image of the portable program: read by skopeo, unpacked by umoci, and run by runc as an engine runs it,
read-only and with limits. What the commands in it need, busybox, is mounted; the image has none.

BUILD in the environment names another build directory; the target `portable` has to be built there. Needs root."""

import filecmp
import http.server
import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from packages import LIBC, PORTABLE, ROOT, need, output

SCRIPT = os.path.join(ROOT, "packaging", "build_image")
BUSYBOX = "/bin/busybox"  # of busybox-static
MB = 1 << 20
PATIENCE = 60


def make(directory):
    """The path of an image that is made anew."""
    return output(sys.executable, SCRIPT, "--out", directory).strip()


class Collector(http.server.BaseHTTPRequestHandler):
    lines = []
    came = threading.Event()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Collector.lines += [json.loads(line) for line in body.splitlines()]
        self.send_response(204)
        self.end_headers()
        Collector.came.set()

    def log_message(self, *_):
        pass


class Names(threading.Thread):
    """A name server for one answer: every name is this machine."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.asked = []

    def run(self):
        while True:
            question, peer = self.socket.recvfrom(512)
            if not question:
                return
            end = question.index(b"\0", 12) + 1
            kind = question[end:end + 2]
            self.asked.append(question[12:end])
            answer = b"\xc0\x0c" + question[end:end + 4] + b"\0\0\0\x3c\0\x04" + bytes([127, 0, 0, 1])
            one = kind == b"\0\x01"  # an address of version 4
            self.socket.sendto(question[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if one else b"\0\0") + bytes(4)
                               + question[12:end + 4] + (answer if one else b""), peer)

    def close(self):
        self.socket.sendto(b"", self.socket.getsockname())
        self.join()
        self.socket.close()


class ImageTest(unittest.TestCase):
    """The image, made and unpacked once for all tests."""

    work = None

    @classmethod
    def setUpClass(cls):
        if ImageTest.work:
            return
        need(PORTABLE)
        ImageTest.work = tempfile.mkdtemp()
        unittest.addModuleCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        os.chmod(cls.work, 0o755)
        ImageTest.image = make(os.path.join(cls.work, "one"))
        layout = os.path.join(cls.work, "layout")
        os.mkdir(layout)
        output("tar", "-C", layout, "-xf", cls.image)
        version = output(PORTABLE, "--version").split()[1]
        ImageTest.bundle = os.path.join(cls.work, "bundle")
        output("umoci", "unpack", "--image", f"{layout}:{version}", cls.bundle)
        ImageTest.root = os.path.join(cls.bundle, "rootfs")


class Image(ImageTest):
    def test_two_are_the_same_bytes(self):
        time.sleep(1.1)  # so that a time that gets in would differ
        self.assertTrue(filecmp.cmp(self.image, make(os.path.join(self.work, "two")), shallow=False))

    def test_every_reader_finds_the_same(self):
        """As an OCI archive, and as the archive of docker before version 25."""
        version = output(PORTABLE, "--version").split()[1]
        configs = [json.loads(output("skopeo", "inspect", "--config", f"{form}:{self.image}"))
                   for form in ("oci-archive", "docker-archive")]
        for config in configs:
            self.assertEqual(("amd64", "linux", "65532:65532", ["/usr/bin/fapilog-ship"]), (
                config["architecture"], config["os"], config["config"]["User"], config["config"]["Entrypoint"]))
            labels = config["config"]["Labels"]
            self.assertEqual((version, "Apache-2.0"), (labels["org.opencontainers.image.version"],
                                                       labels["org.opencontainers.image.licenses"]))
        self.assertEqual(configs[0]["rootfs"], configs[1]["rootfs"])
        print(f"\nimage {os.path.getsize(self.image)} bytes, unpacked {output('du', '-sk', self.root).split()[0]} KB")

    def test_it_holds_the_program_and_what_it_needs(self):
        files = {os.path.relpath(os.path.join(folder, name), self.root)
                 for folder, _, names in os.walk(self.root) for name in names}
        beside = {name for name in files if not name.startswith("usr/share/doc/")}
        self.assertEqual({"usr/bin/fapilog-ship", "etc/passwd", "etc/group", "etc/nsswitch.conf",
                          "etc/ssl/certs/ca-certificates.crt"},
                         {name for name in beside if os.path.basename(name) not in LIBC})
        self.assertEqual(LIBC, {os.path.basename(name) for name in beside} & LIBC)
        self.assertTrue(filecmp.cmp(PORTABLE, os.path.join(self.root, "usr/bin/fapilog-ship"), shallow=False))
        with open(os.path.join(self.root, "etc/ssl/certs/ca-certificates.crt"), encoding="ascii") as file:
            self.assertGreater(file.read().count("BEGIN CERTIFICATE"), 100)
        for library in ("LICENSES", "glibc.copyright", "ca-certificates.copyright"):
            self.assertIn(f"usr/share/doc/fapilog-ship/{library}", files)

    def test_nothing_in_it_gives_rights(self):
        for folder, folders, names in os.walk(self.root):
            for name in (*folders, *names):
                found = os.lstat(os.path.join(folder, name))
                path = os.path.relpath(os.path.join(folder, name), self.root)
                self.assertEqual(0, found.st_mode & (stat.S_ISUID | stat.S_ISGID), path)
                self.assertEqual(path == "tmp", bool(found.st_mode & stat.S_IWOTH), path)
                self.assertEqual(65532 if path == "var/lib/fapilog-ship" else 0, found.st_uid, path)


class Containers(ImageTest):
    """Run for real: PID 1 of its own, no rights, nothing writable but what is mounted, limits as an operator sets them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        need(BUSYBOX)
        # A copy, for it gets places where something is mounted: an engine makes them, too.
        output("cp", "-a", ImageTest.bundle, os.path.join(cls.work, "run"))
        cls.bundle = os.path.join(cls.work, "run")
        cls.root = os.path.join(cls.bundle, "rootfs")
        with open(os.path.join(cls.bundle, "config.json"), encoding="utf-8") as file:
            cls.base = json.load(file)

    def setUp(self):
        self.name = f"fapilog-ship-image-{os.getpid()}"
        self.mounts = [(BUSYBOX, "/app/busybox")]
        for path in ("app", "app/busybox", "data"):
            place = os.path.join(self.root, path)
            if path == "app/busybox":
                open(place, "a", encoding="ascii").close()
            else:
                os.makedirs(place, exist_ok=True)

    def configure(self, arguments, memory_mb=96, pids=64):
        config = json.loads(json.dumps(self.base))
        process = config["process"]
        process["terminal"] = False
        process["args"] += arguments
        process["env"].append("FAPILOG_SHIP_LOG_FORMAT=text")
        process["capabilities"] = {}
        config["root"]["readonly"] = True
        config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] not in ("/dev/mqueue", "/dev/pts", "/sys")]
        config["mounts"] += [{"destination": target, "type": "bind", "source": source, "options": ["rbind", "rw" if target == "/data" else "ro"]}
                             for source, target in self.mounts]
        config["linux"]["namespaces"] = [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]  # our servers listen on loopback
        config["linux"]["cgroupsPath"] = "/" + self.name
        config["linux"]["resources"] = {"memory": {"limit": memory_mb * MB, "swap": memory_mb * MB}, "pids": {"limit": pids}}
        with open(os.path.join(self.bundle, "config.json"), "w", encoding="utf-8") as file:
            json.dump(config, file)

    def runc(self, *command):
        return ["runc", "--root", os.path.join(self.work, "state"), *command]

    def run_in(self, *arguments, text="", **limits):
        self.configure(list(arguments), **limits)
        return subprocess.run(self.runc("run", "--bundle", self.bundle, self.name), input=text, capture_output=True, text=True,
                              check=False, timeout=PATIENCE)

    def start(self, *arguments):
        """A container that runs; its lines are read from standard output."""
        self.configure(list(arguments))
        # What it wrote before it is signalled is in this file; a pipe that nobody reads would be one more thing that can hang.
        self.said = tempfile.TemporaryFile("w+")
        self.addCleanup(self.said.close)
        process = subprocess.Popen(self.runc("run", "--bundle", self.bundle, self.name), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=self.said, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is not None or process.kill())
        return process

    def signal(self, name):
        output(*self.runc("kill", self.name, name))

    def test_it_is_a_pipe(self):
        done = self.run_in(text='{"level":"INFO"}\n')
        self.assertEqual((0, '{"level":"INFO"}\n'), (done.returncode, done.stdout), done.stderr)

    def test_it_runs_a_command_and_ends_as_that_does(self):
        for command, code in ("echo out; echo err >&2; exit 3", 3), ("kill -TERM $$", 128 + 15), ("/app/none", 127):
            done = self.run_in("-q", "--", "/app/busybox", "sh", "-c", command)
            self.assertEqual(code, done.returncode, done.stderr)
            if code == 3:
                records = [json.loads(line)["log"] for line in done.stdout.splitlines()]
                self.assertEqual({("out", "stdout"), ("err", "stderr")},
                                 {(record["message"], record["diagnostics"]["stream"]) for record in records})
        done = self.run_in("--", "/app/none")
        self.assertEqual(127, done.returncode)
        self.assertIn("/app/none", done.stderr)

    def test_it_is_nobody_and_can_write_nowhere(self):
        done = self.run_in("-q", "--", "/app/busybox", "sh", "-c",
                           "/app/busybox id -u; /app/busybox grep -E 'CapEff|NoNewPrivs' /proc/self/status; echo > /tmp/x")
        messages = [json.loads(line)["log"]["message"] for line in done.stdout.splitlines()]
        self.assertIn("65532", messages)
        self.assertIn("CapEff:\t0000000000000000", messages)
        self.assertIn("NoNewPrivs:\t1", messages)
        self.assertTrue(any("Read-only file system" in message for message in messages), messages)

    def test_it_keeps_on_what_is_mounted(self):
        data = os.path.join(self.work, "data")
        os.makedirs(data, exist_ok=True)
        os.chown(data, 65532, 65532)
        self.mounts.append((data, "/data"))
        done = self.run_in("--sink", "http://127.0.0.1:9/", "--keep", "/data/kept", "--drain-timeout", "300ms", text='{"a":1}\n')
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(os.listdir(os.path.join(data, "kept")))

    def test_a_signal_reaches_the_command_and_its_last_words_arrive(self):
        process = self.start("--", "/app/busybox", "sh", "-c",
                             "trap 'echo bye; exit 7' TERM; echo ready; while :; do /app/busybox sleep 0.1; done")
        self.assertIn('"message":"ready"', process.stdout.readline())
        self.signal("TERM")
        self.assertIn('"message":"bye"', process.stdout.read())
        self.assertEqual(7, process.wait(PATIENCE))

    def test_a_signal_ends_it_where_it_has_no_command(self):
        process = self.start("--input", "tcp://127.0.0.1:0", "--stats-at-exit")
        until = time.monotonic() + PATIENCE
        while "listen" not in self.read_said() and time.monotonic() < until:
            time.sleep(0.05)
        self.signal("TERM")
        self.assertEqual(0, process.wait(PATIENCE), self.read_said())

    def read_said(self):
        self.said.seek(0)
        return self.said.read()

    def test_queues_fit_the_memory_of_the_container(self):
        done = self.run_in("--sink", "http://127.0.0.1:9/", "--sink", "http://127.0.0.1:9/b", "--drop-on-full", "--drain-timeout", "100ms",
                           "--stats-at-exit", "--stats-format", "json", text='{"a":1}\n', memory_mb=64)
        self.assertIn("the container's memory limit of 64 MB", done.stderr)

    def test_a_flood_stays_below_the_limit(self):
        done = self.run_in("--sink", "http://127.0.0.1:9/", "--queue-bytes", "16MB", "--queue-size", "10000000", "--drain-timeout", "100ms",
                           "--stats-at-exit", "--stats-format", "json", "--", "/app/busybox", "sh", "-c",
                           "/app/busybox yes '{\"message\":\"" + "x" * 400 + "\"}' | /app/busybox head -n 100000", memory_mb=64)
        books = json.loads([line for line in done.stderr.splitlines() if line.startswith('{"fapilog_ship"')][-1])
        self.assertEqual(0, done.returncode, done.stderr[-2000:])
        (sink,) = books["sinks"].values()
        self.assertEqual(100000, books["input"]["lines"])
        self.assertEqual(100000, sink["delivered"] + sum(sink["dropped"].values()) + sink["pending"])

    def etc(self, name, text):
        """A file that an engine lays over the image's."""
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        open(os.path.join(self.root, "etc", name), "a", encoding="ascii").close()
        self.mounts.append((path, "/etc/" + name))

    def test_names_are_found_by_a_name_server(self):
        names = Names("127.0.0.99")
        names.start()
        self.addCleanup(names.close)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.etc("resolv.conf", "nameserver 127.0.0.99\n")
        Collector.lines.clear()
        done = self.run_in("--sink", f"http://logs.example:{server.server_port}/in", text='{"a":2}\n')
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual([{"a": 2}], Collector.lines)
        self.assertIn(b"\4logs\7example\0", names.asked)

    def test_the_authorities_are_there(self):
        """A server that none of them knows is refused for that; where there were none it would say so."""
        certificate, key = (os.path.join(self.work, name) for name in ("ca.pem", "key.pem"))
        output("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
               stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.etc("hosts", "127.0.0.1 localhost\n")
        Collector.lines.clear()
        url = f"https://localhost:{server.server_port}/in"
        done = self.run_in("--sink", url, "--drain-timeout", "1s", text='{"a":1}\n')
        self.assertEqual(75, done.returncode, done.stderr)
        self.assertIn("self-signed certificate", done.stderr)
        self.mounts.append((certificate, "/app/busybox"))  # any file that is there: it is the certificate now
        done = self.run_in("--sink", f"{url}?ca_file=/app/busybox", text='{"a":1}\n')
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual([{"a": 1}], Collector.lines)


if __name__ == "__main__":
    unittest.main()
