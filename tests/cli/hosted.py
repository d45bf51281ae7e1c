"""What the tests of sinks for hosted services share: a strict stand-in that can lose answers and cut connections, and
the rules that hold for each of them."""

import json
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import harness  # noqa: E402
import peer as peers  # noqa: E402
from program import run  # noqa: E402

# LIVE_LINES=N: how many records each test of the shared rules sends.
LINES = int(os.environ.get("LIVE_LINES", "3000"))


def lines_of(count, **members):
    """Records in many spellings, each with a number of its own."""
    now = time.time()
    texts = ("paid", "Straße, 東京, 🦀", 'a "quote", a \\ and a \t', "x" * 700)
    return [json.dumps({"time": f"{now + number / 1e6:.6f}", "level": ("INFO", "ERROR", "DEBUG")[number % 3],
                        "message": texts[number % len(texts)], "n": number, "price": 9.5, **members},
                       ensure_ascii=number % 2 == 0) for number in range(count)]


class StrictService:
    """An action for fault/peer.py. `errors` are answers, (status, body), that are given before anything is looked at.
    Of the next `lost` requests the answer is never sent, though they are taken; the next `cut` are not even looked at."""

    def __init__(self):
        self.lock = threading.Lock()
        self.stored, self.faults, self.errors = [], [], []
        self.lost = self.cut_off = 0
        self.requests = 0

    def must(self, holds, fault):
        if not holds:
            self.faults.append(str(fault))

    def __call__(self, peer, connection, request):
        with self.lock:
            self.requests += 1
            if self.cut_off > 0:
                self.cut_off -= 1
                return peers.reset(peer, connection, request)
            try:
                status, body = self.errors.pop(0) if self.errors else self.answer(request)
            except (KeyError, ValueError, TypeError, AttributeError) as fault:
                self.faults.append(repr(fault))
                status, body = 400, {}
            is_lost = self.lost > 0 and status // 100 == 2 and "token" not in request.path
            self.lost -= is_lost
        if is_lost:
            return peers.reset(peer, connection, request)
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: %d\r\n\r\n%s"
                           % (status, len(text), text))
        return True


class HostedRules:
    """The rules, as a part of a ProgramTest. It says `service()`, `url(peer, query)` and `has_ids`."""

    has_ids = True

    def ship(self, service, *arguments, stdin, query="", environment=None):
        with peers.Peer(service) as peer:
            result = run("--sink", self.url(peer, query), "--stats-at-exit", "--stats-format", "json", "--retry-base",
                         "10ms", "--no-drop-on-full", *arguments, stdin=stdin, environment=environment)
        self.assertEqual([], service.faults[:3])
        self.stderr = result.stderr
        stats = [line for line in result.stderr.splitlines() if line.startswith("{")][-1]
        (sink,) = json.loads(stats)["sinks"].values()
        return result.returncode, sink

    def check_stored(self, service, lines, most_twice=0):
        """All lines came byte for byte, none is missing, and none is twice once the ids are looked at."""
        stored = {}
        for identity, line, _ in service.stored:
            if self.has_ids:
                self.assertTrue(identity)
                self.assertEqual(line, stored.setdefault(identity, line))
        came = sorted(stored.values()) if self.has_ids else sorted(line for _, line, _ in service.stored)
        if most_twice:
            self.assertLessEqual(len(came) - len(set(came)), most_twice)
            came = sorted(set(came))
        self.assertEqual(len(lines), len(came))
        self.assertEqual(sorted(lines), came)

    def test_every_record_arrives_byte_for_byte_plain_and_compressed(self):
        lines = lines_of(LINES)
        for compression in ("none", "gzip"):
            service = self.service()
            code, sink = self.ship(service, stdin="\n".join(lines) + "\n", query=f"compression={compression}")
            self.assertEqual((0, LINES, 0), (code, sink["delivered"], sink["retries"]), self.stderr[-2000:])
            self.check_stored(service, lines)
            self.assertEqual(LINES, len(service.stored))

    def test_cut_connections_and_lost_answers_lose_nothing(self):
        lines = lines_of(LINES)
        service = self.service()
        service.cut_off, service.lost = 3, 3
        # Small batches: a lost answer is doubt about one of them.
        code, sink = self.ship(service, stdin="\n".join(lines) + "\n", query="delivery.batch_size=100")
        self.assertEqual((0, LINES), (code, sink["delivered"]), self.stderr[-2000:])
        self.assertGreaterEqual(sink["retries"], 4)
        self.check_stored(service, lines, most_twice=0 if self.has_ids else 300)

    def test_kill_9_halfway_with_a_durable_spool_loses_nothing(self):
        lines = lines_of(LINES)
        service = self.service()
        arguments = ("--spool", self.path("spool"), "--spool-mode", "durable", "--no-drop-on-full", "--retry-base", "10ms",
                     "--retry-max", "50ms", "--breaker-failures", "0", "--drain-timeout", f"{harness.PATIENCE}s")
        with peers.Peer(peers.status(503)) as peer:
            url = self.url(peer, "delivery.batch_size=50&delivery.workers=2")
            with harness.Ship("--sink", url, *arguments) as ship:
                ship.stdin.write(("\n".join(lines) + "\n").encode())
                ship.stdin.flush()

                def on_disk(stats):
                    (sink,) = stats["sinks"].values()
                    return sink["submitted"] == sink["spooled"] + sink["pending"] == LINES and sink["spooled"] >= LINES - 100
                ship.until(on_disk, "all on disk")
                halfway = threading.Event()

                def take(peer, connection, request):
                    goes_on = service(peer, connection, request)
                    if len(service.stored) >= LINES // 2:
                        halfway.set()
                    return goes_on
                peer.set(take)
                self.assertTrue(halfway.wait(harness.PATIENCE))
                ship.process.kill()
                ship.process.wait()
            with harness.Ship("--sink", url, *arguments) as ship:
                ship.close_input()
                self.assertEqual(0, ship.wait()[0], "\n".join(ship.said))
                (sink,) = ship.last["sinks"].values()
                self.assertEqual((0, 0), (sink["spooled"], sum(sink["dropped"].values())))
        self.assertEqual([], service.faults[:3])
        # Each worker may have had a request on its way.
        self.check_stored(service, lines, most_twice=0 if self.has_ids else 200)
