"""Google Cloud Logging of the tests' own, with its token endpoint and a metadata server, made from their documents
(entries.write, LogEntry, "Using OAuth 2.0 for Server to Server Applications"): takes nothing else, verifies each
signature, and keeps what it takes. An action for fault/peer.py."""

import base64
import datetime
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.parse

from hosted import StrictService

SEVERITIES = {"DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"}
REQUEST = {"logName", "resource", "labels", "partialSuccess", "dryRun", "entries"}
ENTRY = {"timestamp", "severity", "insertId", "trace", "spanId", "jsonPayload", "textPayload"}
SCOPE = "https://www.googleapis.com/auth/logging.write"
PARTIAL = "type.googleapis.com/google.logging.v2.WriteLogEntriesPartialErrors"
EMAIL = "shipper@my-proj.iam.gserviceaccount.com"


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def error(status, name, message, details=()):
    return status, {"error": {"code": status, "message": message, "status": name, "details": list(details)}}


class StrictGcp(StrictService):
    """`stored` are (insertId, payload as it came, entry), `unkept` entries older than the retention. `poison` looks at
    an entry and returns a code and a message, or none. Tokens are good for `lasts` seconds."""

    def __init__(self, directory, poison=None, lasts=3600):
        super().__init__()
        self.poison = poison or (lambda entry: None)
        self.directory = directory
        self.lasts = lasts
        self.tokens, self.asked, self.dry = {}, [], 0
        self.unkept = []
        self.key = os.path.join(directory, "private.pem")
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        subprocess.run(["openssl", "rsa", "-in", self.key, "-pubout", "-out", self.key + ".pub"], check=True,
                       capture_output=True)

    def key_file(self, peer, **changes):
        """The path of a service account's key whose token_uri is this server."""
        with open(self.key, encoding="ascii") as file:
            key = {"type": "service_account", "project_id": "my-proj", "private_key_id": "kid-1", "private_key": file.read(),
                   "client_email": EMAIL, "token_uri": peer.url("/token"), **changes}
        path = os.path.join(self.directory, "key.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(key, file)
        return path

    def answer(self, request):
        if request.path == "/token":
            return self.token_for_jwt(request)
        if request.path.startswith("/computeMetadata/v1/instance/service-accounts/default/token"):
            if request.headers.get("metadata-flavor") != "Google":
                return 403, {}
            return self.new_token("metadata")
        ends = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "), 0)
        if ends < time.time():
            return error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        self.must(request.method == "POST" and request.path == "/v2/entries:write", request.path)
        return self.write(request.body)

    def new_token(self, way):
        self.asked.append(way)
        token = f"ya29.secret-{len(self.asked)}"
        self.tokens[token] = time.time() + self.lasts
        return 200, {"access_token": token, "expires_in": self.lasts, "token_type": "Bearer"}

    def token_for_jwt(self, request):
        form = dict(urllib.parse.parse_qsl(request.body.decode(), strict_parsing=True))
        self.must(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer", "the grant type")
        head, claims, signature = form["assertion"].split(".")
        header, body = json.loads(decoded(head)), json.loads(decoded(claims))
        self.must(header == {"alg": "RS256", "typ": "JWT", "kid": "kid-1"}, header)
        self.must(body["iss"] == EMAIL and body["scope"] == SCOPE and body["aud"].endswith("/token"), body)
        now = time.time()
        with tempfile.NamedTemporaryFile() as file:
            file.write(decoded(signature))
            file.flush()
            verified = subprocess.run(["openssl", "dgst", "-sha256", "-verify", self.key + ".pub", "-signature", file.name],
                                      input=f"{head}.{claims}".encode(), capture_output=True, check=False)
        if verified.returncode != 0 or not body["iat"] - 60 <= now < body["exp"] <= body["iat"] + 3600:
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        return self.new_token("key")

    def write(self, text):
        if len(text) > 10_485_760:
            self.faults.append("a request above 10 MB")
        try:
            body = json.loads(text)
        except ValueError:
            return error(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")
        self.must(set(body) <= REQUEST and body["partialSuccess"] is True, f"keys {sorted(body)}")
        self.must(re.fullmatch(r"projects/my-proj/logs/[A-Za-z0-9_.%-]+", body["logName"]), body["logName"])
        self.must(body["entries"] and body["resource"]["type"], "no entries or no resource")
        refused, taken = {}, []
        raw = self.payloads(text.decode())
        for number, entry in enumerate(body["entries"]):
            fault = self.fault_of(entry)
            if fault:
                refused[str(number)] = {"code": fault[0], "message": fault[1]}
            elif not body.get("dryRun"):
                taken.append((entry.get("insertId"), raw[number], entry))
        self.dry += body.get("dryRun", False)
        oldest = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=30)
        for record in taken:
            old = datetime.datetime.fromisoformat(record[2]["timestamp"][:19] + "+00:00") < oldest
            (self.unkept if old else self.stored).append(record)
        if refused:
            return error(400, "INVALID_ARGUMENT", "some entries", [{"@type": PARTIAL, "logEntryErrors": refused}])
        return 200, {}

    @staticmethod
    def payloads(text):
        """The payload of each entry as it stands in the request."""
        found, at = [], text.index('"entries":[')
        while (at := text.find('"jsonPayload":', at)) >= 0:
            at += len('"jsonPayload":')
            _, end = json.JSONDecoder().raw_decode(text, at)
            found.append(text[at:end])
            at = end
        return found or [None]

    def fault_of(self, entry):
        self.must(set(entry) <= ENTRY and entry["severity"] in SEVERITIES, f"keys {sorted(entry)}")
        self.must(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", entry["timestamp"]), entry["timestamp"])
        self.must(isinstance(entry.get("jsonPayload", {}), dict) and len(entry.get("insertId", "")) <= 512, "the entry")
        if len(json.dumps(entry, ensure_ascii=False).encode()) > 256 * 1024 * 1.1:
            self.faults.append("an entry above 256 KB")
            return 3, "Log entry with size exceeds maximum size of 256.0K"
        ahead = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=24)
        if datetime.datetime.fromisoformat(entry["timestamp"][:19] + "+00:00") > ahead:
            return 3, "Log entry has a timestamp too far in the future"
        return self.poison(entry)
