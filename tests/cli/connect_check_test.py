"""`check --connect` in front of fakes of every kind of sink: what it finds, what it says where it finds nothing, that it
sends no record, and its exit code."""

import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import unittest

from program import ProgramTest, run

OK, UNREACHABLE, CONFIG = 0, 1, 78


class Fake:
    """A server that answers by a table: (method, path) or path to (status, content type, body); what is not in it is 404.
    Keeps what it was asked. `user` and `password`, where they are set, are needed for every path but /ready."""

    def __init__(self, table, credentials=None, context=None):
        fake = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.partition("?")[0]
                fake.asked.append((self.command, path, dict(self.headers), body))
                status, kind, text = table.get((self.command, path)) or table.get(path) or (404, "text/plain", "")
                if credentials and path != "/ready" and self.headers.get("Authorization") != credentials:
                    status, kind, text = 401, "text/plain", "who are you?"
                if callable(text):
                    text = text(body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text.encode())

            do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = answer

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.server.handle_error = lambda *arguments: None
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self, scheme="", path="/"):
        return f"{scheme}http://127.0.0.1:{self.port}{path}"


LOKI = {"/ready": (200, "text/plain", "ready\n"),
        "/loki/api/v1/push": (422, "text/plain", "at least one valid stream is required for ingestion")}
SEARCH = {"/": (200, "application/json", '{"version":{"number":"8.15.1"},"tagline":"You Know, for Search"}'),
          "/_security/user/_has_privileges": (200, "application/json", '{"has_all_requested":true}'),
          "/logs": (200, "application/json", "")}
OPENSEARCH = {"/": (200, "application/json", '{"version":{"distribution":"opensearch","number":"2.18.0"}}')}
COLLECTOR = {"/v1/logs": (200, "application/x-protobuf", "")}
WEBSITE = {(method, path): (200, "text/html", "<html>welcome</html>") for method in ("GET", "POST", "HEAD", "OPTIONS")
           for path in ("/", "/ready", "/loki/api/v1/push", "/logs", "/v1/logs")}
GROUPS = '{"logGroups":[{"logGroupName":"g","retentionInDays":7}]}'


class ConnectTest(ProgramTest):
    def fake(self, *arguments, **keywords):
        fake = Fake(*arguments, **keywords)
        self.addCleanup(fake.close)
        return fake

    def check(self, code, *urls, environment=None):
        """The lines below each sink, in their order."""
        arguments = [part for url in urls for part in ("--sink", url)]
        result = run("check", "--connect", *arguments, environment={"FAPILOG_SHIP_REQUEST_TIMEOUT": "5s",
                                                                    **(environment or {})})
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        lines = result.stdout.splitlines()
        self.assertEqual(2 * len(urls) + 1, len(lines), result.stdout + result.stderr)
        self.assertEqual(code == OK, lines[0] == "OK", result.stdout)
        return [line.strip() for line in lines[2::2]]

    def says(self, code, url, *parts, **keywords):
        (line,) = self.check(code, url, **keywords)
        self.assertTrue(line.startswith("ok: " if code == OK else "FAILED: "), line)
        for part in parts:
            self.assertIn(part, line)


class Good(ConnectTest):
    def test_loki(self):
        loki = self.fake(LOKI)
        self.says(OK, loki.url("loki+", "?tenant_id=shop"), "Loki is ready", "HTTP 422")
        self.assertEqual(["/ready", "/loki/api/v1/push"], [path for _, path, _, _ in loki.asked])
        self.assertEqual("shop", loki.asked[1][2]["X-Scope-OrgID"])
        # Snappy for no bytes at all.
        self.assertEqual(b"\0", loki.asked[1][3])

    def test_loki_behind_a_gateway_that_hides_ready(self):
        self.says(OK, self.fake({"/loki/api/v1/push": (204, "", "")}).url("loki+"), "/ready answers 404; a gateway may not have it")
        self.says(OK, self.fake({"/ready": (501, "", ""), "/loki/api/v1/push": (204, "", "")}).url("loki+"),
                  "/ready answers 501; a gateway may not have it")

    def test_elasticsearch(self):
        search = self.fake(SEARCH)
        self.says(OK, search.url("elasticsearch+", "/logs"), "Elasticsearch 8.15.1", "this user may write",
                  "index logs is there")
        asked = json.loads([body for _, path, _, body in search.asked if "privileges" in path][0])
        self.assertEqual({"index": [{"names": ["logs"], "privileges": ["create_doc"]}]}, asked)
        self.says(OK, self.fake(OPENSEARCH).url("elasticsearch+", "/logs"), "OpenSearch 2.18.0",
                  "made with the first record")
        self.says(OK, self.fake(OPENSEARCH).url("elasticsearch+", "/logs-{service}"), "depends on the record")

    def test_cloudwatch(self):
        self.cloudwatch(OK, (200, GROUPS), "log group g is there", "7 days")
        self.cloudwatch(OK, (200, '{"logGroups":[{"logGroupName":"g2"}]}'), "made with the first record")
        self.cloudwatch(OK, (400, '{"__type":"AccessDeniedException","message":"not authorized"}'), "cannot be told")

    def cloudwatch(self, code, answer, *parts, more=""):
        service = self.fake({"/": (answer[0], "application/x-amz-json-1.1", answer[1])})
        self.says(code, f"cloudwatch://eu-central-1/g/s?endpoint_url=http://127.0.0.1:{service.port}"
                        f"&access_key_id=A&secret_access_key=S{more}", *parts)
        self.assertTrue(all(headers["X-Amz-Target"].endswith("DescribeLogGroups")
                            for _, _, headers, _ in service.asked))

    def test_cloudwatch_that_refuses(self):
        self.cloudwatch(UNREACHABLE, (400, '{"__type":"UnrecognizedClientException","message":"bad token"}'),
                        "bad token")
        self.cloudwatch(UNREACHABLE, (200, '{"logGroups":[]}'), "there is no log group g", more="&create_group=false")
        self.cloudwatch(UNREACHABLE, (200, "<html>"), "is this CloudWatch Logs?")

    def test_splunk(self):
        hec = self.fake({"/services/collector/event": (400, "application/json", '{"text":"No data","code":5}')},
                        credentials="Splunk T")
        self.says(OK, hec.url("splunk+", "?token=T&index=a"), "takes the token", "whether the index is right")
        self.assertEqual([b""], [body for _, _, _, body in hec.asked])
        self.says(UNREACHABLE, hec.url("splunk+", "?token=U"), "HTTP 401")
        self.says(UNREACHABLE, self.fake({"/services/collector/event": (200, "text/html", "<html>")}).url(
            "splunk+", "?token=T"), "is this Splunk's HTTP Event Collector?")

    def test_datadog(self):
        intake = self.fake({"/api/v2/logs": (202, "application/json", "{}")})
        url = f"datadog://datadoghq.eu?endpoint_url=http://127.0.0.1:{intake.port}&api_key=K"
        self.says(OK, url, "takes the API key")
        self.assertEqual([("K", b"[]")], [(headers["DD-API-KEY"], body) for _, _, headers, body in intake.asked])

    def test_gcp(self):
        google = self.fake({"/v2/entries:write": (200, "application/json", "{}"), "/computeMetadata/v1/instance/"
                            "service-accounts/default/token": (200, "application/json",
                                                               '{"access_token":"ya29.a","expires_in":3600}')})
        url = f"gcp://my-proj/shop?endpoint_url=http://127.0.0.1:{google.port}"
        environment = {"GCE_METADATA_HOST": f"127.0.0.1:{google.port}", "GOOGLE_APPLICATION_CREDENTIALS": ""}
        self.says(OK, url, "may write to the log shop of my-proj", environment=environment)
        (written,) = [json.loads(body) for _, path, _, body in google.asked if path.endswith("write")]
        self.assertTrue(written["dryRun"])
        self.says(CONFIG, url, "no Google credentials", "HTTP 404", environment={
            **environment, "GCE_METADATA_HOST": f"127.0.0.1:{google.port}/elsewhere"})

    def s3(self, code, answer, *parts):
        service = self.fake({"/b/": (answer[0], "application/xml", answer[1])})
        self.says(code, f"s3://b/p?endpoint_url=http://127.0.0.1:{service.port}&access_key_id=A&secret_access_key=S",
                  *parts)

    def test_s3(self):
        self.s3(OK, (200, "<ListBucketResult/>"), "bucket b is there, in us-east-1")
        self.s3(OK, (403, "<Error><Code>AccessDenied</Code></Error>"), "cannot be told")
        self.s3(UNREACHABLE, (200, "<html>"), "is this S3?")
        self.s3(UNREACHABLE, (404, "<Error><Code>NoSuchBucket</Code></Error>"), "make the bucket")
        self.s3(UNREACHABLE, (403, "<Error><Code>RequestTimeTooSkewed</Code></Error>"), "clock is wrong")
        self.s3(UNREACHABLE, (400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>"),
                'set region = "eu-west-3"')

    def test_otlp(self):
        collector = self.fake(COLLECTOR)
        self.says(OK, collector.url("otlp+"), "takes log records")
        self.assertEqual([b""], [body for _, _, _, body in collector.asked])

    def test_http(self):
        endpoint = self.fake({("OPTIONS", "/in"): (204, "", ""), ("OPTIONS", "/strict"): (405, "", "")})
        self.says(OK, endpoint.url(path="/in"), "HTTP 204")
        self.says(OK, endpoint.url(path="/strict"), "HTTP 405", "only a record can tell")
        self.assertEqual({("OPTIONS", b"")}, {(method, body) for method, _, _, body in endpoint.asked})

    def test_local_sinks(self):
        path = self.path("app.ndjson")
        self.says(OK, f"file://{path}", "made with the first record", "free in")
        self.assertFalse(os.path.exists(path))
        self.write("app.ndjson", "{}\n")
        self.says(OK, f"file://{path}", "is there")
        self.says(OK, "stdout:", "standard output is a pipe")
        self.says(OK, "null:", "ready")

    def test_a_password_is_sent_and_not_shown(self):
        loki = self.fake(LOKI, credentials="Basic dTpodW50ZXIy")
        self.says(OK, loki.url("loki+").replace("//", "//u:hunter2@"), "ready")
        (line,) = self.check(UNREACHABLE, loki.url("loki+").replace("//", "//u:hunter3@"))
        self.assertNotIn("hunter", line)


class Bad(ConnectTest):
    REMOTE = ("http", "loki+http", "elasticsearch+http", "otlp+http")

    def each(self, address):
        paths = {"elasticsearch+http": "/logs"}
        return [f"{scheme}://{address}{paths.get(scheme, '/')}" for scheme in self.REMOTE] + [
            f"kafka://{address}/logs", f"cloudwatch://eu-central-1/g/s?endpoint_url=http://{address}"
            "&access_key_id=A&secret_access_key=S", f"splunk+http://{address}?token=T",
            f"datadog://datadoghq.eu?endpoint_url=http://{address}&api_key=K", f"postgres://{address}/app",
            f"s3://b?endpoint_url=http://{address}&access_key_id=A&secret_access_key=S"]

    def test_a_refused_connection_is_said_for_every_sink(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
            for line in self.check(UNREACHABLE, *self.each(f"127.0.0.1:{taken.getsockname()[1]}")):
                self.assertRegex(line, "FAILED: .*127.0.0.1:.*Connection refused")

    def test_a_name_that_is_not_found_is_said_for_every_sink(self):
        for line in self.check(UNREACHABLE, *self.each("nowhere.invalid:9")):
            self.assertRegex(line, "FAILED: .*nowhere.invalid.*resolve")

    def test_credentials_that_are_refused(self):
        for status, words in ((401, "check the credentials"), (403, "may not write here")):
            refuses = self.fake({path: (status, "text/plain", "no") for path in
                                 ("/", "/ready", "/in", "/logs", "/v1/logs", "/loki/api/v1/push")})
            urls = [refuses.url(path="/in"), refuses.url("loki+"), refuses.url("elasticsearch+", "/logs"),
                    refuses.url("otlp+")]
            for line in self.check(UNREACHABLE, *urls):
                self.assertIn(f"HTTP {status}", line)
                self.assertIn(words, line)
        lacks = dict(SEARCH)
        lacks["/_security/user/_has_privileges"] = (200, "application/json", '{"has_all_requested":false}')
        self.says(UNREACHABLE, self.fake(lacks).url("elasticsearch+", "/logs"), "may not write to the index logs")

    def test_another_product_is_not_taken_for_the_right_one(self):
        website = self.fake(WEBSITE)
        for scheme, path, product in (("loki+", "/", "Loki"), ("elasticsearch+", "/logs", "Elasticsearch"),
                                      ("otlp+", "/", "an OTLP endpoint")):
            self.says(UNREACHABLE, website.url(scheme, path), f"is this {product}")
        self.says(UNREACHABLE, self.fake({}).url("loki+"), "HTTP 404")
        self.says(UNREACHABLE, self.fake({}).url("otlp+"), "HTTP 404")
        self.says(UNREACHABLE, self.fake(SEARCH).url("loki+"), "HTTP 404")
        self.says(UNREACHABLE, f"kafka://127.0.0.1:{website.port}/logs?request_timeout=1s",
                  f"127.0.0.1:{website.port}", "is this Apache Kafka?")

    def test_a_certificate_that_is_not_trusted(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        "key.pem", "-out", "cert.pem"], cwd=self.directory, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("cert.pem"), self.path("key.pem"))
        endpoint = self.fake({**LOKI, **SEARCH, **COLLECTOR, "/in": (204, "", "")}, context=context)
        urls = [endpoint.url(scheme, path).replace("http:", "https:") for scheme, path in
                (("", "/in"), ("loki+", "/"), ("elasticsearch+", "/logs"), ("otlp+", "/"))]
        for line in self.check(UNREACHABLE, *urls, f"kafka://127.0.0.1:{endpoint.port}/logs?tls=true"):
            self.assertRegex(line, "(?i)certificate")
        trusting = [url + f"?ca_file={self.path('cert.pem')}" for url in urls]
        self.check(OK, *trusting)

    def test_a_server_that_never_answers_takes_no_longer_than_the_request_timeout(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            lines = self.check(UNREACHABLE, *self.each(f"127.0.0.1:{silent.getsockname()[1]}"), "null:",
                               environment={"FAPILOG_SHIP_REQUEST_TIMEOUT": "500ms"})
        self.assertEqual("ok: ready", lines[-1])
        for line in lines[:-1]:
            self.assertTrue(line.startswith("FAILED: "), line)

    def test_one_that_fails_hides_none_of_the_others(self):
        loki = self.fake(LOKI)
        lines = self.check(UNREACHABLE, "http://127.0.0.1:1/", loki.url("loki+"), "null:")
        self.assertEqual(["FAILED", "ok", "ok"], [line.split(":")[0] for line in lines])

    def test_local_sinks(self):
        self.says(UNREACHABLE, f"file://{self.path('missing/app.ndjson')}", "missing", "No such file or directory")
        os.symlink("elsewhere", self.path("link"))
        self.says(UNREACHABLE, f"file://{self.path('link')}", "symbolic link")
        self.says(UNREACHABLE, f"file://{self.directory}", "is a directory")

    def test_bad_configuration_is_78_whether_the_file_or_the_sink_knows(self):
        self.assert_fails(run("check", "--connect", "--sink", "http://h:0/"), CONFIG, "port")
        self.says(CONFIG, f"http://127.0.0.1:1/?ca_file={self.path('none.pem')}", "none.pem")
        self.says(CONFIG, f"kafka://127.0.0.1:1/t?tls=true&ca_file={self.path('none.pem')}", "none.pem")
        self.says(CONFIG, "kafka://127.0.0.1:1/t?properties.max.in.flight=9", "max.in.flight")


if __name__ == "__main__":
    unittest.main()
