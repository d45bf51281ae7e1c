"""A server behind a socket that never answers, as those of syslog, GELF and plain lines are: it reads what comes as
strictly as its protocol is, as fast as it is told, and may cut, refuse and stand still."""

import os
import select
import socket
import ssl
import struct
import threading


class Lines:
    """How a connection's bytes are read: each line is a message. `fault` is told what is against the protocol."""

    END = b"\n"

    def __init__(self, take, fault):
        self.take, self.fault = take, fault
        self.rest = b""

    def feed(self, data):
        *whole, self.rest = (self.rest + data).split(self.END)
        for message in whole:
            self.take(message)

    def end(self):
        """The connection has ended; what is left of a message counts as nothing."""


class StreamPeer:
    """One server over TCP, TLS (with an ssl.SSLContext) or, with a path, a Unix socket. `messages` are what came whole, in
    the order of arrival; `torn` counts the connections that ended within a message, `resets` those that it reset itself.
    Ends its threads at the exit."""

    # What the kernel holds unread for a connection is at most twice that.
    RECEIVE_BUFFER = 64 * 1024

    def __init__(self, reader=Lines, path=None, tls=None, pace=None):
        """`pace`: bytes a second."""
        self.reader, self.path, self.tls, self.pace = reader, path, tls, pace
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.closing = threading.Event()
        self.reading = threading.Event()
        self.reading.set()
        self.messages, self.faults, self.handshake_errors = [], [], []
        self.connections = self.torn = self.resets = 0
        self.cuts = []  # of the next connections: after how many bytes they are reset
        self.open, self.threads = [], []
        self.doomed = set()
        self.listener = None
        self.port = 0
        self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def address(self):
        return self.path or f"127.0.0.1:{self.port}"

    def listen(self):
        """Takes connections, again after `refuse`."""
        if self.path:
            if os.path.exists(self.path):
                os.unlink(self.path)
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(self.path)
            self.listener.listen(16)
        else:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.RECEIVE_BUFFER)
            self.listener.bind(("127.0.0.1", self.port))
            self.listener.listen(16)
            self.port = self.listener.getsockname()[1]
        self.start(self.serve, self.listener)

    def most_unread(self):
        """How many bytes the kernel may have acknowledged and thrown away at resets."""
        return 0 if self.path else self.resets * 2 * self.RECEIVE_BUFFER

    def refuse(self):
        """Nobody listens any more; connections go on."""
        hang_up(self.listener)

    def hold(self):
        """Reads nothing until `go_on`."""
        self.reading.clear()

    def go_on(self):
        self.reading.set()

    def cut(self, *sizes):
        """The next connections are reset after so many bytes each."""
        with self.lock:
            self.cuts += sizes

    def reset_all(self):
        """Resets every connection that is open, with all that it has not read."""
        with self.lock:
            self.doomed |= set(self.open)
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RD)  # wakes its reader
                except OSError:
                    pass

    def close(self):
        self.closing.set()
        self.reading.set()
        hang_up(self.listener)
        with self.lock:
            connections = list(self.open)
        for connection in connections:
            hang_up(connection)
        for thread in self.threads:
            thread.join(10)

    def wait_for(self, condition, timeout=60):
        """Waits until `condition(self)` holds; it is looked at after each read."""
        with self.changed:
            came = self.changed.wait_for(lambda: self.faults or condition(self), timeout)
            if not came or self.faults:
                raise AssertionError(f"waited {timeout} s in vain: {len(self.messages)} messages, {self.connections} "
                                     f"connections, {self.faults[:3]}")

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def serve(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.append(connection)
                limit = self.cuts.pop(0) if self.cuts else None
            self.start(self.converse, connection, limit)

    def converse(self, connection, limit):
        plain = connection
        reader = self.reader(self.messages.append, self.faults.append)
        try:
            if self.tls:
                # The object takes the descriptor with it.
                connection = self.tls.wrap_socket(plain, server_side=True)
                with self.lock:
                    self.open = [connection if one is plain else one for one in self.open]
            self.read(connection, reader, limit)
        except ssl.SSLError as error:
            self.handshake_errors.append(str(error))
        except (OSError, ValueError):
            pass
        with self.changed:
            reader.end()
            self.torn += bool(reader.rest)
            self.open = [one for one in self.open if one is not connection]
            self.changed.notify_all()
        connection.close()

    def read(self, connection, reader, limit):
        count = 0
        while not self.closing.is_set():
            self.reading.wait()
            if connection in self.doomed:
                limit = count
            size = 65536 if not self.pace else max(256, int(self.pace / 50))
            if limit is not None:
                size = min(size, limit - count)
            if size == 0:
                self.resets += 1
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            data = connection.recv(size)
            if not data:
                return
            count += len(data)
            with self.changed:
                reader.feed(data)
                self.changed.notify_all()
            if self.pace:
                self.closing.wait(len(data) / self.pace)


def hang_up(connection):
    """Closes it so that whoever waits for it notices."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()


class DatagramPeer:
    """The same for datagrams, over UDP or at a Unix socket: each is a message."""

    pace = None

    def __init__(self, path=None, pause=0.0, receive_buffer=None):
        """`pause`: seconds between two reads."""
        self.path, self.pause = path, pause
        self.messages, self.faults = [], []
        self.closing = threading.Event()
        self.reading = threading.Event()
        self.reading.set()
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_DGRAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.bind(path or ("127.0.0.1", 0))
        self.port = 0 if path else self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def address(self):
        return self.path or f"127.0.0.1:{self.port}"

    def most_unread(self):
        return 0

    def hold(self):
        self.reading.clear()

    def go_on(self):
        self.reading.set()

    def read(self):
        while True:
            self.reading.wait()
            if not select.select([self.socket], [], [], 0.02)[0]:
                if self.closing.is_set():
                    return
                continue
            self.messages.append(self.socket.recv(1 << 20))
            if self.pause:
                self.closing.wait(self.pause)

    def close(self):
        """Once all that waits is read."""
        self.closing.set()
        self.reading.set()
        self.thread.join(30)
        self.socket.close()
