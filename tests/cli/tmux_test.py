"""What a person sees: the program in a window of tmux, which is a whole terminal, and looked at there."""

import re
import unittest

from window import Window

DEAD_SINK = "-s http://127.0.0.1:9/ --queue-size 10 --drain-timeout 200ms -q --progress always"


class Pictures(Window):
    def bars(self, screen=None):
        screen = self.screen() if screen is None else screen
        return [line for line in screen.split("\n") if re.match(r" *\d+% ", line)]

    def test_a_bar_leaves_nothing_behind_when_the_window_changes_its_size(self):
        self.run_command(f"\"$SHIP\" -i \"$DATA\"/fapilog-stdout.ndjson {DEAD_SINK}; echo code=$?")
        self.until(lambda text: "dropped" in text)
        for columns in (40, 120, 25, 100):
            self.tmux("resize-window", "-x", str(columns))
            self.until(lambda text, most=columns: len(self.bars()) == 1 and
                       most // 2 < len(self.bars()[0]) < most)
        # One picture: the bar of the next one may differ. Between two bars a screen may have none.
        screen = self.until(self.bars)
        self.assertNotIn("dropped", screen.replace(self.bars(screen)[0], ""))
        self.type("C-c")
        text = self.until(lambda text: re.search(r"code=\d+\n\$$", text))
        self.assertIn("code=75", text)
        self.assertNotIn("% ", text)

    def test_ctrl_z_leaves_the_terminal_to_the_shell_and_fg_draws_the_bar_again(self):
        self.run_command(f"\"$SHIP\" -i \"$DATA\"/fapilog-stdout.ndjson {DEAD_SINK}")
        self.until(lambda text: "dropped" in text)
        self.type("C-z")
        self.until(lambda text: "Stopped" in text and text.endswith("$"))
        self.type("bg; echo still he''re", "Enter")
        self.until(lambda text: "still here" in text)
        # In the background it draws nothing over what the shell shows.
        self.type("fg", "Enter")
        self.until(lambda text: self.bars())
        self.type("C-c")
        self.until(lambda text: not self.bars() and text.endswith("$"))

    def test_real_lines_are_pretty(self):
        self.run_command("head -40 \"$DATA\"/fapilog-stdout.ndjson | \"$SHIP\" --pretty; echo code=$?")
        text = self.until(lambda text: "code=0" in text)
        for line in text.split("\n"):
            self.assertLessEqual(len(line), 100)
        levels = {match[1] for match in re.finditer(r"^\S*(?: \S+)? ?\d\d:\d\d:\d\d\.\d{3} (\w+) +\w", text, re.MULTILINE)}
        self.assertIn("INFO", levels)
        self.assertIn("\x1b[32mINFO", self.screen("-e"))

    def test_a_full_screen_command_has_the_whole_screen_and_gives_it_back(self):
        page = self.write("page.py", "import os, termios, tty\n"
                          "fd = os.open('/dev/tty', os.O_RDWR)\n"
                          "was = termios.tcgetattr(fd); tty.setraw(fd)\n"
                          "os.write(fd, b'\\x1b[?1049h\\x1b[2J\\x1b[Hthe page')\n"
                          "key = os.read(fd, 1)\n"
                          "os.write(fd, b'\\x1b[?1049l'); termios.tcsetattr(fd, termios.TCSANOW, was)\n"
                          "print('key', key.decode())\n")
        self.run_command(f"echo before; \"$SHIP\" --pretty -- python3 {page}; echo code=$?")
        self.until(lambda text: text == "the page")
        self.type("q")
        self.assertRegex(self.until(lambda text: "code=0" in text), r"before\nkey q\ncode=0\n\$$")


if __name__ == "__main__":
    unittest.main()
