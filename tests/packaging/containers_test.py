"""packaging/containers as far as it can be tried without a container engine: the stages of the Dockerfile are carried out
in a root file system that stands for the image, and run as its user with that file system read-only.

The root is the Debian that tests/packaging/life_cycle keeps, or, where it has not run, one of a few programs. BUILD in
the environment names another build directory. Needs root, and the target `portable` built."""

import http.server
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import unittest

import yaml
from packages import PORTABLE, ROOT, make_root, need

HERE = os.path.join(ROOT, "packaging", "containers")
SIDECARS = ("sidecar.yaml", "sidecar-socket.yaml")
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
            for name in ("pod.yaml", *SIDECARS)}


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
        for name in SIDECARS:
            documents = list(yaml.safe_load_all(text(name)))
            maps = {document["metadata"]["name"] for document in documents if document["kind"] == "ConfigMap"}
            pod = pods()[name][0]
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

    def start_sidecar(self, name):
        """The shipper of a pod; returns the process and the directory that it shares with the application."""
        root, user, entrypoint = self.image("shipper")
        self.addCleanup(shutil.rmtree, root, ignore_errors=True)
        documents = list(yaml.safe_load_all(text(name)))
        (shipper,) = documents[1]["spec"]["initContainers"]
        logs, config = (tempfile.mkdtemp(dir=self.work) for _ in range(2))
        os.chmod(config, 0o755)
        os.chown(logs, 65534, 65534)
        with open(os.path.join(config, "config.toml"), "w", encoding="utf-8") as file:
            file.write(documents[0]["data"]["config.toml"].replace("loki+http://loki:3100", self.url))
        Loki.pushed.clear()
        Loki.came.clear()
        command = shipper.get("command", entrypoint) + shipper.get("args", [])
        process = self.run_in(root, user, command, [(logs, "/logs"), (config, "/etc/fapilog-ship")])
        probe = shipper["startupProbe"]["exec"]["command"]
        self.assertEqual("test", probe[0])
        shared = os.path.join(logs, os.path.basename(probe[2]))
        while subprocess.run(["test", probe[1], shared], check=False).returncode != 0:
            self.assertIsNone(process.poll(), "it runs")
        return process, shared

    def end_sidecar(self, process):
        process.terminate()
        _, errors = process.communicate(timeout=30)
        self.assertEqual(0, process.returncode, errors)
        self.assertNotRegex(errors, "error|warning")

    def test_the_sidecar_with_a_socket(self):
        process, path = self.start_sidecar("sidecar-socket.yaml")
        workers = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for number, worker in enumerate(workers):
            while worker.connect_ex(path) != 0:  # the file is there a moment before anybody listens
                self.assertIsNone(process.poll(), "it runs")
            Loki.came.clear()
            worker.sendall(f'{{"message":"worker {number}"}}\n'.encode())
            self.assertTrue(Loki.came.wait(30), "it came to Loki")
        self.assertEqual((65534, 0o600), (os.stat(path).st_uid, stat.S_IMODE(os.stat(path).st_mode)))
        self.end_sidecar(process)
        for worker in workers:
            worker.close()
        self.assertEqual(3, len(Loki.pushed))
        self.assertFalse(os.path.exists(path))

    def test_the_sidecar(self):
        process, fifo = self.start_sidecar("sidecar.yaml")
        for line in ("one", "two"):  # two writers, one after the other
            Loki.came.clear()
            with open(fifo, "w", encoding="utf-8") as file:
                file.write(f'{{"message":"{line}"}}\n')
            self.assertTrue(Loki.came.wait(30), "it came to Loki")
        self.end_sidecar(process)
        self.assertEqual(2, len(Loki.pushed))

    def test_every_configuration_is_valid(self):
        paths = [os.path.join(HERE, "config.toml")]
        for name in SIDECARS:
            paths.append(os.path.join(self.work, name + ".toml"))
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(next(yaml.safe_load_all(text(name)))["data"]["config.toml"])
        for path in paths:
            done = subprocess.run([PORTABLE, "check", "-c", path], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
