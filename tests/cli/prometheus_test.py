"""A real Prometheus scrapes the program: what it stores is what the program says, and every query of the dashboard and of
the alert rules in packaging/ finds something there."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

import program
from web import Served, differences

import peer as peers

PACKAGING = os.path.join(program.ROOT, "packaging")
RULES = os.path.join(PACKAGING, "prometheus", "fapilog-ship.rules.yaml")
RULE_TESTS = os.path.join(PACKAGING, "prometheus", "fapilog-ship.tests.yaml")
DASHBOARD = os.path.join(PACKAGING, "grafana", "fapilog-ship.json")
TOKEN = "open sesame"
# What Grafana would put in.
VARIABLES = {"$__rate_interval": "5s", "$__range": "30s", "$__interval": "5s", "$job": ".*", "$instance": ".*", "$sink": ".*"}


class Prometheus:
    """The server itself, for one target that it asks twice a second."""

    def __init__(self, folder, target):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        config = os.path.join(folder, "prometheus.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"global: {{scrape_interval: 500ms, evaluation_interval: 1s}}\nrule_files: [{RULES}]\n"
                       "scrape_configs:\n- job_name: ship\n  authorization: {credentials: " + TOKEN + "}\n"
                       f"  static_configs: [{{targets: ['{target}']}}]\n")
        self.base = f"http://127.0.0.1:{port}/api/v1/"
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(folder, "data"),
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        end = time.monotonic() + program.PATIENCE
        while True:
            try:
                if self.ask("targets")["activeTargets"][0]["health"] == "up":
                    return self
            except (OSError, IndexError):
                pass
            if time.monotonic() > end or self.process.poll() is not None:
                self.__exit__()
                raise AssertionError("prometheus never scraped it")
            time.sleep(0.1)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(program.PATIENCE)

    def ask(self, path, **parameters):
        with urllib.request.urlopen(self.base + path + "?" + urllib.parse.urlencode(parameters), timeout=10) as answer:
            return json.loads(answer.read())["data"]

    def query(self, expression):
        """A list of labels and value."""
        return [(entry["metric"], float(entry["value"][1])) for entry in self.ask("query", query=expression)["result"]]

    def metrics(self):
        """name{labels} -> value, as /metrics writes it, of all that this target has."""
        stored = {}
        for labels, value in self.query('{job="ship",__name__=~"fapilog_.*"}'):
            pairs = [(key, labels[key]) for key in ("input", "sink", "reason", "protected", "state", "level") if key in labels]
            if "le" in labels or "stage" in labels or "version" in labels:
                continue
            name = labels["__name__"] + ("{" + ",".join(f'{k}="{v}"' for k, v in pairs) + "}" if pairs else "")
            stored[name] = value
        return stored


def dashboard_queries():
    """Title and expression, with the variables filled in."""
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    found = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", [])]
    found += [(note["name"], note["expr"]) for note in dashboard["annotations"]["list"]]
    for variable in dashboard["templating"]["list"]:
        match = re.fullmatch(r"label_values\((.*), (\w+)\)", variable.get("definition", ""))
        if match:
            found.append((variable["name"], f"count by ({match[2]}) ({match[1]})"))
    for name, text in VARIABLES.items():
        found = [(title, expression.replace(name, text)) for title, expression in found]
    return found


@unittest.skipUnless(shutil.which("prometheus") and shutil.which("promtool"), "needs prometheus")
class InPrometheus(program.ProgramTest):
    def promtool(self, *arguments, stdin=None):
        result = subprocess.run(["promtool", *arguments], input=stdin, capture_output=True, text=True,
                                timeout=program.PATIENCE, check=False)
        self.assertEqual((0, ""), (result.returncode, result.stderr), result.stdout)

    def test_the_rules_are_sound_and_fire_when_they_should(self):
        self.promtool("check", "rules", RULES)
        self.promtool("test", "rules", RULE_TESTS)
        with open(RULES, encoding="utf-8") as rules, open(RULE_TESTS, encoding="utf-8") as tests:
            tested = set(re.findall(r"alertname: (\w+)", tests.read()))
            self.assertEqual(set(re.findall(r"alert: (\w+)", rules.read())), tested, "each alert has its test")

    def test_a_real_server_stores_the_numbers_and_answers_every_query(self):
        with peers.Peer(peers.ok) as good, peers.Peer(peers.hang_before_answer) as bad:
            with Served("-s", good.url() + "?name=good", "-s", bad.url() + "?name=bad", "--queue-size", "100", "--batch-timeout",
                        "10ms", "--request-timeout", "300ms", "--breaker-failures", "2", "--retry-base", "10ms", "--breaker-interval",
                        "200ms", "--drain-timeout", "100ms", "--min-level", "INFO", environment={"FAPILOG_SHIP_SERVER_TOKEN": TOKEN}) as ship:
                with Prometheus(self.directory, f"127.0.0.1:{ship.port}") as prometheus:
                    self.feed(ship, 4)
                    self.every_query_finds_something(prometheus)
                    # Quiet: nobody hangs any more.
                    bad.set(peers.ok)
                    self.agree(ship, prometheus)
                self.promtool("check", "metrics", stdin=ship.get("/metrics", Authorization="Bearer " + TOKEN)[2])

    def feed(self, ship, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ship.write('{"level":"INFO"}\n{"level":"DEBUG"}\nno json\n' * 20 + '{"level":"ERROR"}\n')
            time.sleep(0.05)

    def every_query_finds_something(self, prometheus):
        queries = dashboard_queries()
        self.assertGreater(len(queries), 30)
        for title, expression in queries:
            with self.subTest(title, expression=expression):
                found = prometheus.query(expression)
                if title != "Restarts":  # there was none
                    self.assertGreater(len(found), 0)
                    self.assertFalse([value for _, value in found if value != value], "no 0/0")
        self.assertGreater(prometheus.query("sum(rate(fapilog_events_dropped_total[5s]))")[0][1], 0)
        rules = prometheus.ask("rules")["groups"][0]["rules"]
        self.assertEqual([], [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] == "err"])
        on_their_way = {rule["name"] for rule in rules if rule["state"] in ("pending", "firing")}
        self.assertIn("FapilogShipLosesRecords", on_their_way)
        self.assertIn("FapilogShipBreakerOpen", on_their_way)
        for rule in rules:
            series = re.findall(r"\b(fapilog_\w+|up)\b", rule["query"])
            for name in series:
                self.assertGreater(len(prometheus.query(name)), 0, f"{rule['name']} asks for {name}")

    def agree(self, ship, prometheus):
        end = time.monotonic() + program.PATIENCE
        while True:
            stats = json.loads(ship.get("/stats", Authorization="Bearer " + TOKEN)[2])
            wrong = differences(prometheus.metrics(), stats)
            if not wrong and all(sink["pending"] == 0 for sink in stats["sinks"].values()):
                break
            self.assertLess(time.monotonic(), end, wrong)
            time.sleep(0.2)
        self.assertGreater(sum(stats["sinks"]["bad"]["dropped"].values()), 0)


if __name__ == "__main__":
    unittest.main()
