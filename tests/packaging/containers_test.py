"""packaging/containers as far as it can be tried without a container engine: the stages of the Dockerfile are carried out
in a root file system that stands for the image, and run as its user with that file system read-only.

The root is the Debian that tests/packaging/life_cycle keeps, or, where it has not run, one of a few programs. BUILD in
the environment names another build directory. Needs root, and the target `portable` built."""

import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import yaml
from packages import PORTABLE, ROOT, make_root, need

HERE = os.path.join(ROOT, "packaging", "containers")
DEBIAN = os.environ.get("ROOT_CACHE", os.path.expanduser("~/.cache/fapilog-ship-root/bookworm"))


def text(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def stages():
    """The instructions of each stage, by the name of the stage or of its image."""
    result = {}
    for line in re.sub(r"\\\n", " ", text("Dockerfile")).splitlines():
        if not line or line.startswith("#"):
            continue
        instruction, rest = line.split(maxsplit=1)
        if instruction == "FROM":
            result[rest.split(" AS ")[-1]] = stage = []
        stage.append((instruction, rest))
    return result


def pods():
    return {name: [document for document in yaml.safe_load_all(text(name)) if document["kind"] == "Pod"]
            for name in ("pod.yaml", "sidecar.yaml")}


def containers(pod):
    return pod["spec"].get("initContainers", []) + pod["spec"]["containers"]


class Loki(http.server.BaseHTTPRequestHandler):
    pushed = []
    came = threading.Event()

    def do_POST(self):
        Loki.pushed.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        Loki.came.set()

    def log_message(self, *_):
        pass


class Files(unittest.TestCase):
    def test_every_container_has_next_to_no_rights(self):
        for name, found in pods().items():
            for pod in found:
                for container in containers(pod):
                    rights = container["securityContext"]
                    self.assertEqual((True, True, False, {"drop": ["ALL"]}), (
                        rights["runAsNonRoot"], rights["readOnlyRootFilesystem"], rights["allowPrivilegeEscalation"],
                        rights["capabilities"]), name)
        service = yaml.safe_load(text("compose.yaml"))["services"]["orders"]
        self.assertTrue(service["read_only"])
        self.assertEqual((["ALL"], ["no-new-privileges:true"]), (service["cap_drop"], service["security_opt"]))

    def test_what_is_mounted_is_there(self):
        documents = list(yaml.safe_load_all(text("sidecar.yaml")))
        maps = {document["metadata"]["name"] for document in documents if document["kind"] == "ConfigMap"}
        pod = pods()["sidecar.yaml"][0]
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        mounted = {mount["name"] for container in containers(pod) for mount in container["volumeMounts"]}
        self.assertEqual(set(volumes), mounted)
        self.assertIn(volumes["config"]["configMap"]["name"], maps)

    def test_the_last_stage_takes_only_from_those_before(self):
        for name, stage in stages().items():
            users = [rest for instruction, rest in stage if instruction == "USER"]
            self.assertEqual([] if name == "build" else ["65534:65534"], users)
            for instruction, rest in stage:
                if instruction == "COPY" and rest.startswith("--from="):
                    self.assertEqual("build", re.match(r"--from=(\S+)", rest)[1])


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need(PORTABLE)
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Loki)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.url = f"loki+http://127.0.0.1:{cls.server.server_port}"

    def image(self, name):
        """The root of the stage after its COPY instructions; and its user and entrypoint."""
        root = os.path.join(self.work, re.sub(r"\W", "_", name))
        if os.path.exists(os.path.join(DEBIAN, ".complete")):
            subprocess.run(["cp", "-a", DEBIAN, root], check=True)
        else:
            make_root(root, "/bin/sh", "mkfifo", "test", "touch", "id", besides=[PORTABLE])
        user, entrypoint = None, None
        for instruction, rest in stages()[name]:
            if instruction == "COPY":
                *sources, target = [word for word in rest.split() if not word.startswith("--")]
                for source in sources:
                    known = {"/src/build/release/portable/fapilog-ship": PORTABLE,
                             "config.toml": os.path.join(HERE, "config.toml")}
                    if source in known:  # the application is not ours
                        place = root + target + (os.path.basename(source) if target.endswith("/") else "")
                        os.makedirs(os.path.dirname(place), exist_ok=True)
                        shutil.copy(known[source], place)
            elif instruction == "USER":
                user = rest
            elif instruction == "ENTRYPOINT":
                entrypoint = json.loads(rest)
        return root, user, entrypoint

    def run_in(self, root, user, command, mounts=()):
        """The command as this user, with the root file system read-only but for /tmp and what is mounted."""
        steps = [f"mount --bind {root} {root}", f"mount -o remount,bind,ro {root}", f"mount -t tmpfs none {root}/tmp",
                 *(f"mount --bind {source} {root}{target}" for source, target in mounts),
                 f"exec chroot --userspec={user} {root} \"$@\""]
        for _, target in mounts:
            os.makedirs(root + target, exist_ok=True)
        return subprocess.Popen(["unshare", "--mount", "sh", "-ec", "\n".join(steps), "sh", *command],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={
                                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                    "FAPILOG_SHIP_DRAIN_TIMEOUT": "5s"})

    def test_the_entrypoint(self):
        root, user, entrypoint = self.image("python:3.12-slim-bookworm")
        configuration = os.path.join(root, "etc/fapilog-ship/config.toml")
        with open(configuration, encoding="utf-8") as file:
            settings = file.read().replace("loki+http://loki:3100", self.url)
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(settings)
        Loki.pushed.clear()
        process = self.run_in(root, user, [*entrypoint, "/bin/sh", "-c", "id -u; touch /x 2>/dev/null || echo read-only; exit 3"])
        said, errors = process.communicate(timeout=60)
        self.assertEqual(3, process.returncode, errors)
        self.assertRegex(said, r'"message":"65534"(?s:.)*"message":"read-only"')
        self.assertNotRegex(errors, "error|warning")
        self.assertTrue(Loki.pushed, "Loki has it too")

    def test_the_sidecar(self):
        root, user, _ = self.image("shipper")
        documents = list(yaml.safe_load_all(text("sidecar.yaml")))
        (shipper,) = documents[1]["spec"]["initContainers"]
        logs, config = (tempfile.mkdtemp(dir=self.work) for _ in range(2))
        os.chmod(config, 0o755)
        os.chown(logs, 65534, 65534)
        with open(os.path.join(config, "config.toml"), "w", encoding="utf-8") as file:
            file.write(documents[0]["data"]["config.toml"].replace("loki+http://loki:3100", self.url))
        Loki.pushed.clear()
        Loki.came.clear()
        process = self.run_in(root, user, shipper["command"], [(logs, "/logs"), (config, "/etc/fapilog-ship")])
        fifo = os.path.join(logs, "fifo")
        while not os.path.exists(fifo):
            self.assertIsNone(process.poll(), "it runs")
        for line in ("one", "two"):  # two writers, one after the other
            Loki.came.clear()
            with open(fifo, "w", encoding="utf-8") as file:
                file.write(f'{{"message":"{line}"}}\n')
            self.assertTrue(Loki.came.wait(30), "it came to Loki")
        process.terminate()
        _, errors = process.communicate(timeout=30)
        self.assertEqual(0, process.returncode, errors)
        self.assertNotRegex(errors, "error|warning")
        self.assertEqual(2, len(Loki.pushed))

    def test_every_configuration_is_valid(self):
        with open(os.path.join(self.work, "sidecar.toml"), "w", encoding="utf-8") as file:
            file.write(next(yaml.safe_load_all(text("sidecar.yaml")))["data"]["config.toml"])
        for path in (os.path.join(HERE, "config.toml"), file.name):
            done = subprocess.run([PORTABLE, "check", "-c", path], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
