"""`check --explain` shows what each sink would send: the same as is sent, without network, credentials or a trace."""

import json
import os
import re
import unittest

from hosted import StrictService
import peer as peers  # hosted knows the way
from program import ProgramTest, run
from stream_peer import DatagramPeer, StreamPeer

LINE = ('{"time":"2026-11-22T09:09:09.624Z","level":"ERROR","message":"say \\"hi\\" 東京","service":"pay",'
        '"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","n":9.90}')
SECRET = "GEHEIM-0123456789"
PROCESS = re.compile(r"\[\d+\]: ")
IDENTITY = re.compile(r"[0-9a-f]{32}-\d+")
# How each sink is written, `{}` stands for the address; and what its server answers.
SINKS = {
    "http": ("http://{}/in?body=array&bearer_token=" + SECRET, (200, b"")),
    "loki": ("loki+http://{}?encoding=json&labels.app=web&structured_metadata=trace_id&username=u&password=" + SECRET,
             (204, b"")),
    "elasticsearch": ("elasticsearch+http://{}/logs-%7Bservice%7D-%25Y?api_key=" + SECRET, (200, b'{"errors":false}')),
    "cloudwatch": ("cloudwatch://eu-central-1/g/s?endpoint_url=http://{}&access_key_id=A&secret_access_key=" + SECRET,
                   (200, b"{}")),
    "splunk": ("splunk+http://{}?index=app-%7Bservice%7D&source=shop&token=" + SECRET, (200, b'{"code":0}')),
    "datadog": ("datadog://datadoghq.eu?endpoint_url=http://{}&source=python&tags=a:b&api_key=" + SECRET, (202, b"{}")),
}


def payload(result, name):
    """What stands below the line of the sink."""
    lines = result.stdout.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"sink {name}"))
    shown = []
    for line in lines[begin + 1:]:
        if not line.startswith("  "):
            break
        shown.append(line[2:])
    return "\n".join(shown)


def without_ids(text):
    return IDENTITY.sub("ID", text.strip())


class Payloads(ProgramTest):
    def explain(self, *urls, more=()):
        arguments = [part for url in urls for part in ("--sink", url)]
        result = run("check", "--explain", "--label", "env=prod", *more, *arguments, LINE,
                     environment={"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/none"})
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertNotIn(SECRET, result.stdout + result.stderr)
        return result

    def test_it_is_what_is_sent(self):
        for name, (url, answer) in SINKS.items():
            with self.subTest(sink=name), peers.Peer(peers.status(answer[0], body=answer[1])) as peer:
                at = f"127.0.0.1:{peer.port}"
                sent = run("--label", "env=prod", "--sink", url.format(at), stdin=LINE + "\n")
                self.assertEqual(0, sent.returncode, sent.stderr)
                count = len(peer.requests)
                shown = payload(self.explain(url.format(at)), name)
                self.assertEqual(count, len(peer.requests), "something was asked")
                self.assertEqual(without_ids(peer.requests[-1].body.decode()), without_ids(shown))

    def test_what_goes_to_a_socket_is_shown_as_it_is_sent(self):
        class Bytes:
            """Keeps them as they are."""

            def __init__(self, take, fault):
                self.feed, self.rest = take, b""

            def end(self):
                pass

        for url, peer, end in (
                ("tcp://{}", StreamPeer(Bytes), "\n"), ("unix:{}", StreamPeer(Bytes, self.path("s")), "\n"),
                ("syslog+tcp://{}?app_name=shop&structured_data=a%3D1", StreamPeer(Bytes), ""),
                ("syslog+tcp://{}?framing=newline&facility=local3", StreamPeer(Bytes), "\n"),
                ("syslog+unix:{}", DatagramPeer(self.path("log")), ""),
                ("syslog+udp://{}?max_datagram_bytes=480", DatagramPeer(), ""),
                ("gelf+tcp://{}?hostname=web-1", StreamPeer(Bytes), "\0")):
            with self.subTest(url=url):
                with peer:
                    sent = run("--label", "env=prod", "--sink", url.format(peer.address()), stdin=LINE + "\n")
                    self.assertEqual(0, sent.returncode, sent.stderr)
                self.assertEqual(1, len(peer.messages))
                # There is nobody to ask any more.
                shown = payload(self.explain(url.format(peer.address())), url.partition("+")[0].partition(":")[0]
                                if "+" in url else "socket")
                self.assertEqual(*(PROCESS.sub("[1]: ", text) for text in (peer.messages[0].decode(), shown + end)))

    def test_gelf_over_http_is_shown_as_it_is_sent(self):
        with peers.Peer(peers.status(202)) as peer:
            url = f"gelf+http://127.0.0.1:{peer.port}?bearer_token={SECRET}"
            self.assertEqual(0, run("--label", "env=prod", "--sink", url, stdin=LINE + "\n").returncode)
            self.assertEqual(peer.requests[-1].body.decode(), payload(self.explain(url), "gelf"))
            self.assertEqual(1, len(peer.requests))

    def test_google_is_asked_for_nothing(self):
        service = StrictService()
        with peers.Peer(service) as peer:
            url = f"gcp://my-proj/shop?endpoint_url={peer.url('')}&credentials_file={self.path('none.json')}"
            (entry,) = json.loads(payload(self.explain(url), "gcp"))["entries"]
        self.assertEqual(0, service.requests)
        self.assertEqual(("2026-11-22T09:09:09.624000000Z", "ERROR", json.loads(LINE)),
                         (entry["timestamp"], entry["severity"], entry["jsonPayload"]))
        self.assertRegex(entry["insertId"], IDENTITY)

    def test_a_binary_form_is_shown_as_its_json(self):
        shown = json.loads(payload(self.explain("otlp+http://h:4318"), "otlp"))
        (logs,) = shown["resourceLogs"]
        self.assertEqual([("env", "prod"), ("service.name", "pay")],
                         [(pair["key"], pair["value"]["stringValue"]) for pair in logs["resource"]["attributes"]])
        (record,) = logs["scopeLogs"][0]["logRecords"]
        self.assertEqual(("1795338549624000000", 17, "4bf92f3577b34da6a3ce929d0e0e4736"),
                         (record["timeUnixNano"], record["severityNumber"], record["traceId"]))
        self.assertIn({"key": "n", "value": {"doubleValue": 9.9}}, record["attributes"])
        loki = json.loads(payload(self.explain("loki+http://h:3100"), "loki"))
        self.assertEqual({"env": "prod", "level": "ERROR"}, loki["streams"][0]["stream"])

    def test_kafka_shows_topic_key_and_headers_above_the_value(self):
        if "kafka" not in run("--version").stdout:
            return
        head, value = payload(self.explain("kafka://h:9092/logs-%7Bservice%7D?key_field=service"), "kafka").splitlines()
        message = json.loads(head)
        self.assertEqual(("logs-pay", "pay", 1795338549624), (message["topic"], message["key"], message["timestamp"]))
        self.assertEqual("prod", message["headers"]["env"])
        self.assertEqual(LINE, value)

    def test_local_sinks_show_the_line_and_make_no_file(self):
        result = self.explain("stdout:?format=logfmt", f"file://{self.path('a')}", "null:")
        self.assertTrue(payload(result, "stdout").startswith("time=2026-11-22T09:09:09.624Z level=ERROR"))
        self.assertEqual(LINE, payload(result, "file"))
        self.assertEqual("", payload(result, "null"))
        self.assertEqual([], os.listdir(self.directory))

    def test_it_is_the_line_after_the_stages(self):
        shown = payload(self.explain("http://h/in", more=("--remove", "trace_id", "--rename", "n=total")), "http")
        self.assertEqual({"total": 9.9}, {key: value for key, value in json.loads(shown).items() if key in (
            "total", "n", "trace_id")})

    def test_what_a_sink_would_refuse_is_said(self):
        long = json.dumps({"m": "x" * 300_000})
        result = run("check", "--explain", "--sink", "gcp://p/l", stdin=long + "\n")
        self.assertIn("refused: longer than the 256 KB", payload(result, "gcp"))


if __name__ == "__main__":
    unittest.main()
