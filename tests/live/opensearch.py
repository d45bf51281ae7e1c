"""A real OpenSearch, of one node, from Maven Central."""

import json
import os
import shutil

import server
from server import HERE, Server, fetch

POM = os.path.join(HERE, "opensearch", "pom.xml")


class OpenSearch(Server):
    def __init__(self):
        super().__init__()
        self.transport_port = server.free_port()

    @staticmethod
    def install():
        def make(directory):
            shutil.copy(POM, directory)
            server.command("mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
                           "-DoutputDirectory=lib", cwd=directory)
        return server.cached("opensearch", make, POM)

    def arguments(self):
        return ["java", "-Xms512m", "-Xmx512m", "-cp", os.path.join(self.install(), "lib", "*"),
                os.path.join(HERE, "opensearch", "Search.java"), os.path.join(self.directory, "data"), str(self.port),
                str(self.transport_port)]

    def is_ready(self):
        health = json.loads(fetch(self.url("/_cluster/health?wait_for_status=yellow&timeout=60s")))
        if health["status"] == "red":
            raise OSError("red")

    def count(self, index):
        fetch(self.url(f"/{index}/_refresh"), method="POST")
        return json.loads(fetch(self.url(f"/{index}/_count")))["count"]

    def documents(self, index):
        """Every document of the index: its _id and its source."""
        fetch(self.url(f"/{index}/_refresh"), method="POST")
        found = json.loads(fetch(self.url(f"/{index}/_search?scroll=5m&size=5000"), b'{"sort":["_doc"]}',
                                 {"Content-Type": "application/json"}))
        documents = []
        while found["hits"]["hits"]:
            documents += [(hit["_id"], hit["_source"]) for hit in found["hits"]["hits"]]
            found = json.loads(fetch(self.url("/_search/scroll"),
                                     json.dumps({"scroll": "5m", "scroll_id": found["_scroll_id"]}).encode(),
                                     {"Content-Type": "application/json"}))
        return documents


if __name__ == "__main__":
    server.main(OpenSearch)
