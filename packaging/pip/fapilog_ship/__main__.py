"""`python -m fapilog_ship`: becomes the program, with the same process id, input and output."""

import os
import signal
import sys

from fapilog_ship import program

path = program()
for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores these, and a program would inherit that.
    signal.signal(getattr(signal, name), signal.SIG_DFL)
os.execv(path, [path, *sys.argv[1:]])
