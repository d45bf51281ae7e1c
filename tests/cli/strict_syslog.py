"""A syslog server of the tests' own: RFC 5424 for messages, RFC 6587 for what tells them apart on a stream (a count of
bytes, or a newline), RFC 5425 for TLS. Takes nothing else. For fault/stream_peer.py."""

import re

# HEADER and STRUCTURED-DATA of RFC 5424, section 6, in its ABNF's order.
NAME = r'[!#-<>-\\^-~]{1,32}'  # PRINTUSASCII without =, ] and "
PARAMETER = rf' {NAME}="(?:[^"\\\]]|\\["\\\]])*"'
HEADER = re.compile(
    r"<(?P<priority>0|[1-9][0-9]{0,2})>1 "
    r"(?P<time>-|\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) "
    r"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<id>[!-~]{1,32}) "
    rf"(?P<data>-|(?:\[{NAME}(?:{PARAMETER})*\])+)(?: (?P<text>.*))?", re.DOTALL)
LOCAL = re.compile(
    r"<(?P<priority>0|[1-9][0-9]{0,2})>(?P<time>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 1-3]\d \d\d:\d\d:\d\d) "
    r"(?P<app>[^ :\[\]]{1,48})(?:\[(?P<process>\d+)\])?: (?P<text>.*)", re.DOTALL)


def parse(message, form=HEADER):
    """The parts of one message, or none where it is not one."""
    try:
        found = form.fullmatch(message.decode())
    except UnicodeDecodeError:
        return None
    if not found or int(found["priority"]) > 191 or (found["text"] or "").startswith("\ufeff"):
        return None
    return found.groupdict()


class SyslogReader:
    """`take` gets the parts of each message."""

    form = HEADER

    def __init__(self, take, fault):
        self.take, self.fault = take, fault
        self.rest = b""

    def message(self, data):
        parts = parse(data, self.form)
        if parts is None:
            self.fault(f"not a syslog message: {data[:200]!r}")
        else:
            self.take(parts)

    def end(self):
        pass


class CountedSyslog(SyslogReader):
    """RFC 6587, 3.4.1: MSG-LEN SP SYSLOG-MSG."""

    COUNT = re.compile(rb"([1-9][0-9]{0,8}) ")

    def feed(self, data):
        self.rest += data
        at = 0
        while at < len(self.rest):
            count = self.COUNT.match(self.rest, at)
            if not count:
                if not re.fullmatch(rb"[1-9][0-9]{0,8}", self.rest[at:]):
                    self.fault(f"no count of bytes: {self.rest[at:at + 60]!r}")
                    at = len(self.rest)
                break
            end = count.end() + int(count[1])
            if end > len(self.rest):
                break
            self.message(self.rest[count.end():end])
            at = end
        self.rest = self.rest[at:]


class NewlineSyslog(SyslogReader):
    """RFC 6587, 3.4.2, with the newline as TRAILER."""

    def feed(self, data):
        *whole, self.rest = (self.rest + data).split(b"\n")
        for message in whole:
            self.message(message)


class LocalSyslog(NewlineSyslog):
    """What the C library's syslog(3) writes into a socket for streams."""

    form = LOCAL
