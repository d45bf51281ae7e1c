"""A network that misbehaves: a proxy between the program and a real server that passes bytes on and knows nothing
of what they mean, so that TLS passes too. What it does is scripted by connection."""

import select
import socket
import struct
import threading


class Fault:
    """What happens to one connection: after `after` bytes of one direction, not counting those before `since` bytes
    of the other one, `how`:

    pass    nothing
    hang    no byte goes on any more, neither way
    reset   both sides see a reset
    close   both sides see an orderly end
    drip    one byte each `interval` seconds from there on
    """

    def __init__(self, how="pass", after=0, direction="down", interval=1.0, since=0):
        """`direction`: "up", from the program to the server, or "down"."""
        self.how = how
        self.after = after
        self.direction = direction
        self.interval = interval
        self.since = since


PASS = Fault()


class Proxy:
    """Listens on the loopback interface for connections to `port`. `script` holds the faults of the connections in
    their order; the last one stays in force. `connections` counts them, `hit` the faults that came to pass."""

    def __init__(self, port, *script):
        self.target = port
        self.lock = threading.Lock()
        self.script = list(script) or [PASS]
        self.connections = 0
        self.hit = 0
        self.stopped = threading.Event()
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.serve, daemon=True)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def url(self, path="/logs", scheme="http"):
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def cut_all(self):
        """Resets every connection there is now, in whatever state."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            for end in pair:
                reset(end)

    def close(self):
        self.stopped.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.cut_all()
        for thread in self.threads:
            thread.join(5)

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                fault = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                stopped = self.stopped
            thread = threading.Thread(target=self.carry, args=(client, fault, stopped), daemon=True)
            self.threads.append(thread)
            thread.start()

    def carry(self, client, fault, stopped):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        with self.lock:
            self.pairs.append((client, server))
        try:
            self.copy(client, server, fault, stopped)
        except (OSError, ValueError):  # a connection that was cut in this moment has no descriptor
            pass
        finally:
            with self.lock:
                self.pairs.remove((client, server))
            client.close()
            server.close()

    def copy(self, client, server, fault, stopped):
        left = fault.after
        other_way = 0
        ways = {client: (server, "up"), server: (client, "down")}
        while ways and not stopped.is_set():
            for source in select.select(list(ways), [], [], 0.1)[0]:
                target, direction = ways[source]
                data = source.recv(65536)
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    del ways[source]
                    continue
                if direction != fault.direction:
                    other_way += len(data)
                elif fault.how != "pass" and other_way >= fault.since:
                    target.sendall(data[:left])
                    # Byte `after` must have come: "after the whole answer" means when the next one begins.
                    passed = min(left, len(data))
                    left -= passed
                    data = data[passed:]
                    if not data:
                        continue
                    with self.lock:
                        self.hit += 1
                    if fault.how == "drip":
                        for byte in data:
                            target.sendall(bytes([byte]))
                            if stopped.wait(fault.interval):
                                return
                        continue
                    if fault.how == "hang":
                        stopped.wait()
                    elif fault.how == "reset":
                        reset(client)
                        reset(server)
                    return
                target.sendall(data)


def reset(connection):
    """Closes with a reset."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
        connection.close()
    except OSError:
        pass
