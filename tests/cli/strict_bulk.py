"""An Elasticsearch of the tests' own: takes nothing but what the bulk API's documentation allows, keeps what it takes,
and answers item by item. An action for fault/peer.py."""

import json
import threading

FORBIDDEN = set('\\/*?"<>| ,#:')


class StrictBulk:
    """`documents` maps (index, id) to the source. `refuse` looks at (index, source) and returns none, or a status and
    a reason. `lost_answers` is how many requests are taken without the client ever learning of it."""

    def __init__(self, refuse=None, lost_answers=0):
        self.lock = threading.Lock()
        self.refuse = refuse or (lambda index, source: None)
        self.lost_answers = lost_answers
        self.documents = {}
        self.conflicts = 0
        self.faults = []
        self.authorization = set()

    def __call__(self, peer, connection, request):
        with self.lock:
            self.authorization.add(request.headers.get("authorization"))
            try:
                items = self.take(request)
                body = json.dumps({"took": 1, "errors": any("error" in i for i in items),
                                   "items": [{i.pop("op"): i} for i in items]}).encode()
                status = b"200 OK"
            except (AssertionError, ValueError, KeyError) as fault:
                self.faults.append(repr(fault))
                body, status = json.dumps({"error": repr(fault)}).encode(), b"400 Bad Request"
            lost = self.lost_answers > 0
            self.lost_answers -= lost
        if lost:
            return False
        connection.sendall(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                           % (status, len(body), body))
        return True

    def take(self, request):
        assert request.method == "POST" and request.path.split("?")[0].endswith("/_bulk"), request.path
        assert request.headers["content-type"] == "application/x-ndjson"
        assert request.body.endswith(b"\n"), "no newline at the end"
        lines = request.body[:-1].split(b"\n")
        assert len(lines) % 2 == 0 and lines, "an action without its document"
        return [self.item(json.loads(action), json.loads(source)) for action, source in zip(lines[::2], lines[1::2])]

    def item(self, action, source):
        ((op, target),) = action.items()
        index, name = target["_index"], target["_id"]
        assert op in ("create", "index") and index == index.lower() and not set(index) & FORBIDDEN
        assert index[0] not in "-_+" and 0 < len(name.encode()) <= 512 and "@timestamp" in source
        refusal = self.refuse(index, source)
        if refusal is not None:
            return {"op": op, "status": refusal[0], "error": {"type": "refused", "reason": refusal[1]}}
        if op == "create" and (index, name) in self.documents:
            self.conflicts += 1
            return {"op": op, "status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "exists"}}
        self.documents[index, name] = source
        return {"op": op, "status": 201}
