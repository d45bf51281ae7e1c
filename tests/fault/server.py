"""A peer as a process of its own: prints its port, and at the end of its input the numbers that it accepted."""

import json
import sys

import peer as peers

with peers.Peer(address=("127.0.0.1", int(sys.argv[1]))) as server:
    print(server.port, flush=True)
    sys.stdin.readline()
    print(json.dumps(server.sequences()), flush=True)
