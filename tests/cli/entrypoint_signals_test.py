"""Which signals reach the command, its group, or nobody."""

import concurrent.futures
import os
import signal
import unittest

from entrypoint import FORWARDED, Entrypoint, can_make_namespaces, python, run, state_of, wait_until

LAST = signal.SIGRTMAX
LONG = "ENTRYPOINT_LONG" in os.environ
HARMLESS = (signal.SIGCONT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGURG, signal.SIGWINCH)
# Two processes of one group say which signals they get; RTMAX ends them. They wait for signals that are blocked: one that
# comes between a handler's end and pause() would leave them waiting. The first takes the other with it, so that the
# output ends with them.
RECORDER = """
import os, signal
numbers = {n for n in [*range(1, 32), *range(signal.SIGRTMIN, signal.SIGRTMAX + 1)]
           if n not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
who = b'grandchild'
read, write = os.pipe()
child = os.fork()
if child == 0:
    os.write(write, b'x')
else:
    who = b'command'
    os.read(read, 1)
    os.write(1, b'{"who":"command","signal":0,"pid":%d}\\n' % os.getpid())
while True:
    number = signal.sigwait(numbers)
    os.write(1, b'{"who":"%s","signal":%d}\\n' % (who, number))
    if number == signal.SIGRTMAX:
        if child != 0: os.kill(child, signal.SIGKILL)
        os._exit(42)
"""


class Signals(unittest.TestCase):
    def check_all(self, options, receivers, namespace):
        with Entrypoint(python(RECORDER), options, namespace) as entrypoint:
            entrypoint.line()
            for number in FORWARDED[:-1]:
                entrypoint.send(number)
                got = [entrypoint.line() for _ in receivers]
                self.assertEqual([number] * len(receivers), [line["signal"] for line in got])
                self.assertEqual(receivers, {line["who"] for line in got})
            entrypoint.send(LAST)
            self.assertEqual(42, entrypoint.end()[0])

    def test_every_signal_reaches_the_whole_group(self):
        self.check_all([], {"command", "grandchild"}, False)

    def test_every_signal_reaches_the_command_alone_if_so_asked(self):
        self.check_all(["--signal-child-only"], {"command"}, False)

    @unittest.skipUnless(can_make_namespaces(), "needs the right to make process namespaces")
    def test_every_signal_reaches_the_whole_group_as_pid_1(self):
        self.check_all([], {"command", "grandchild"}, True)

    @unittest.skipUnless(can_make_namespaces(), "needs the right to make process namespaces")
    def test_every_signal_reaches_the_command_alone_as_pid_1(self):
        self.check_all(["--signal-child-only"], {"command"}, True)

    def check_deaths(self, options, namespace):
        """Each signal, as it comes from outside, ends a command that does nothing about it."""
        def dies(number):
            command = ["/bin/sh", "-c", f"ulimit -c 0; echo '{{\"n\":{number}}}'; exec sleep 1000"]
            with Entrypoint(command, options, namespace) as entrypoint:
                line = entrypoint.line()
                entrypoint.send(number)
                status, more, _ = entrypoint.end()
                return line["n"], status, more

        deadly = [number for number in FORWARDED if number not in HARMLESS]
        # The long form sends all of them, the short one every sixth.
        deadly = deadly if LONG else deadly[::6]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for number, got in zip(deadly, pool.map(dies, deadly)):
                self.assertEqual((number, 128 + number, ""), got)

    def test_a_signal_from_outside_ends_the_command_and_gives_the_status(self):
        self.check_deaths([], False)
        self.check_deaths(["--signal-child-only"], False)

    @unittest.skipUnless(can_make_namespaces(), "needs the right to make process namespaces")
    def test_a_signal_from_outside_ends_the_command_and_gives_the_status_as_pid_1(self):
        self.check_deaths([], True)
        self.check_deaths(["--signal-child-only"], True)

    def passed_on(self, options, sent, received):
        with Entrypoint(python(RECORDER), ["--signal-child-only", *options]) as entrypoint:
            entrypoint.line()
            for number in sent:
                entrypoint.send(number)
            # The last one only then: it could come into the middle of another's handler, and ends the command.
            got = [entrypoint.line()["signal"] for _ in received]
            entrypoint.send(LAST)
            while not got or got[-1] != LAST:
                got.append(entrypoint.line()["signal"])
            self.assertEqual(sorted([*received, LAST]), sorted(got))
            entrypoint.end()

    def test_a_signal_is_rewritten_or_kept_back(self):
        self.passed_on(["--rewrite-signal", "TERM=QUIT", "--rewrite-signal", "SIGHUP=0", "--rewrite-signal", "1=12"],
                       [signal.SIGTERM], [signal.SIGQUIT])
        self.passed_on(["--rewrite-signal", "SIGWINCH=0"], [signal.SIGWINCH, signal.SIGURG], [signal.SIGURG])

    def test_the_statistics_signal_stays_here_and_usr1_can_be_freed(self):
        self.passed_on([], [signal.SIGUSR1], [])
        self.passed_on(["--stats-signal", "USR2"], [signal.SIGUSR1, signal.SIGUSR2], [signal.SIGUSR1])

    def test_the_grace_ends_in_a_kill(self):
        stubborn = ("import signal, time\n"
                    "signal.signal(signal.SIGTERM, lambda *_: print('{\"n\":2}'))\n"
                    "print('{\"n\":1}')\n"
                    "while True: time.sleep(1)")
        with Entrypoint(python(stubborn), ["--grace", "300ms"]) as entrypoint:
            self.assertEqual({"n": 1}, entrypoint.line())
            entrypoint.send(signal.SIGTERM)
            self.assertEqual({"n": 2}, entrypoint.line())
            status, _, error = entrypoint.end()
        self.assertEqual(137, status)
        self.assertIn("did not end within the grace of 300", error)

    def test_a_stopped_command_hears_of_its_end(self):
        with Entrypoint(["/bin/sh", "-c", "echo '{\"pid\":'$$'}'; exec sleep 1000"]) as entrypoint:
            pid = entrypoint.line()["pid"]
            os.kill(pid, signal.SIGSTOP)
            wait_until(lambda: state_of(pid) == "T")
            entrypoint.send(signal.SIGTERM)
            self.assertEqual(143, entrypoint.end()[0])

    def test_a_command_that_is_stopped_and_continued_goes_on(self):
        with Entrypoint(python("import os, signal\nprint('{\"pid\":%d}' % os.getpid())\n"
                               "os.kill(os.getpid(), signal.SIGSTOP)\nprint('{\"on\":1}')")) as entrypoint:
            pid = entrypoint.line()["pid"]
            wait_until(lambda: state_of(pid) == "T")
            self.assertNotEqual("T", state_of(entrypoint.pid))
            entrypoint.send(signal.SIGCONT)
            self.assertEqual({"on": 1}, entrypoint.line())
            self.assertEqual(0, entrypoint.end()[0])

    def test_a_command_is_told_when_the_shipper_dies(self):
        for options, number in ((["--pdeathsig", "INT"], signal.SIGINT), ([], signal.SIGTERM)):
            with self.subTest(options=options), Entrypoint(python(
                    "import os, signal\n"
                    "told = {signal.SIGINT, signal.SIGTERM}\n"
                    "signal.pthread_sigmask(signal.SIG_BLOCK, told)\n"
                    "print('{\"pid\":%d}' % os.getpid())\n"
                    "open('/proc/self/fd/0', 'wb').write(b'%d' % signal.sigwait(told))"), options, stdin=self.open_pipe()) as entrypoint:
                entrypoint.line()
                os.kill(entrypoint.pid, signal.SIGKILL)
                self.assertEqual(b"%d" % number, os.read(self.reader, 10))

    def open_pipe(self):
        self.reader, writer = os.pipe()
        self.addCleanup(os.close, self.reader)
        self.addCleanup(os.close, writer)
        return writer

    def test_a_subreaper_takes_in_orphans(self):
        # Each line by one write: print makes two of it, and both processes write at the same time.
        orphan = ("import os, time\nread, write = os.pipe()\n"
                  "if os.fork() == 0:\n"
                  "    if os.fork() == 0:\n"
                  "        parent = os.getppid()\n"
                  "        os.write(write, b'x')\n"
                  "        while os.getppid() == parent: time.sleep(0.01)\n"
                  "        os.write(1, b'{\"parent\":%d}\\n' % os.getppid())\n"
                  "        os._exit(0)\n"
                  "    os.read(read, 1)\n"
                  "    os._exit(0)\n"
                  "os.wait()\nos.write(1, b'{\"shipper\":%d}\\n' % os.getppid())\nos.close(write)\nos.read(read, 1)")
        with Entrypoint(python(orphan), ["--subreaper"]) as entrypoint:
            said = {**entrypoint.line(), **entrypoint.line()}
            self.assertEqual({"parent": entrypoint.pid, "shipper": entrypoint.pid}, said)
            self.assertEqual(0, entrypoint.end()[0])

    def test_rewriting_what_cannot_be_rewritten_is_refused(self):
        for text in ("KILL=TERM", "TERM=NONE", "NOTHING=TERM"):
            status, _, error = run(["true"], ["--rewrite-signal", text])
            self.assertEqual(78, status, error)
            self.assertIn("rewrite_signal", error)


if __name__ == "__main__":
    unittest.main()
