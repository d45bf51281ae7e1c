"""A log server that is slow: answers each POST after DELAY seconds, or never. Notes what it has answered: only that
is delivered. At the end of standard input it writes the numbers of the records to REPORT.

    sink.py PORT_FILE REPORT DELAY|never
"""

import asyncio
import json
import os
import re
import sys

SEQ = re.compile(rb'"seq":\s*(\d+)')


async def serve(reader, writer, delay, seen):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length.group(1)) if length else 0)
            if delay is None:
                await asyncio.Event().wait()
            await asyncio.sleep(delay)
            seen.update(int(number) for number in SEQ.findall(body))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(port_file, report, delay):
    seen = set()
    delay = None if delay == "never" else float(delay)
    server = await asyncio.start_server(lambda r, w: serve(r, w, delay, seen), "127.0.0.1", 0, backlog=512)
    with open(port_file + ".new", "w", encoding="ascii") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.replace(port_file + ".new", port_file)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    with open(report, "w", encoding="ascii") as file:
        json.dump(sorted(seen), file)
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
