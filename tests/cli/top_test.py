"""`fapilog-ship top` in a real terminal: it shows what /stats says, survives every size, and leaves the terminal as it was."""

import os
import re
import signal
import socket
import subprocess
import unittest

import program
from web import Served
from window import Window

import peer as peers


class Top(Window):
    def top(self, *words):
        self.run_command(f"\"$SHIP\" top {' '.join(words)}; echo code=$?")

    def quiet(self, ship, count):
        ship.write('{"level":"INFO"}\n' * count)
        return ship.until(lambda stats: stats["input"]["lines"] == count)

    def assert_left(self, code):
        """The shell is back, with its own screen, its cursor and its echo."""
        text = self.until(lambda text: f"code={code}" in text and text.endswith("$"))
        self.assertNotIn("q quits", text)
        self.assertEqual("0 1", self.tmux("display", "-p", "#{alternate_on} #{cursor_flag}").strip())
        self.type("echo seen=$((6*7))", "Enter")
        self.until(lambda text: "$ echo seen=$((6*7))\nseen=42" in text)

    def test_it_shows_the_numbers_and_q_quits(self):
        with Served("-s", "null:", "-s", f"file://{self.path('out')}") as ship:
            self.quiet(ship, 1234)
            self.run_command("echo before")
            self.top("--url", ship.url)
            text = self.until(lambda text: text.count("delivered 1,234") == 2)
            for part in ("Everything is delivered", "fapilog-ship 0", "1,234 lines", "null null", "file file", "0 of 10,000, peak",
                         "healthy"):
                self.assertIn(part, text)
            ship.write('{"level":"INFO"}\n' * 66)
            self.until(lambda text: text.count("delivered 1,300") == 2)
            self.type("q")
            self.assert_left(0)

    def test_it_fits_every_size(self):
        with Served("-s", "null:") as ship:
            self.quiet(ship, 10)
            self.top("--url", f"127.0.0.1:{ship.port}")
            for columns, rows in ((80, 24), (40, 8), (20, 4), (200, 50), (100, 30)):
                self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
                text = self.until(lambda text, most=columns: "fapilog-ship" in text and
                                  len(text.split("\n")[0]) in range(most - 10 if most > 60 else 1, most))
                self.assertTrue(text.startswith("fapilog-ship"), "the first line is at the top: nothing scrolled")
                self.assertLessEqual(len(text.split("\n")), rows)
            self.type("C-c")
            self.assert_left(0)

    def test_it_says_when_nobody_answers_and_goes_on_when_somebody_does(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        self.top("--url", listen)
        self.until(lambda text: re.search(r"trying again since \d\d:\d\d:\d\d: no answer: ", text))
        with Served("-s", "null:", listen=listen) as ship:
            self.quiet(ship, 7)
            self.until(lambda text: "Everything is delivered" in text and "7 lines" in text)
        text = self.until(lambda text: "no answer: " in text)
        self.assertIn("delivered 7", text, "the last that was known stays")
        with Served("-s", "null:", listen=listen) as ship:
            self.quiet(ship, 3)
            self.until(lambda text: "no answer" not in text and "delivered 3" in text)
        self.type("q")
        self.assert_left(0)

    def test_a_hung_sink_and_losses_are_told(self):
        with peers.Peer(peers.hang_before_answer) as peer:
            with Served("-s", peer.url(), "--queue-size", "100", "--workers", "1", "--batch-size", "10", "--drain-timeout", "100ms") as ship:
                self.quiet(ship, 700)
                self.top("--listen", f"127.0.0.1:{ship.port}")
                self.until(lambda text: "http does not answer" in text or "Losing records" in text)
                text = self.screen()
                self.assertIn("90 of 100, peak 100", text)
                self.assertIn("queue_full; 0 protected", text)
                self.type("q")
                self.assert_left(0)

    def test_a_unix_socket_and_a_token(self):
        path = self.path("ship.sock")
        with Served("-s", "null:", listen="unix:" + path, environment={"FAPILOG_SHIP_SERVER_TOKEN": "open sesame"}) as ship:
            self.top("--url", "unix:" + path)
            self.until(lambda text: "asks for a token: --server-token" in text)
            self.type("q")
            self.assert_left(0)
            self.top("--url", "unix:" + path, "--server-token", "'open sesame'")
            self.until(lambda text: "Everything is delivered" in text)
            self.type("q")
            self.assert_left(0)
            self.assertEqual(0, ship.end())

    def test_a_signal_leaves_the_terminal_as_it_was(self):
        with Served("-s", "null:") as ship:
            for number in (signal.SIGTERM, signal.SIGHUP):
                self.top("--url", ship.url)
                self.until(lambda text: "Everything is delivered" in text)
                found = subprocess.run(["pgrep", "-n", "-f", f"top --url {ship.url}$"], capture_output=True, text=True, check=True)
                os.kill(int(found.stdout), number)
                self.assert_left(128 + number)

    def test_ctrl_z_gives_the_terminal_back_until_fg(self):
        with Served("-s", "null:") as ship:
            self.top("--url", ship.url)
            self.until(lambda text: "Everything is delivered" in text)
            self.type("C-z")
            self.until(lambda text: "Stopped" in text and text.endswith("$"))
            self.type("fg", "Enter")
            self.until(lambda text: "Everything is delivered" in text)
            self.type("q")
            self.until(lambda text: text.endswith("$") and "q quits" not in text)


class Refusals(program.ProgramTest):
    def test_without_a_terminal_it_names_the_other_way(self):
        self.assert_fails(program.run("top", "--url", "127.0.0.1:1"), 64, "top draws on a terminal", "curl http://127.0.0.1:1/stats")

    def test_a_wrong_url_and_a_lost_one(self):
        self.assert_fails(program.run("top", "--url", "nowhere"), 78, "--url", "expected ADDRESS:PORT")
        self.assert_fails(program.run("--url", "127.0.0.1:1"), 64, "--url goes with top, tap and health only")


if __name__ == "__main__":
    unittest.main()
