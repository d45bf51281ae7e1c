"""A real Loki, one process with its files, from the Go module proxy."""

import json
import os
import urllib.parse

import server
from server import Server, fetch

CONFIGURATION = """
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: {port}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: {grpc_port}
  log_level: warn
common:
  instance_addr: 127.0.0.1
  path_prefix: {directory}
  storage:
    filesystem:
      chunks_directory: {directory}/chunks
      rules_directory: {directory}/rules
  replication_factor: 1
  ring:
    kvstore:
      store: inmemory
ingester:
  lifecycler:
    min_ready_duration: 0s
    final_sleep: 0s
  wal:
    dir: {directory}/wal
schema_config:
  configs:
    - from: 2020-10-24
      store: tsdb
      object_store: filesystem
      schema: v13
      index:
        prefix: index_
        period: 24h
limits_config:
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  max_entries_limit_per_query: 5000
  allow_structured_metadata: true
analytics:
  reporting_enabled: false
"""


class Loki(Server):
    @staticmethod
    def install():
        return server.go_program("loki", "github.com/grafana/loki/v3/cmd/loki")

    def __init__(self):
        super().__init__()
        with open(os.path.join(self.directory, "loki.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(port=self.port, grpc_port=server.free_port(), directory=self.directory))

    def arguments(self):
        return [self.install(), "-config.file=" + os.path.join(self.directory, "loki.yaml")]

    def is_ready(self):
        fetch(self.url("/ready"))

    def entries(self, selector, begin, end):
        """The entries of all streams that the selector finds, from `begin` to before `end`, nanoseconds: labels, time in
        nanoseconds, line."""
        found = []
        while True:
            page = json.loads(fetch(self.url("/loki/api/v1/query_range?" + urllib.parse.urlencode(
                {"query": selector, "start": begin, "end": end, "limit": 5000, "direction": "forward"}))))
            entries = sorted(((int(time), stream["stream"], line) for stream in page["data"]["result"]
                             for time, line, *_ in stream["values"]), key=lambda entry: entry[0])
            if len(entries) < 5000:
                return found + entries
            # The last moment may go on on the next page.
            last = entries[-1][0]
            found += [entry for entry in entries if entry[0] < last]
            begin = last


if __name__ == "__main__":
    server.main(Loki)
