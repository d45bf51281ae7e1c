"""The program at a terminal: a shell with job control runs it on a pseudo-terminal, a person types."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
import unittest

from entrypoint import children_of, state_of, wait_until
from program import PATIENCE, SHIP, clean_environment


class Terminal:
    """A session of bash on a pseudo-terminal."""

    def __init__(self, words=("bash", "--norc", "--noprofile", "-i")):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], list(words), {**clean_environment(), "PS1": "$ ", "TERM": "xterm", "SHIP": SHIP,
                                              "PYTHON": sys.executable})
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in [*(grandchild for child in children_of(self.pid) for grandchild in children_of(child)),
                    *children_of(self.pid), self.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def type(self, text):
        os.write(self.fd, text.encode())

    def see(self, part):
        """Waits until `part` appears behind what was seen last; returns what stands before it."""
        end = time.monotonic() + PATIENCE
        while part not in self.text:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"{part!r} was not seen in {self.text!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                raise AssertionError(f"the terminal closed before {part!r}: {self.text!r}")
            self.text += data.decode(errors="replace")
        before, _, self.text = self.text.partition(part)
        return before

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class AtTheTerminal(unittest.TestCase):
    def test_ctrl_c_reaches_the_command_and_the_shell_gets_its_terminal_back(self):
        with Terminal() as terminal:
            terminal.type("\"$SHIP\" -- \"$PYTHON\" -uc 'print(\"re\" + \"ady\");import time;time.sleep(1000)'; "
                          "echo code=$?\r")
            terminal.see("ready")
            terminal.type("\x03")
            terminal.see("code=130")
            terminal.type("echo al''ive\r")
            terminal.see("alive")

    def test_ctrl_c_again_ends_the_delivery_after_the_command(self):
        with Terminal() as terminal:
            terminal.type("\"$SHIP\" -s stdout: -s http://127.0.0.1:9/ --drain-timeout 1000s -- "
                          "\"$PYTHON\" -uc 'print(\"re\" + \"ady\");import time;time.sleep(1000)'; echo code=$?\r")
            terminal.see("ready")
            terminal.type("\x03")
            terminal.see("delivering what is left; a second signal ends at once")
            terminal.type("\x03")
            terminal.see("code=130")

    def test_ctrl_z_stops_the_job_and_fg_continues_it(self):
        with Terminal() as terminal:
            terminal.type("\"$SHIP\" -- cat; echo code=$?\r")
            wait_until(lambda: children_of(self.ship(terminal)) if self.ship(terminal) else None)
            terminal.type("one\r")
            terminal.see('"message":"one"')
            ship = self.ship(terminal)
            command, = children_of(ship)
            terminal.type("\x1a")
            terminal.see("Stopped")
            self.assertEqual(("T", "T"), (state_of(ship), state_of(command)))
            terminal.type("fg\r")
            wait_until(lambda: state_of(ship) == "S" and self.has_terminal(terminal, command))
            terminal.type("two\r")
            terminal.see('"message":"two"')
            terminal.type("\x04")
            terminal.see('$ ')

    def test_a_job_in_the_background_leaves_the_terminal_to_the_shell(self):
        with Terminal() as terminal:
            terminal.type("\"$SHIP\" -- cat &\r")
            terminal.see("[1]")
            # cat wants to read: the shell hears that the job stopped for it.
            wait_until(lambda: self.ship(terminal) and state_of(self.ship(terminal)) == "T")
            terminal.type("echo st''ill\r")
            terminal.see("still")
            ship = self.ship(terminal)
            command, = children_of(ship)
            terminal.type("fg\r")
            wait_until(lambda: state_of(ship) == "S" and self.has_terminal(terminal, command))
            terminal.type("three\r")
            terminal.see('"message":"three"')
            terminal.type("\x04")
            terminal.type("echo af''ter\r")
            terminal.see("after")

    def test_the_command_hears_of_a_new_size(self):
        with Terminal() as terminal:
            terminal.type("\"$SHIP\" -- \"$PYTHON\" -uc 'import os,signal,time\n"
                          "def size(*_): print(\"si\" + \"ze\", os.get_terminal_size(0).lines)\n"
                          "signal.signal(signal.SIGWINCH, size); print(\"re\" + \"ady\")\n"
                          "while True: time.sleep(0.05)'\r")
            terminal.see("ready")
            terminal.resize(33, 101)
            terminal.see("size 33")

    def test_a_full_screen_command_has_the_terminal(self):
        with Terminal() as terminal:
            terminal.type("\"$SHIP\" -- \"$PYTHON\" -uc 'import os,tty\n"
                          "fd=os.open(\"/dev/tty\", os.O_RDWR); tty.setraw(fd)\n"
                          "os.write(fd, b\"\\x1b[?1049h\\x1b[Hfull\" + b\"screen\")\n"
                          "key=os.read(fd, 1); os.write(fd, b\"\\x1b[?1049l\"); print(\"ke\" + \"y\", key)'; "
                          "stty sane; echo code=$?\r")
            terminal.see("fullscreen")
            terminal.type("q")
            terminal.see("key b'q'")
            terminal.see("code=0")

    def test_colours_stay_for_the_terminal_alone(self):
        with Terminal() as terminal:
            red = "\\033[31mred\\033[0m\\n"
            terminal.type(f"\"$SHIP\" --pretty -- printf '{red}'\r")
            terminal.see("\x1b[31mred\x1b[0m")
            terminal.type(f"NO_COLOR=1 \"$SHIP\" --pretty -- printf '{red}'; echo code=$?\r")
            terminal.see("\rred\r\n")
            terminal.type(f"\"$SHIP\" --pretty -s file:///dev/null -- printf '{red}'\r")
            terminal.see("\rred\r\n")
            terminal.type(f"\"$SHIP\" -- printf '{red}'\r")
            terminal.see('"message":"red"')

    def test_a_prompt_is_seen_before_it_is_answered(self):
        ask = "print(\"hello\", input(\"your na\" + \"me? \"))"
        with Terminal() as terminal:
            for options, question, answer in (("--pretty", "\ryour name? ", "\r\nhello Bob"),
                                              ("", '"message":"your name? "', '"message":"hello Bob"')):
                terminal.type(f"\"$SHIP\" {options} -- \"$PYTHON\" -c '{ask}'\r")
                terminal.see(question)
                terminal.type("Bob\r")
                terminal.see(answer)
            terminal.type("\"$SHIP\" --pretty -- bash -c 'read -p \"your ag\"\"e? \" x; echo \"is $x\"'\r")
            terminal.see("your age? ")
            terminal.type("42\r")
            terminal.see("is 42")

    def test_ctrl_z_where_no_shell_could_continue_it_does_not_hang_the_command(self):
        with Terminal([SHIP, "--", "cat"]) as terminal:
            wait_until(lambda: children_of(terminal.pid))
            terminal.type("one\r")
            terminal.see('"message":"one"')
            terminal.type("\x1a")
            terminal.see("^Z")
            terminal.type("two\r")
            terminal.see('"message":"two"')

    @staticmethod
    def has_terminal(terminal, pid):
        return os.tcgetpgrp(terminal.fd) == pid and state_of(pid) == "S"

    @staticmethod
    def ship(terminal):
        """The process id of the program that the shell runs."""
        for child in children_of(terminal.pid):
            try:
                if os.readlink(f"/proc/{child}/exe") == os.path.realpath(SHIP):
                    return child
            except OSError:
                pass
        return None


if __name__ == "__main__":
    unittest.main()
