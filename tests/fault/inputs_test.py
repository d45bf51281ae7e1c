"""Inputs that many write to: sockets that listen and FIFOs that are kept. What one writer does, no other notices:
whoever is healthy finds all lines delivered, in order, and no write(2) of theirs waits for a sink."""

import contextlib
import grp
import json
import os
import pwd
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
import unittest

import harness

# Connections of the test of many writers, and lines of each.
WRITERS = 1000 if harness.LONG else 60
LINES = 500 if harness.LONG else 60


def line(writer, number):
    return json.dumps({"level": "INFO", "w": writer, "n": number, "message": "x" * 60}).encode() + b"\n"


def reset(connection):
    """Closes so that the peer gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class InputTest(harness.FaultTest):
    def setUp(self):
        super().setUp()
        self.open_files = contextlib.ExitStack()
        self.addCleanup(self.open_files.close)
        self.socket_path = self.path("in.sock")

    def start(self, *arguments, inputs=None, block=True, **more):
        """The program with its standard output in the file `out`, once it says where it listens."""
        given = inputs if inputs is not None else [f"unix:{self.socket_path}"]
        flags = [flag for each in given for flag in ("--input", each)]
        out = self.open_files.enter_context(open(self.path("out"), "wb"))
        options = ["--no-drop-on-full"] if block else []
        ship = harness.Ship("--config", "/dev/null", *flags, *options, *arguments, stdin=subprocess.DEVNULL, stdout=out, **more)
        self.open_files.enter_context(ship)
        if given and not given[0].startswith("systemd"):
            ship.until_it_says("reading the FIFO" if "/" in given[0][:1] else "listening on")
        return ship

    def connect(self, path=None):
        connection = socket.socket(socket.AF_UNIX)
        self.open_files.callback(connection.close)
        connection.connect(path or self.socket_path)
        return connection

    def connect_tcp(self, ship):
        """To the port that was chosen for 0."""
        said = next(text for text in ship.said if "listening on tcp://" in text)
        host, port = said.rsplit("tcp://", 1)[1].rsplit(":", 1)
        connection = socket.create_connection((host.strip("[]"), int(port)))
        # What was sent is at its end, and waits for no acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open_files.callback(connection.close)
        return connection

    def records(self):
        with open(self.path("out"), encoding="utf-8") as file:
            return [json.loads(text) for text in file]

    def texts(self):
        """What each record says, whether it came as JSON or as text."""
        return [record.get("log", record)["message"] for record in self.records()]

    def finish(self, ship, code=0):
        ship.terminate()
        ended, _ = ship.wait()
        self.assertEqual(code, ended, "\n".join(ship.said))
        self.check_books(ship)
        return ship.last

    def row(self, stats, kind="unix"):
        return next(row for row in stats["inputs"].values() if row["type"] == kind)

    def said(self, ship, words):
        return [text for text in ship.said if words in text]


class ManyWriters(InputTest):
    def healthy(self, writer, connection):
        """Lines of one writer, in pieces that end anywhere."""
        text = b"".join(line(writer, number) for number in range(LINES))
        step = 37 + writer % 400
        for begin in range(0, len(text), step):
            connection.sendall(text[begin:begin + step])
        connection.close()

    def test_lines_of_healthy_writers_arrive_in_order_beside_bad_ones(self):
        ship = self.start("--max-connections", str(WRITERS + 100), inputs=[f"unix:{self.socket_path}", "tcp://127.0.0.1:0"])
        ended = threading.Event()

        def without_newline(connection):
            with contextlib.suppress(OSError):
                while not ended.is_set():
                    connection.sendall(b"z" * 4096)

        bad = []
        for number in range(20):
            silent = self.connect()
            silent.setblocking(True)
            torn = self.connect_tcp(ship)
            torn.sendall(line("whole", number) + b'{"w":"torn","n":')
            reset(torn)
            bad.append(threading.Thread(target=without_newline, args=(self.connect(),)))
        for thread in bad:
            thread.start()
        writers = []
        for number in range(WRITERS):
            connection = self.connect() if number % 2 else self.connect_tcp(ship)
            writers.append(threading.Thread(target=self.healthy, args=(number, connection)))
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        stats = ship.until(lambda now: now["input"]["lines"] >= WRITERS * LINES, "all lines")
        self.check_memory(ship, harness.CAP + 8 * 1024)
        ended.set()
        self.finish(ship)
        for thread in bad:
            thread.join()
        numbers = {}
        for record in self.records():
            if isinstance(record.get("w"), int):
                numbers.setdefault(record["w"], []).append(record["n"])
        self.assertEqual(list(range(WRITERS)), sorted(numbers))
        for writer, seen in numbers.items():
            self.assertEqual(list(range(LINES)), seen, f"writer {writer}")
        self.assertEqual(2, len(stats["inputs"]))

    def test_lines_of_text_are_joined_for_each_connection(self):
        ship = self.start()
        first, second = self.connect(), self.connect()
        first.sendall(b"Traceback (most recent call last):\n")
        ship.until(lambda stats: stats["input"]["bytes"] == 35)
        second.sendall(b"Traceback (most recent call last):\n  File \"b.py\", line 2, in b\n")
        ship.until(lambda stats: stats["input"]["bytes"] > 90)
        first.sendall(b"  File \"a.py\", line 1, in a\nValueError: a\n")
        first.close()
        second.sendall(b"KeyError: 'b'\n")
        second.close()
        ship.until(lambda stats: stats["input"]["lines"] >= 2)
        self.finish(ship)
        both = self.texts()
        # However long the program was held up, lines of the two never stand in one record.
        for text in both:
            self.assertFalse("a.py" in text and "b.py" in text, both)
        self.assertEqual(1, sum("a.py" in text for text in both))

    def test_a_hung_sink_shows_in_no_writers_write(self):
        with socket.socket() as nobody_accepts:
            nobody_accepts.bind(("127.0.0.1", 0))
            nobody_accepts.listen(64)
            url = f"http://127.0.0.1:{nobody_accepts.getsockname()[1]}/in"
            ship = self.start("--sink", url, "--queue-size", "100", "--drain-timeout", "500ms", "--request-timeout", "60s",
                              block=False)
            writers = []
            for number in range(20):
                connection = self.connect()
                connection.settimeout(harness.PATIENCE)
                writers.append(threading.Thread(target=self.healthy, args=(number, connection)))
            for thread in writers:
                thread.start()
            for thread in writers:
                thread.join()
            stats = ship.until(lambda now: now["input"]["lines"] == 20 * LINES, "all lines, although nobody takes them")
            self.assertGreater(stats["sinks"]["http"]["dropped"]["queue_full"], 0)
            ship.terminate()
            code, _ = ship.wait()
            self.assertEqual(75, code)
            self.check_books(ship)

    def test_in_block_mode_a_connection_is_not_read_while_the_queue_is_full(self):
        read_end, write_end = os.pipe()
        self.open_files.callback(os.close, read_end)
        flags = ["--input", f"unix:{self.socket_path}", "--queue-size", "50", "--no-drop-on-full"]
        ship = self.open_files.enter_context(
            harness.Ship("--config", "/dev/null", *flags, stdin=subprocess.DEVNULL, stdout=write_end))
        os.close(write_end)
        ship.until_it_says("listening on")
        count = 20_000
        text = b"".join(line(0, number) for number in range(count))
        connection = self.connect()
        connection.setblocking(False)
        sent = 0
        stuck_since = None
        # Until nothing goes in any more: the pipe, the queue and the socket are full.
        while stuck_since is None or time.monotonic() - stuck_since < 1:
            try:
                sent += connection.send(text[sent:sent + 65536])
                stuck_since = None
            except BlockingIOError:
                stuck_since = stuck_since or time.monotonic()
                time.sleep(0.01)
            self.assertLess(sent, len(text), "it was never held up")
        connection.setblocking(True)
        got = bytearray()
        reader = threading.Thread(target=lambda: [got.extend(part) for part in iter(lambda: os.read(read_end, 65536), b"")])
        reader.start()
        connection.sendall(text[sent:])
        connection.close()
        ship.until(lambda stats: stats["input"]["lines"] == count)
        ship.terminate()
        self.assertEqual(0, ship.wait()[0])
        reader.join()
        self.assertEqual(text, bytes(got))
        self.assertEqual(0, sum(ship.last["sinks"]["stdout"]["dropped"].values()))


class WritesAmongMany(InputTest):
    """What write(2) costs a healthy writer among many others, beside a socket that `cat` reads. The long form measures
    with 1,000 connections of 50 lines a second, of which some are slow, never end a line, or vanish."""

    CONNECTIONS = 1000 if harness.LONG else 40
    SECONDS = 60 if harness.LONG else 2

    # Each connection writes a line every 20 ms; in each hundred one writes no newline, one writes bytewise, one resets.
    CROWD = ("import socket, struct, sys, time\n"
             "path, count = sys.argv[1], int(sys.argv[2])\n"
             "def connect():\n"
             "    s = socket.socket(socket.AF_UNIX)\n"
             "    s.connect(path)\n"
             "    return s\n"
             "crowd = [connect() for _ in range(count)]\n"
             "line = b'{\"level\":\"INFO\",\"message\":\"' + b'x' * 170 + b'\"}\\n'\n"
             "print('ready', flush=True)\n"
             "turn = 0\n"
             "start = time.monotonic()\n"
             "while True:\n"
             "    for number, each in enumerate(crowd):\n"
             "        kind = number % 100\n"
             "        if kind == 1:\n"
             "            each.sendall(b'y' * 200)\n"
             "        elif kind == 2:\n"
             "            each.sendall(line[turn % 180:turn % 180 + 1])\n"
             "        elif kind == 3 and turn % 50 == 49:\n"
             "            each.sendall(line[:20])\n"
             "            each.close()\n"
             "            crowd[number] = connect()\n"
             "        else:\n"
             "            each.sendall(line)\n"
             "    turn += 1\n"
             "    ahead = start + turn * 0.02 - time.monotonic()\n"
             "    if ahead > 0:\n"
             "        time.sleep(ahead)\n")

    def measured(self, connection, rate=200):
        command = [harness.PRODUCER, "--lines", str(int(rate * self.SECONDS)), "--rate", str(rate), "--size", "200",
                   "--limit", str(harness.PATIENCE + self.SECONDS)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=connection, stderr=subprocess.PIPE) as producer:
            return harness.report(producer)

    def beside_cat(self):
        ours, its = socket.socketpair()
        with ours, subprocess.Popen(["cat"], stdin=its, stdout=subprocess.DEVNULL) as cat:
            its.close()
            measured = self.measured(ours)
            ours.shutdown(socket.SHUT_RDWR)
            cat.wait(harness.PATIENCE)
        return measured

    def among(self, count):
        ship = self.start("--sink", "null:", "--max-connections", str(count + 100), block=False)
        crowds = [subprocess.Popen([sys.executable, "-c", self.CROWD, self.socket_path, str(count // 2)],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for _ in range(2 if count > 1 else 0)]
        try:
            for crowd in crowds:
                self.assertEqual(b"ready\n", crowd.stdout.readline())
            measured = self.measured(self.connect())
            stats = ship.snapshot()
            peak = ship.peak_kb()
            with open(f"/proc/{ship.process.pid}/stat", encoding="ascii") as file:
                ticks = sum(int(field) for field in file.read().rsplit(")", 1)[1].split()[11:13])
        finally:
            for crowd in crowds:
                crowd.kill()
                crowd.communicate()
        self.finish(ship)
        rate = stats["input"]["lines"] / stats["fapilog_ship"]["uptime_seconds"]
        print(f"{count} connections: {measured}; {rate:.0f} lines/s in, {ticks} ticks of CPU, peak {peak} kB, "
              f"loop p99.9 {stats['input']['loop_seconds']['p999'] * 1e6:.0f} us", file=sys.stderr)
        self.check_not_blocked(measured, int(200 * self.SECONDS))
        if not harness.SANITIZED:
            self.assertLessEqual(peak, harness.CAP + 8 * 1024)
        return measured

    def test_a_write_among_many_is_as_one_alone(self):
        cat = self.beside_cat()
        print(f"beside cat: {cat}", file=sys.stderr)
        alone = self.among(1)
        many = self.among(self.CONNECTIONS)
        if harness.TIMED:
            # The scheduler's own noise on a machine that a crowd keeps busy is within a millisecond.
            self.assertLess(many["p999_us"], max(alone["p999_us"], cat["p999_us"]) + 1000)


class Bounds(InputTest):
    def test_connections_beyond_the_bound_are_closed_counted_and_said(self):
        ship = self.start("--max-connections", "3")
        kept = [self.connect() for _ in range(3)]
        ship.until(lambda stats: self.row(stats)["connections"]["now"] == 3)
        for _ in range(5):
            refused = self.connect()
            refused.settimeout(harness.PATIENCE)
            self.assertEqual(b"", refused.recv(1))
        ship.until_it_says("as many are open as input.max_connections allows")
        for number, connection in enumerate(kept):
            connection.sendall(line(number, 1))
        ship.until(lambda stats: stats["input"]["lines"] == 3)
        kept.pop().close()
        ship.until(lambda stats: self.row(stats)["connections"]["now"] == 2)
        self.connect().sendall(line(9, 1))
        ship.until(lambda stats: stats["input"]["lines"] == 4)
        counts = self.row(self.finish(ship))["connections"]
        self.assertEqual((0, 4, 5), (counts["now"], counts["total"], counts["refused"]))

    def test_bytes_without_a_newline_are_bounded_and_the_longest_gives_way(self):
        config = self.path("config.toml")
        with open(config, "w", encoding="ascii") as file:
            file.write('[input]\npending_bytes = "512 KB"\n')
        ship = self.start("--config", config)
        small = self.connect()
        small.sendall(b'{"level":"INFO","message":"sm')
        long = [self.connect() for _ in range(4)]
        for number, connection in enumerate(long):
            connection.sendall(b"%d" % number + b"y" * 250_000)
            ship.until(lambda stats, sent=(number + 1) * 250_001: stats["input"]["bytes"] > sent)
        ship.until(lambda stats: self.row(stats)["cut"] >= 2)
        self.assertLessEqual(self.row(ship.snapshot())["held_bytes"], 512 << 10)
        ship.until_it_says("input.pending_bytes")
        small.sendall(b'all"}\n')
        for connection in long:
            connection.sendall(b"end of a line\nnext\n")
            connection.close()
        small.close()
        stats = ship.until(lambda now: self.row(now)["connections"]["now"] == 0)
        self.finish(ship)
        texts = self.texts()
        self.assertIn("small", texts)
        self.assertEqual(4, texts.count("next"), [text[:20] for text in texts])
        cut = [record for record in self.records() if record.get("_truncated")]
        self.assertEqual(self.row(stats)["cut"], len(cut))
        self.assertEqual(len(cut), stats["input"]["truncated"])
        self.assertFalse([text for text in texts if text.startswith("end of")])

    def test_a_connection_that_says_nothing_is_closed_after_the_idle_timeout(self):
        ship = self.start("--idle-timeout", "1s")
        idle = self.connect()
        idle.settimeout(harness.PATIENCE)
        idle.sendall(b"last words")
        self.assertEqual(b"", idle.recv(1))
        stats = ship.until(lambda now: now["input"]["lines"] == 1)
        self.assertEqual(1, self.row(stats)["connections"]["idle"])
        self.finish(ship)
        self.assertEqual(["last words"], self.texts())

    @unittest.skipIf(harness.SANITIZED, "the sanitizer itself needs descriptors to look at an object's type")
    def test_a_process_without_descriptors_left_reads_on_and_accepts_again(self):
        ship = self.start(around=["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"])
        first = self.connect()
        many = [self.connect() for _ in range(80)]
        ship.until_it_says("raise the limit on open files")
        first.sendall(line(0, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 1)
        for connection in many:
            connection.sendall(line(1, 1))
            connection.close()
        ship.until(lambda stats: stats["input"]["lines"] == 81, "the lines of all, once others had gone")
        self.finish(ship)

    def test_a_reset_is_counted_and_what_came_before_it_is_kept(self):
        ship = self.start(inputs=["tcp://[::1]:0"])
        connection = self.connect_tcp(ship)
        connection.sendall(line(0, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 1)
        connection.sendall(b"torn")
        ship.until(lambda stats: stats["input"]["bytes"] == len(line(0, 0)) + 4)
        reset(connection)
        stats = ship.until(lambda now: now["input"]["lines"] == 2)
        self.assertEqual(1, self.row(stats, "tcp")["connections"]["reset"])
        self.finish(ship)


class LongLines(InputTest):
    def test_lines_of_megabytes_arrive_whole_or_are_cut_where_the_bounds_say(self):
        """As fluent-bit's issue 1702 has it: a line longer than a read, between short ones."""
        config = self.path("config.toml")
        for pending, whole in (("8 MB", False), ("16 MB", True)):
            with self.subTest(pending=pending):
                with open(config, "w", encoding="ascii") as file:
                    file.write(f'[input]\nmax_line_bytes = "16 MB"\npending_bytes = "{pending}"\n')
                ship = self.start("--config", config, inputs=["tcp://127.0.0.1:0"])
                connection = self.connect_tcp(ship)
                # JSON text of that length is wrapped where it is cut, and stays as it is where it is not.
                connection.sendall(line(0, 0) + b'{"message":"' + b"a" * 10_000_000 + b'"}\n' + line(0, 1))
                connection.close()
                ship.until(lambda stats: stats["input"]["lines"] >= 3)
                stats = self.finish(ship)
                self.assertEqual(0 if whole else 1, stats["input"]["truncated"])
                self.assertEqual(not whole, bool(self.said(ship, "longer lines are cut there")))
                records = self.records()
                self.assertEqual([0, 1], [record["n"] for record in records if "n" in record])
                self.assertEqual(whole, any(record.get("message") == "a" * 10_000_000 for record in records))


class Paths(InputTest):
    def refused(self, given, code, *words, options=()):
        done = subprocess.run([harness.SHIP, "--config", "/dev/null", *options, "--input", given], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=harness.PATIENCE, check=False)
        self.assertEqual(code, done.returncode, done.stderr)
        for each in words:
            self.assertIn(each, done.stderr)

    def test_what_cannot_be_listened_on_is_told_with_what_to_do(self):
        self.refused("unix:" + "/x" * 60, 78, "expected 1 to 107", "120 bytes")
        self.refused("unix:", 78, "expected 1 to 107")
        self.refused("tcp://host.example:9000", 78, "numeric address")
        self.refused("tcp://127.0.0.1", 78, "tcp://ADDRESS:PORT")
        self.refused("tcp://127.0.0.1:66000", 78, "tcp://ADDRESS:PORT")
        self.refused(f"unix:{self.path('none')}/in.sock", 74, "does not exist", "mkdir")
        self.refused("tcp://203.0.113.9:9000", 74, "no network interface")
        with open(self.path("file"), "w", encoding="ascii"):
            pass
        self.refused(f"unix:{self.path('file')}", 74, "is not a socket")
        self.assertTrue(os.path.isfile(self.path("file")))
        config = self.path("owner.toml")
        with open(config, "w", encoding="ascii") as file:
            file.write('[input]\nsocket_group = "nobody-knows-it"\n')
        self.refused(f"unix:{self.socket_path}", 78, 'no group "nobody-knows-it"', options=["--config", config])
        self.assertFalse(os.path.exists(self.socket_path))

    def test_a_socket_that_somebody_listens_on_is_left_alone(self):
        ship = self.start()
        self.refused(f"unix:{self.socket_path}", 74, "another process listens there")
        self.connect().sendall(line(0, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 1)
        self.finish(ship)

    def test_a_port_that_is_taken_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.refused(f"tcp://127.0.0.1:{taken.getsockname()[1]}", 74, "choose another port")

    def test_a_socket_file_that_a_killed_run_left_is_replaced_and_ends_with_the_run(self):
        ship = self.start()
        ship.process.kill()
        ship.process.wait()
        self.assertTrue(stat.S_ISSOCK(os.stat(self.socket_path).st_mode))
        ship = self.start()
        self.connect().sendall(line(0, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 1)
        self.finish(ship)
        self.assertFalse(os.path.exists(self.socket_path))

    def test_the_path_has_the_mode_owner_and_group_that_are_asked_for(self):
        self.assertEqual(0o660, self.mode_of_a_run(""))
        owner, group = os.geteuid(), os.getegid()
        names = f'socket_owner = "{pwd.getpwuid(owner).pw_name}"\nsocket_group = "{grp.getgrgid(group).gr_name}"\n'
        self.assertEqual(0o622, self.mode_of_a_run('socket_mode = "0622"\n' + names))
        if owner == 0:
            self.assertEqual(0o600, self.mode_of_a_run('socket_mode = "0600"\nsocket_owner = "1234"\nsocket_group = "4321"\n'))
            self.assertEqual((1234, 4321), self.owner)

    def mode_of_a_run(self, settings):
        config = self.path("mode.toml")
        with open(config, "w", encoding="ascii") as file:
            file.write("[input]\n" + settings)
        ship = self.start("--config", config)
        found = os.stat(self.socket_path)
        self.owner = (found.st_uid, found.st_gid)
        self.finish(ship)
        return stat.S_IMODE(found.st_mode)

    def test_a_socket_file_that_is_deleted_is_made_again_and_said_once(self):
        ship = self.start()
        old = self.connect()
        old.sendall(line(0, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 1)
        os.unlink(self.socket_path)
        ship.until_it_says("is there again")
        self.connect().sendall(line(1, 0))
        old.sendall(line(0, 1))
        ship.until(lambda stats: stats["input"]["lines"] == 3)
        self.finish(ship)
        self.assertEqual(1, len(self.said(ship, "is there again")))
        self.assertFalse(os.path.exists(self.socket_path))

    def test_a_directory_that_is_deleted_is_waited_for(self):
        directory = self.path("run")
        os.mkdir(directory)
        self.socket_path = os.path.join(directory, "in.sock")
        ship = self.start()
        os.unlink(self.socket_path)
        os.rmdir(directory)
        ship.until_it_says("does not exist")
        os.mkdir(directory)
        ship.until_it_says("is there again")
        self.connect().sendall(line(0, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 1)
        self.finish(ship)

    def test_a_socket_that_somebody_else_put_there_is_not_taken_away(self):
        ship = self.start()
        os.unlink(self.socket_path)
        ship.until_it_says("is there again")
        os.unlink(self.socket_path)
        with socket.socket(socket.AF_UNIX) as other:
            with contextlib.suppress(OSError):
                other.bind(self.socket_path)
                other.listen()
                identity = os.stat(self.socket_path).st_ino
            ours = ship.snapshot()["inputs"]
            self.assertTrue(ours)
            mine = os.stat(self.socket_path).st_ino
            self.finish(ship)
            # Whoever was first has it: the shipper removes its own path only.
            self.assertEqual(mine == locals().get("identity"), os.path.exists(self.socket_path))


class Endings(InputTest):
    def test_term_takes_what_is_in_the_sockets_and_who_waits_to_be_accepted(self):
        ship = self.start(inputs=[f"unix:{self.socket_path}", "tcp://127.0.0.1:0"])
        known, known_tcp = self.connect(), self.connect_tcp(ship)
        known.sendall(line(0, 0))
        known_tcp.sendall(line(1, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 2)
        ship.process.send_signal(signal.SIGSTOP)
        for number in range(1, 200):
            known.sendall(line(0, number))
            known_tcp.sendall(line(1, number))
        late = self.connect()
        late.sendall(line(2, 0) + b"unfinished")
        late_tcp = self.connect_tcp(ship)
        late_tcp.sendall(line(3, 0))
        ship.terminate()
        ship.process.send_signal(signal.SIGCONT)
        self.assertEqual(0, ship.wait()[0])
        self.check_books(ship, 200 + 200 + 2 + 1)
        self.assertTrue("unfinished" in self.texts(), "the unfinished line is missing")
        self.assertFalse(os.path.exists(self.socket_path))

    def test_a_command_may_have_sockets_beside_its_output(self):
        script = ("import os, socket, time\n"
                  "print('from its output', flush=True)\n"
                  "s = socket.socket(socket.AF_UNIX)\n"
                  "s.connect(os.environ['SOCKET'])\n"
                  "s.sendall(b'from a worker\\n')\n")
        out = self.open_files.enter_context(open(self.path("out"), "wb"))
        done = subprocess.run([harness.SHIP, "--config", "/dev/null", "--input", f"unix:{self.socket_path}", "--stats-at-exit",
                               "--stats-format", "json", "--", sys.executable, "-c", script], stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.PIPE, text=True, timeout=harness.PATIENCE, check=False,
                              env={**os.environ, "SOCKET": self.socket_path})
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual({"from its output", "from a worker"}, set(self.texts()))
        stats = json.loads([text for text in done.stderr.splitlines() if text.startswith("{")][-1])
        self.assertEqual("", harness.unbalanced(stats))
        self.assertEqual(3, len(stats["inputs"]))


class Fifos(InputTest):
    def test_a_kept_fifo_outlives_its_writers_and_ends_their_torn_lines(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        ship = self.start("--fifo", "keep", inputs=[fifo])
        for number in range(50):
            with open(fifo, "wb") as writer:
                writer.write(line(number, 0) + b"torn %d" % number)
            ship.until(lambda stats, lines=2 * (number + 1): stats["input"]["lines"] >= lines)
        self.finish(ship)
        self.assertEqual([f"torn {number}" for number in range(50)], [text for text in self.texts() if text[0] == "t"])
        self.assertTrue(os.path.exists(fifo))

    def test_writers_that_come_and_go_at_once_lose_nothing(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        ship = self.start("--fifo", "keep", inputs=[fifo])
        for number in range(500):
            with open(fifo, "wb") as writer:
                writer.write(line(number, 0))
        ship.until(lambda stats: stats["input"]["lines"] == 500)
        self.finish(ship)
        self.assertEqual(list(range(500)), [record["w"] for record in self.records()])

    def test_without_it_the_end_of_the_last_writer_is_the_end_of_the_input(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        ship = self.start(inputs=[])  # the start waits for no message here
        ship.terminate()
        ship.wait()
        out = self.open_files.enter_context(open(self.path("out"), "wb"))
        ship = self.open_files.enter_context(
            harness.Ship("--config", "/dev/null", "--input", fifo, stdin=subprocess.DEVNULL, stdout=out))
        with open(fifo, "wb") as writer:
            writer.write(line(0, 0))
        self.assertEqual(0, ship.wait()[0])
        self.check_books(ship, 1)

    def test_a_fifo_that_is_not_there_is_made_and_made_again(self):
        fifo = self.path("fifo")
        ship = self.start("--fifo", "make", inputs=[fifo])
        self.assertTrue(stat.S_ISFIFO(os.stat(fifo).st_mode))
        self.assertEqual(0o660, stat.S_IMODE(os.stat(fifo).st_mode))
        with open(fifo, "wb") as old:
            old.write(line(0, 0))
            old.flush()
            os.unlink(fifo)
            ship.until_it_says("is there again")
            with open(fifo, "wb") as new:
                new.write(line(1, 0))
            old.write(line(0, 1))
        ship.until(lambda stats: stats["input"]["lines"] == 3)
        self.finish(ship)


class Activation(InputTest):
    """Sockets of systemd, passed as its protocol says."""

    LAUNCHER = ("import os, sys\n"
                "os.environ['LISTEN_PID'] = os.environ.get('AS_PID', str(os.getpid()))\n"
                "os.execvp(sys.argv[1], sys.argv[1:])\n")

    def passing(self, sockets, names, pid=None):
        """Start arguments for a program that gets these descriptors from 3 on."""
        numbers = [each.fileno() for each in sockets]
        moves = "".join(f"os.dup2({number}, {200 + i})\n" for i, number in enumerate(numbers))
        moves += "".join(f"os.dup2({200 + i}, {3 + i})\nos.close({200 + i})\n" for i in range(len(numbers)))
        script = "import os\n" + moves + self.LAUNCHER
        environment = {"LISTEN_FDS": str(len(numbers)), "LISTEN_FDNAMES": ":".join(names)}
        if pid is not None:
            environment["AS_PID"] = str(pid)
        return script, numbers, environment

    def start_with(self, inputs, sockets, names, pid=None, *options):
        script, numbers, environment = self.passing(sockets, names, pid)
        flags = [flag for each in inputs for flag in ("--input", each)]
        out = self.open_files.enter_context(open(self.path("out"), "wb"))
        err = self.open_files.enter_context(open(self.path("err"), "w+", encoding="utf-8"))
        process = subprocess.Popen([sys.executable, "-c", script, harness.SHIP, "--config", "/dev/null", *flags,
                                    "--stats-at-exit", "--stats-format", "json", *options],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=err, pass_fds=numbers,
                                   env={**os.environ, **environment})
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        return process

    def listener(self, name):
        listener = socket.socket(socket.AF_UNIX)
        self.open_files.callback(listener.close)
        listener.bind(self.path(name))
        listener.listen(16)
        return listener

    def until_lines(self, count):
        deadline = time.monotonic() + harness.PATIENCE
        while time.monotonic() < deadline:
            with open(self.path("out"), "rb") as file:
                if file.read().count(b"\n") >= count:
                    return
            time.sleep(0.02)
        raise AssertionError(self.error_text())

    def error_text(self):
        with open(self.path("err"), encoding="utf-8") as file:
            return file.read()

    def test_takes_what_systemd_passes_and_leaves_the_path_and_who_waits_to_the_next_run(self):
        listener = self.listener("a.sock")
        early = self.connect(self.path("a.sock"))
        early.sendall(line(0, 0))
        process = self.start_with(["systemd:"], [listener], ["a"])
        self.until_lines(1)
        self.connect(self.path("a.sock")).sendall(line(1, 0))
        self.until_lines(2)
        process.send_signal(signal.SIGSTOP)
        waiting = self.connect(self.path("a.sock"))
        waiting.sendall(line(2, 0))
        process.terminate()
        process.send_signal(signal.SIGCONT)
        self.assertEqual(0, process.wait(harness.PATIENCE))
        self.assertTrue(os.path.exists(self.path("a.sock")))
        stats = json.loads(next(text for text in self.error_text().splitlines() if text.startswith('{"fapilog')))
        self.assertEqual("", harness.unbalanced(stats))
        # Whoever was not accepted yet is the next run's.
        process = self.start_with(["systemd:a"], [listener], ["a"])
        self.until_lines(3 - stats["input"]["lines"])
        self.connect(self.path("a.sock")).sendall(line(3, 0))
        self.until_lines(4 - stats["input"]["lines"])
        process.terminate()
        self.assertEqual(0, process.wait(harness.PATIENCE))

    def test_names_choose_among_them(self):
        listeners = [self.listener("a.sock"), self.listener("b.sock")]
        process = self.start_with(["systemd:b", "systemd:a"], listeners, ["a", "b"])
        self.connect(self.path("a.sock")).sendall(line(0, 0))
        self.connect(self.path("b.sock")).sendall(line(1, 0))
        self.until_lines(2)
        process.terminate()
        self.assertEqual(0, process.wait(harness.PATIENCE))
        stats = json.loads(next(text for text in self.error_text().splitlines() if text.startswith('{"fapilog')))
        self.assertEqual({"systemd:a": 1, "systemd:b": 1}, {name: row["lines"] for name, row in stats["inputs"].items()})

    def test_what_was_not_passed_to_this_process_is_an_error(self):
        listener = self.listener("a.sock")
        for pid, inputs, words in ((1, ["systemd:"], "LISTEN_PID"), (None, ["systemd:other"], "systemd passed a only")):
            with self.subTest(words=words):
                process = self.start_with(inputs, [listener], ["a"], pid)
                self.assertEqual(78, process.wait(harness.PATIENCE), self.error_text())
                self.assertIn(words, self.error_text())
        done = subprocess.run([harness.SHIP, "--config", "/dev/null", "--input", "systemd:"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=harness.PATIENCE, check=False)
        self.assertEqual(78, done.returncode)
        self.assertIn("systemd passed no socket", done.stderr)

    def test_a_datagram_socket_is_refused(self):
        datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.open_files.callback(datagrams.close)
        datagrams.bind(self.path("d.sock"))
        process = self.start_with(["systemd:"], [datagrams], ["d"])
        self.assertEqual(78, process.wait(harness.PATIENCE))
        self.assertIn("neither a stream socket that listens nor a FIFO", self.error_text())


if __name__ == "__main__":
    harness.main()
