"""A real PostgreSQL server, Debian's, in a directory of its own and as an ordinary user: never the system's service."""

import glob
import os
import shutil
import signal
import subprocess
import time

import server
from server import Server

PASSWORD = "correct-horse-battery"
ORDINARY = "postgres"


def programs():
    """Where the newest of Debian's versions is."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if not found:
        raise RuntimeError("PostgreSQL was not found: install the package postgresql")
    return found[-1]


def ordinary(*arguments):
    """PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return list(arguments)
    return ["setpriv", "--reuid", ORDINARY, "--regid", ORDINARY, "--clear-groups", "--", *arguments]


class Postgres(Server):
    """One server with a superuser `admin`, who needs no password on the socket, and a user `shop`, who needs one over
    TCP. `small` is the size of a file system of its own for the tablespace `narrow`, which takes root."""

    def __init__(self, settings=(), primary=None, small=None):
        super().__init__()
        self.settings = list(settings)
        self.small = small
        self.bin = programs()
        self.data = os.path.join(self.directory, "data")
        self.narrow = os.path.join(self.directory, "narrow")
        if os.getuid() == 0:
            shutil.chown(self.directory, ORDINARY, ORDINARY)
        if primary is None:
            self.run("initdb", "-D", self.data, "-U", "admin", "-E", "UTF8", "--no-locale", "--auth-local=trust",
                     "--auth-host=scram-sha-256", "--no-sync")
        else:
            self.run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-h", primary.directory, "-p",
                     str(primary.port), "-U", "admin")

    def run(self, program, *arguments):
        subprocess.run(ordinary(os.path.join(self.bin, program), *arguments), cwd=self.directory, check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def arguments(self):
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.directory}",
                    "fsync=on", "wal_level=replica", "shared_buffers=32MB", *self.settings]
        given = [word for setting in settings for word in ("-c", setting)]
        command = ordinary(os.path.join(self.bin, "postgres"), "-D", self.data, *given)
        if self.small is None:
            return command
        os.makedirs(self.narrow, exist_ok=True)
        # In a mount namespace of the server's own: it goes with it.
        return ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size={self.small} none "$0" && chown '
                f'{ORDINARY} "$0" && exec "$@"',
                self.narrow, *command]

    def is_ready(self):
        done = self.psql("SELECT 1", check=False)
        if done.returncode != 0:
            raise OSError(done.stderr)

    def psql(self, *statements, database="postgres", check=True):
        given = [word for statement in statements for word in ("-c", statement)]
        return subprocess.run([os.path.join(self.bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                               self.directory, "-p", str(self.port), "-U", "admin", "-d", database, *given],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=check, timeout=120)

    def ask(self, statement):
        return self.psql(statement).stdout.rstrip("\n")

    def events(self, table, column="event"):
        """The column's texts in the order of the table, unescaped."""
        text = self.psql(f"COPY (SELECT {column} FROM {table}) TO STDOUT").stdout
        escapes = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\\": "\\"}
        found = []
        for line in text.splitlines():
            parts = line.split("\\\\")
            for number, part in enumerate(parts):
                for letter, character in escapes.items():
                    part = part.replace("\\" + letter, character)
                parts[number] = part
            found.append("\\".join(parts))
        return found

    def make_user(self, *rights, name="shop"):
        self.psql(f"CREATE USER {name} PASSWORD '{PASSWORD}'", *rights)

    def session(self, statement):
        """Another client, which runs `statement` and stays until it is ended."""
        client = subprocess.Popen([os.path.join(self.bin, "psql"), "-X", "-q", "-A", "-t", "-h", self.directory, "-p",
                                   str(self.port), "-U", "admin", "-d", "postgres"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        client.stdin.write(statement + ";\nSELECT 'done';\n")
        client.stdin.flush()
        while client.stdout.readline().strip() != "done":
            if client.poll() is not None:
                raise RuntimeError("the session ended")
        return client

    def end_session(self, client):
        client.communicate()

    def kill(self):
        """Its processes have sessions of their own."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            children = [int(pid) for pid in file.read().split()]
        os.kill(self.process.pid, signal.SIGKILL)
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        until = time.monotonic() + server.PATIENCE
        while any(os.path.exists(f"/proc/{child}") for child in children) and time.monotonic() < until:
            time.sleep(0.02)

    def stop(self):
        """At once, not when the last client has gone."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


if __name__ == "__main__":
    server.main(Postgres)
