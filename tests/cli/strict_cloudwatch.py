"""A CloudWatch Logs of the tests' own: checks every signature by AWS's rules, every limit of PutLogEvents, keeps what
it takes. An action for fault/peer.py."""

import hashlib
import hmac
import json
import threading
import urllib.parse

KEYS = {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


def signature(method, path, headers, body, secret, scope, signed, time):
    """The signature of a request, https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html;
    `headers` with lower-case names, `signed` their names in order, `scope` as in the Credential."""
    path, _, query = path.partition("?")
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join([method, urllib.parse.quote(path, safe="/-_.~"),
                           "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}"
                                    for k, v in pairs),
                           *(f"{name}:{' '.join(headers[name].split())}" for name in signed), "", ";".join(signed),
                           hashlib.sha256(body).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class StrictCloudwatch:
    """`streams` maps (group, stream) to its events, (ms, message). `oldest` and `newest` bound what is taken."""

    def __init__(self, oldest=0, newest=1 << 60, keys=None):
        self.lock = threading.Lock()
        self.oldest, self.newest = oldest, newest
        self.keys = keys or KEYS
        self.groups, self.streams = {}, {}
        self.faults, self.actions = [], []
        self.errors = []  # what is answered before anything is looked at: (status, type)

    def __call__(self, peer, connection, request):
        with self.lock:
            action = request.headers["x-amz-target"].removeprefix("Logs_20140328.")
            self.actions.append(action)
            if self.errors:
                status, answer = self.errors.pop(0)
                answer = {"__type": answer}
            else:
                status, answer = self.verify(request) or self.act(action, json.loads(request.body))
        body = b"" if answer is None else json.dumps(answer).encode()
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        return True

    def verify(self, request):
        algorithm, credential, names, given = request.headers["authorization"].replace(",", "").split(" ")
        key, _, scope = credential.removeprefix("Credential=").partition("/")
        signed = names.removeprefix("SignedHeaders=").split(";")
        time = request.headers["x-amz-date"]
        if key not in self.keys:
            return 400, {"__type": "UnrecognizedClientException"}
        expected = signature(request.method, request.path, request.headers, request.body, self.keys[key], scope, signed,
                             time)
        if (algorithm, scope) != ("AWS4-HMAC-SHA256", time[:8] + "/eu-central-1/logs/aws4_request") or \
                not {"host", "x-amz-date", "x-amz-target"} <= set(signed) or signed != sorted(signed) or \
                given != "Signature=" + expected:
            self.faults.append("the signature")
            return 403, {"__type": "InvalidSignatureException"}
        return None

    def act(self, action, body):
        group, stream = body["logGroupName"], body.get("logStreamName")
        missing = 400, {"__type": "com.amazonaws.logs#ResourceNotFoundException", "message": "it does not exist"}
        if action == "CreateLogGroup":
            if group in self.groups:
                return 400, {"__type": "ResourceAlreadyExistsException"}
            self.groups[group] = None
            return 200, None
        if group not in self.groups:
            return missing
        if action == "PutRetentionPolicy":
            self.groups[group] = body["retentionInDays"]
            return 200, None
        if action == "CreateLogStream":
            if (group, stream) in self.streams:
                return 400, {"__type": "ResourceAlreadyExistsException"}
            self.streams[group, stream] = []
            return 200, None
        if (group, stream) not in self.streams:
            return missing
        return self.put(self.streams[group, stream], [(e["timestamp"], e["message"]) for e in body["logEvents"]])

    def put(self, kept, events):
        times = [time for time, _ in events]
        if not 0 < len(events) <= 10000 or times != sorted(times) or times[-1] - times[0] > 86400000 or \
                not all(message for _, message in events) or \
                sum(len(message.encode()) + 26 for _, message in events) > 1048576:
            self.faults.append("the limits of PutLogEvents")
            return 400, {"__type": "InvalidParameterException"}
        old = sum(time < self.oldest for time in times)
        new = sum(time <= self.newest for time in times)
        kept += events[old:new]
        rejected = {}
        if old:
            rejected["tooOldLogEventEndIndex"] = old
        if new < len(events):
            rejected["tooNewLogEventStartIndex"] = new
        return 200, {"nextSequenceToken": "x", **({"rejectedLogEventsInfo": rejected} if rejected else {})}
