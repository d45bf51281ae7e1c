"""A real OpenTelemetry Collector, from the Go module proxy: takes OTLP over HTTP, writes what it took into a file."""

import json
import os

import server
from server import Server

CONFIGURATION = """
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:%d
exporters:
  file:
    path: %s
    append: true
    flush_interval: 100ms
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [file]
"""


def value_of(value):
    """An AnyValue as JSON knows it."""
    for kind, inside in value.items():
        if kind == "intValue":
            return int(inside)
        if kind == "arrayValue":
            return [value_of(item) for item in inside.get("values", [])]
        if kind == "kvlistValue":
            return {item["key"]: value_of(item["value"]) for item in inside.get("values", [])}
        return inside
    return None


class Collector(Server):
    @staticmethod
    def install():
        return server.go_program("collector", ".")

    def __init__(self):
        super().__init__()
        self.file = os.path.join(self.directory, "taken.json")
        with open(os.path.join(self.directory, "collector.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION % (self.port, self.file))

    def arguments(self):
        return [self.install(), "--config=file:" + os.path.join(self.directory, "collector.yaml")]

    def is_ready(self):
        with server.socket.create_connection(("127.0.0.1", self.port)):
            pass

    def records(self):
        """What is in the file, in its order: the resource's attributes, and the record with `attributes` and `body`
        as Python has them. Half a line is what a crash may leave of what nobody was told was taken."""
        found = []
        with open(self.file, encoding="utf-8") as file:
            for line in file:
                if not line.endswith("\n"):
                    break
                for logs in json.loads(line)["resourceLogs"]:
                    resource = value_of({"kvlistValue": {"values": logs["resource"].get("attributes", [])}})
                    for scope in logs["scopeLogs"]:
                        for record in scope["logRecords"]:
                            record["attributes"] = value_of({"kvlistValue": {"values": record.get("attributes", [])}})
                            record["body"] = value_of(record["body"])
                            found.append((resource, record))
        return found


if __name__ == "__main__":
    server.main(Collector)
