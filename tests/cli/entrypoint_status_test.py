"""How the program ends in front of a command: with the command's status, whatever it is."""

import concurrent.futures
import os
import signal
import unittest

from entrypoint import messages, python, run
from program import ProgramTest


def each(work, items):
    """A few at a time; the results in order."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, items))


def status_of(code, namespace):
    return run(["/bin/sh", "-c", f"echo {code}; exit {code}"], namespace=namespace)[:2]


def check_all_codes(test, namespace):
    codes = list(range(256))
    for code, (status, output) in zip(codes, each(lambda code: status_of(code, namespace), codes)):
        test.assertEqual((code, [str(code)]), (status, messages(output)))


def check_deaths(test, namespace):
    """Each signal that ends a process, as the command sends it to itself."""
    harmless = (signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
                signal.SIGURG, signal.SIGWINCH)
    deadly = [number for number in range(1, 32) if number not in harmless]

    def dies(number):
        return run(["/bin/sh", "-c", f"ulimit -c 0; echo dies; kill -{number} $$"], namespace=namespace)

    for number, (status, output, _) in zip(deadly, each(dies, deadly)):
        test.assertEqual((128 + number, ["dies"]), (status, messages(output)))


class Status(ProgramTest):
    def test_every_exit_code_is_passed_on(self):
        check_all_codes(self, namespace=False)

    def test_a_command_that_a_signal_ends_gives_128_and_the_signal(self):
        check_deaths(self, namespace=False)

    def test_a_program_that_is_not_there_gives_127(self):
        for command in ("no-such-program", "/no/such/program"):
            status, output, error = run([command])
            self.assertEqual((127, ""), (status, output))
            self.assertIn(f"cannot run '{command}'", error)

    def test_a_program_that_cannot_be_run_gives_126(self):
        path = self.write("no-program", "text")
        self.assertEqual(126, run([path])[0])
        self.assertEqual(126, run([self.directory])[0])
        script = self.write("script", "#!/no/such/interpreter\n")
        os.chmod(script, 0o755)
        status, _, error = run([script])
        self.assertEqual(126, status)
        self.assertIn("interpreter", error)

    def test_a_script_without_interpreter_line_is_run_by_the_shell(self):
        script = self.write("script", "exit 5\n")
        os.chmod(script, 0o755)
        self.assertEqual(5, run([script])[0])

    def test_an_expected_code_counts_as_success_and_others_do_not(self):
        options = ["--expect-exit", "143", "--expect-exit", "3"]
        self.assertEqual(0, run(["/bin/sh", "-c", "exit 3"], options)[0])
        self.assertEqual(0, run(["/bin/sh", "-c", "kill -TERM $$"], options)[0])
        self.assertEqual(4, run(["/bin/sh", "-c", "exit 4"], options)[0])

    def test_the_status_is_the_commands_also_where_lines_are_lost(self):
        options = ["--sink", "http://127.0.0.1:9/", "--drain-timeout", "200ms"]
        status, _, error = run(["/bin/sh", "-c", "echo lost; exit 6"], options)
        self.assertEqual(6, status)
        self.assertIn("1 line was lost", error)

    def test_signals_and_descriptors_are_the_commands_own(self):
        code = ("import os, signal\n"
                "print(sorted(os.listdir('/proc/self/fd'))[:3], signal.pthread_sigmask(signal.SIG_BLOCK, []),\n"
                "      [n for n in range(1, 32) if signal.getsignal(n) is signal.SIG_IGN],\n"
                "      len(os.listdir('/proc/self/fd')))")
        blocked = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        ignored = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        # Python itself ignores SIGPIPE (13) and SIGXFSZ (25).
        self.assertEqual(["['0', '1', '2'] set() [13, 25] 4"], messages(run(python(code))[1]))
        self.assertIn("SIGUSR2", messages(run(python(code), preexec_fn=blocked)[1])[0])
        self.assertIn("[13, 17, 25]", messages(run(python(code), preexec_fn=ignored)[1])[0])

    def test_what_reads_and_ships_gives_way_to_the_command_whose_scheduling_is_its_own(self):
        # One reader, one worker at least.
        code = ("import os, time\n"
                "ship, end = os.getppid(), time.monotonic() + 10\n"
                "def giving_way():\n"
                "    threads = [int(thread) for thread in os.listdir(f'/proc/{ship}/task')]\n"
                "    return [os.sched_getscheduler(thread) for thread in threads].count(os.SCHED_BATCH)\n"
                "while giving_way() < 2 and time.monotonic() < end: time.sleep(0.01)\n"
                "print(os.sched_getscheduler(0) == os.SCHED_OTHER, giving_way() >= 2)")
        self.assertEqual(["True True"], messages(run(python(code))[1]))


if __name__ == "__main__":
    unittest.main()
