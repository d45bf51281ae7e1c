"""The program as a systemd service: what it tells the service manager, and the units themselves."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from program import PATIENCE, ROOT, SHIP, ProgramTest, clean_environment

UNITS = os.path.join(ROOT, "packaging", "systemd")


class Notifications(ProgramTest):
    def start(self, *arguments, address=None, **environment):
        address = address or self.path("notify")
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(address.replace("@", "\0", 1))
        self.manager.settimeout(PATIENCE)
        process = subprocess.Popen([SHIP, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE,
                                   env=clean_environment({"NOTIFY_SOCKET": address, **environment}))
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def told(self):
        return self.manager.recv(4096).decode()

    def test_it_tells_that_it_is_ready_reloads_and_stops(self):
        process = self.start("-c", self.write("c.toml", '[sinks.a]\nurl = "null:"\n'))
        self.assertEqual("READY=1", self.told())
        process.send_signal(signal.SIGHUP)
        self.assertRegex(self.told(), r"^RELOADING=1\nMONOTONIC_USEC=[0-9]+$")
        self.assertEqual("READY=1", self.told())
        process.send_signal(signal.SIGTERM)
        self.assertEqual("STOPPING=1", self.told())
        self.assertEqual(0, process.wait(PATIENCE))

    def test_a_reload_that_is_refused_ends_in_ready_too(self):
        process = self.start("-c", self.write("c.toml", '[sinks.a]\nurl = "null:"\n'))
        self.assertEqual("READY=1", self.told())
        self.write("c.toml", "[sinks")
        process.send_signal(signal.SIGHUP)
        self.assertIn("RELOADING=1", self.told())
        self.assertEqual("READY=1", self.told())

    def test_the_end_of_the_input_is_the_end_of_the_service(self):
        process = self.start("-s", "null:", address=f"@fapilog-ship-test-{os.getpid()}")
        self.assertEqual("READY=1", self.told())
        process.stdin.close()
        self.assertEqual("STOPPING=1", self.told())
        process.stdin = None

    def test_the_watchdog_hears_of_it_twice_in_its_time(self):
        self.start("-s", "null:", WATCHDOG_USEC="200000")
        self.assertEqual(["READY=1"] + ["WATCHDOG=1"] * 3, [self.told() for _ in range(4)])

    def test_the_watchdog_of_another_process_hears_nothing(self):
        process = self.start("-s", "null:", WATCHDOG_USEC="1000", WATCHDOG_PID="1")
        self.assertEqual("READY=1", self.told())
        process.send_signal(signal.SIGTERM)
        self.assertEqual("STOPPING=1", self.told())

    def test_a_program_that_is_stopped_is_silent(self):
        process = self.start("-s", "null:", WATCHDOG_USEC="100000")
        self.assertEqual(["READY=1", "WATCHDOG=1"], [self.told(), self.told()])
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        self.manager.setblocking(False)
        while True:
            try:
                self.told()
            except BlockingIOError:
                break
        self.manager.settimeout(0.5)
        self.assertRaises(socket.timeout, self.told)
        process.send_signal(signal.SIGCONT)
        self.manager.settimeout(PATIENCE)
        self.assertEqual("WATCHDOG=1", self.told())

    def test_a_command_tells_of_itself(self):
        said = self.path("said")
        process = self.start("--", "sh", "-c", f'echo "$NOTIFY_SOCKET" > {said}')
        process.wait(PATIENCE)
        self.assertEqual(self.path("notify"), self.read("said").strip())
        self.manager.setblocking(False)
        self.assertRaises(BlockingIOError, self.told)


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("systemd-analyze"):
            raise unittest.SkipTest("needs systemd-analyze")
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work)
        for name in os.listdir(UNITS):
            with open(os.path.join(UNITS, name), encoding="utf-8") as file:
                text = file.read().replace("/usr/bin/fapilog-ship", os.path.abspath(SHIP))
            with open(os.path.join(cls.work, name.replace("@.", "@web.")), "w", encoding="utf-8") as file:
                file.write(text)

    def units(self):
        return sorted("./" + name for name in os.listdir(self.work))

    def analyze(self, *arguments):
        return subprocess.run(["systemd-analyze", *arguments], cwd=self.work, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)

    def test_systemd_finds_no_fault_in_them(self):
        done = self.analyze("verify", "--man=no", *self.units())
        said = [line for line in done.stderr.splitlines() if "fapilog-ship" in line]
        self.assertEqual([], said)

    def test_the_service_is_hardened_as_the_guide_says(self):
        with open(os.path.join(UNITS, "..", "doc", "running.md"), encoding="utf-8") as file:
            told = float(re.search(r"`systemd-analyze security` gives ([0-9.]+)\)", file.read())[1])
        services = [name for name in self.units() if name.endswith(".service")]
        self.assertEqual(2, len(services))
        for name in services:
            done = self.analyze("security", "--offline=yes", name)
            exposure = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
            self.assertEqual(told, float(exposure[1]), done.stdout)

    def test_the_two_services_differ_in_their_input_alone(self):
        texts = []
        for name in ("fapilog-ship@web.service", "fapilog-ship-stream@web.service"):
            with open(os.path.join(self.work, name), encoding="utf-8") as file:
                texts.append([line for line in file.read().splitlines() if line[:1] != "#"])
        own = [[line for line in one if line not in other] for one, other in (texts, texts[::-1])]
        self.assertEqual(["Description", "Requires", "After", "ExecStart", "StandardInput"], [line.split("=")[0] for line in own[0]])
        self.assertEqual(["Description", "Requires", "After", "ExecStart", "StandardInput", "LimitNOFILE"],
                         [line.split("=")[0] for line in own[1]])


if __name__ == "__main__":
    unittest.main()
