"""Twenty-two sinks of seventeen kinds in one process: some well, some slow, busy, cut, refused, hung or choking on poison,
through reloads that add, remove and change them, under load. Each of them must be accounted for as if it were alone:
every line has one ending in its books, what counts as delivered is there, and memory stays below the ceiling."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import harness
import peer as peers
from harness import FaultTest, Ship
from stream_peer import DatagramPeer, StreamPeer

sys.path.insert(0, os.path.join(os.path.dirname(harness.HERE), "cli"))
from strict_bulk import StrictBulk  # noqa: E402
from strict_cloudwatch import KEYS as CLOUDWATCH_KEYS, StrictCloudwatch  # noqa: E402
from strict_datadog import KEY as DATADOG_KEY, StrictDatadog  # noqa: E402
from strict_gcp import StrictGcp  # noqa: E402
from strict_gelf import GelfReader, StrictGelf  # noqa: E402
from strict_postgres import StrictPostgres  # noqa: E402
from strict_s3 import KEY, SECRET, StrictS3  # noqa: E402
from strict_splunk import TOKEN, StrictSplunk  # noqa: E402
from strict_syslog import CountedSyslog, NewlineSyslog, parse  # noqa: E402

LINES = 2_000 if harness.SANITIZED else 200_000 if harness.LONG else 16_000
RATE = 400 if harness.SANITIZED else 4_000
ROUNDS = 3 if harness.SANITIZED else 60 if harness.LONG else 8
QUEUE_MB = 2
# For sinks that must take every line, however long they get no processor: room for all.
ROOMY_MB = 128 if harness.LONG else 12
ROOMY = f'queue.max_bytes = "{ROOMY_MB} MB"\nqueue.size = {LINES}\n'
# Bytes of a line, at least.
SHORTEST = 80
# One record in so many is poison to those who refuse something.
POISON = 797
NUMBER = re.compile(r"line (\d+) end")
NUMBER_BYTES = re.compile(rb"line (\d+) end")


def number_of(text):
    return int(NUMBER.search(text)[1])


class Feeder:
    """An application that logs at a steady rate, from a thread."""

    def __init__(self, ship, lines):
        self.ship, self.lines, self.sent = ship, lines, 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        begun = time.monotonic()
        levels = ("INFO", "DEBUG", "INFO", "WARNING", "INFO", "ERROR", "INFO", "AUDIT")
        for number in range(self.lines):
            self.ship.stdin.write(b'{"time":%.6f,"level":"%s","message":"line %d end","logger":"shop","pad":"%s"}\n' % (
                time.time(), levels[number % len(levels)].encode(), number, b"x" * (number * 7 % 400)))
            self.sent = number + 1
            if number % 40 == 0:
                self.ship.stdin.flush()
                time.sleep(max(0, begun + number / RATE - time.monotonic()))
        self.ship.stdin.flush()

    def wait_for(self, share):
        end = time.monotonic() + harness.PATIENCE
        while self.sent < share * self.lines:
            if time.monotonic() > end:
                raise AssertionError(f"the application was made to wait: {self.sent} lines")
            time.sleep(0.01)


class Tally:
    """Any HTTP server that takes what it gets; a request with poison gets 400."""

    def __init__(self, status, body=b"", poison=False):
        self.answer, self.poison = peers.status(status, body=body), poison
        self.numbers = []
        self.faults = []

    def __call__(self, peer, connection, request):
        found = [int(number) for number in NUMBER_BYTES.findall(request.body)]
        if self.poison and any(number % POISON == 0 for number in found):
            return peers.status(400, body=b"poison")(peer, connection, request)
        self.numbers += found
        return self.answer(peer, connection, request)


class Moody:
    """A server that has a mood beside what it is."""

    def __init__(self, service, mood, seed):
        self.service, self.mood = service, mood
        self.dice = random.Random(seed)

    def __call__(self, peer, connection, request):
        throw = self.dice.random()
        if self.mood == "hung":
            return peers.hang_before_answer(peer, connection, request)
        if self.mood == "slow":
            request.stopped.wait(0.3)
        if self.mood == "busy" and throw < 0.6:
            return peers.status(*((429, [("Retry-After", "0")]) if throw < 0.3 else (503,)))(peer, connection, request)
        if self.mood == "cut" and throw < 0.2:
            return peers.reset(peer, connection, request)
        if self.mood == "cut" and throw < 0.4:
            # Taken, and the answer is lost.
            with contextlib.suppress(OSError):
                self.service(peer, Nowhere(), request)
            return peers.reset(peer, connection, request)
        return self.service(peer, connection, request)


class Nowhere:
    """A connection for answers that get lost."""

    def sendall(self, data):
        pass


class Sink:
    """One sink: how it is written, and what its server has. `keys` are lines of its table."""

    def __init__(self, name, url, stored=None, keys="", mood=None, faults=None, unread=lambda: 0):
        self.name, self.url, self.keys = name, url, keys
        self.stored = stored  # the numbers that arrived, in any order; none: nobody can tell
        self.unread = unread  # bytes of lines that count as delivered, which a kernel may have thrown away
        self.mood = mood or (lambda mood: None)
        self.faults = faults or (lambda: [])

    def heal(self):
        self.mood("well")

    def table(self, more=""):
        return f'[sinks.{self.name}]\nurl = "{self.url}"\n{self.keys}{more}'


class ManySinks(FaultTest):
    def entered(self, server):
        self.addCleanup(server.__exit__, None, None, None)
        return server

    def http(self, name, service, mood, url, stored, keys="", **keywords):
        """A sink before a server that speaks HTTP."""
        moody = Moody(service, mood, f"{harness.SEED} {name}")
        peer = self.entered(peers.Peer(moody, keep=False))

        def change(mood):
            moody.mood = mood
            peer.set(moody)  # and lets go of what hangs
        return Sink(name, url(peer), stored, keys, mood=change, faults=lambda: service.faults, **keywords)

    def tally(self, name, mood, url, *, status=200, body=b"", poison=False, keys=""):
        service = Tally(status, body, poison)
        return self.http(name, service, mood, url, lambda: service.numbers, keys)

    def strict(self, name, service, mood, url, text, keys=""):
        return self.http(name, service, mood, url, lambda: [number_of(text(one)) for one in list(service.stored)], keys)

    def stream(self, name, scheme, peer, text, mood="", keys=""):
        """A sink before a server that never answers."""
        self.entered(peer)

        def change(mood):
            peer.pace = 150_000 if mood == "slow" else None
            if mood == "cut" and isinstance(peer, StreamPeer):
                peer.cut(*(30_000 + 7_000 * number for number in range(6)))
            if mood == "hung":
                peer.hold()
            else:
                peer.go_on()
        if mood:
            change(mood)
        return Sink(name, f"{scheme}{peer.address()}", lambda: [number_of(text(one)) for one in list(peer.messages)], keys,
                    change, lambda: peer.faults, peer.most_unread)

    def spool(self, name, mode="overflow"):
        return f'spool.dir = "{self.path("spool-" + name)}"\nspool.mode = "{mode}"\nspool.wait = "60s"\n'

    def bulk(self, name, mood):
        service = StrictBulk()
        return self.http(name, service, mood, lambda peer: f"elasticsearch+http://127.0.0.1:{peer.port}/logs",
                         lambda: [number_of(one["message"]) for one in list(service.documents.values())])

    def cloudwatch(self, name, mood):
        service = StrictCloudwatch()
        ((key, secret),) = CLOUDWATCH_KEYS.items()
        return self.http(
            name, service, mood, lambda peer: f"cloudwatch://eu-central-1/g/s?endpoint_url=http://127.0.0.1:{peer.port}",
            lambda: [number_of(text) for events in list(service.streams.values()) for _, text in list(events)],
            f'access_key_id = "{key}"\nsecret_access_key = "{secret}"\n')

    def gcp(self, name, mood):
        service = StrictGcp(self.directory)
        sink = self.strict(name, service, mood, lambda peer: f"gcp://my-proj/shop?endpoint_url={peer.url('')}"
                           f"&credentials_file={service.key_file(peer)}", lambda one: one[1])
        return sink

    def postgres(self, name):
        server = self.entered(StrictPostgres("geheim"))
        server.delay = 0.05
        server.poison = lambda row: "22P02" if number_of(row["message"]) % POISON == 0 else None
        server.copy_states = [None, "40001", None, "53300", "57014"]
        server.lost = 2

        def change(mood):
            server.delay = 0.3 if mood == "slow" else 0.0
            server.copy_states = ["40001", "53300", None, "57014"] * 3 if mood == "busy" else []
            server.lost += 2 * (mood == "cut")
            if mood == "hung":
                server.end_sessions()
        return Sink(name, f"postgres://u@127.0.0.1:{server.port}/d",
                    lambda: [number_of(row["message"]) for row in list(server.rows)], 'password = "geheim"\n', mood=change,
                    faults=lambda: server.faults)

    def file(self, name, path, keys=""):
        def stored():
            if not os.path.exists(path):
                return []
            with open(path, encoding="utf-8") as file:
                return [number_of(line) for line in file]
        return Sink(name, f"file://{path}", stored, keys)

    def all_sinks(self):
        def is_poison(text):
            return number_of(text) % POISON == 0
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            nobody = taken.getsockname()[1]
        self.udp = DatagramPeer()
        sinks = [
            self.tally("web", "cut", lambda peer: peer.url(), poison=True, keys='compression = "gzip"\n'),
            self.tally("webhung", "hung", lambda peer: peer.url(), keys='request_timeout = "400ms"\nfallback = "spare"\n'
                       'delivery.breaker_failures = 2\n'),
            Sink("webrefused", f"http://127.0.0.1:{nobody}/in", list, self.spool("webrefused")),
            self.tally("loki", "busy", lambda peer: f"loki+{peer.url('')}", status=204, keys='encoding = "json"\n'),
            self.bulk("search", "cut"),
            self.tally("otlp", "slow", lambda peer: f"otlp+{peer.url('')}", keys='compression = "none"\n'),
            self.strict("splunk", StrictSplunk(lambda envelope: 6 if is_poison(envelope["event"]["message"]) else None), "busy",
                        lambda peer: f"splunk+http://127.0.0.1:{peer.port}?token={TOKEN}", lambda one: one[1]),
            self.strict("datadog", StrictDatadog(lambda log: is_poison(log["message"])), "busy",
                        lambda peer: f"datadog://datadoghq.eu?endpoint_url={peer.url('')}&api_key={DATADOG_KEY}",
                        lambda one: one[1]),
            self.gcp("gcp", "slow"),
            self.cloudwatch("aws", "busy"),
            self.strict("s3", StrictS3(), "busy", lambda peer: f"s3://logs/web?endpoint_url=http://127.0.0.1:{peer.port}",
                        lambda one: one[1], f'access_key_id = "{KEY}"\nsecret_access_key = "{SECRET}"\n'
                        'object_size = "64 KB"\nobject_interval = "200ms"\nqueue.size = 4000\n' + self.spool("s3", "durable")),
            self.postgres("sql"),
            self.stream("syslog", "syslog+tcp://", StreamPeer(CountedSyslog), lambda one: one["text"], "slow"),
            self.stream("syslognl", "syslog+tcp://", StreamPeer(NewlineSyslog), lambda one: one["text"], "cut",
                        'framing = "newline"\n'),
            self.stream("syslogudp", "syslog+udp://", self.udp, lambda one: parse(one)["text"]),
            self.stream("gelf", "gelf+tcp://", StreamPeer(GelfReader), lambda one: one["short_message"], "cut"),
            self.strict("gelfhttp", StrictGelf(lambda message: is_poison(message["short_message"])), "well",
                        lambda peer: f"gelf+http://127.0.0.1:{peer.port}", lambda one: one["short_message"]),
            self.stream("tcp", "tcp://", StreamPeer(), bytes.decode, "hung"),
            self.stream("unix", "unix:", StreamPeer(path=self.path("s")), bytes.decode, "cut"),
            self.file("file", self.path("file.ndjson"), ROOMY),
            self.file("aside", self.path("aside.ndjson"), 'levels = ["ERROR", "AUDIT"]\n'),
            self.file("spare", self.path("spare.ndjson"), 'levels = ["SECURITY"]\n'),
            Sink("nowhere", "null:", keys=ROOMY),
            Sink("screen", "stdout:", keys=ROOMY),
        ]
        if "kafka" in self.version():
            sinks.append(Sink("kafka", f"kafka://127.0.0.1:{nobody}/logs", list, self.spool("kafka")))
        return {sink.name: sink for sink in sinks}

    @staticmethod
    def version():
        return subprocess.run([harness.SHIP, "--version"], capture_output=True, text=True, check=True).stdout

    def config(self, sinks, **more):
        """`more`: further keys by the name of a sink."""
        text = (f'[queue]\nmax_bytes = "{QUEUE_MB} MB"\nsize = 2000\n[delivery]\nretry_base = "10ms"\nretry_max = "200ms"\n'
                f'drain_timeout = "6s"\n[dead_letter]\npath = "{self.path("dead")}"\n[log]\nformat = "text"\n')
        path = self.path("ship.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "".join(sink.table(more.get(sink.name, "")) for sink in sinks))
        return path

    def reload(self, ship, says="reloaded: "):
        before = len(ship.said)
        ship.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + harness.PATIENCE
        while not any(says in line for line in ship.said[before:]):
            self.assertFalse(says == "reloaded: " and any("not reloaded" in line for line in ship.said[before:]),
                             ship.said[before:])
            self.assertLess(time.monotonic(), end, "\n".join(ship.said[before:]))
            time.sleep(0.01)

    def ship(self, path, out):
        ship = Ship("-c", path, "--stats-interval", "50ms", stdout=out)
        self.addCleanup(ship.__exit__)
        return ship.ready()

    def finish(self, ship, sinks):
        """Ends it and checks all its books."""
        ship.snapshot()
        peak = ship.peak_kb()
        ship.close_input()
        code, took = ship.wait()
        self.udp.close()
        print(f"{self.id()}: peak {peak} kB, drained in {took:.1f} s", file=sys.stderr)
        self.assertIn(code, (0, 75), "\n".join(ship.said[-20:]))
        self.check_books(ship, LINES)
        for sink in sinks:
            with self.subTest(sink=sink.name):
                self.check_sink(ship, sink)
        os.environ.get("VERBOSE") and print("\n".join(ship.said), file=sys.stderr)
        with open(self.path("dead"), encoding="utf-8") as file:
            letters = [json.loads(line)["sink"] for line in file]
        self.assertEqual({sink.name: letters.count(sink.name) for sink in sinks},
                         {sink.name: ship.last["sinks"][sink.name]["dead_lettered"] for sink in sinks})
        for name in ("webrefused", "s3", "kafka"):
            if name in ship.last["sinks"]:
                self.assertEqual(0, sum(ship.last["sinks"][name]["dropped"].values()), f"{name}: its spool had room")
        if not harness.SANITIZED:
            self.assertLessEqual(peak, self.ceiling_kb(sinks))
        return ship.last["sinks"]

    def test_each_of_many_sinks_is_accounted_for_as_if_it_were_alone(self):
        sinks = self.all_sinks()
        self.assertGreaterEqual(len(sinks), 20)
        always = [sink for name, sink in sinks.items() if name not in ("kafka", "unix", "loki", "tcp")]
        comes = self.file("comes", self.path("comes.ndjson"))
        path = self.config(sinks.values())
        with open(self.path("out"), "wb") as out:
            ship = self.ship(path, out)
        sinks["screen"].stored = self.file("screen", self.path("out")).stored
        feeder = Feeder(ship, LINES)
        feeder.wait_for(0.2)
        # Some go, a hung one and one with records on disk among them, some change, one comes.
        self.config([*always, comes], web='delivery.batch_size = 50\n', sql='delivery.batch_size = 100\n',
                    syslog='facility = "local1"\n', webhung='delivery.workers = 2\n', gcp='filter.min_level = "INFO"\n')
        self.reload(ship)
        feeder.wait_for(0.4)
        with open(path, "a", encoding="utf-8") as file:
            file.write("[sinks.file]\n")  # twice
        self.reload(ship, "not reloaded")
        feeder.wait_for(0.5)
        # They come back, and the one that came goes.
        self.config(sinks.values(), aws='delivery.workers = 1\n', search='delivery.batch_size = 20\n')
        self.reload(ship)
        feeder.wait_for(0.7)
        for sink in sinks.values():
            sink.heal()
        self.config(reversed(sinks.values()))
        self.reload(ship)
        feeder.thread.join(harness.PATIENCE)
        books = self.finish(ship, [*sinks.values(), comes])
        for name in ("file", "screen", "nowhere"):
            self.assertEqual(LINES, books[name]["delivered"], "a well one noticed the others")
        for sink in always:
            if sink.name != "spare":
                self.assertEqual(LINES, books[sink.name]["submitted"], sink.name)
        # What one reload takes from one sink it gives to the other.
        for name in ("kafka", "unix", "loki", "tcp"):
            self.assertEqual(LINES, books[name]["submitted"] + books["comes"]["submitted"], name)
        self.assertEqual(LINES + books["webhung"]["diverted"], books["spare"]["submitted"])
        self.assertGreater(books["webhung"]["diverted"], 0)

    def test_so_it_is_after_any_sequence_of_reloads(self):
        dice = random.Random(harness.SEED)
        print(f"FAULT_SEED={harness.SEED}", file=sys.stderr)
        sinks = self.all_sinks()
        changes = ('delivery.batch_size = 30\n', 'delivery.batch_timeout = "20ms"\n', 'delivery.retry_max = "50ms"\n',
                   'filter.min_level = "INFO"\n', 'queue.drop = "oldest"\n', 'levels = ["ERROR", "INFO", "AUDIT"]\n')
        path = self.config(sinks.values())
        with open(self.path("out"), "wb") as out:
            ship = self.ship(path, out)
        sinks["screen"].stored = self.file("screen", self.path("out")).stored
        feeder = Feeder(ship, LINES)
        for number in range(1, ROUNDS + 1):
            feeder.wait_for(number / (ROUNDS + 1))
            stay = [sink for sink in sinks.values() if dice.random() < 0.8 or sink.name == "spare"]
            dice.shuffle(stay)
            more = {sink.name: dice.choice(changes) for sink in stay if dice.random() < 0.3 and
                    sink.name not in ("spare", "aside")}
            for sink in sinks.values():
                sink.mood(dice.choice(("well", "slow", "busy", "cut", "hung", "well")))
            self.config(stay, **more)
            self.reload(ship)
        for sink in sinks.values():
            sink.heal()
        self.config(sinks.values())
        self.reload(ship)
        feeder.thread.join(harness.PATIENCE)
        self.finish(ship, list(sinks.values()))

    def check_sink(self, ship, sink):
        books = ship.last["sinks"][sink.name]
        os.environ.get("VERBOSE") and print(f"{sink.name}: {json.dumps(books)}", file=sys.stderr)
        self.assertEqual([], sink.faults()[:3])
        if sink.stored is None:
            return
        stored = set(sink.stored())
        undecided = (sum(books["dropped"].values()) + books["dead_lettered"] + books["diverted"] + books["spooled"]
                     + books["pending"])
        self.assertLessEqual(books["delivered"], len(stored) + sink.unread() // SHORTEST, books)
        self.assertLessEqual(len(stored), books["delivered"] + undecided, books)

    def ceiling_kb(self, sinks):
        roomy = sum(sink.keys == ROOMY for sink in sinks)
        return 1024 * (32 + roomy * ROOMY_MB + (len(sinks) - roomy) * QUEUE_MB)


class Reported(FaultTest):
    """What public reports of other shippers say of many outputs and of reloads, tried on this one."""

    def start(self, text, *arguments):
        self.write(text)
        ship = Ship("-c", self.path("ship.toml"), *arguments)
        self.addCleanup(ship.__exit__)
        return ship.ready()

    def write(self, text):
        with open(self.path("ship.toml"), "w", encoding="utf-8") as file:
            file.write('[delivery]\nretry_base = "10ms"\nretry_max = "100ms"\n[log]\nformat = "text"\n' + text)

    def reload(self, ship, text, count=1):
        self.write(text)
        before = len([line for line in ship.said if "reloaded: " in line])
        for _ in range(count):
            ship.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + harness.PATIENCE
        while len([line for line in ship.said if "reloaded: " in line]) <= before:
            self.assertLess(time.monotonic(), end, ship.said[-20:])
            time.sleep(0.01)

    def feed(self, ship, first, count):
        ship.stdin.write(b"".join(b'{"n":1,"seq":%d}\n' % number for number in range(first, first + count)))
        ship.stdin.flush()

    def end(self, ship, lines, code=0):
        ship.close_input()
        self.assertEqual(code, ship.wait()[0], ship.said[-20:])
        self.check_books(ship, lines)
        return ship.last["sinks"]

    def test_an_output_that_is_down_stops_no_other(self):
        """logstash 2463 and 8524, fluent-bit 2490: when one output fails, all outputs stand still."""
        with peers.Peer(peers.status(503)) as down, peers.Peer() as well:
            ship = self.start(f'[queue]\nsize = 500\n[sinks.down]\nurl = "{down.url()}"\ndelivery.drain_timeout = "300ms"\n'
                              f'[sinks.well]\nurl = "{well.url()}"\nqueue.size = 10000\n')
            self.feed(ship, 0, 5000)
            well.wait_for(lambda peer: len(peer.accepted) == 5000)
            sinks = self.end(ship, 5000, 75)
        self.assertEqual((5000, 0), (sinks["well"]["delivered"], sinks["down"]["delivered"]))

    def test_a_sink_whose_records_fail_is_changed_by_a_reload(self):
        """vector 24125: after a failed event the reload of an http sink never came to its end."""
        with peers.Peer(peers.status(503)) as down, peers.Peer() as well:
            ship = self.start(f'[sinks.web]\nurl = "{down.url()}"\n')
            self.feed(ship, 0, 100)
            down.wait_for(lambda peer: len(peer.requests) > 2)
            self.reload(ship, f'[sinks.web]\nurl = "{well.url()}"\n')
            self.feed(ship, 100, 100)
            well.wait_for(lambda peer: len(peer.accepted) == 200)
            self.assertEqual(200, self.end(ship, 200)["web"]["delivered"])
            self.assertEqual(list(range(200)), sorted(well.sequences()))

    def test_a_reload_does_not_wait_for_a_batch_to_fill(self):
        """vector 18133: a sink that leaves kept its half batch for the whole batch timeout."""
        with peers.Peer() as well:
            stays = '[sinks.stays]\nurl = "null:"\n'
            ship = self.start(f'{stays}[sinks.goes]\nurl = "{well.url()}"\ndelivery.batch_timeout = "1h"\n')
            self.feed(ship, 0, 10)
            ship.until(lambda stats: stats["sinks"]["stays"]["delivered"] == 10)
            self.reload(ship, stays)
            well.wait_for(lambda peer: len(peer.accepted) == 10)
            self.assertEqual(10, self.end(ship, 10)["goes"]["delivered"])

    def test_a_sink_with_a_spool_that_hangs_is_changed_and_stalls_no_other(self):
        """vector 24948 and 5147: changing a sink with a disk buffer stalled the pipeline, or ended the program."""
        with peers.Peer(peers.hang_before_answer) as hung, peers.Peer() as well, peers.Peer() as later:
            text = (f'[sinks.well]\nurl = "{well.url()}"\n[sinks.disk]\nspool.dir = "{self.path("spool")}"\n'
                    'spool.mode = "durable"\n')
            ship = self.start(f'{text}url = "{hung.url()}"\n')
            self.feed(ship, 0, 1000)
            hung.wait_for(lambda peer: peer.requests)
            self.reload(ship, f'{text}url = "{later.url()}"\n')
            self.feed(ship, 1000, 1000)
            well.wait_for(lambda peer: len(peer.accepted) == 2000)
            later.wait_for(lambda peer: len(peer.accepted) == 2000)
            sinks = self.end(ship, 2000)
        self.assertEqual((2000, 2000), (sinks["well"]["delivered"], sinks["disk"]["delivered"]))

    def test_many_reloads_while_a_server_is_down_and_then_the_end(self):
        """fluent-bit 10670 and 7427: with a server away and retries without limit a reload never ended, several close
        together broke the program, and SIGTERM was not heard any more."""
        with peers.Peer(peers.status(503)) as down:
            text = f'[sinks.web]\nurl = "{down.url()}"\ndelivery.drain_timeout = "300ms"\ndelivery.batch_size = '
            ship = self.start(text + "10\n")
            self.feed(ship, 0, 100)
            for size in range(11, 16):
                self.reload(ship, text + f"{size}\n", count=3)
            ship.terminate()
            self.assertEqual(75, ship.wait()[0], ship.said[-20:])
        self.check_books(ship, 100)
        self.assertEqual(100, ship.last["sinks"]["web"]["dropped"]["shutdown"])


if __name__ == "__main__":
    harness.main()
