"""The application: FastAPI as it is commonly written, one log line for each request. How it logs is told by
DEMO_LOGGING: sync (the standard library's logging, a handler that posts each record), fapilog (in process),
stdout (the standard library's logging to standard output). What a log call took goes to DEMO_REPORT."""

import http.client
import json
import logging
import os
import sys
import threading
import time
import urllib.parse
from contextlib import asynccontextmanager

from fastapi import FastAPI

LOGGING = os.environ["DEMO_LOGGING"]
SINK = os.environ["DEMO_SINK"]
REPORT = os.environ["DEMO_REPORT"]
# What a careful author gives a request that nobody answers.
TIMEOUT = 5

calls = []  # seconds that each log call took, in the order of the calls
fapilog_result = {}


class JsonFormatter(logging.Formatter):
    def format(self, record):
        return json.dumps({"timestamp": record.created, "level": record.levelname, "logger": record.name,
                           "message": record.getMessage(), "seq": record.seq, "path": "/orders",
                           "status": 200, "user_agent": "demo/1.0", "trace_id": f"{record.seq:032x}"})


class PostHandler(logging.Handler):
    """Each record is one request; the thread that logs waits for the answer."""

    def __init__(self, url):
        super().__init__()
        self.url = urllib.parse.urlsplit(url)
        self.connection = None

    def emit(self, record):
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=TIMEOUT)
            self.connection.request("POST", self.url.path, self.format(record).encode())
            self.connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            # As logging.raiseExceptions = False in production: nothing is said, the record is gone.
            self.connection = None


def standard_logger():
    handler = PostHandler(SINK) if LOGGING == "sync" else logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("orders")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger


async def fapilog_logger():
    from fapilog import get_async_logger
    from fapilog.plugins.sinks.http_client import HttpSink, HttpSinkConfig
    # One request for each event is the default; batches are kinder to a slow sink.
    sink = HttpSink(HttpSinkConfig(endpoint=SINK, timeout_seconds=TIMEOUT, batch_size=100, batch_timeout_seconds=0.25))
    return await get_async_logger("orders", preset="production", sinks=[sink])


@asynccontextmanager
async def lifespan(app):
    app.state.logger = await fapilog_logger() if LOGGING == "fapilog" else standard_logger()
    yield
    if LOGGING == "fapilog":
        result = await app.state.logger.drain()
        fapilog_result.update(submitted=result.submitted, processed=result.processed, dropped=result.dropped)
        report()


app = FastAPI(lifespan=lifespan)


@app.get("/orders/{seq}")
async def order(seq: int):
    begun = time.perf_counter()
    if LOGGING == "fapilog":
        await app.state.logger.info("order read", seq=seq, path="/orders", status=200, user_agent="demo/1.0")
    else:
        app.state.logger.info("order read", extra={"seq": seq})
    calls.append(time.perf_counter() - begun)
    return {"order": seq, "total": 9.9, "items": ["pen", "paper"]}


@app.get("/health")
async def health():
    return {}


def report():
    with open(REPORT + ".new", "w", encoding="utf-8") as file:
        json.dump({"calls": list(calls), "fapilog": fapilog_result}, file)
    os.replace(REPORT + ".new", REPORT)


def obey():
    """Reports at the end of standard input, on a thread of its own: the others may hang in a log call."""
    sys.stdin.read()
    report()


threading.Thread(target=obey, daemon=True).start()
