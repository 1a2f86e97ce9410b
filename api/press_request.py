"""The one request that comes in thousands within a second: a button pressed on the page behind a resident's link. Pure.

What a browser and a proxy send for it has one simple shape (RFC 9112), and only that is read here. Whatever differs from it in anything is
not refused but left to the web server, which reads all of HTTP.
"""

import re
from dataclasses import dataclass, field

BEGINS = b"POST /s/"
LONGEST = 4096
"""Bytes: a browser's headers take half of it."""
_REQUEST = re.compile(rb"POST /s/([0-9a-z-]{1,62}) HTTP/1\.1\r\n((?:[A-Za-z0-9-]{1,40}:[\t\x20-\x7e]*\r\n){1,60})\r\nkind=([a-z_]{1,20})")
_HEAD = re.compile(rb"[A-Z]{3,7} /[\x21-\x7e]* HTTP/1\.1\r\n((?:[A-Za-z0-9-]{1,40}:[\t\x20-\x7e]*\r\n){1,60})\r\n")
_LEFT_TO_THE_SERVER = frozenset(
    {b"transfer-encoding", b"content-encoding", b"upgrade", b"expect", b"trailer", b"te", b"keep-alive", b"proxy-connection"}
)
"""What changes how a message is framed, or what becomes of its connection."""


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed, as it was sent: nothing of it is checked yet. `request_id` is the caller's own, "" for none."""

    token: str = field(repr=False)
    kind: str
    request_id: str


def read_press(data: bytes) -> Press | None:
    """The press, where `data` is all of one request of the simple shape that one of our own pages sent; else None."""
    found = _REQUEST.fullmatch(data) if len(data) <= LONGEST else None
    headers = _read_headers(found[2]) if found else None
    if found is None or headers is None:
        return None
    is_form = headers.get(b"content-type") == b"application/x-www-form-urlencoded"
    length = b"%d" % (len(b"kind=") + len(found[3]))
    if not is_form or headers.get(b"content-length") != length or headers.get(b"sec-fetch-site") != b"same-origin":
        return None
    return Press(found[1].decode(), found[3].decode(), headers.get(b"request-id", b"").decode())


def is_one_whole_request(data: bytes) -> bool:
    """Whether `data` is exactly one request of a simple shape, so that what follows it on a connection is the beginning of another."""
    found = _HEAD.match(data)
    headers = _read_headers(found[1]) if found else None
    if found is None or headers is None:
        return False
    length = headers.get(b"content-length", b"0")
    return length.isdigit() and len(length) < 9 and len(data) - found.end() == int(length)


def _read_headers(lines: bytes) -> dict[bytes, bytes] | None:
    """By name in small letters; None where one is there twice or is not for us to judge."""
    headers: dict[bytes, bytes] = {}
    for line in lines.splitlines():
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    stays_open = headers.get(b"connection", b"keep-alive").lower() == b"keep-alive"
    each_once = len(headers) == lines.count(b"\r\n")
    return headers if stays_open and each_once and b"host" in headers and headers.keys().isdisjoint(_LEFT_TO_THE_SERVER) else None
