"""A PostgreSQL server of the tests' own, as strict as its protocol (version 3.0, "Frontend/Backend Protocol") about what
it is sent: startup, a password in clear text, simple queries, COPY in text form. It knows the statements of the sink and
one table with the columns of the sink's own. Each message of several statements is one transaction."""

import re
import socket
import ssl
import struct
import threading

STARTUP, TLS_REQUEST, GSS_REQUEST = 196608, 80877103, 80877104
COLUMNS = ("timestamp:timestamp with time zone", "level:text", "logger:text", "correlation_id:text", "message:text",
           "event:json", "id:text")
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


class Violation(Exception):
    """Against the protocol."""


class Refusal(Exception):
    """An SQLSTATE and words."""


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def text(value):
    return value.encode() + b"\0"


def failure(state, words, severity="ERROR"):
    return message(b"E", b"S" + text(severity) + b"V" + text(severity) + b"C" + text(state) + b"M" + text(words) + b"\0")


def table(width, rows):
    described = struct.pack("!H", width) + (text("c") + struct.pack("!IHIhIH", 0, 0, 25, -1, 0xffffffff, 0)) * width
    data = [message(b"D", struct.pack("!H", width) + b"".join(struct.pack("!I", len(value)) + value for value in map(
        str.encode, row))) for row in rows]
    return message(b"T", described) + b"".join(data) + message(b"C", text(f"SELECT {len(rows)}"))


READY = message(b"Z", b"I")


class StrictPostgres:
    """`rows` are those that were stored, in order, each as a dict. Public members say how it misbehaves."""

    def __init__(self, password="", tls=None, has_table=False):
        self.password, self.tls = password, tls
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.columns = list(COLUMNS) if has_table else []
        self.rows, self.ids = [], set()
        self.faults, self.statements = [], []
        self.sessions = self.again = self.largest = 0
        self.poison = lambda row: None  # an SQLSTATE for the transaction with this row, or none
        self.copy_states = []           # SQLSTATEs of the next transactions; None: takes it
        self.session_state = None       # of each session that begins
        self.lost = 0                   # so many transactions are committed without a word of it
        self.delay = 0.0
        self.hangs = False
        self.closing = threading.Event()
        self.open, self.threads = [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start(self.serve)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.closing.set()
        for one in (self.listener, *self.open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
        for thread in self.threads:
            thread.join(10)

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def wait_for(self, condition, timeout=60):
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self), timeout):
                raise AssertionError(f"waited in vain: {len(self.rows)} rows, {self.sessions} sessions, {self.faults[:3]}")

    def end_sessions(self, words=True):
        """As a server that shuts down, or, without words, a cut cable."""
        with self.lock:
            sessions = list(self.open)
        for one in sessions:
            try:
                if words:
                    one.sendall(failure("57P01", "terminating connection due to administrator command", "FATAL"))
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.open.append(connection)
            self.start(self.session, connection)

    def session(self, connection):
        try:
            connection = self.greet(connection)
            while connection:
                kind, body = self.read_message(connection)
                if kind == b"X":
                    break
                if kind != b"Q" or not body.endswith(b"\0"):
                    raise Violation(f"a message of type {kind}")
                sql = body[:-1].decode()
                with self.lock:
                    self.statements.append(sql)
                answer = self.copy(connection, sql) if "FROM STDIN" in sql else self.query(sql)
                if answer is None:
                    break
                connection.sendall(answer + READY)
        except Violation as fault:
            self.faults.append(str(fault))
        except (OSError, EOFError):
            pass
        finally:
            with self.changed:
                self.open = [one for one in self.open if one is not connection]
                self.changed.notify_all()
            if connection:
                connection.close()

    def read(self, connection, size):
        data = b""
        while len(data) < size:
            part = connection.recv(min(size - len(data), 1 << 20))
            if not part:
                raise EOFError
            data += part
        return data

    def read_message(self, connection):
        kind, size = struct.unpack("!cI", self.read(connection, 5))
        if not 4 <= size <= 64 << 20:
            raise Violation(f"a message of {size} bytes")
        return kind, self.read(connection, size - 4)

    def greet(self, connection):
        """The connection, maybe over TLS now, or none where it was refused."""
        while True:
            size, code = struct.unpack("!II", self.read(connection, 8))
            body = self.read(connection, size - 8)
            if code == STARTUP:
                break
            if code not in (TLS_REQUEST, GSS_REQUEST):
                raise Violation("no startup message")
            if code == TLS_REQUEST and self.tls:
                connection.sendall(b"S")
                plain, connection = connection, self.tls.wrap_socket(connection, server_side=True)
                with self.lock:
                    self.open = [connection if one is plain else one for one in self.open]
            else:
                connection.sendall(b"N")
        if self.tls and not isinstance(connection, ssl.SSLSocket):
            connection.sendall(failure("28000", "no pg_hba.conf entry without encryption", "FATAL"))
            return None
        with self.lock:
            self.sessions += 1
        given = dict(zip(*[iter(body.rstrip(b"\0").split(b"\0"))] * 2))
        if b"user" not in given or given.get(b"client_encoding") != b"UTF8":
            raise Violation(f"startup with {given}")
        if self.password:
            connection.sendall(message(b"R", struct.pack("!I", 3)))
            kind, word = self.read_message(connection)
            if kind != b"p":
                raise Violation("no password where one was asked for")
            if word[:-1].decode() != self.password:
                connection.sendall(failure("28P01", f"password authentication failed: {word[:-1].decode()}", "FATAL"))
                return None
        if self.session_state:
            connection.sendall(failure(self.session_state, "not now", "FATAL"))
            return None
        connection.sendall(message(b"R", struct.pack("!I", 0)) + message(b"S", text("server_version") + text("15.4"))
                           + message(b"S", text("client_encoding") + text("UTF8"))
                           + message(b"K", struct.pack("!II", 1, 2)) + READY)
        return connection

    def query(self, sql):
        with self.lock:
            columns = [column.partition(":") for column in self.columns]
        if "set_config" in sql:
            return table(1, [["8000ms"]])
        if "pg_is_in_recovery" in sql:
            return table(1, [["f"]])
        if "pg_index" in sql:
            return table(1, [[name] for name, _, _ in columns if name == "id"])
        if "pg_attribute" in sql:
            kinds = {"text": "S", "json": "U"}
            return table(7, [[name, kind, kind, kinds.get(kind, "D"), "t", "t", "t"] for name, _, kind in columns])
        if sql.startswith("CREATE TABLE IF NOT EXISTS"):
            self.columns = list(COLUMNS)
            return message(b"C", text("CREATE TABLE")) + message(b"C", text("CREATE INDEX"))
        self.faults.append(f"a statement that it does not know: {sql}")
        return failure("42601", "syntax error")

    def copy(self, connection, sql):
        """The answer; none: the connection ends."""
        staged = re.fullmatch(
            r'CREATE TEMPORARY TABLE IF NOT EXISTS "(\w+)" \((.*)\) ON COMMIT DELETE ROWS; COPY pg_temp\."\1" \((.*)\) FROM '
            r'STDIN; INSERT INTO "logs" \((.*)\) SELECT (.*) FROM pg_temp\."\1" ON CONFLICT \("id"\) DO NOTHING', sql)
        if not staged or not staged[3] == staged[4] == staged[5]:
            raise Violation(f"COPY as it does not know it: {sql}")
        names = [name.strip('"') for name in staged[3].split(", ")]
        if names != [column.partition(":")[0] for column in self.columns]:
            raise Violation(f"other columns: {names}")
        connection.sendall(message(b"C", text("CREATE TABLE")) + message(b"G", struct.pack(
            f"!BH{len(names)}H", 0, len(names), *[0] * len(names))))
        data = b""
        while True:
            kind, body = self.read_message(connection)
            if kind == b"c":
                break
            if kind == b"f":
                return failure("57014", "COPY failed")
            if kind != b"d":
                raise Violation(f"a message of type {kind} within COPY")
            data += body
        if self.hangs:
            self.closing.wait()
            return None
        self.closing.wait(self.delay)
        rows = self.rows_of(data, names)
        with self.changed:
            state = self.copy_states.pop(0) if self.copy_states else None
            state = state or next(filter(None, map(self.poison, rows)), None)
            if state:
                return failure(state, "refused")
            self.largest = max(self.largest, len(rows))
            for row in rows:
                if row["id"] in self.ids:
                    self.again += 1
                    continue
                self.ids.add(row["id"])
                self.rows.append(row)
            self.changed.notify_all()
            if self.lost > 0:
                self.lost -= 1
                return None
        return message(b"C", text(f"COPY {len(rows)}")) + message(b"C", text(f"INSERT 0 {len(rows)}"))

    def rows_of(self, data, names):
        if not data.endswith(b"\n"):
            raise Violation("a COPY that does not end with a newline")
        rows = []
        for line in data[:-1].decode().split("\n"):
            values = line.split("\t")
            if len(values) != len(names) or "\r" in line or "\0" in line:
                raise Violation(f"not a row: {line[:200]!r}")
            rows.append({name: None if value == r"\N" else self.unescaped(value) for name, value in zip(names, values)})
        return rows

    @staticmethod
    def unescaped(value):
        try:
            return re.sub(r"\\(.?)", lambda found: ESCAPES[found[1]], value, flags=re.DOTALL)
        except KeyError as code:
            raise Violation(f"an escape that the sink has no use for: {code}") from None
