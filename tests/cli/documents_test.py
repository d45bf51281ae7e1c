"""Runs every example of README.md and of the guides in packaging/doc, and compares what it prints.

A ```console block holds commands after `$ ` (continued after `> `) and what they print; `…` stands for any text, and
alone on a line for any lines. A ```toml block whose first line is `# NAME.toml` is written to that file, and must
pass `fapilog-ship check`. A dockerfile, yaml or json block is a container's description: see Containers. All blocks below one heading share a directory that is empty at first.

The examples run in a network of their own, where every host that they name is this machine: `loki` answers as Loki
does on port 3100, `elasticsearch` as its kind on 9200, `logs.example.com` takes anything on port 80,
`strict.example.com` refuses requests with AUDIT records on port 8080, and nothing listens at `down.example.com`.
`my-app` is on the PATH: an application that logs."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fault"))
import peer as peers  # noqa: E402
from strict_bulk import StrictBulk  # noqa: E402
from web import Served  # noqa: E402

SHIP = os.environ.get("FAPILOG_SHIP", "fapilog-ship")
SAMPLE = os.path.join(ROOT, "tests", "data", "fapilog-stdout.ndjson")
GUIDES = os.path.join(ROOT, "packaging", "doc")
INSIDE = "DOCUMENTS_TEST_INSIDE"
HOSTS = {"loki": (3100, peers.ok), "logs.example.com": (80, peers.ok), "elasticsearch": (9200, StrictBulk()),
         "strict.example.com": (8080, peers.refuse(b'"level":"AUDIT"', b"no AUDIT here")), "down.example.com": None}


class Block:
    """One fenced block: its language, its text, the heading above it, the line that it begins on."""

    def __init__(self, language, text, heading, line):
        self.language = language
        self.text = text
        self.heading = heading
        self.line = line


def blocks_of(markdown):
    found, heading, language, begin, text = [], "", None, 0, []
    for number, line in enumerate(markdown.split("\n"), 1):
        if language is None and line.startswith("#"):
            heading = line.lstrip("# ")
        elif language is None and line.startswith("```"):
            language, begin, text = line[3:].strip(), number, []
        elif line.startswith("```"):
            found.append(Block(language, "\n".join(text), heading, begin))
            language = None
        elif language is not None:
            text.append(line)
    return found


def commands_of(text):
    """Pairs of a command and what it should print."""
    pairs = []
    for line in text.split("\n"):
        if line.startswith("$ "):
            pairs.append([line[2:], []])
        elif line.startswith("> ") and not pairs[-1][1]:
            pairs[-1][0] += "\n" + line[2:]
        else:
            pairs[-1][1].append(line)
    return [(command, "\n".join(expected).strip("\n")) for command, expected in pairs]


def matches(expected, printed):
    lines = [r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ \t]*\n"
             for line in expected.split("\n")]
    pattern = "".join(lines) if expected else ""
    return re.fullmatch(pattern, printed if not printed or printed.endswith("\n") else printed + "\n") is not None


def run(commands, directory):
    """Runs the commands one after the other in one shell; a list of what each printed on both streams."""
    script = "".join(f"{{ {command}\n}} 2>&1; code=$?; printf '\\036'; (exit $code)\n" for command in commands)
    done = subprocess.run(["bash", "-c", script], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          timeout=120, check=False)
    # At a terminal, which the documents show, messages have no time.
    printed = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z (?=fapilog-ship: )", "", done.stdout.decode(errors="replace"))
    return printed.split("\x1e")[:-1]


def documents():
    """Paths from the tree's top."""
    return ["README.md"] + [os.path.join("packaging", "doc", name) for name in sorted(os.listdir(GUIDES))]


def text_of(document):
    with open(os.path.join(ROOT, document), encoding="utf-8") as file:
        return file.read()


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(prefix="documents-")
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        programs = os.path.join(cls.work, "bin")
        os.mkdir(programs)
        os.symlink(os.path.abspath(SHIP), os.path.join(programs, "fapilog-ship"))
        with open(os.path.join(programs, "my-app"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec cat '{SAMPLE}'\n")
        os.chmod(file.name, 0o755)
        os.environ["PATH"] = programs + ":" + os.environ["PATH"]
        if os.environ.get("SHIP_SANITIZE"):
            # Patterns compile slowly under a sanitizer, and lines that wait for them are lost when the time is up.
            os.environ["FAPILOG_SHIP_DRAIN_TIMEOUT"] = "60s"
        for port, action in filter(None, HOSTS.values()):
            server = peers.Peer(action, address=("127.0.0.1", port))
            cls.addClassCleanup(server.close)

    def test_every_example_prints_what_it_says(self):
        for document in documents():
            directories = {}
            for block in blocks_of(text_of(document)):
                directory = directories.setdefault(block.heading, tempfile.mkdtemp(dir=self.work))
                with self.subTest(f"{document}:{block.line}"):
                    self.example(block, directory)

    def example(self, block, directory):
        if block.language == "toml":
            name = block.text.split("\n")[0].lstrip("# ")
            self.assertRegex(name, r"^[a-z0-9-]+\.toml$", "the first line of a toml block names its file")
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(block.text + "\n")
            for variable in re.findall(r"\$\{(\w+)\}", block.text):
                os.environ.setdefault(variable, "given")
            (said,) = run([f"fapilog-ship check --config {name} && echo it-is-good"], directory)
            self.assertIn("it-is-good", said)
        elif block.language == "console":
            pairs = commands_of(block.text)
            printed = run([command for command, _ in pairs], directory)
            self.assertEqual(len(pairs), len(printed))
            for (command, expected), said in zip(pairs, printed):
                self.assertTrue(matches(expected, said), f"$ {command}\nthe document says:\n{expected}\nit printed:\n{said}")
        else:
            self.assertIn(block.language, ("text", "dockerfile", "yaml", "json", "sql", "python"))
            if block.language == "python":
                compile(block.text, f"{directory}/app.py", "exec")


class Documents(unittest.TestCase):
    def test_readme_is_a_short_page(self):
        self.assertLessEqual(len(text_of("README.md").splitlines()), 250)

    def test_links_lead_somewhere(self):
        for document in documents():
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text_of(document)):
                if "://" not in target:
                    place = os.path.join(ROOT, os.path.dirname(document), target)
                    self.assertTrue(os.path.exists(place), f"{document} links to {target}")

    def test_readme_leads_to_every_guide(self):
        for name in os.listdir(GUIDES):
            self.assertIn(f"(packaging/doc/{name})", text_of("README.md"))


class Containers(unittest.TestCase):
    """What the guide says of containers, as far as it can be known without one."""

    @classmethod
    def setUpClass(cls):
        cls.guide = text_of("packaging/doc/containers.md")
        cls.blocks = blocks_of(cls.guide)

    def text(self, language, part=""):
        return next(block.text for block in self.blocks if block.language == language and part in block.text)

    def yaml(self, part):
        try:
            import yaml
        except ImportError:
            self.skipTest("needs python3-yaml")
        return yaml.safe_load(self.text("yaml", part))

    def seconds(self):
        settings = self.text("toml")
        grace, drain = (int(re.search(name + r' = "(\d+)s"', settings)[1]) for name in ("grace", "drain_timeout"))
        return grace + drain + 1

    def megabytes(self):
        """Of queues, and what is needed to work."""
        settings = self.text("toml")
        return settings.count("[sinks.") * int(re.search(r'max_bytes = "(\d+) MB"', settings)[1]) + 32

    def test_the_image_has_an_entrypoint_that_the_program_takes(self):
        instructions = re.sub(r"\\\n", " ", self.text("dockerfile"))
        known = {"FROM", "COPY", "RUN", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD", "#"}
        self.assertLessEqual({line.split()[0] for line in instructions.split("\n") if line}, known)
        entrypoint = json.loads(re.findall(r"^ENTRYPOINT (.*)$", instructions, re.MULTILINE)[-1])
        command = json.loads(re.search(r"^CMD (.*)$", instructions, re.MULTILINE)[1])
        self.assertEqual(["fapilog-ship", "--"], [entrypoint[0], entrypoint[-1]])
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            config.write(self.text("toml"))
            config.flush()
            options = [config.name if word == "/etc/fapilog-ship/config.toml" else word for word in entrypoint[1:-1]]
            done = subprocess.run([SHIP, *options, "--print-config", "--", *command], capture_output=True, check=False)
            self.assertEqual(0, done.returncode, done.stderr)

    def test_the_files_to_copy_are_the_same(self):
        for name, block in (("Dockerfile", self.text("dockerfile")), (".dockerignore", self.text("text")),
                            ("config.toml", self.text("toml")), ("compose.yaml", self.text("yaml", "services:")),
                            ("pod.yaml", self.text("yaml", "kind: Pod")), ("task.json", self.text("json"))):
            with open(os.path.join(ROOT, "packaging", "containers", name), encoding="utf-8") as file:
                self.assertEqual(file.read(), block + "\n", name)

    def test_compose(self):
        service = self.yaml("services:")["services"]["orders"]
        self.assertGreater(int(service["stop_grace_period"].rstrip("s")), self.seconds())
        self.assertGreaterEqual(int(service["mem_limit"].rstrip("m")), 256 + self.megabytes())
        self.assertFalse(service["init"])

    def test_kubernetes(self):
        pod = self.yaml("kind: Pod")
        container = pod["spec"]["containers"][0]
        self.assertGreater(pod["spec"]["terminationGracePeriodSeconds"], self.seconds())
        self.assertGreaterEqual(int(container["resources"]["limits"]["memory"].rstrip("Mi")), 256 + self.megabytes())
        self.assertNotIn("command", container)

    def test_a_pods_probes_hold_while_its_log_server_is_down(self):
        """Each pod's probes, asked of a shipper whose only sink is down: what it is for must not be taken out of service."""
        import yaml
        for name in ("pod.yaml", "sidecar.yaml"):
            with open(os.path.join(ROOT, "packaging", "containers", name), encoding="utf-8") as file:
                pod = next(document for document in yaml.safe_load_all(file) if document["kind"] == "Pod")
            container, = [each for each in pod["spec"].get("initContainers", []) + pod["spec"]["containers"]
                          if "readinessProbe" in each]
            environment = {entry["name"]: entry["value"] for entry in container["env"]}
            probes = {kind: container[kind]["httpGet"] for kind in ("readinessProbe", "livenessProbe")}
            # Another port than the pod's, which may be taken here.
            listen, _, port = environment["FAPILOG_SHIP_LISTEN"].rpartition(":")
            self.assertEqual({int(port)}, {probe["port"] for probe in probes.values()})
            with Served("-s", "http://127.0.0.1:9/", "--breaker-failures", "1", "--drain-timeout", "100ms",
                        listen=f"{listen}:0") as ship:
                ship.write('{"n":1}\n')
                ship.until(lambda stats: stats["sinks"]["http"]["breaker"] == "open")
                self.assertEqual(503, ship.get("/readyz")[0])
                for kind, probe in probes.items():
                    self.assertEqual(200, ship.get(probe["path"])[0], f"{name}: {kind}")

    def test_ecs(self):
        container = json.loads(self.text("json"))["containerDefinitions"][0]
        self.assertGreater(container["stopTimeout"], self.seconds())
        self.assertLessEqual(container["stopTimeout"], 120)
        self.assertGreaterEqual(container["memory"], 256 + self.megabytes())
        self.assertFalse(container["linuxParameters"]["initProcessEnabled"])

    def test_each_line_of_the_table_names_tests_that_there_are(self):
        named = re.findall(r"`(status|signals|ending|terminal|pid1)\.(\w+)`", self.guide)
        self.assertGreater(len(named), 15)
        for suite, name in named:
            with open(os.path.join(HERE, f"entrypoint_{suite}_test.py"), encoding="utf-8") as file:
                self.assertIn(f"def test_{name}(", file.read())


class TheRunner(unittest.TestCase):
    def test_wildcards(self):
        self.assertTrue(matches("a … c", "a b c\n"))
        self.assertTrue(matches("a\n…\nd", "a\nb\nc\nd\n"))
        self.assertTrue(matches("", ""))
        self.assertFalse(matches("", "something\n"))
        self.assertFalse(matches("a\nb", "a\nc\n"))
        self.assertFalse(matches("a", "a\nb\n"))

    def test_commands_and_their_output(self):
        self.assertEqual([("echo a", "a"), ("cat <<X\nb\nX", "b\nc")],
                         commands_of("$ echo a\na\n$ cat <<X\n> b\n> X\nb\nc"))
        self.assertEqual(["a\n", "3\n"], run(["echo a; (exit 3)", "echo $?"], "/"))


def main():
    """Starts itself again in namespaces where the examples' host names lead to this machine."""
    if INSIDE in os.environ:
        unittest.main(verbosity=2)
    with tempfile.NamedTemporaryFile("w", suffix=".hosts") as hosts:
        hosts.write("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *HOSTS)))
        hosts.flush()
        identity = [] if os.geteuid() == 0 else ["--map-root-user"]
        scene = f'ip link set lo up && mount --bind {hosts.name} /etc/hosts && exec "$@"'
        sys.exit(subprocess.call(["unshare", "--mount", "--net", *identity, "sh", "-c", scene, "sh", sys.executable,
                                  os.path.abspath(__file__)], env={**os.environ, INSIDE: "1"}))


if __name__ == "__main__":
    main()
