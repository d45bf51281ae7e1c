"""--listen in the real program: what it tells, and that nobody who asks can cost more than his own connection."""

import os
import signal
import socket
import threading
import time
import unittest

import program
from program import ProgramTest
from web import Served, differences, metrics_of

import peer as peers
import harness

LINE = '{"level":"%s","n":%d}\n'
MANY = 200


def lines(count, level="INFO"):
    return "".join(LINE % (level, n) for n in range(count))


class Answers(ProgramTest):
    def test_every_path_has_its_answer(self):
        with Served("-s", "null:") as ship:
            ship.write(lines(10))
            ship.until(lambda stats: stats["sinks"]["null"]["delivered"] == 10)
            # What the server answers is up to 50 ms old. The reader counts a line after it has handed it on.
            for _ in range(200):
                stats = ship.get("/stats")[2]
                if '"delivered":10,' in stats and '"lines":10,' in stats:
                    break
                time.sleep(0.05)
            for path, kind, part in [("/metrics", "text/plain; version=0.0.4; charset=utf-8", "fapilog_events_submitted_total 10\n"),
                                     ("/healthz", "text/plain; charset=utf-8", "ok\n"),
                                     ("/readyz", "text/plain; charset=utf-8", "ready\n"),
                                     ("/stats", "application/json", '"lines":10,'),
                                     ("/history", "application/json", '"interval_seconds":1'),
                                     ("/", "text/html; charset=utf-8", "<title>fapilog-ship</title>")]:
                status, headers, body = ship.get(path)
                self.assertEqual((200, kind, "no-store"), (status, headers["Content-Type"], headers["Cache-Control"]))
                self.assertIn(part, body)
                status, headers, body = ship.get(path, "HEAD")
                self.assertEqual((200, ""), (status, body))
            self.assertEqual(404, ship.get("/nothing")[0])
            self.assertEqual(405, ship.get("/stats", "POST")[0])
            self.assertEqual(200, ship.get("/stats?x=1")[0])
        self.assertEqual(0, ship.process.returncode, ship.messages)

    def test_a_connection_serves_many_requests(self):
        with Served("-s", "null:") as ship:
            connection = ship.connection()
            for _ in range(3):
                connection.request("GET", "/healthz")
                self.assertEqual(b"ok\n", connection.getresponse().read())
            local = connection.sock.getsockname()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            self.assertEqual(local, connection.sock.getsockname())
            connection.close()

    def test_metrics_statistics_and_signal_agree_to_the_unit_once_quiet(self):
        with peers.Peer(peers.hang_before_answer) as peer:
            with Served("-s", "null:", "-s", peer.url(), "--queue-size", "50", "--batch-size", "10", "--batch-timeout", "10ms",
                        "--max-in-flight", "1", "--stats-format", "json", "--min-level", "INFO", "--drain-timeout", "100ms") as ship:
                ship.write(lines(100, "DEBUG") + "no json\n\n" + lines(300) + lines(70, "ERROR"))
                stats = ship.until(lambda stats: stats["input"]["lines"] == 471 and stats["sinks"]["null"]["pending"] == 0
                                   and stats["sinks"]["http"]["in_flight"] > 0)
                for _ in range(200):
                    metrics = metrics_of(ship.get("/metrics")[2])
                    stats = ship.stats()
                    if not differences(metrics, stats):
                        break
                    time.sleep(0.05)
                self.assertEqual({}, differences(metrics, stats))
                self.assertEqual("", harness.unbalanced(stats))
                self.assertGreater(stats["sinks"]["http"]["dropped"]["evicted"], 0)
                self.assertGreater(stats["sinks"]["http"]["protected"]["dropped"], 0)
                self.assertEqual(100, stats["input"]["filtered"])
                told = ship.signalled()
                # On standard error they stand already.
                self.assertNotIn("messages", told)
                self.assertIn("live page at", stats.pop("messages")[0]["text"])
                for each in (told, stats):
                    del each["fapilog_ship"]["uptime_seconds"]
                    for sink in each["sinks"].values():
                        sink.pop("advice", None)  # rests on the time, too
                    for stage in each["stages"].values():
                        stage.pop("seconds_each", None)
                self.assertEqual(stats, told)

    def test_ready_while_a_sink_takes_records_and_not_when_none_does(self):
        with peers.Peer(peers.ok) as peer:
            port = peer.port
        with Served("-s", f"http://127.0.0.1:{port}/", "--breaker-failures", "2", "--retry-base", "10ms",
                    "--breaker-interval", "100ms", "--drain-timeout", "100ms") as ship:
            self.assertEqual((200, "ready\n"), ship.get("/readyz")[::2])
            ship.write(lines(5))
            ship.until(lambda stats: stats["sinks"]["http"]["breaker"] == "open")
            status, _, body = ship.get("/readyz")
            self.assertEqual(503, status)
            self.assertRegex(body, r"^the breaker of sink http is (open|half-open)\n$")
            self.assertEqual((200, "ready\n"), ship.get("/readyz/shipper")[::2])
            self.assertIn("fapilog_ship_ready 0\n", ship.get("/metrics")[2])

    def test_a_unix_socket_serves_the_same_and_is_gone_afterwards(self):
        path = self.path("ship.sock")
        with Served("-s", "null:", listen="unix:" + path) as ship:
            self.assertEqual((200, "ok\n"), ship.get("/healthz")[::2])
            self.assertEqual(0o660, os.stat(path).st_mode & 0o777)
        self.assertFalse(os.path.exists(path))

    def test_a_socket_left_by_a_killed_run_is_taken_over(self):
        path = self.path("ship.sock")
        with Served("-s", "null:", listen="unix:" + path) as ship:
            ship.process.kill()
            ship.process.wait()
        self.assertTrue(os.path.exists(path))
        with Served("-s", "null:", listen="unix:" + path) as ship:
            self.assertEqual((200, "ok\n"), ship.get("/healthz")[::2])

    def test_it_answers_while_the_end_is_delivered(self):
        with peers.Peer(peers.hang_before_answer) as peer:
            with Served("-s", peer.url(), "--drain-timeout", "1s") as ship:
                ship.write(lines(5))
                ship.process.stdin.close()
                ship.until(lambda stats: stats["sinks"]["http"]["in_flight"] == 5)
                self.assertEqual(75, ship.end())


class Token(ProgramTest):
    def test_statistics_need_it_and_probes_do_not(self):
        with Served("-s", "null:", environment={"FAPILOG_SHIP_SERVER_TOKEN": "open sesame"}) as ship:
            for path in ("/metrics", "/stats", "/history", "/nothing"):
                status, headers, _ = ship.get(path)
                self.assertEqual((401, "Bearer"), (status, headers["WWW-Authenticate"]))
                for wrong in ("Bearer open sesam", "Bearer open sesame1", "bearer", "Basic open sesame", "Bearer "):
                    self.assertEqual(401, ship.get(path, Authorization=wrong)[0])
            self.assertEqual(200, ship.get("/stats", Authorization="Bearer open sesame")[0])
            for path in ("/healthz", "/readyz", "/"):
                self.assertEqual(200, ship.get(path)[0])
            self.assertNotIn("sesame", ship.messages)

    def test_its_file_is_read_again_when_it_changes(self):
        file = self.write("token", "one\n")
        with Served("-s", "null:", "--server-token-file", file) as ship:
            self.assertEqual(200, ship.get("/stats", Authorization="Bearer one")[0])
            self.write("token", "two\n")
            end = time.monotonic() + program.PATIENCE
            while ship.get("/stats", Authorization="Bearer two")[0] != 200:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)
            self.assertEqual(401, ship.get("/stats", Authorization="Bearer one")[0])
            os.unlink(file)
            ship.message("the token read before still counts")
            self.assertEqual(200, ship.get("/stats", Authorization="Bearer two")[0])

    def test_a_file_that_is_missing_ends_it_at_once(self):
        result = program.run("--listen", "127.0.0.1:0", "--server-token-file", self.path("none"))
        self.assert_fails(result, 78, "server.bearer_token_file: cannot read the secret in")

    def test_an_open_address_without_one_is_warned_about(self):
        for listen, warns in (("0.0.0.0:9464", True), ("127.0.0.1:9464", False), ("unix:/run/x.sock", False)):
            result = program.run("check", "--listen", listen)
            self.assertEqual(0, result.returncode, result.stderr)
            self.assertEqual(warns, "anyone who reaches this address can read the statistics" in result.stderr)
        result = program.run("check", "--listen", "0.0.0.0:9464", "--server-token", "x")
        self.assertEqual("", result.stderr)


class Refusals(ProgramTest):
    def test_a_taken_address_is_an_error_that_says_so(self):
        with socket.create_server(("127.0.0.1", 0)) as held:
            port = held.getsockname()[1]
            result = program.run("--listen", f"127.0.0.1:{port}", "-s", "null:", stdin=lines(1))
        self.assert_fails(result, 74, f"cannot listen on http://127.0.0.1:{port}/: Address already in use",
                          "choose another server.listen")

    def test_a_wrong_address_is_an_error_of_the_configuration(self):
        result = program.run("--listen", "example.com:80", stdin=lines(1))
        self.assert_fails(result, 78, "server.listen", 'found "example.com:80", expected ADDRESS:PORT')

    def test_a_reload_names_what_it_cannot_change(self):
        config = self.write("ship.toml", '[server]\nlisten = "127.0.0.1:0"\n[sinks.a]\nurl = "null:"\n')
        with Served("--config", config, listen="127.0.0.1:0") as ship:
            self.write("ship.toml", '[server]\nlisten = "127.0.0.1:0"\nbearer_token = "x"\n[sinks.a]\nurl = "null:"\n')
            ship.process.send_signal(signal.SIGHUP)
            ship.message("changed, but needs a restart to take effect: server.bearer_token")
            self.assertEqual(200, ship.get("/stats")[0])


class HostileClients(ProgramTest):
    """Each holds what it can, and then somebody else must be answered as if nobody were there."""

    def raw(self, ship):
        client = socket.create_connection(("127.0.0.1", ship.port), timeout=program.PATIENCE)
        self.addCleanup(client.close)
        return client

    def assert_answers(self, ship):
        for _ in range(3):
            self.assertEqual((200, "ok\n"), ship.get("/healthz")[::2])

    def test_two_hundred_idle_connections(self):
        with Served("-s", "null:") as ship:
            held = [self.raw(ship) for _ in range(MANY)]
            self.assert_answers(ship)
            open_files = len(os.listdir(f"/proc/{ship.process.pid}/fd"))
            self.assertLess(open_files, 64 + 40)
            tasks = os.listdir(f"/proc/{ship.process.pid}/task")
            self.assertEqual(1, sum(os.getpriority(os.PRIO_PROCESS, int(task)) == 10 for task in tasks))
            self.assertEqual(b"", held[0].recv(100), "the oldest gave way")

    def test_requests_that_never_end(self):
        with Served("-s", "null:") as ship:
            held = [self.raw(ship) for _ in range(MANY)]
            for client in held:
                client.sendall(b"GET /stats HTTP/1.1\r\nHost: x\r\n")
            self.assert_answers(ship)
            for client in held[-20:]:
                client.sendall(b"X-Slow: 1\r\n")
            self.assert_answers(ship)
            held[-1].sendall(b"\r\n")
            self.assertTrue(held[-1].recv(100).startswith(b"HTTP/1.1 200 "), "who comes to an end is answered")

    def test_answers_that_nobody_reads(self):
        with Served("-s", "null:") as ship:
            held = []
            for _ in range(MANY):
                client = socket.socket()
                self.addCleanup(client.close)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                client.connect(("127.0.0.1", ship.port))
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
                held.append(client)
            self.assert_answers(ship)
            if not os.environ.get("SHIP_SANITIZE"):  # which keeps what is freed
                self.assertLess(peak_of(ship), 128 << 10)

    def test_giant_headers_are_refused(self):
        with Served("-s", "null:") as ship:
            client = self.raw(ship)
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Giant: " + b"x" * 15000)
            try:
                client.sendall(b"x" * (1 << 20))
            except OSError:
                pass
            self.assertRegex(head_of(client), rb"^(HTTP/1.1 4\d\d |$)")
            self.assert_answers(ship)

    def test_half_open_and_reset_connections(self):
        with Served("-s", "null:") as ship:
            half = self.raw(ship)
            half.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            half.shutdown(socket.SHUT_WR)
            self.assertTrue(head_of(half).startswith(b"HTTP/1.1 200 "))
            for _ in range(50):
                client = self.raw(ship)
                client.sendall(b"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                client.close()
            self.assert_answers(ship)

    def test_bodies_and_noise(self):
        with Served("-s", "null:") as ship:
            for noise in (b"POST /stats HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 5000,
                          b"GET /stats HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
                          b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), b"\r\n" * 2000, b"GET\r\n\r\n",
                          b"GET /%00%ff/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
                client = self.raw(ship)
                client.sendall(noise)
                client.shutdown(socket.SHUT_WR)
                self.assert_answers(ship)

    def test_lines_flow_and_balance_while_all_of_that_goes_on(self):
        with Served("-s", "null:", "--stats-format", "json") as ship:
            held = [self.raw(ship) for _ in range(80)]
            held[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            stopping = threading.Event()
            answered = []

            def scrape():
                connection = ship.connection()
                while not stopping.wait(0.02):
                    connection.request("GET", "/metrics")
                    answered.append(connection.getresponse().read())
                connection.close()
            scraper = threading.Thread(target=scrape)
            scraper.start()
            for _ in range(20):
                ship.write(lines(1000))
                self.assertEqual("", harness.unbalanced(ship.stats()))
            stats = ship.until(lambda stats: stats["sinks"]["null"]["delivered"] == 20000)
            while len(answered) < 3 and scraper.is_alive():
                time.sleep(0.01)
            stopping.set()
            scraper.join()
            self.assertGreater(len(answered), 2)
            self.assertEqual("", harness.unbalanced(stats))


def head_of(client):
    try:
        return client.recv(4096)
    except ConnectionError:
        return b""


def peak_of(ship):
    """Kilobytes of memory."""
    with open(f"/proc/{ship.process.pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1])


if __name__ == "__main__":
    unittest.main()
