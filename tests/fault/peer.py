"""A scripted HTTP peer: a real server on the loopback interface that misbehaves as told, and remembers
every request and every record that it answered with success."""

import array
import gzip
import json
import re
import socket
import ssl
import struct
import threading
import time
import zlib


# Where an answer took longer than this, seconds, the client may have given up before it.
DOUBT = 1.0


class Request:
    """One request as it came: method, path, headers with lower-case names, body after decompression."""

    def __init__(self, method, path, headers, body):
        self.at = time.monotonic()
        self.method = method
        self.path = path
        self.headers = headers
        self.size = len(body)
        self.batch = None  # once it was accepted
        self.stopped = None  # an event: whoever hangs by its action lets go
        self.raw = body  # as it came
        self.body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body

    def lines(self):
        """The records as bytes: of a JSON push to Loki, of a JSON array, or of newline-delimited JSON."""
        if self.headers.get("content-type") == "application/x-protobuf":
            return []  # compressed in a form that the standard library cannot read
        if self.path.startswith("/loki/"):
            streams = json.loads(self.body)["streams"]
            return [value[1].encode() for stream in streams for value in stream["values"]]
        if self.body.startswith(b"["):
            return [json.dumps(record).encode() for record in json.loads(self.body)]
        return self.body.splitlines()


# Also where the line is text within JSON.
NUMBERS = re.compile(rb'"seq\\?":(\d+)')


def sequence(line):
    """The producer's number of a line, or none."""
    match = NUMBERS.search(line)
    return int(match.group(1)) if match else None


# Actions: what the peer does with one request. Each takes the connection and the request, and returns true where
# the connection may go on.

def status(code, headers=(), body=b"", delay=0.0):
    """Answers with `code`, after `delay` seconds. A header's value may be a function, asked for each answer."""
    def act(peer, connection, request):
        if delay:
            request.stopped.wait(delay)
        reason = {200: "OK", 204: "No Content"}.get(code, "Because")
        head = f"HTTP/1.1 {code} {reason}\r\n" + "".join(
            f"{name}: {value() if callable(value) else value}\r\n" for name, value in headers)
        if code != 204:
            head += f"Content-Length: {len(body)}\r\n"
        if 200 <= code < 300:
            peer.accept(request)
        connection.sendall(head.encode() + b"\r\n" + body)
        return True
    return act


ok = status(204)


def hang(before=b""):
    """Sends `before`, then nothing more, for ever. Once a good status line is out the server has its records,
    whatever becomes of the rest."""
    def act(peer, connection, request):
        if before.startswith(b"HTTP/1.1 200 OK\r\n"):
            peer.accept(request)
        connection.sendall(before)
        request.stopped.wait()
        return False
    return act


hang_before_answer = hang()
hang_in_status_line = hang(b"HTTP/1.1 20")
hang_in_head = hang(b"HTTP/1.1 200 OK\r\nContent-Le")
hang_in_body = hang(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")


def reset(peer, connection, request):
    """Closes with a reset instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def raw(data):
    """Answers with these bytes and closes."""
    def act(peer, connection, request):
        connection.sendall(data)
        return False
    return act


garbage = raw(bytes(range(128, 256)) * 8 + b"\r\n\r\n")


def accept_then(size, how):
    """Stores the records, sends `size` bytes of a good answer, then breaks off: "reset", "close" or "hang"."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def act(peer, connection, request):
        peer.accept(request)
        request.batch.doubtful = True
        connection.sendall(answer[:size])
        if how == "hang":
            request.stopped.wait()
        return reset(peer, connection, request) if how == "reset" else False
    return act


def drip(peer, connection, request):
    """A good answer, one byte every 20 ms."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no":
        connection.sendall(bytes([byte]))
        if request.stopped.wait(0.02):
            return False
    peer.accept(request)
    connection.sendall(b"k")
    return True


def delayed(action, seconds):
    """The action, begun late."""
    def act(peer, connection, request):
        request.stopped.wait(seconds)
        return action(peer, connection, request)
    return act


def too_large_above(limit):
    """413 for a body of more than `limit` bytes."""
    def act(peer, connection, request):
        return (ok if request.size <= limit else status(413, body=b"too large"))(peer, connection, request)
    return act


def refuse(marker, reason=b"poison"):
    """400 for a request that holds the marker anywhere: nothing of it is stored."""
    def act(peer, connection, request):
        return (status(400, body=reason) if marker in request.body else ok)(peer, connection, request)
    return act


class Batch:
    """The numbers of the records of one request that was answered with success."""

    def __init__(self, request):
        self.key = request.headers.get("idempotency-key", "")
        self.run = request.headers.get("x-run", "")
        self.numbers = array.array("Q", map(int, NUMBERS.findall(request.body)))
        # True where the client may not have seen the answer.
        self.doubtful = False


class Peer:
    """A server for one test. `script` is the list of actions for the requests in their order; the last one
    stays in force. `set(action)` replaces what is left of the script; used as a context manager it ends
    every thread and connection at the exit. Of requests and records it keeps the numbers alone in `batches` where
    `keep` is false: for millions of lines."""

    def __init__(self, *script, address=("127.0.0.1", 0), backlog=128, accepting=True, keep=True, tls=None):
        """`tls`: an ssl.SSLContext to serve with."""
        self.keep = keep
        self.tls = tls
        self.batches = []
        self.handshake_errors = []
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.stopped = threading.Event()
        self.script = list(script) or [ok]
        self.requests = []
        self.accepted = []
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0
        self.open = []
        self.listener = socket.create_server(address, backlog=backlog)
        self.port = self.listener.getsockname()[1]
        self.threads = []
        if accepting:
            self.start(self.serve)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def url(self, path="/logs"):
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def set(self, *script):
        """From the next request on; hanging connections are dropped, so that those behind them go on."""
        with self.lock:
            self.script = list(script)
            self.stopped.set()
            self.stopped = threading.Event()

    def close(self):
        self.stopped.set()
        for connection in [self.listener, *self.open]:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
        for thread in self.threads:
            thread.join(5)

    def accept(self, request):
        """Notes its records. To be called before the last byte of the answer: what the client sends after that
        answer must find these records noted."""
        request.batch = Batch(request)
        with self.changed:
            self.batches.append(request.batch)
            if self.keep:
                self.accepted += request.lines()
            self.changed.notify_all()

    def wait_for(self, condition, timeout=30):
        """Waits until `condition(self)` holds; it is looked at after each request and each acceptance."""
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self), timeout):
                raise AssertionError(f"the peer waited {timeout} s in vain: {len(self.requests)} requests, "
                                     f"{len(self.accepted)} records accepted")

    def sequences(self):
        """The numbers of the accepted lines, in the order of their acceptance."""
        with self.lock:
            return [number for number in map(sequence, self.accepted) if number is not None]

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.append(connection)
            self.start(self.converse, connection)

    def converse(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                with self.lock:
                    self.open.append(connection)
            with connection, connection.makefile("rb") as reader:
                while True:
                    request = read_request(reader)
                    if request is None:
                        return
                    with self.changed:
                        self.requests.append(request)
                        action = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                        # With its action: what `set` lets go is whoever acts by what was set before.
                        request.stopped = self.stopped
                        self.changed.notify_all()
                        self.at_once += 1
                        self.most_at_once = max(self.most_at_once, self.at_once)
                    try:
                        if not action(self, connection, request):
                            return
                    finally:
                        with self.lock:
                            self.at_once -= 1
                        if request.batch and time.monotonic() - request.at > DOUBT:
                            request.batch.doubtful = True
                        if not self.keep:
                            request.body = request.raw = b""
        except ssl.SSLError as error:
            self.handshake_errors.append(str(error))
        except (OSError, ValueError, zlib.error):
            return


def read_request(reader):
    """One request with Content-Length or chunked body; none at the end of the connection, or where it was cut."""
    first = reader.readline()
    if not first.endswith(b"\n"):
        return None
    method, path, _ = first.decode("latin-1").split(" ", 2)
    headers = {}
    while True:
        line = reader.readline()
        if not line.endswith(b"\n"):
            return None
        if not line.strip():
            break
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            size = int(reader.readline(), 16)
            body += reader.read(size)
            if reader.readline() != b"\r\n":
                return None
            if size == 0:
                break
    else:
        size = int(headers.get("content-length", "0"))
        body = reader.read(size)
        if len(body) < size:
            return None
    return Request(method, path, headers, body)
