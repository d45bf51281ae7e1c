"""What each answer of each destination means for the records and for the books: one row for each row of the protocols'
tables. One run of the program has a sink for every row; each sink has three records, the second of them the culprit."""

import email.utils
import json
import os
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from program import ProgramTest, run  # noqa: E402

LINES = ['{"time":"2026-11-22T09:09:0%d.5Z","level":"INFO","message":"%s"}' % (number, text)
         for number, text in enumerate(("first", "culprit", "third"))]
GOOD = {"http": (200, b""), "loki": (204, b""), "elasticsearch": (200, b'{"errors":false}'), "cloudwatch": (200, b"{}"),
        "otlp": (200, b""), "splunk": (200, b'{"text":"Success","code":0}'), "datadog": (202, b"{}"), "gcp": (200, b"{}"), "s3": (200, b""),
        "token": (200, b'{"access_token":"t","expires_in":3600}')}
TABLES = {"http": "http://{at}", "loki": "loki+http://{at}?encoding=json&label_fields=", "otlp": "otlp+http://{at}",
          "s3": "s3://b/p?endpoint_url=http://{at}&compress=none",
          "elasticsearch": "elasticsearch+http://{at}/i", "cloudwatch": "cloudwatch://eu-central-1/g/s?endpoint_url=http://{at}",
          "splunk": "splunk+http://{at}?token=T", "datadog": "datadog://datadoghq.eu?api_key=K&endpoint_url=http://{at}",
          "gcp": "gcp://p/l?endpoint_url=http://{at}"}


class Row:
    """One answer: given once; or always (`always`); or to each request that has the culprit (`culprit`)."""

    def __init__(self, sink, status, body=b"", means="ok", how="once", headers=(), calls=None):
        self.sink, self.status, self.means, self.how, self.headers = sink, status, means, how, headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.name = f"{sink}-{status}-{means}"
        self.calls = calls
        self.requests, self.given = [], 0

    def answer(self, request):
        if "/computeMetadata/" in request.path:
            return (*GOOD["token"], ())
        self.requests.append((time.monotonic(), request))
        action = request.headers.get("x-amz-target", ".PutLogEvents").split(".")[1]
        due = {"once": self.given == 0, "always": True, "culprit": b"culprit" in request.body}[self.how]
        if not due or action != "PutLogEvents":
            return (*GOOD[self.sink], ())
        self.given += 1
        return self.status, self.body, self.headers


def rows():
    """Sink, status and body; what it means. retry: all again · reject: none ever · split: the culprit is found ·
    hold: kept for the operator · partial: the culprit alone is refused · again: the culprit alone is sent again."""
    for status in (200, 201, 202, 204):
        yield Row("http", status)
    for status in (408, 425, 429, 500, 502, 503, 504):
        yield Row("http", status, means="retry")
    for status in (400, 413, 415, 422):
        yield Row("http", status, b"no", means="split", how="culprit")
    for status in (301, 302, 307, 401, 403, 404, 405):
        yield Row("http", status, means="hold", how="always")
    yield Row("http", 400, b"<title>400 No required SSL certificate was sent</title>", means="hold", how="always")

    for status in (200, 204):
        yield Row("loki", status)
    yield Row("loki", 260, b"ingestion blocked for user t", means="hold", how="always")
    yield Row("loki", 400, b"could not parse the labels", means="split", how="culprit")
    yield Row("loki", 400, b"entry for stream '{app=\"a\"}' has timestamp too old: 2026-11-22T09:09:01Z, oldest acceptable "
              b"timestamp is: 2026-11-22T09:09:02Z", means="partial")
    for status in (413, 422):
        yield Row("loki", status, means="split", how="culprit")
    for status in (429, 500, 503):
        yield Row("loki", status, means="retry")
    for status in (401, 403, 404):
        yield Row("loki", status, means="hold", how="always")
    yield Row("loki", 429, b"Ingestion rate limit exceeded for user t (limit: 10 bytes/sec) while attempting to ingest '3' "
              b"lines totaling '400' bytes", means="split", how="culprit")

    def items(*statuses, kind="x"):
        return {"errors": True, "items": [{"create": {"status": status, **(
            {"error": {"type": kind, "reason": "why"}} if status >= 400 else {})}} for status in statuses]}
    yield Row("elasticsearch", 200, items(200, 201, 201))
    yield Row("elasticsearch", 200, items(201, 409, 409))
    for status in (429, 503):
        yield Row("elasticsearch", 200, items(201, status, 201, kind="es_rejected_execution_exception"), means="again")
    yield Row("elasticsearch", 200, items(201, 429, 201, kind="cluster_block_exception"), means="again")
    yield Row("elasticsearch", 200, items(201, 400, 201, kind="mapper_parsing_exception"), means="partial")
    for status in (403, 404):
        yield Row("elasticsearch", 200, items(201, status, 201), means="hold", how="always")
    for status in (429, 500, 503):
        yield Row("elasticsearch", status, means="retry")
    for status in (400, 413):
        yield Row("elasticsearch", status, means="split", how="culprit")
    for status in (401, 403):
        yield Row("elasticsearch", status, means="hold", how="always")

    yield Row("cloudwatch", 200, {})
    yield Row("cloudwatch", 200, {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1}}, means="partial")
    yield Row("cloudwatch", 200, {"rejectedLogEventsInfo": {"expiredLogEventEndIndex": 1}}, means="partial")
    yield Row("cloudwatch", 200, {"rejectedLogEventsInfo": {"tooNewLogEventStartIndex": 2}}, means="partial")
    for status, kind in ((400, "ThrottlingException"), (503, "ServiceUnavailableException"), (500, "InternalFailure"),
                         (400, "com.amazonaws.logs#ThrottlingException")):
        yield Row("cloudwatch", status, {"__type": kind}, means="retry")
    yield Row("cloudwatch", 400, {"__type": "ResourceNotFoundException"}, calls=[
        "PutLogEvents", "CreateLogStream", "PutLogEvents"])
    yield Row("cloudwatch", 400, {"__type": "InvalidParameterException"}, means="split", how="culprit")
    for kind in ("UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException",
                 "RequestTimeTooSkewedException", "AccessDeniedException"):
        yield Row("cloudwatch", 400, {"__type": kind}, means="hold", how="always")

    def error(code):
        return f"<Error><Code>{code}</Code><Message>why</Message></Error>".encode()
    yield Row("s3", 200)
    for status, code in ((503, "SlowDown"), (500, "InternalError"), (429, ""), (400, "RequestTimeout"), (400, "BadDigest"),
                         (409, "OperationAborted"), (502, "")):
        yield Row("s3", status, error(code), means="retry")
    for status, code in ((400, "EntityTooLarge"), (413, "")):
        yield Row("s3", status, error(code), means="split", how="culprit")
    for status, code in ((403, "AccessDenied"), (403, "RequestTimeTooSkewed"), (403, "SignatureDoesNotMatch"),
                         (404, "NoSuchBucket"), (301, "PermanentRedirect"), (307, "TemporaryRedirect"),
                         (400, "AuthorizationHeaderMalformed"), (400, "Unheard")):
        yield Row("s3", status, error(code), means="hold", how="always")

    yield Row("otlp", 200)
    yield Row("otlp", 200, b"\x0a\x06\x12\x04warn")
    yield Row("otlp", 200, b"\x0a\x06\x08\x01\x12\x02no", means="partial")
    for status in (429, 502, 503, 504):
        yield Row("otlp", status, means="retry")
    for status in (400, 401, 403, 404, 408, 500, 501, 505):
        yield Row("otlp", status, means="reject")

    def code(number, event=None):
        return {"text": "words", "code": number, **({} if event is None else {"invalid-event-number": event})}
    for number in (0, 24, 25):
        yield Row("splunk", 200, code(number))
    for status, number in ((500, 8), (503, 9), (503, 18), (503, 19), (503, 20), (503, 23)):
        yield Row("splunk", status, code(number), means="retry")
    for status, number in ((403, 1), (401, 2), (401, 3), (403, 4), (400, 5), (400, 7), (400, 10), (400, 11), (400, 14),
                           (400, 16), (401, 21), (403, 22)):
        yield Row("splunk", status, code(number), means="hold", how="always")
    yield Row("splunk", 200, b"<html>", means="hold", how="always")
    for number in (6, 12, 13, 15):
        yield Row("splunk", 400, code(number, 1), means="split")
        yield Row("splunk", 400, code(number), means="split", how="culprit")
    yield Row("splunk", 413, means="split", how="culprit")

    for status in (200, 202):
        yield Row("datadog", status, {})
    for status in (400, 413):
        yield Row("datadog", status, means="split", how="culprit")
    for status in (401, 403, 404):
        yield Row("datadog", status, means="hold", how="always")
    for status in (408, 429, 500, 502, 503, 504):
        yield Row("datadog", status, means="retry")

    def named(number):
        return {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "words", "details": [
            {"@type": "type.googleapis.com/google.logging.v2.WriteLogEntriesPartialErrors",
             "logEntryErrors": {"1": {"code": number, "message": "why"}}}]}}
    yield Row("gcp", 200, {})
    yield Row("gcp", 400, named(3), means="partial")
    for number in (8, 14):
        yield Row("gcp", 400, named(number), means="again")
    for status in (400, 413):
        yield Row("gcp", status, means="split", how="culprit")
    for status in (401, 403, 404):
        yield Row("gcp", status, means="hold", how="always")
    for status in (429, 500, 503, 504):
        yield Row("gcp", status, means="retry")

    for status in (429, 503):
        yield Row("http", status, means="retry", headers=[("Retry-After", "1")])
        yield Row("http", status, means="retry", headers=[("Retry-After", lambda: email.utils.formatdate(
            time.time() + 2, usegmt=True))])


class Answers(ProgramTest):
    HOSTED = ("splunk", "datadog", "gcp")

    def test_each_row_has_its_verdict_and_its_counts(self):
        # The statistics of one run go through a pipe, which has room for some sixty sinks.
        table = [row for row in rows() if row.sink not in self.HOSTED]
        for number, part in enumerate((table[::2], table[1::2])):
            self.run_all(part, f"dead{number}")

    def test_each_row_of_a_hosted_service_has_its_verdict_and_its_counts(self):
        self.run_all([row for row in rows() if row.sink in self.HOSTED], "dead")

    def run_all(self, table, dead):
        lock = threading.Lock()

        def act(peer, connection, request):
            number = int(request.path.split("/")[1].removeprefix("r"))
            with lock:
                status, body, headers = table[number].answer(request)
            return peers.status(status, headers, body)(peer, connection, request)
        with peers.Peer(act) as peer:
            names = [f"row{number:03d}" for number in range(len(table))]
            # One request with all three lines, and nothing beside it.
            text = ('[delivery]\nretry_base = "10ms"\ndrain_timeout = "5s"\nworkers = 1\nbatch_timeout = "30s"\n'
                    '[labels]\napp = "a"\n')
            for number, (name, row) in enumerate(zip(names, table)):
                text += f'[sinks.{name}]\nurl = "{TABLES[row.sink]}"\n'.replace("{at}", f"127.0.0.1:{peer.port}/r{number}")
            result = run("-c", self.write("ship.toml", text), "--stats-at-exit", "--stats-format", "json", "--dead-letter",
                         self.path(dead), "--no-drop-on-full", stdin="\n".join(LINES) + "\n", environment={
                             "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "",
                             "GCE_METADATA_HOST": f"127.0.0.1:{peer.port}/r0", "GOOGLE_APPLICATION_CREDENTIALS": ""})
        self.assertEqual(75, result.returncode, result.stderr[-3000:])
        sinks = json.loads([line for line in result.stderr.splitlines() if line.startswith("{")][-1])["sinks"]
        letters = [json.loads(line) for line in self.read(dead).splitlines()]
        for name, row in zip(names, table):
            with self.subTest(row=row.name, body=row.body[:80], name=name):
                self.check(row, sinks[name], [letter for letter in letters if letter["sink"] == name])

    def check(self, row, sink, letters):
        delivered, refused, kept, retried = {
            "ok": (3, 0, 0, False), "retry": (3, 0, 0, True), "reject": (0, 3, 0, False), "split": (2, 1, 0, False),
            "partial": (2, 1, 0, False), "again": (3, 0, 0, True), "hold": (0, 0, 3, None)}[row.means]
        said = json.dumps(sink)
        # A refusal that the server only counts has no record to put among the dead letters.
        self.assertEqual((delivered, refused, kept), (sink["delivered"], sink["dead_lettered"] + sink["dropped"]["rejected"],
                                                      sink["dropped"]["shutdown"]), said)
        self.assertEqual(3, sink["submitted"])
        self.assertEqual(sink["dead_lettered"], len(letters))
        for letter in letters:
            self.assertEqual(row.status if b'"items"' not in row.body else 400, letter["status"])
        if retried is not None:
            self.assertEqual(retried, sink["retries"] > 0, said)
        if row.means == "hold":
            self.assertTrue(sink["last_error"], said)
        if row.means == "again":
            bodies = [request.body for _, request in row.requests]
            self.assertEqual([3, 1], [sum(text in body for text in (b"first", b"culprit", b"third")) for body in bodies])
        if row.means in ("partial", "reject") or row.calls:
            actions = [request.headers.get("x-amz-target", ".").split(".")[1] for _, request in row.requests]
            self.assertEqual(row.calls or [actions[0]], actions)
        if row.headers:
            self.assertGreater(row.requests[1][0] - row.requests[0][0], 0.9)


if __name__ == "__main__":
    unittest.main()
