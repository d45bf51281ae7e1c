"""A real VictoriaLogs, from the Go module proxy: takes Loki push, bulk, OTLP and JSON lines, and answers queries."""

import json
import os
import re
import urllib.parse

import server
from server import Server, fetch


class VictoriaLogs(Server):
    @staticmethod
    def install():
        return server.go_program("victorialogs", "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-logs")

    def arguments(self):
        return [self.install(), "-storageDataPath", os.path.join(self.directory, "data"), "-httpListenAddr",
                f"127.0.0.1:{self.port}", "-loki.disableMessageParsing", "-inmemoryDataFlushInterval=1s"]

    def is_ready(self):
        fetch(self.url("/health"))

    def query(self, text):
        """The records that LogsQL finds, each a flat object of texts."""
        fetch(self.url("/internal/force_flush"))
        found = fetch(self.url("/select/logsql/query"), urllib.parse.urlencode({"query": text}).encode())
        return [json.loads(line) for line in found.splitlines()]

    def saved(self):
        """How many records are on disk, or none while others are in memory alone."""
        rows = dict(re.findall(r'^vl_storage_rows\{type="storage/(\w+)"\} (\d+)', fetch(self.url("/metrics")).decode(),
                               re.MULTILINE))
        return 0 if int(rows.get("inmemory", 0)) else sum(map(int, rows.values()))


if __name__ == "__main__":
    server.main(VictoriaLogs)
