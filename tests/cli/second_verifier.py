"""A second verifier of sealed files, written from packaging/doc/sealed-files.md alone. It says whether files are whole,
and otherwise the line at which the first difference stands."""

import gzip
import hashlib
import json
import os
import subprocess
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

MEMBERS = {
    "open": ["entry", "version", "chain", "file", "name", "record", "offset", "from", "prev", "key", "signature"],
    "block": ["entry", "record", "records", "offset", "bytes", "sha256", "lines", "from", "to", "found", "lost", "prev", "key",
              "signature"],
    "manifest": ["entry", "reason", "file", "record", "records", "bytes", "from", "to", "lost", "waiting", "spooled", "before",
                 "prev", "key", "signature"],
}
OPTIONAL = {"found", "lost", "key", "signature"}


class Tampered(Exception):
    """`line`: of the log file, from 1; None: of no line in particular."""

    def __init__(self, what, line=None):
        super().__init__(what)
        self.line = line


def read_key(path):
    with open(path, "rb") as file:
        key = load_pem_public_key(file.read())
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16], key


def digest(data):
    return hashlib.sha256(data).hexdigest()


def content(path):
    if path.endswith(".gz"):
        with gzip.open(path) as file:
            return file.read()
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout
    with open(path, "rb") as file:
        return file.read()


def seal_of(path):
    for suffix in (".gz", ".zst"):
        if path.endswith(suffix):
            path = path[:-len(suffix)]
    return path + ".seal"


def parse(line):
    """The entry of one line; it must have its one form."""
    try:
        entry = json.loads(line)
        members = MEMBERS[entry["entry"]]
        named = [name for name in members if name in entry]
        if list(entry) != named or set(members) - set(named) - OPTIONAL or ("key" in entry) != ("signature" in entry):
            raise ValueError
        if json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() != line:
            raise ValueError
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise Tampered("a line of the seal was edited") from error
    return entry


def check_signature(line, entry, keys):
    if "key" not in entry:
        if entry["entry"] != "block":
            raise Tampered("a line of the seal is not signed")
        return False
    if entry["key"] not in keys:
        raise Tampered("signed by an unknown key")
    signed = line[:line.rindex(b',"signature":"')]
    try:
        keys[entry["key"]].verify(bytes.fromhex(entry["signature"]), signed)
    except (InvalidSignature, ValueError) as error:
        raise Tampered("a wrong signature") from error
    return True


class SealedFile:
    """One log file and its seal; `verify` raises Tampered."""

    def __init__(self, path, keys):
        self.path, self.keys = path, keys
        self.data, self.first, self.last, self.last_hash = b"", None, None, None
        self.lost, self.roots = {}, []

    def verify(self):
        with open(seal_of(self.path), "rb") as file:
            lines = file.read().split(b"\n")[:-1]
        self.data = content(self.path)
        at, record, without = 0, None, 0
        for line in lines:
            entry = parse(line)
            kind = entry["entry"]
            here = 1 if self.first is None else record - self.first["record"] + 1
            if self.first is None:
                if kind != "open":
                    raise Tampered("the beginning of the seal is missing")
                self.first, record = entry, entry["record"]
            elif entry["prev"] != self.last_hash:
                raise Tampered("a line of the seal does not follow", here)
            without = 0 if check_signature(line, entry, self.keys) else without + 1
            if without > 64:
                raise Tampered("signatures are missing", here)
            if kind == "manifest":
                total = (entry["record"], entry["records"], entry["bytes"], entry["file"], entry["before"])
                if total != (self.first["record"], record - self.first["record"], at, self.first["file"], self.first["prev"]):
                    raise Tampered("a manifest does not count on", here)
                self.roots.append(digest(line))
            else:
                if entry["record"] != record or (kind == "block" and self.last["entry"] == "manifest"):
                    raise Tampered("a line of the seal does not count on", here)
                if entry["offset"] != at:
                    raise Tampered("the file was written by others", here)
            if entry.get("found") == "before" and self.first["file"] > 1:
                raise Tampered("lines that no seal covered", here)
            if kind == "block":
                self.check_block(entry, here)
                at += entry["bytes"]
                record += entry["records"]
            for reason, count in entry.get("lost", {}).items():
                self.lost[reason] = self.lost.get(reason, 0) + count
            self.last, self.last_hash = entry, digest(line)
        if self.first is None:
            raise Tampered("the seal is empty")
        if self.last["entry"] == "manifest" and at != len(self.data):
            raise Tampered("lines behind the end", record - self.first["record"] + 1)

    def check_block(self, block, line):
        begin, end = block["offset"], block["offset"] + block["bytes"]
        piece = self.data[begin:end]
        if digest(piece) == block["sha256"] and piece.count(b"\n") == block["records"]:
            return
        sealed = [block["lines"][i:i + 8] for i in range(0, len(block["lines"]), 8)]
        rest = self.data[begin:].split(b"\n")
        there = [part + b"\n" for part in rest[:-1]] + ([rest[-1]] if rest[-1] else [])
        for number, crc in enumerate(sealed):
            if number >= len(there) or f"{zlib.crc32(there[number]):08x}" != crc:
                raise Tampered("a line differs", line + number)
        raise Tampered("a block differs", line)


def verify_chain(paths, keys):
    """Verifies files that are one chain; returns them in its order."""
    files = []
    for path in paths:
        if not os.path.exists(path):
            raise Tampered("a file is missing")
        files.append(SealedFile(path, keys))
        files[-1].verify()
    files.sort(key=lambda file: file.first["file"])
    for before, after in zip(files, files[1:]):
        if before.first["chain"] != after.first["chain"] or after.first["file"] != before.first["file"] + 1:
            raise Tampered("a file is missing between others")
        if before.last["entry"] != "manifest" or after.first["prev"] != before.last_hash:
            raise Tampered("a file does not follow the one before it", 1)
    return files
