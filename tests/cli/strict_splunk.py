"""A Splunk HTTP Event Collector of the tests' own, made from its documents ("Format events for HTTP Event Collector",
"Troubleshoot HTTP Event Collector"): takes nothing else, and keeps what it takes. An action for fault/peer.py.

As the real one does, it indexes event after event and stops at the first that is invalid: those before it are there,
though the answer is 400."""

import json

from hosted import StrictService

KEYS = {"time", "host", "source", "sourcetype", "index", "event", "fields"}
DECODER = json.JSONDecoder(parse_float=str)
TOKEN = "7b0c1f4e-splunk-token"


class StrictSplunk(StrictService):
    """`stored` are (identity, event as it came, envelope). `poison` looks at an envelope and returns a code, or none."""

    def __init__(self, poison=None, indexes=("main",), token=TOKEN):
        super().__init__()
        self.poison = poison or (lambda envelope: None)
        self.indexes = indexes
        self.tokens = {token}

    def answer(self, request):
        given = request.headers.get("authorization", "")
        if not given:
            return 401, {"text": "Token is required", "code": 2}
        if not given.startswith("Splunk "):
            return 401, {"text": "Invalid authorization", "code": 3}
        if given.removeprefix("Splunk ") not in self.tokens:
            return 403, {"text": "Invalid token", "code": 4}
        self.must(request.method == "POST" and request.path == "/services/collector/event", request.path)
        self.must(request.headers["content-type"] == "application/json", "the content type")
        text = request.body.decode()
        if not text.strip():
            return 400, {"text": "No data", "code": 5}
        count = at = 0
        while at < len(text):
            try:
                envelope, end = DECODER.raw_decode(text, at)
            except ValueError:
                return 400, {"text": "Invalid data format", "code": 6, "invalid-event-number": count}
            code = self.fault_of(text[at:end], envelope)
            if code is not None:
                return 400, {"text": "Refused", "code": code, "invalid-event-number": count}
            raw = text[text.index('"event":', at) + len('"event":'):]
            _, size = json.JSONDecoder().raw_decode(raw)
            self.stored.append((envelope.get("fields", {}).get("fapilog_ship_id"), raw[:size], envelope))
            count += 1
            at = end
            while at < len(text) and text[at].isspace():
                at += 1
        self.must(count == 1 or len(request.body) <= 1_000_000, "a request above 1 MB")
        return 200, {"text": "Success", "code": 0}

    def fault_of(self, raw, envelope):
        self.must(isinstance(envelope, dict) and set(envelope) <= KEYS, f"keys {sorted(envelope)}")
        self.must(raw.startswith('{"time":') and "e" not in str(envelope["time"]).lower(), "the time")
        if "event" not in envelope:
            return 12
        if envelope["event"] in ("", {}):
            return 13
        fields = envelope.get("fields", {})
        if not all(isinstance(value, str) or isinstance(value, list) and all(isinstance(one, str) for one in value)
                   for value in fields.values()):
            return 15
        if envelope.get("index", self.indexes[0]) not in self.indexes:
            return 7
        return self.poison(envelope)
