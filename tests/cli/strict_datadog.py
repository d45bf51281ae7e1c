"""A log intake of Datadog of the tests' own, made from the documents of its API (POST /api/v2/logs): takes nothing
else, and keeps what it takes. An action for fault/peer.py."""

import json

from hosted import StrictService

KEYS = {"message", "timestamp", "status", "hostname", "ddsource", "ddtags", "service", "dd.trace_id", "dd.span_id"}
STATUSES = {"emergency", "alert", "critical", "error", "warn", "notice", "info", "debug"}
KEY = "0123456789abcdef-datadog"


def error(status, title):
    return status, {"errors": [{"status": str(status), "title": title}]}


class StrictDatadog(StrictService):
    """`stored` are (none, message, log). `poison` looks at a log and returns whether it spoils its request."""

    def __init__(self, poison=None, key=KEY):
        super().__init__()
        self.poison = poison or (lambda log: False)
        self.keys = {key}
        self.cut = 0

    def answer(self, request):
        if request.headers.get("dd-api-key") not in self.keys:
            return error(403, "Forbidden")
        self.must(request.method == "POST" and request.path == "/api/v2/logs", request.path)
        self.must(request.headers["content-type"] == "application/json", "the content type")
        if len(request.body) > 5_000_000:
            self.faults.append("a request above 5 MB")
            return error(413, "Request Entity Too Large")
        try:
            logs = json.loads(request.body)
        except ValueError:
            return error(400, "Bad Request")
        self.must(isinstance(logs, list) and len(logs) <= 1000, "more than 1,000 logs")
        for log in logs:
            self.must(set(log) <= KEYS and isinstance(log["message"], str), f"keys {sorted(log)}")
            self.must(isinstance(log["timestamp"], int) and log["status"] in STATUSES, "time or status")
            self.must(all(isinstance(value, str) for key, value in log.items() if key != "timestamp"), "no text")
        if any(map(self.poison, logs)):
            return error(400, "Bad Request")
        self.cut += sum(len(json.dumps(log)) > 1_000_000 for log in logs)
        self.stored += [(None, log["message"], log) for log in logs]
        return 202, {}
