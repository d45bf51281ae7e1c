"""The portable program of build/release and its tarball: what they hold, what they need, and that they find
certificates wherever a distribution keeps them.

BUILD in the environment names another build directory; the target `portable` has to be built there. What runs in an
empty root needs to be root."""

import filecmp
import http.server
import os
import pty
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from hardening import Hardened
from packages import (BUILD, LIBC, OLDEST_GLIBC, PORTABLE, PackageTest, first_line_times, make_root, need,
                      needed_libraries, newest_versions, output)

LIBRARIES = ("curl", "librdkafka", "libmicrohttpd", "simdjson", "prometheus-cpp", "openssl", "zlib", "libdeflate",
             "libzstd", "re2", "snappy", "vectorscan", "tomlplusplus", "cli11", "protozero", "gcc-12")
GUIDES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packaging", "doc")


class Program(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need(PORTABLE)

    def test_it_needs_the_c_library_alone(self):
        self.assertEqual(LIBC, set(needed_libraries(PORTABLE)))

    def test_its_symbols_are_those_of_an_old_system(self):
        versions = newest_versions(PORTABLE)
        print(f"\nportable program {os.path.getsize(PORTABLE)} bytes, needs {', '.join(sorted(needed_libraries(PORTABLE)))}, "
              f"newest symbol versions {versions}")
        self.assertEqual({"GLIBC"}, set(versions))
        self.assertLessEqual(versions["GLIBC"], OLDEST_GLIBC)

    def test_it_is_all_that_the_other_one_is(self):
        """All but PostgreSQL: libpq has no static form without Kerberos and LDAP."""
        other = output(os.path.join(BUILD, "fapilog-ship"), "--version")
        self.assertIn(", libpq ", other)
        without = re.sub(r", libpq [^,\n]+", "", other).replace(" postgres ", " ").replace("\nfeatures:", "\nwithout: postgres\nfeatures:")
        self.assertEqual(without, output(PORTABLE, "--version"))

    def test_an_exception_inside_of_it_finds_its_handler(self):
        done = subprocess.run([PORTABLE, "check", "-c", "/dev/stdin"], input="x = [", capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual(78, done.returncode)
        self.assertIn("not valid TOML", done.stderr)

    def test_top_asks_over_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "socket")
            with subprocess.Popen([PORTABLE, "-s", "null:", "--listen", "unix:" + path], stdin=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL) as ship:
                until = time.monotonic() + 60
                while not os.path.exists(path) and time.monotonic() < until:
                    time.sleep(0.01)
                top, terminal = pty.fork()
                if top == 0:
                    os.execv(PORTABLE, [PORTABLE, "top", "--url", "unix:" + path])
                shown = b""
                while b"null" not in shown and time.monotonic() < until:
                    shown += os.read(terminal, 4096)
                os.write(terminal, b"q")
                self.assertEqual(0, os.waitstatus_to_exitcode(os.waitpid(top, 0)[1]))
                ship.stdin.close()
                self.assertEqual(0, ship.wait(60))
            self.assertIn(b"null", shown)

    def test_it_starts_soon(self):
        times = first_line_times([PORTABLE])
        print(f"\nstart to first line of the portable program: median {times[len(times) // 2] * 1000:.1f} ms, "
              f"most {times[-1] * 1000:.1f} ms")
        self.assertLess(times[0], 0.3)


class Tarball(Hardened, PackageTest):
    generator = "External"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tree = os.path.join(cls.work, "tree")
        os.mkdir(cls.tree)
        output("tar", "-C", cls.tree, "--strip-components=1", "-xf", cls.packed(cls, "*86_64.tar.xz"))
        cls.hardened = os.path.join(cls.tree, "fapilog-ship")

    def test_what_is_in_it(self):
        tarball = self.packed("*86_64.tar.xz")
        rows = output("tar", "--numeric-owner", "-tvf", tarball).splitlines()
        top = os.path.basename(tarball)[:-len(".tar.xz")]
        names = [row.split()[-1] for row in rows]
        self.assertEqual({f"{top}/{name}" for name in (
            "fapilog-ship", "LICENSE", "LICENSES", "README.md", "CHANGELOG.md", "reference.toml", "man/fapilog-ship.1",
            "man/fapilog-ship.toml.5", "completions/_fapilog-ship", "completions/fapilog-ship.bash",
            "completions/fapilog-ship.fish", *(f"packaging/doc/{name}" for name in os.listdir(GUIDES)))},
            {name for name in names if not name.endswith("/")})
        for row in rows:
            mode = "drwxr-xr-x" if row.endswith("/") else "-rwxr-xr-x" if row.endswith("/fapilog-ship") else "-rw-r--r--"
            self.assertEqual([mode, "0/0"], row.split()[:2], row)
        print(f"\ntarball {os.path.getsize(tarball)} bytes as packed in haste")

    def test_each_library_has_its_licence_told(self):
        with open(os.path.join(self.tree, "LICENSES"), encoding="utf-8") as file:
            text = file.read()
        for library in LIBRARIES:
            self.assertRegex(text, rf"(?m)^{library} \S+\n-----")
        self.assertTrue(filecmp.cmp(PORTABLE, self.hardened, shallow=False))

    def test_two_packings_are_the_same_bytes(self):
        time.sleep(1.1)  # so that a time that gets in would differ
        again = self.pack("two")
        for pattern in ("*86_64.tar.xz", "*debug.tar.xz"):
            self.assertTrue(filecmp.cmp(self.packed(pattern), self.packed(pattern, again), shallow=False), pattern)


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Elsewhere(unittest.TestCase):
    """In a root with nothing but the C library, as an image made from nothing has it."""

    program = PORTABLE

    @classmethod
    def setUpClass(cls):
        need(cls.program)
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.certificate = os.path.join(cls.work, "ca.pem")
        output("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
               os.path.join(cls.work, "key.pem"), "-out", cls.certificate, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.certificate, os.path.join(cls.work, "key.pem"))
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
        cls.server.socket = context.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.url = f"https://127.0.0.1:{cls.server.server_port}/in"

    def setUp(self):
        self.root = tempfile.mkdtemp(dir=self.work)
        os.chmod(self.root, 0o755)
        make_root(self.root, besides=[self.program])
        shutil.copy(self.program, self.root)

    def put(self, path):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        shutil.copy(self.certificate, self.root + path)

    def ship(self, *arguments, **environment):
        return subprocess.run(["chroot", "--userspec=65534:65534", self.root, "/fapilog-ship", *arguments], input='{"a":1}\n',
                              capture_output=True, text=True, check=False, timeout=60, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment})

    def test_lines_pass(self):
        self.assertEqual('{"a":1}\n', self.ship().stdout)

    def test_certificates_are_found_where_distributions_have_them(self):
        for path in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                     "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
                     "/var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/cert.pem"):
            with self.subTest(path):
                self.put(path)
                done = self.ship("--sink", self.url, "--drain-timeout", "5s")
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                os.remove(self.root + path)

    def test_the_environment_names_others(self):
        self.put("/elsewhere/ca.pem")
        done = self.ship("--sink", self.url, SSL_CERT_FILE="/elsewhere/ca.pem")
        self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_without_any_it_says_what_to_do(self):
        for sink, code in (self.url, 78), (f"loki+{self.url}", 78), ("kafka://127.0.0.1:9/t?tls=true", 75):
            done = self.ship("--sink", sink, "--drain-timeout", "300ms")
            self.assertEqual(code, done.returncode, sink)
            self.assertRegex(done.stderr, r"no certificates of authorities.*install the package ca-certificates, or set "
                                          r"SSL_CERT_FILE, or ca_file of the sink")

    def test_where_none_is_asked_for_none_is_missed(self):
        done = self.ship("--sink", self.url + "?tls_verify=false")
        self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
