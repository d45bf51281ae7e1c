"""A GELF input of the tests' own, made from the "GELF Payload Specification" 1.1: each message is one JSON object, over
TCP with a NUL behind it. Takes nothing else. For fault/stream_peer.py, and as an action for fault/peer.py."""

import json
import re

from hosted import StrictService

FIELD = re.compile(r"_[\w.\-]+")
OWN = {"version", "host", "short_message", "full_message", "timestamp", "level"}


def parse(text):
    """The message and what is wrong with it; empty: nothing."""
    names = []

    def member_list(pairs):
        names.extend(name for name, _ in pairs)
        return dict(pairs)
    try:
        message = json.loads(text, object_pairs_hook=member_list, parse_constant=lambda name: name)
    except ValueError as error:
        return None, f"not JSON: {error}"
    if not isinstance(message, dict):
        return None, "not an object"
    if len(names) != len(set(names)):
        return message, "a name twice"
    if message.get("version") != "1.1":
        return message, "version is not 1.1"
    for name in ("host", "short_message"):
        if not isinstance(message.get(name), str) or not message[name].strip():
            return message, f"{name} is no text"
    if not isinstance(message.get("full_message", ""), str):
        return message, "full_message is no text"
    if type(message.get("timestamp")) not in (int, float) or not message["timestamp"] > 0:
        return message, "timestamp is no number"
    if type(message.get("level")) is not int or not 0 <= message["level"] <= 7:
        return message, "level is not 0 to 7"
    for name, value in message.items():
        if name in OWN:
            continue
        if not FIELD.fullmatch(name) or name == "_id":
            return message, f"the name {name}"
        if type(value) not in (str, int, float):
            return message, f"{name} is neither text nor a number"
    return message, ""


class GelfReader:
    """`take` gets each message as an object."""

    def __init__(self, take, fault):
        self.take, self.fault = take, fault
        self.rest = b""

    def feed(self, data):
        *whole, self.rest = (self.rest + data).split(b"\0")
        for text in whole:
            message, wrong = parse(text)
            if wrong:
                self.fault(f"{wrong}: {text[:200]!r}")
            else:
                self.take(message)

    def end(self):
        pass


class StrictGelf(StrictService):
    """An HTTP input: 202 for one message a request, 400 for what is none. `stored` are the messages. `poison` looks at one
    and says whether it is refused; `bulk`: a request has a message a line; `token`: what the header must say."""

    def __init__(self, poison=None, bulk=False, token=None):
        super().__init__()
        self.poison = poison or (lambda message: False)
        self.bulk, self.token = bulk, token
        self.sizes = []  # messages of each request that was taken

    def answer(self, request):
        if self.token and request.headers.get("authorization") != self.token:
            return 401, b"Unauthorized: " + request.headers.get("authorization", "").encode()
        self.must(request.method == "POST" and request.path == "/gelf", request.path)
        self.must(request.headers["content-type"] == "application/json", "the content type")
        texts = request.body.split(b"\n") if self.bulk else [request.body]
        messages = []
        for text in texts:
            message, wrong = parse(text)
            self.must(not wrong, wrong)
            if wrong or self.poison(message):
                return 400, b"not a GELF message"
            messages.append(message)
        self.stored += messages
        self.sizes.append(len(messages))
        return 202, b""
