"""A second reader of the spool's files, written from src/spool/spool_format.md alone: what a test finds on disk
does not depend on the program under test."""

import os
import re
import struct
import zlib

DATA = 1536
HEADERS = {b"\xff\xfeS2": 64, b"\xff\xfeSR": 40}  # size of a record's header by its first bytes
MAGIC = re.compile(b"\xff\xfeS[2R]")
NAME = re.compile(r"([0-9a-f]{16})\.([pu])(\d\d)\.seg")


class Record:
    """One record that is not acknowledged."""

    def __init__(self, sequence, identity, line, is_protected):
        self.sequence = sequence
        self.identity = identity  # as text, none in version 1
        self.line = line
        self.is_protected = is_protected


def state_of(data, salt):
    """(generation, flags, end, ranges) of the slot that counts; none where neither is right."""
    best = None
    for slot in (512, 1024):
        bytes_ = data[slot:slot + 512]
        if len(bytes_) < 512 or bytes_[:4] != struct.pack("<I", 0x54535346):
            continue
        (checksum,) = struct.unpack_from("<I", bytes_, 4)
        if zlib.crc32(bytes_[8:], salt) != checksum:
            continue
        generation, flags, count, end = struct.unpack_from("<QIII", bytes_, 8)
        ranges = [struct.unpack_from("<III", bytes_, 40 + 12 * i)[:2] for i in range(count)]
        if best is None or generation > best[0]:
            best = (generation, flags, end, ranges)
    return best


def records_of(name, data):
    """The records of one segment that a new start has to deliver."""
    number = int(NAME.fullmatch(name).group(1), 16)
    salt = zlib.crc32(struct.pack("<Q", number), 0)
    state = state_of(data, salt)
    end, ranges = len(data), []
    if state:
        ranges = state[3]
        if state[1] & 1:
            end = min(end, state[2])
    at, found = DATA, []
    while at < end:
        over = [to for begin, to in ranges if begin <= at < to]
        if over:
            at = over[0]
            continue
        header = HEADERS.get(data[at:at + 4], 0)
        head = data[at:at + header]
        if not header or len(head) < header or zlib.crc32(head[8:], salt) != struct.unpack_from("<I", head, 4)[0]:
            following = MAGIC.search(data, at + 1)
            if not following:
                break
            at = following.start()
            continue
        line_sum, size, sequence = struct.unpack_from("<IIQ", head, 8)
        line = data[at + header:at + header + size]
        if len(line) == size and zlib.crc32(line, salt) == line_sum:
            identity = "%016x%016x-%d" % struct.unpack_from("<QQQ", head, 40) if header == 64 else None
            found.append(Record(sequence, identity, line, head[39] == 1))
        at += header + size
    return found


def records(directory):
    """All records of a spool that are to be delivered, in order of arrival; also while it is in use.
    A program that was killed before it made the directory left none."""
    found = []
    for name in os.listdir(directory) if os.path.isdir(directory) else []:
        if not NAME.fullmatch(name):
            continue
        try:
            with open(os.path.join(directory, name), "rb") as file:
                found += records_of(name, file.read())
        except FileNotFoundError:
            pass  # delivered meanwhile
    return sorted(found, key=lambda record: record.sequence)
