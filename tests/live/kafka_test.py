"""The kafka sink in front of a real Apache Kafka broker, read back by another client."""

import collections
import json
import os
import random
import subprocess
import unittest

import server
from kafka import PASSWORD, Kafka
from server import LINES, PASS, SHIP, Fault, LiveTest, sample_lines


def milliseconds(line):
    text = json.loads(line)["log"]["timestamp"]
    moment = server.datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


class KafkaTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.kafka = Kafka()
        cls.kafka.__enter__()
        cls.addClassCleanup(cls.kafka.close)

    def url(self, topic, port=None):
        return f"kafka://127.0.0.1:{port or self.kafka.port}/{topic}"

    def compare(self, lines, messages):
        """What is stored is what was shipped, byte for byte, with its time: nothing missing, nothing twice."""
        stored = collections.Counter((message[5], message[3]) for message in messages)
        wanted = collections.Counter((line, milliseconds(line)) for line in lines)
        self.assertFalse(list((wanted - stored).elements())[:2], "missing")
        self.assertFalse([entry for entry in stored if entry not in wanted][:2], "not shipped")
        self.assertEqual(len(lines), len(messages), "stored twice")

    def check_order(self, messages):
        """In each partition the records of one key stand in the order in which they were shipped."""
        last = {}
        for partition, _, key, _, _, value in messages:
            sequence = json.loads(value)["log"]["context"]["seq"]
            self.assertGreater(sequence, last.get((partition, key), -1))
            last[partition, key] = sequence

    def test_what_is_read_back_is_what_was_shipped(self):
        lines = sample_lines(LINES)
        lines.append('{"log":{"context":{"message_id":"odd","seq":9999999},"level":"INFO","message":"żółć \\ud83e\\udd80 '
                     '\\u0000 \\"q\\"","timestamp":"2026-11-22T09:09:09.624Z"}}')
        for compression in ("none", "gzip"):
            topic = "whole-" + compression
            self.end(self.begin(lines, "--sink", self.url(topic) + f"?compression={compression}&key_field=logger",
                                "--batch-size", "2000", "--label", "app=shop"))
            messages = self.kafka.read(topic)
            self.compare(lines, messages)
            self.check_order(messages)
            keys = {message[2]: message[0] for message in messages}
            self.assertTrue(all(keys[message[2]] == message[0] for message in messages if message[2] is not None))
            self.assertEqual(["app", "shop"], messages[0][4][0])
            identities = [header[1] for message in messages for header in message[4] if header[0] == "fapilog-ship-id"]
            self.assertEqual(len(messages), len(set(identities)))

    def test_a_broker_that_is_killed_and_restarted_loses_nothing(self):
        lines = sample_lines(LINES)
        ship = self.begin(lines, "--sink", self.url("killed"), "--batch-size", "500")
        self.wait(ship, lambda: self.count("killed") > LINES // 4)
        self.kafka.kill()
        self.kafka.start()
        self.assertGreater(self.end(ship)["retries"], 0, "it was killed too late: ship more lines")
        # The broker knows from its log what it has of this producer: nothing is stored twice either.
        self.compare(lines, self.kafka.read("killed"))

    def count(self, topic):
        """Bytes of the log's files over a line's size: near enough, and no request that hinders the broker."""
        total = 0
        data = os.path.join(self.kafka.directory, "data")
        for name in os.listdir(data):
            if name.startswith(topic + "-"):
                total += sum(os.path.getsize(os.path.join(data, name, file)) for file in
                             os.listdir(os.path.join(data, name)) if file.endswith(".log"))
        return total // 500

    def test_connections_cut_at_random_lose_nothing_and_store_nothing_twice(self):
        lines = sample_lines(LINES)
        seed = random.randrange(1 << 30)
        dice = random.Random(seed)

        def fault():
            how = dice.choice(("reset", "close"))
            # Within some of the requests, or before or within the answers to them.
            if dice.random() < 0.5:
                return Fault(how, dice.randrange(20 * len(lines)), "up")
            return Fault(how, dice.randrange(300), "down", since=dice.randrange(20 * len(lines)))
        proxy = self.kafka.proxy
        proxy.script = [*(fault() for _ in range(20)), PASS]
        with self.subTest(seed=seed):
            self.end(self.begin(lines, "--sink", self.url("cut", proxy.port)
                                + "?properties.reconnect.backoff.max.ms=200&key_field=logger", "--batch-size", "200"))
            self.assertGreater(proxy.hit, 5)
            messages = self.kafka.read("cut")
            self.compare(lines, messages)
            self.check_order(messages)

    def secure(self, **settings):
        password = os.path.join(self.directory, "password")
        path = os.path.join(self.directory, "secure.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'[sinks.safe]\nurl = "{self.url("safe", self.kafka.tls_port)}"\ntls = true\n')
            file.write(f'password_file = "{password}"\nca_file = "{self.kafka.directory}/ca.pem"\n')
            file.write("".join(f'{key} = "{value}"\n' for key, value in settings.items()))
        return path, password

    def write(self, path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")

    def test_tls_with_a_user_by_plain_and_scram(self):
        lines = sample_lines(100)
        for user, mechanism in (("shop", "PLAIN"), ("scram", "SCRAM-SHA-512")):
            path, password = self.secure(username=user, sasl_mechanism=mechanism, topic="safe-" + user)
            with open(path, encoding="utf-8") as file:
                text = file.read().replace("/safe\"", "\"")
            self.write(path, text)
            self.write(password, PASSWORD)
            self.end(self.begin(lines, "--config", path))
            self.compare(lines, self.kafka.read("safe-" + user))

    def test_a_wrong_password_is_said_and_a_right_one_taken_up_without_a_restart(self):
        lines = sample_lines(100)
        path, password = self.secure(username="shop")
        self.write(password, "wrong-" + PASSWORD)
        ship = self.begin(lines, "--config", path)
        self.wait(ship, lambda: "check username, password" in self.heard())
        self.assertNotIn(PASSWORD, self.heard())
        self.write(password, PASSWORD)
        self.end(ship)
        self.compare(lines, self.kafka.read("safe"))

    def test_a_broker_whose_certificate_is_not_trusted_gets_nothing(self):
        path, password = self.secure(username="shop")
        self.write(password, PASSWORD)
        with open(path, encoding="utf-8") as file:
            text = file.read().replace(f'ca_file = "{self.kafka.directory}/ca.pem"\n', "")
        self.write(path, text)
        records = os.path.join(self.directory, "few.ndjson")
        self.write(records, "\n".join(sample_lines(3)))
        with open(records, "rb") as file:
            done = subprocess.run([SHIP, "--config", path, "--drain-timeout", "3s"], stdin=file, timeout=60, check=False,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.assertEqual(75, done.returncode, done.stderr)
        self.assertIn("certificate verify failed", done.stderr)

    def test_check_connect(self):
        def check(code, *arguments):
            done = subprocess.run([SHIP, "check", "--connect", *arguments], stdout=subprocess.PIPE, timeout=60,
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(code, done.returncode, done.stdout + done.stderr)
            return done.stdout.splitlines()[2].strip()
        missing = "there is no topic checked yet"
        self.assertIn("ok: 1 broker; " + missing, check(0, "--sink", self.url("checked")))
        # To ask has made no topic.
        self.assertIn("ok: 1 broker; " + missing, check(0, "--sink", self.url("checked")))
        self.end(self.begin(sample_lines(1), "--sink", self.url("checked")))
        self.assertEqual("ok: 1 broker; topic checked has 3 partitions", check(0, "--sink", self.url("checked")))
        self.assertEqual(1, len(self.kafka.read("checked")))

        path, password = self.secure(username="shop")
        self.write(password, "wrong-" + PASSWORD)
        self.assertRegex(check(1, "--config", path), "FAILED: .*check username, password")
        self.write(password, PASSWORD)
        self.assertIn("ok: 1 broker, signed in as shop; ", check(0, "--config", path))
        with open(path, encoding="utf-8") as file:
            text = file.read().replace(f'ca_file = "{self.kafka.directory}/ca.pem"\n', "")
        self.write(path, text)
        self.assertRegex(check(1, "--config", path), "FAILED: .*certificate verify failed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
