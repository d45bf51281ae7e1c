"""The postgres sink in front of a real server, read back by another client."""

import collections
import json
import os
import random
import signal
import subprocess
import unittest

import server
from postgres import PASSWORD, Postgres
from server import LINES, SHIP, LiveTest, sample_lines

ODD = ('{"log":{"context":{"message_id":"odd","seq":9999999},"level":"INFO","message":"żółć \\ud83e\\udd80 \\u0000 '
       '\\"q\\" \\\\N \\\\. a\\tb\\n","timestamp":"2026-11-22T09:09:09.624Z"}}')


class PostgresTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.server = Postgres(["max_connections=20", "superuser_reserved_connections=3"])
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.close)
        cls.server.make_user("GRANT CREATE, USAGE ON SCHEMA public TO shop")

    def url(self, table, more="", port=None, user="shop"):
        return f"postgres://{user}:{PASSWORD}@127.0.0.1:{port or self.server.port}/postgres?table={table}{more}"

    def compare(self, lines, table, running=None):
        """What is stored is what was shipped, byte for byte: nothing missing, nothing twice."""
        stored = collections.Counter((running or self.server).events(table))
        wanted = collections.Counter(lines)
        self.assertFalse(list((wanted - stored).elements())[:2], "missing")
        self.assertFalse(list((stored - wanted).elements())[:2], "not shipped, or stored twice")

    def test_what_is_read_back_is_what_was_shipped(self):
        lines = sample_lines(LINES) + [ODD]
        self.ship(lines, "--sink", self.url("whole", "&columns.service=service&columns.seq=context.seq"))
        self.compare(lines, "whole")
        first = json.loads(lines[0])["log"]
        row = self.server.ask("SELECT to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), level, "
                              "logger, correlation_id, message, seq FROM whole WHERE seq = '0'").split("|")
        self.assertEqual([first["timestamp"], first["level"], first.get("logger", ""),
                          first["context"].get("correlation_id") or "", first["message"], "0"], row)
        self.assertEqual(str(len(lines)), self.server.ask("SELECT count(DISTINCT id) FROM whole"))
        odd = self.server.ask("SELECT message FROM whole WHERE seq = '9999999'")
        self.assertEqual('żółć 🦀 \ufffd "q" \\N \\. a\tb', odd.rstrip("\n"))

    def test_a_server_that_is_killed_and_restarted_has_each_record_once(self):
        lines = sample_lines(LINES)
        self.ship_and_kill(self.server, lines, lambda: self.count("killed") > LINES // 4, "--sink", self.url("killed"),
                           "--batch-size", "500")
        self.compare(lines, "killed")

    def count(self, table):
        done = self.server.psql(f"SELECT count(*) FROM {table}", check=False)
        return int(done.stdout) if done.returncode == 0 else 0

    def test_connections_cut_at_random_lose_nothing_and_store_nothing_twice(self):
        lines = sample_lines(LINES)
        self.ship_through_faults(self.server, lines, lambda port: (
            "--sink", self.url("cut", "&sslmode=disable", port), "--batch-size", "200", "--request-timeout", "5s"))
        self.compare(lines, "cut")

    def test_a_shipper_that_is_killed_again_and_again_stores_each_record_once(self):
        lines = sample_lines(LINES)
        spool = os.path.join(self.directory, "spool")
        arguments = ["--sink", self.url("crashed"), "--batch-size", "300", "--spool", spool, "--spool-mode", "durable"]
        ship = self.begin(None, *arguments)
        ship.stdin.write("".join(line + "\n" for line in lines).encode())
        ship.stdin.flush()
        # All of it is on disk once a part of the table is, and the pipe is empty.
        self.wait(ship, lambda: self.count("crashed") > 300)
        dice = random.Random(7)
        for _ in range(3):
            ship.send_signal(signal.SIGKILL)
            ship.communicate()
            before = self.count("crashed")
            ship = self.begin(None, *arguments)
            goal = min(LINES, before + dice.randrange(300, 2000))
            self.wait(ship, lambda: self.count("crashed") >= goal)
        ship.stdin.close()
        ship.stdin = None
        self.statistics(ship)
        stored = collections.Counter(self.server.events("crashed"))
        self.assertFalse([line for line, times in stored.items() if times > 1][:2], "stored twice")
        self.assertFalse(list(set(stored) - set(lines))[:2], "not shipped")
        # What the first had not read when it was killed was in the pipe and is gone with it: the head is whole.
        self.assertEqual(set(lines[:len(stored)]), set(stored))

    def test_poison_is_found_row_by_row(self):
        self.server.psql("CREATE TABLE picky (timestamp timestamptz, level varchar(8), message text CHECK (message !~ "
                         "'poison'), event json, id text PRIMARY KEY)", "GRANT INSERT, SELECT ON picky TO shop")
        lines = [json.dumps({"level": "POISONOUS" if n % 331 == 0 else "INFO", "message": "poison" if n % 997 == 0
                             else f"order {n}", "seq": n}) for n in range(1, 4001)]
        good = [line for line in lines if "poison" not in line.lower()]
        dead = os.path.join(self.directory, "dead.ndjson")
        sink = self.statistics(self.begin(lines, "--sink", self.url("picky"), "--dead-letter", dead))
        self.assertEqual(len(good), sink["delivered"])
        self.compare(good, "picky")
        with open(dead, encoding="utf-8") as file:
            letters = [json.loads(line) for line in file]
        self.assertEqual(set(lines) - set(good), {letter["record"] for letter in letters})
        self.assertEqual({"22001", "23514"}, {letter["reason"][:5] for letter in letters})

    def test_jsonb_gets_what_it_can_hold(self):
        self.server.psql("CREATE TABLE binary_form (event jsonb, id text PRIMARY KEY)",
                         "GRANT INSERT, SELECT ON binary_form TO shop")
        values = ['"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800x"', '"\\\\u0000"', '"\\ud83e\\udd80"', "1e400", "1e200000",
                  "-1e-20000", "0.1", "9" * 200]
        lines = [f'{{"message":"m","n":{number},"v":{value}}}' for number, value in enumerate(values)]
        self.ship(lines, "--sink", self.url("binary_form"))
        got = self.server.ask("SELECT event->>'v' FROM binary_form ORDER BY (event->>'n')::int").split("\n")
        self.assertEqual(["a\ufffdb", "\ufffd", "\ufffd\ufffdx", "\\u0000", "🦀", "1" + "0" * 400, "1e200000", "-1e-20000",
                          "0.1", "9" * 200], got)
        self.assertIn("replaced 6 characters or numbers", self.heard())

    def test_what_the_operator_must_do_is_said_and_taken_up(self):
        lines = sample_lines(50)

        def held(table, said, *remedy, more="", before=()):
            if before:
                self.server.psql(*before)
            with self.subTest(table=table):
                ship = self.begin(lines, "--sink", self.url(table, more))
                self.wait(ship, lambda: said in self.heard())
                self.server.psql(*remedy)
                self.end(ship)
                self.compare(lines, table)
        grant = "GRANT INSERT, SELECT ON {0} TO shop"
        made = "CREATE TABLE {0} (timestamp timestamptz, event json, id text PRIMARY KEY)"
        held("absent", "there is no table absent", made.format("absent"), grant.format("absent"),
             more="&create_table=false")
        held("closed", "this user may not insert into closed", grant.format("closed"), before=[made.format("closed")])
        held("odd_type", "column timestamp is integer, expected timestamptz",
             "ALTER TABLE odd_type ALTER timestamp TYPE timestamptz USING NULL",
             before=["CREATE TABLE odd_type (timestamp int, event json, id text PRIMARY KEY)", grant.format("odd_type")])
        held("strict", "nothing goes into column tenant", "ALTER TABLE strict ALTER tenant SET DEFAULT 'web'",
             before=["CREATE TABLE strict (event json, id text PRIMARY KEY, tenant text NOT NULL)", grant.format("strict")])
        held("keyless", "no unique index over", "CREATE UNIQUE INDEX ON keyless (id)", more="&conflict_key=id",
             before=["CREATE TABLE keyless (event json, id text)", grant.format("keyless")])

    def test_a_table_without_an_id_gets_the_records_and_a_warning(self):
        lines = sample_lines(500)
        self.server.psql("CREATE TABLE serial_id (id bigserial, event text)", "GRANT ALL ON serial_id TO shop",
                         "GRANT ALL ON SEQUENCE serial_id_id_seq TO shop")
        self.ship(lines, "--sink", self.url("serial_id"))
        self.assertIn("column id is bigint, and a record's id is text", self.heard())
        self.compare(lines, "serial_id")

    def test_a_partitioned_table_has_its_key_over_id_and_time(self):
        lines = sample_lines(2000)
        self.server.psql("CREATE TABLE parts (timestamp timestamptz, event json, id text, PRIMARY KEY (id, timestamp)) "
                         "PARTITION BY RANGE (timestamp)", "CREATE TABLE parts_all PARTITION OF parts DEFAULT",
                         "GRANT INSERT, SELECT ON parts TO shop")
        path = os.path.join(self.directory, "again.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        for _ in range(2):
            # A record of a file has the same identity each time.
            self.ship(lines, "--sink", self.url("parts"), "--input", path)
        self.compare(lines, "parts")

    def test_a_lock_and_too_many_connections_are_waited_for(self):
        lines = sample_lines(100)
        self.ship(lines[:1], "--sink", self.url("busy"))
        holder = self.server.session("BEGIN; LOCK TABLE busy")
        ship = self.begin(lines[1:], "--sink", self.url("busy"), "--request-timeout", "2s")
        self.wait(ship, lambda: "55P03" in self.heard())
        self.server.end_session(holder)
        self.end(ship)
        self.compare(lines, "busy")
        holders = [self.server.session("SELECT 1") for _ in range(17)]
        ship = self.begin(sample_lines(101)[100:], "--sink", self.url("busy"))
        self.wait(ship, lambda: "53300" in self.heard())
        for holder in holders:
            self.server.end_session(holder)
        self.end(ship)
        self.assertEqual(101, self.count("busy"))

    def test_a_connection_that_is_cut_while_idle_costs_no_retry(self):
        lines = sample_lines(20)
        ship = self.begin(None, "--sink", self.url("idle"))
        ship.stdin.write((lines[0] + "\n").encode())
        ship.stdin.flush()
        self.wait(ship, lambda: self.count("idle") == 1)
        self.server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'")
        self.wait(ship, lambda: "the server closed the connection" in self.heard() or
                  self.server.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'") == "0")
        ship.stdin.write("".join(line + "\n" for line in lines[1:]).encode())
        ship.stdin.close()
        ship.stdin = None
        self.assertEqual(0, self.end(ship)["retries"])
        self.compare(lines, "idle")

    def test_check_connect(self):
        def check(code, url, environment=None):
            done = subprocess.run([SHIP, "check", "--connect", "--sink", url], stdout=subprocess.PIPE, timeout=60,
                                  stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, **(environment or {})})
            self.assertEqual(code, done.returncode, done.stdout + done.stderr)
            self.assertNotIn(PASSWORD, done.stdout + done.stderr)
            return done.stdout
        self.assertRegex(check(0, self.url("checked")), r"ok: PostgreSQL 1\d\..*, signed in as shop; the table checked is "
                         "made with the first record")
        # To ask has made no table.
        self.assertIn("made with the first record", check(0, self.url("checked")))
        self.assertIn("there is no table checked", check(1, self.url("checked", "&create_table=false")))
        self.ship(sample_lines(1), "--sink", self.url("checked"))
        self.assertIn("its unique index over (id) keeps each record to once", check(0, self.url("checked")))
        self.server.psql("CREATE TABLE nobodys (event json, id text)")
        self.assertIn("may not insert into nobodys", check(1, self.url("nobodys")))
        self.server.psql("GRANT INSERT ON nobodys TO shop")
        self.assertIn("there is no unique index over (\"id\")", check(0, self.url("nobodys")))
        self.server.psql("CREATE UNIQUE INDEX ON nobodys (id)")
        self.assertIn("may not SELECT the columns of the unique index", check(1, self.url("nobodys")))
        wrong = self.url("checked").replace(PASSWORD, "wrong")
        self.assertRegex(check(1, wrong), "FAILED: .*28P01.*check username and password")
        self.assertIn("3D000", check(1, self.url("checked").replace("/postgres?", "/nowhere?")))
        bare = f"postgres://shop@127.0.0.1/postgres?table=checked"
        port = {"PGPORT": str(self.server.port)}
        self.assertIn("28P01", check(1, bare, port))
        self.assertIn("ok: ", check(0, bare, {**port, "PGPASSWORD": PASSWORD}))
        passfile = os.path.join(self.directory, "pgpass")
        with open(passfile, "w", encoding="utf-8") as file:
            file.write(f"127.0.0.1:*:*:shop:{PASSWORD}\n")
        os.chmod(passfile, 0o600)
        self.assertIn("ok: ", check(0, bare + "&passfile=" + passfile, port))
        everything = {"PGHOST": "localhost", "PGUSER": "shop", "PGPASSWORD": PASSWORD, "PGDATABASE": "postgres", **port}
        self.assertIn("ok: ", check(0, "postgres:///?table=checked", everything))
        socket = f"postgresql://admin@/postgres?table=checked&host={self.server.directory}"
        self.assertIn("signed in as admin", check(0, socket, port))


class SecureTest(LiveTest):
    def test_tls_is_checked_as_sslmode_says(self):
        running = Postgres()
        self.addCleanup(running.close)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                        "server.key", "-out", "server.crt"], cwd=running.data, check=True, stderr=subprocess.PIPE)
        for name in ("server.key", "server.crt"):
            os.chmod(os.path.join(running.data, name), 0o600)
            if os.getuid() == 0:
                server.shutil.chown(os.path.join(running.data, name), "postgres", "postgres")
        running.settings.append("ssl=on")
        running.__enter__()
        running.make_user("GRANT CREATE, USAGE ON SCHEMA public TO shop")
        certificate = os.path.join(self.directory, "ca.pem")
        server.shutil.copy(os.path.join(running.data, "server.crt"), certificate)
        password = os.path.join(self.directory, "password")

        def url(host, more):
            return (f"postgres://shop@{host}:{running.port}/postgres?password_file={password}&sslmode=verify-full"
                    f"&sslrootcert={more}")
        lines = sample_lines(100)
        with open(password, "w", encoding="utf-8") as file:
            file.write("wrong\n")
        ship = self.begin(lines, "--sink", url("localhost", certificate))
        self.wait(ship, lambda: "check username and password" in self.heard())
        with open(password, "w", encoding="utf-8") as file:
            file.write(PASSWORD + "\n")
        self.end(ship)
        self.assertEqual(collections.Counter(lines), collections.Counter(running.events("logs")))
        done = subprocess.run([SHIP, "check", "--connect", "--sink", url("localhost", certificate), "--sink",
                               url("127.0.0.1", certificate)], stdout=subprocess.PIPE, text=True, check=False, timeout=60)
        self.assertIn("signed in as shop over TLSv1.3", done.stdout)
        self.assertRegex(done.stdout, "FAILED: .*does not match host name")


class FailoverTest(LiveTest):
    def test_a_standby_that_is_promoted_gets_the_rest(self):
        primary = self.started(Postgres())
        primary.make_user("GRANT CREATE, USAGE ON SCHEMA public TO shop", "ALTER USER admin REPLICATION")
        standby = self.started(Postgres(primary=primary))
        lines = sample_lines(2000)
        alone = self.begin(lines[:10], "--sink", f"postgres://shop:{PASSWORD}@127.0.0.1:{standby.port}/postgres",
                           "--drain-timeout", "2s")
        alone.communicate(timeout=60)
        self.assertEqual(75, alone.returncode)
        self.assertIn("25006", self.heard())
        both = f"postgres://shop:{PASSWORD}@127.0.0.1:{standby.port},127.0.0.1:{primary.port}/postgres"
        ship = self.begin(None, "--sink", both)
        ship.stdin.write("".join(line + "\n" for line in lines[:1000]).encode())
        ship.stdin.flush()
        self.wait(ship, lambda: primary.psql("SELECT count(*) FROM logs", check=False).stdout.strip() == "1000")
        self.wait(ship, lambda: standby.psql("SELECT count(*) FROM logs", check=False).stdout.strip() == "1000")
        primary.kill()
        standby.psql("SELECT pg_promote()")
        ship.stdin.write("".join(line + "\n" for line in lines[1000:]).encode())
        ship.stdin.close()
        ship.stdin = None
        self.end(ship)
        self.assertEqual(collections.Counter(lines), collections.Counter(standby.events("logs")))


class NarrowTest(LiveTest):
    def test_a_full_disk_is_waited_for(self):
        running = self.started(Postgres(small="3m"))
        running.make_user()
        running.psql(f"CREATE TABLESPACE narrow LOCATION '{running.narrow}'")
        running.psql("CREATE TABLE logs (event json, id text) TABLESPACE narrow",
                     "CREATE UNIQUE INDEX ON logs (id) TABLESPACE pg_default", "GRANT INSERT, SELECT ON logs TO shop")
        lines = sample_lines(6000)
        ship = self.begin(lines, "--sink", f"postgres://shop:{PASSWORD}@127.0.0.1:{running.port}/postgres", "--batch-size",
                          "500")
        self.wait(ship, lambda: "53100" in self.heard())
        running.psql("ALTER TABLE logs SET TABLESPACE pg_default")
        self.end(ship)
        self.assertEqual(collections.Counter(lines), collections.Counter(running.events("logs")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
