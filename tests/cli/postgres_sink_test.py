"""The postgres sink of the real program, in front of a strict server that speaks its protocol."""

import json
import os
import unittest

from hosted import LINES, lines_of
import harness  # hosted knows the way
from program import run
from streamed import StreamTest
from strict_postgres import StrictPostgres

PASSWORD = "geheim-0123456789"


class Postgres(StreamTest):
    def url(self, server, query="", tls=False):
        return f"postgres://u@127.0.0.1:{server.port}/d?password={PASSWORD}&{query}"

    def assert_stored(self, lines, server):
        self.assertEqual([], server.faults[:3])
        self.assertEqual(lines, [row["event"] for row in server.rows])
        for line, row in zip(map(json.loads, lines), server.rows):
            self.assertEqual((line["level"], line["message"]), (row["level"], row["message"]))

    def test_every_record_is_a_row_in_order_and_byte_for_byte(self):
        lines = lines_of(LINES)
        for has_table in (False, True):
            with self.subTest(has_table=has_table), StrictPostgres(PASSWORD, has_table=has_table) as server:
                code, sink = self.ship(self.url(server), stdin="\n".join(lines) + "\n")
                self.assertEqual((0, LINES, 0), (code, sink["delivered"], sink["retries"]), self.stderr)
                self.assert_stored(lines, server)
                self.assertEqual(not has_table, any(sql.startswith("CREATE TABLE IF") for sql in server.statements))

    def test_what_is_sent_again_is_stored_once(self):
        lines = lines_of(LINES)
        with StrictPostgres(PASSWORD) as server:
            server.lost = 3
            server.copy_states = [None, "40001", None, "53300", "57014", "08006"]
            code, sink = self.ship(self.url(server, "delivery.batch_size=100"), stdin="\n".join(lines) + "\n")
            self.assertEqual((0, LINES), (code, sink["delivered"]), self.stderr)
            self.assert_stored(lines, server)
            self.assertEqual(300, server.again)
            self.assertEqual(100, server.largest)

    def test_a_server_that_is_shut_down_or_cut_off_gets_the_rest_later(self):
        lines = lines_of(LINES)
        for words in (True, False):
            with self.subTest(words=words), StrictPostgres(PASSWORD) as server:
                server.delay = 0.005
                with harness.Ship("--sink", self.url(server, "delivery.batch_size=50"), "--retry-base", "10ms",
                                  "--no-drop-on-full", "--drain-timeout", f"{harness.PATIENCE}s") as ship:
                    ship.stdin.write(("\n".join(lines) + "\n").encode())
                    ship.close_input()
                    for share in (0.2, 0.5, 0.8):
                        server.wait_for(lambda at, share=share: len(at.rows) >= share * LINES)
                        server.end_sessions(words)
                    self.assertEqual(0, ship.wait()[0], ship.said)
                    self.assertEqual(LINES, ship.last["sinks"]["postgres"]["delivered"])
                self.assertGreaterEqual(server.sessions, 3)
                self.assert_stored(lines, server)

    def test_kill_9_halfway_with_a_durable_spool_stores_each_record_once(self):
        lines = lines_of(LINES)
        arguments = ("--spool", self.path("spool"), "--spool-mode", "durable", "--no-drop-on-full", "--retry-base", "10ms",
                     "--drain-timeout", f"{harness.PATIENCE}s")
        with StrictPostgres(PASSWORD) as server:
            server.delay = 0.01
            url = self.url(server, "delivery.batch_size=50")
            with harness.Ship("--sink", url, *arguments) as ship:
                ship.stdin.write(("\n".join(lines) + "\n").encode())
                ship.stdin.flush()

                def on_disk(stats):
                    sink = stats["sinks"]["postgres"]
                    # Two rounds through the pipe at most are not there yet.
                    return sink["submitted"] == LINES and sink["delivered"] + sink["spooled"] + sink["in_flight"] >= LINES
                ship.until(on_disk, "all on disk")
                server.wait_for(lambda at: len(at.rows) >= LINES // 4)
                ship.process.kill()
                ship.process.wait()
            server.delay = 0
            with harness.Ship("--sink", url, *arguments) as ship:
                ship.close_input()
                self.assertEqual(0, ship.wait()[0], ship.said)
            self.assertEqual([], server.faults[:3])
            self.assertEqual(sorted(lines), sorted(row["event"] for row in server.rows))

    def test_poison_is_a_dead_letter_and_its_neighbours_are_stored(self):
        lines = lines_of(200)
        bad = {7, 8, 150, 199}
        with StrictPostgres(PASSWORD) as server:
            server.poison = lambda row: "22P05" if json.loads(row["event"])["n"] in bad else None
            code, sink = self.ship(self.url(server), "--dead-letter", self.path("dead"), stdin="\n".join(lines) + "\n")
            self.assertEqual((0, 196, 4), (code, sink["delivered"], sink["dead_lettered"]), self.stderr)
            self.assert_stored([line for number, line in enumerate(lines) if number not in bad], server)
        letters = [json.loads(line) for line in self.read("dead").splitlines()]
        self.assertEqual(sorted(lines[number] for number in bad), sorted(letter["record"] for letter in letters))
        self.assertIn("22P05", letters[0]["reason"])

    def test_a_refused_password_keeps_all_is_said_and_never_shown(self):
        with StrictPostgres("another") as server:
            code, sink = self.ship(self.url(server), "--drain-timeout", "400ms", stdin='{"a":1}\n')
            self.assertEqual((75, 0), (code, sink["delivered"]))
            self.assertIn("check username and password", self.stderr)
            result = self.check(self.url(server))
        self.assertEqual(1, result.returncode)
        self.assertIn("28P01", result.stdout)
        # The server repeats what it was given.
        self.assertNotIn(PASSWORD, self.stderr + result.stdout + result.stderr)
        result = run("--print-config", "--sink", self.url(server))
        self.assertNotIn(PASSWORD, result.stdout)

    def test_check_connect_finds_the_table_and_stores_nothing(self):
        with StrictPostgres(PASSWORD) as server:
            result = self.check(self.url(server))
            self.assertEqual(0, result.returncode, result.stdout)
            self.assertIn("ok: PostgreSQL 15.4, signed in as u; the table logs is made with the first record", result.stdout)
            self.assertEqual(1, self.check(self.url(server, "create_table=false")).returncode)
            server.columns = ["timestamp:timestamp with time zone", "event:json"]
            self.assertIn("may be stored twice", self.check(self.url(server)).stdout)
            server.session_state = "57P03"
            result = self.check(self.url(server))
            self.assertEqual(1, result.returncode)
            self.assertIn("57P03", result.stdout)
        self.assertEqual(([], []), (server.rows, server.faults))

    def test_certificates_are_checked_as_sslmode_says(self):
        context, cert = self.certificates("elsewhere.example")
        with StrictPostgres(PASSWORD, tls=context) as server:
            for query, code, words in (("sslmode=require", 0, "over TLSv1.3"), (f"sslmode=verify-ca&sslrootcert={cert}", 0, "TLS"),
                                       (f"sslmode=verify-full&sslrootcert={cert}", 1, "does not match host name"),
                                       ("sslmode=disable", 1, "28000")):
                with self.subTest(query=query):
                    result = self.check(self.url(server, query))
                    self.assertEqual(code, result.returncode, result.stdout)
                    self.assertIn(words, result.stdout)
            other = self.path("other.pem")
            os.rename(cert, other)
            self.certificates()
            result = self.check(self.url(server, f"sslmode=verify-ca&sslrootcert={cert}"))
            self.assertEqual(1, result.returncode)
            self.assertIn("certificate verify failed", result.stdout)
        with StrictPostgres(PASSWORD) as plain:
            result = self.check(self.url(plain, "sslmode=require"))
            self.assertEqual(1, result.returncode)
            self.assertIn("does not support SSL", result.stdout)

    def test_what_cannot_work_is_said_before_anything_is_sent(self):
        for query, part in (("sslmode=x", "expected one of disable, allow"), ("columns.level=a", "fills this column itself"),
                            ("id_column=event", "this column holds something else"), ("table=a.", "found an empty name"),
                            ("parameters.pasword=a", 'did you mean "password"?'), ("parameters.host=a", "cannot be set here")):
            with self.subTest(query=query):
                result = run("check", "--sink", f"postgres://u:{PASSWORD}@h/d?{query}")
                self.assert_fails(result, 78, part)
                self.assertNotIn(PASSWORD, result.stderr)


if __name__ == "__main__":
    unittest.main()
