"""Takes the name server's port and never answers, then becomes the command given: a resolver that hangs, for
one network namespace. The socket lives on in the command, which does not know of it."""

import os
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
server.set_inheritable(True)
os.execvp(sys.argv[1], sys.argv[1:])
