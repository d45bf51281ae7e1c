"""Requests at a fixed rate, whatever the answers do: each has its time on a schedule, and its latency counts from
there, also where it had to wait for a free connection. So a server that stalls is charged for every request that came
meanwhile (no coordinated omission).

    load.py PORT RATE SECONDS REPORT [PATIENCE]
"""

import asyncio
import json
import sys
import time

CONNECTIONS = 64
# How long after the last request the answers are waited for.
PATIENCE = 3.0


class Connection(asyncio.Protocol):
    def __init__(self, load):
        self.load = load
        self.seq = None
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport

    def send(self, seq):
        self.seq = seq
        self.transport.write(b"GET /orders/%d HTTP/1.1\r\nHost: demo\r\n\r\n" % seq)

    def data_received(self, data):
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) >= length:
            self.buffer = b""
            self.load.answered(self, head.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, error):
        self.seq = None


class Load:
    def __init__(self, rate, seconds):
        self.count = int(rate * seconds)
        self.rate = rate
        self.latency = [None] * self.count
        self.failed = 0
        self.free = []
        self.waiting = asyncio.Queue()

    def due(self, seq):
        return self.start + seq / self.rate

    def answered(self, connection, good):
        self.latency[connection.seq] = time.perf_counter() - self.due(connection.seq)
        self.failed += not good
        connection.seq = None
        if self.waiting.empty():
            self.free.append(connection)
        else:
            connection.send(self.waiting.get_nowait())

    async def run(self, port, patience):
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", port)
            self.free.append(connection)
        self.start = time.perf_counter() + 0.05
        for seq in range(self.count):
            wait = self.due(seq) - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            if self.free:
                self.free.pop().send(seq)
            else:
                self.waiting.put_nowait(seq)
        end = time.perf_counter() + patience
        while None in self.latency and time.perf_counter() < end:
            await asyncio.sleep(0.01)
        now = time.perf_counter()
        # What was not answered took at least as long as we waited.
        return {"answered": [one for one in self.latency if one is not None], "failed": self.failed,
                "unanswered": [now - self.due(seq) for seq, one in enumerate(self.latency) if one is None]}


async def main(port, rate, seconds, report, patience=PATIENCE):
    result = await Load(float(rate), float(seconds)).run(int(port), float(patience))
    with open(report, "w", encoding="ascii") as file:
        json.dump(result, file)


asyncio.run(main(*sys.argv[1:]))
