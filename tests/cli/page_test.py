"""The live page in a real browser: its numbers are those of /stats, it tells each state, it comes back by itself.

SHIP_SCREENSHOTS=FOLDER keeps a picture of each state, light and dark, at a desk's and at a phone's width."""

import itertools
import json
import os
import socket
import threading
import unittest

import browser
import program
from web import Served

import peer as peers

PICTURES = os.environ.get("SHIP_SCREENSHOTS")
WIDTHS = (1280, 390)
# What the page says of one sink, by the names that /stats has for it.
BOOKS = {"submitted": "submitted", "delivered": "delivered", "pending": "pending", "in flight": "in_flight",
         "retries": "retries", "batches": "batches", "filtered": "filtered"}


class Feed:
    """Lines, some a second, on a thread of its own."""

    def __init__(self, ship, a_second=400):
        self.ship = ship
        self.a_second = a_second
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        numbers = itertools.count()
        while not self.stopping.wait(0.05):
            burst = itertools.islice(numbers, self.a_second // 20)
            self.ship.write("".join(f'{{"level":"INFO","message":"order {n} was shipped"}}\n' for n in burst))

    def stop(self):
        self.stopping.set()
        self.thread.join(program.PATIENCE)


@unittest.skipUnless(browser.available(), "needs chromium and chromium-driver")
class Page(program.ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(browser.Browser()) if hasattr(cls, "enterClassContext") else browser.Browser()
        if not hasattr(cls, "enterClassContext"):
            cls.addClassCleanup(cls.browser.__exit__)

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def number(self, selector):
        return int(self.text(selector).replace(",", ""))

    def state(self):
        return self.text("#state")

    def wait_for(self, selector, *parts):
        self.browser.until(lambda: any(part in (self.text(selector) or "") for part in parts),
                           f"said {parts} in {selector}, but {self.text(selector)!r}")

    def picture(self, name):
        if not PICTURES:
            return
        for scheme, width in itertools.product(("light", "dark"), WIDTHS):
            self.browser.appear(scheme, width)
            self.browser.screenshot(os.path.join(PICTURES, f"{name}-{scheme}-{width}.png"))

    def assert_shows(self, stats):
        """Every number on the page is the one in `stats`."""
        for key in ("lines",):
            self.assertEqual(stats["input"][key], self.number(f"[data-total={key}]"))
        sinks = stats["sinks"]
        for total, key in (("delivered", "delivered"), ("pending", "pending"), ("spooled", "spooled")):
            self.assertEqual(sum(sink[key] for sink in sinks.values()), self.number(f"[data-total={total}]"))
        self.assertEqual(sum(sum(sink["dropped"].values()) for sink in sinks.values()), self.number("[data-total=dropped]"))
        self.assertEqual(sum(sink["protected"]["dropped"] for sink in sinks.values()), self.number("[data-total=protected]"))
        for name, sink in sinks.items():
            card = f'[data-sink="{name}"] '
            self.assertEqual(sink["type"], self.text(card + "[data-stat=type]"))
            self.assertEqual(sink["last_error"], self.text(card + "[data-stat=last_error]"))
            for key in ("queue_depth", "queue_size"):
                self.assertEqual(sink[key], self.number(card + f"[data-stat={key}]"))
            shown = {**{words: sink[key] for words, key in BOOKS.items() if sink[key]},
                     **{"dropped, " + reason.replace("_", " "): count for reason, count in sink["dropped"].items() if count}}
            for words, count in shown.items():
                self.assertEqual(count, self.number(card + f'[data-book="{words}"] dd'), words)

    def test_numbers_are_those_of_the_statistics(self):
        self.browser.log()  # of the tests before
        with peers.Peer(peers.hang_before_answer) as peer:
            with Served("-s", "null:", "-s", peer.url(), "--queue-size", "300", "--batch-size", "50", "--batch-timeout", "10ms",
                        "--drain-timeout", "100ms", "--min-level", "INFO") as ship:
                self.browser.open(ship.url + "/")
                ship.write("".join(f'{{"level":"{level}"}}\n' for level in ["INFO"] * 1234 + ["ERROR"] * 400 + ["DEBUG"] * 7))
                stats = ship.until(lambda stats: stats["input"]["lines"] == 1641 and stats["sinks"]["http"]["pending"] == 300)
                self.browser.until(lambda: self.text("[data-total=lines]") == "1,641", "showed all lines")
                self.assert_shows(ship.stats())
                self.assertGreater(sum(stats["sinks"]["http"]["dropped"].values()), 0)
                self.assert_stays_at_home(ship)
                self.assert_fits()

    def test_each_input_has_a_row_where_there_are_several(self):
        path = self.path("in.sock")
        with Served("-s", "null:") as ship:
            self.browser.open(ship.url + "/")
            self.browser.until(lambda: self.browser.run("return document.querySelector('#inputs').hidden") is True, "hides one pipe")
            self.browser.open("about:blank")  # so that no request is cut off by the end of this run
        with Served("-s", "null:", "-i", "-", "-i", f"unix:{path}") as ship, socket.socket(socket.AF_UNIX) as writer:
            self.browser.open(ship.url + "/")
            ship.message("listening on unix:")
            writer.connect(path)
            writer.sendall(b"{}\n" * 1234)
            self.browser.until(lambda: self.cells(f"unix:{path}")[1:2] == ["1,234"], "showed the socket's lines")
            self.assertEqual(["3.6 KB", "1", "0", "0"], self.cells(f"unix:{path}")[3:])
            self.assertEqual(["0", "0 B", "–", "–", "0"], [self.cells("stdin")[i] for i in (1, 3, 4, 5, 6)])
            self.assert_stays_at_home(ship)
            self.assert_fits()
            ship.process.terminate()  # a socket has no end of its own

    def cells(self, name):
        return self.browser.run("return [...document.querySelectorAll('#inputs tr')].filter((row) => row.dataset.input === "
                                "arguments[0]).flatMap((row) => [...row.cells].map((cell) => cell.textContent))", name)

    def test_what_each_rule_of_the_redaction_took_out_is_told(self):
        with Served("-s", "null:", "--redact", "credentials", "--redact", "pii") as ship:
            self.browser.open(ship.url + "/")
            ship.write('{"level":"INFO","password":"hunter2","message":"to ann@example.com, bob@example.com"}\n' * 700)
            stats = ship.until(lambda stats: stats["sinks"]["null"]["delivered"] == 700)
            rules = stats["sinks"]["null"]["stages"]["redact"]["rules"]
            self.assertEqual({"email": 1400, "*password": 700}, rules)
            for rule, count in rules.items():
                row = f'[data-sink="null"] [data-book="redact: {rule}"] dd'
                self.browser.until(lambda: self.text(row) == f"{count:,}", f"showed {count} of {rule}")

    def test_levels_stages_requests_bytes_and_messages_are_shown(self):
        with peers.Peer(peers.ok) as peer:
            with Served("-s", peer.url() + "?name=loki", "--redact-field", "password", "--where", "n != 3", "--batch-timeout", "10ms") as ship:
                self.browser.open(ship.url + "/")
                ship.write("".join(json.dumps({"level": level, "n": n, "password": "hunter2"}) + "\n"
                                   for n, level in enumerate(["INFO"] * 1200 + ["ERROR"] * 5 + ["AUDIT"])))
                stats = ship.until(lambda stats: stats["sinks"]["loki"]["delivered"] == 1205)
                self.assertEqual({"INFO": 1199, "ERROR": 5, "AUDIT": 1}, stats["input"]["levels"])
                for level, count in stats["input"]["levels"].items():
                    row = f'#levels [data-book="{level}"] dd'
                    self.browser.until(lambda: self.text(row) == f"{count:,}", f"showed {count} of {level}")
                self.browser.until(lambda: self.text('[data-stage="input where"] td:nth-child(4)') == "1", "showed what where left out")
                self.assertEqual("1,205", self.text('[data-stage="loki redact"] td:nth-child(5)'))
                self.assertEqual(str(stats["sinks"]["loki"]["requests_limit"]), self.text("[data-stat=requests_limit]"))
                self.browser.until(lambda: (self.text('[data-book="sent"] dd') or "").endswith("KB"), "showed the bytes")
                self.assertTrue(self.text("[data-total=sent]").endswith("KB"))
                self.assertIn("metrics and a live page at", self.text("#messages li span"))
                peer.set(peers.status(503, body=b"the <b>ingester</b> is full"))
                ship.write('{"level":"INFO","n":1}\n')
                self.browser.until(lambda: "the <b>ingester</b> is full" in (self.text("#messages ol") or ""), "told of the trouble, as text")
                peer.set(peers.ok)
                ship.until(lambda stats: stats["sinks"]["loki"]["pending"] == 0)
                self.assert_fits()

    def test_a_sink_that_goes_to_disk_is_told(self):
        with peers.Peer(peers.hang_before_answer) as peer:
            with Served("-s", peer.url() + "?name=loki", "--queue-size", "500", "--spool", self.path("spool"), "--request-timeout", "20s",
                        "--drain-timeout", "100ms") as ship:
                self.browser.open(ship.url + "/")
                feed = Feed(ship, 4000)
                self.wait_for("#state", "loki is too slow: records go to disk", "loki does not answer")
                self.browser.until(lambda: self.number("[data-total=spooled]") > 0, "showed what is on disk")
                self.picture("spooling")
                peer.set(peers.ok)
                feed.stop()

    def assert_stays_at_home(self, ship):
        """No resource of another origin, no script or style but its own, nothing that the browser objects to."""
        where = self.browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        self.assertEqual([], [url for url in where if not url.startswith((ship.url + "/", "data:"))])
        blocked = self.browser.run("""
            const script = document.createElement('script'); script.textContent = 'window.broken = true';
            document.head.append(script); return window.broken ?? 'blocked'""")
        self.assertEqual("blocked", blocked)
        said = [entry["message"] for entry in self.browser.log() if entry["level"] in ("SEVERE", "WARNING")]
        self.assertEqual([], [message for message in said if "Content Security Policy" not in message])
        self.assertEqual(1, len(said), "only what was just tried")

    def assert_fits(self):
        colours = set()
        for scheme, width in itertools.product(("light", "dark"), WIDTHS):
            self.browser.appear(scheme, width)
            colours.add(self.browser.run("return getComputedStyle(document.body).backgroundColor"))
            self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
        self.assertEqual(2, len(colours))
        self.browser.appear("light", WIDTHS[0])

    def test_each_state_is_told(self):
        with peers.Peer(peers.ok) as peer:
            with Served("-s", peer.url() + "?name=loki", "--queue-size", "4000", "--batch-timeout", "100ms", "--retry-base", "50ms",
                        "--retry-max", "100ms", "--breaker-interval", "300ms", "--request-timeout", "7s", "--breaker-failures", "3",
                        "--drain-timeout", "100ms") as ship:
                feed = Feed(ship)
                self.browser.open(ship.url + "/")
                self.wait_for("#state", "Everything is delivered")
                self.browser.until(lambda: (self.text("[data-total=out_rate]") or "–") not in ("–", "0"), "showed a rate")
                self.assertEqual("healthy", self.text("[data-stat=verdict]"))
                self.browser.until(lambda: self.browser.run(
                    "return document.querySelector('[data-chart=rates] path.out:not(.area)').getAttribute('d').length") > 20, "drew")
                self.picture("healthy")
                peer.set(peers.hang_before_answer)
                self.wait_for("#state", "loki does not answer; nothing is being lost")
                self.picture("hung")
                feed.a_second = 8000
                self.wait_for("#state", "Losing records")
                self.picture("dropping")
                peer.set(peers.status(503, body=b"the ingester is full"))
                self.wait_for("[data-stat=verdict]", "breaker open", "probing")
                self.wait_for("[data-stat=last_error]", "the ingester is full")
                self.picture("open")
                feed.a_second = 400
                peer.set(peers.ok)
                self.wait_for("[data-stat=verdict]", "healthy", "dropping")
                self.wait_for("#state", "were lost before")
                self.assertEqual("healthy", self.text("[data-stat=verdict]"))
                self.picture("recovered")
                peer.set(peers.status(400, body=b"not like this"))
                self.wait_for("#state", "Losing records: loki refuses records")
                self.assertEqual("refuses records", self.text("[data-stat=verdict]"))
                peer.set(peers.status(401, body=b"who are you"))
                self.wait_for("#state", "loki refuses us until it is fixed")
                self.picture("refused")
                feed.stop()

    def test_it_comes_back_with_the_shipper_and_shows_what_was_before_it_was_opened(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        with Served("-s", "null:", listen=listen) as ship:
            ship.write('{"n":1}\n' * 700)
            ship.until(lambda stats: stats["fapilog_ship"]["uptime_seconds"] > 2)
            self.browser.open(ship.url + "/")
            self.browser.until(lambda: self.text("[data-total=lines]") == "700", "showed the lines")
            self.assertGreaterEqual(self.browser.run("return samples.length"), 3, "the history came with it")
        self.wait_for("#state", "No answer since")
        self.picture("gone")
        with Served("-s", "null:", listen=listen) as ship:
            ship.write('{"n":1}\n' * 5)
            self.browser.until(lambda: self.text("[data-total=lines]") == "5", "showed the new run")
            self.wait_for("#state", "Everything is delivered")

    def test_it_asks_for_the_token(self):
        with Served("-s", "null:", environment={"FAPILOG_SHIP_SERVER_TOKEN": "open sesame"}) as ship:
            ship.write('{"n":1}\n' * 3)
            self.browser.open(ship.url + "/")
            self.wait_for("#state", "A token is needed")
            self.picture("token")
            for token in ("wrong", "open sesame"):
                self.browser.run("""document.getElementById('token').value = arguments[0];
                                    document.querySelector('#login button').click()""", token)
                if token == "wrong":
                    self.browser.until(lambda: not self.browser.run("return document.getElementById('refused').hidden"),
                                       "refused the wrong one")
            self.browser.until(lambda: self.text("[data-total=lines]") == "3", "showed the lines")


if __name__ == "__main__":
    unittest.main()
