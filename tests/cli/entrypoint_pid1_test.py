"""The program as PID 1 of a process namespace: exit codes, deaths, orphans."""

import json
import signal
import unittest

from entrypoint import Entrypoint, can_make_namespaces, messages, python, run
from entrypoint_status_test import check_all_codes, check_deaths

# Forks grandchildren that outlive their parents, and says at the end which processes are zombies.
ORPHANS = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        if os.fork() == 0: time.sleep(0.05)
        os._exit(0)
    os.wait()
def states():
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try: found.append(open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[0])
        except OSError: pass
    return found
while len(states()) > 2: time.sleep(0.01)
print('none left')
"""


@unittest.skipUnless(can_make_namespaces(), "needs the right to make process namespaces")
class PidOne(unittest.TestCase):
    def test_every_exit_code_is_passed_on(self):
        check_all_codes(self, namespace=True)

    def test_a_command_that_a_signal_ends_gives_128_and_the_signal(self):
        check_deaths(self, namespace=True)

    def test_orphans_are_reaped_while_the_command_runs(self):
        status, output, _ = run(python(ORPHANS), namespace=True)
        self.assertEqual((0, ["none left"]), (status, messages(output)))

    def test_what_the_command_leaves_behind_is_asked_to_end_and_may_say_so(self):
        code = ("import os, signal, sys, time\n"
                "read, write = os.pipe()\n"
                "if os.fork() == 0:\n"
                "    os.setsid()\n"
                "    signal.signal(signal.SIGTERM, lambda *_: (print('asked'), sys.exit(0)))\n"
                "    os.write(write, b'x')\n"
                "    while True: time.sleep(1)\n"
                "os.read(read, 1)\n"
                "print('done')")
        status, output, _ = run(python(code), namespace=True)
        self.assertEqual((0, {"done", "asked"}), (status, set(messages(output))))

    def test_every_line_and_no_zombie_where_many_processes_write_and_die(self):
        code = ("import os\n"
                "for parent in range(50):\n"
                "    if os.fork() == 0:\n"
                "        for child in range(4):\n"
                "            if os.fork() == 0: os.write(1, b'{\"n\":%d}\\n' % (parent * 4 + child)); os._exit(0)\n"
                "        os._exit(0)\n"
                "def others():\n"
                "    return [pid for pid in os.listdir('/proc') if pid.isdigit() and int(pid) not in (1, os.getpid())]\n"
                "import time\n"
                "for _ in range(50): os.wait()\n"
                "while others(): time.sleep(0.01)\n"
                "os._exit(7)")
        for options in ([], ["--signal-child-only"]):
            status, output, _ = run(python(code), ["--no-drop-on-full", *options], namespace=True)
            self.assertEqual(7, status)
            self.assertEqual(list(range(200)), sorted(json.loads(line)["n"] for line in output.splitlines()))

    def test_a_signal_that_pid_1_would_never_get_reaches_the_command(self):
        with Entrypoint(["/bin/sh", "-c", "echo ready; exec sleep 1000"], namespace=True) as entrypoint:
            entrypoint.line()
            entrypoint.send(signal.SIGTERM)
            self.assertEqual(143, entrypoint.end()[0])


if __name__ == "__main__":
    unittest.main()
