"""HTTP/1.1 as gateways speak it: a request as bytes, and the answer found in what came so far. Pure. RFC 9112, read strictly.

What could be read in two ways (two lengths, bytes behind the end) is not read at all: an answer that might be another request's would
settle the wrong message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

HEAD_BYTES_MAX = 32_768
KEPT_HEAD_BYTES = 1_024
"""Of longer ones 256 would be too much to keep for each process."""
BODY_BYTES_MAX = 65_536
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DIGITS = re.compile(rb"[0-9]{1,12}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")


@dataclass(slots=True)
class Answer:
    """A complete answer of at most 64 KiB; header names are lower case. Nobody changes it: as with Outgoing, frozen would cost more."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Complete:
    """An answer that is all there; `reusable`: the connection may carry another call. As Answer, nobody changes it."""

    answer: Answer
    reusable: bool


@dataclass(frozen=True, slots=True)
class _Head:
    """What an answer's head says: whether the connection is `kept`, and how its body ends: after `length` bytes, with its last chunk
    (`chunked`), or (neither) with the connection."""

    status: int
    headers: Mapping[str, str]
    kept: bool
    length: int | None
    chunked: bool


class NotUnderstoodError(Exception):
    """What came is no answer, or could be read in two ways."""


class TooLargeError(Exception):
    """The answer is longer than BODY_BYTES_MAX."""


def request(method: str, target: str, host: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """One request, ready to leave; `target` is path and query as they are to leave. `headers` stand before those that every call has.

    Raises ValueError for a header that would end its own line.
    """
    pattern, count = _pattern(tuple(headers), host)
    lines = pattern % tuple(headers.values())
    if lines.count("\n") != count or lines.count("\r") != count:
        raise ValueError("a header holds a line's end")
    if body is None:
        return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode()
    return f"{method} {target} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


@lru_cache(maxsize=256)
def _pattern(names: tuple[str, ...], host: str) -> tuple[str, int]:
    """The lines of what every call has and these headers do not say themselves, then theirs as a pattern of `%`; and how many lines."""
    said = {name.lower() for name in names}
    ours = {"Host": host, "Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tocsin"}
    lines = [f"{name}: {value}\r\n".replace("%", "%%") for name, value in ours.items() if name.lower() not in said]
    lines += [name.replace("%", "%%") + ": %s\r\n" for name in names]
    return "".join(lines), len(lines)


def find_answer(buffer: bytes, *, ended: bool) -> Complete | None:
    """The answer at the beginning of `buffer`; None while more must come. `ended`: nothing more will.

    Raises NotUnderstoodError or TooLargeError.
    """
    while True:
        end = buffer.find(b"\r\n\r\n", 0, HEAD_BYTES_MAX)
        if end < 0:
            if len(buffer) >= HEAD_BYTES_MAX or (buffer and not b"HTTP/1."[: len(buffer)].startswith(buffer[:7])):
                raise NotUnderstoodError()
            return None
        head = (_kept_head if end <= KEPT_HEAD_BYTES else _head)(buffer[:end])
        if head.status >= 200:
            break
        if head.status == 101:
            raise NotUnderstoodError()
        buffer = buffer[end + 4 :]
    body = _body(buffer, end + 4, head, ended=ended)
    if body is None:
        return None
    content, at = body
    return Complete(Answer(head.status, head.headers, content), head.kept and at == len(buffer) and not ended)


@lru_cache(maxsize=256)
def _kept_head(head: bytes) -> _Head:
    # A gateway's answers of one second have all the same, unless it gives each a number of its own.
    return _head(head)


def _head(head: bytes) -> _Head:
    first, *lines = head.split(b"\r\n")
    status = _STATUS.fullmatch(first)
    if status is None:
        raise NotUnderstoodError()
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or _NAME.fullmatch(name) is None or b"\r" in value or b"\n" in value or b"\0" in value:
            raise NotUnderstoodError()
        key, text = name.decode().lower(), value.strip(b" \t").decode("utf-8", "surrogateescape")
        if key in ("content-length", "transfer-encoding") and headers.get(key, text) != text:
            raise NotUnderstoodError()
        headers[key] = f"{headers[key]}, {text}" if key == "connection" and key in headers else text
    code, kept = int(status[2]), status[1] == b"1" and "close" not in headers.get("connection", "").lower()
    length, chunked = (0, False) if code < 200 or code in (204, 304) else _ends(headers)
    return _Head(code, headers, kept, length, chunked)


def _ends(headers: Mapping[str, str]) -> tuple[int | None, bool]:
    """How the body of an answer that has one ends: its length, and whether it comes in chunks."""
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if coding.lower() != "chunked" or length is not None:
            raise NotUnderstoodError()
        return None, True
    if length is None:
        return None, False
    if _DIGITS.fullmatch(length.encode("utf-8", "surrogateescape")) is None:
        raise NotUnderstoodError()
    if int(length) > BODY_BYTES_MAX:
        raise TooLargeError()
    return int(length), False


def _body(buffer: bytes, start: int, head: _Head, *, ended: bool) -> tuple[bytes, int] | None:
    """The body and where it ends; None while it is not all there."""
    if head.length is not None:
        end = start + head.length
        return (buffer[start:end], end) if len(buffer) >= end else None
    if head.chunked:
        return _chunks(buffer, start)
    if len(buffer) - start > BODY_BYTES_MAX:
        raise TooLargeError()
    return (buffer[start:], len(buffer)) if ended else None


def _chunks(buffer: bytes, at: int) -> tuple[bytes, int] | None:
    pieces: list[bytes] = []
    size = 0
    while True:
        end = buffer.find(b"\r\n", at)
        if end < 0:
            if len(buffer) - at > HEAD_BYTES_MAX:
                raise NotUnderstoodError()
            return None
        said = _CHUNK.fullmatch(buffer[at:end])
        if said is None:
            raise NotUnderstoodError()
        length = int(said[1], 16)
        at = end + 2
        if length == 0:
            after = _trailer_end(buffer, at)
            return None if after is None else (b"".join(pieces), after)
        size += length
        if size > BODY_BYTES_MAX:
            raise TooLargeError()
        if len(buffer) < at + length + 2:
            return None
        if buffer[at + length : at + length + 2] != b"\r\n":
            raise NotUnderstoodError()
        pieces.append(buffer[at : at + length])
        at += length + 2


def _trailer_end(buffer: bytes, at: int) -> int | None:
    """Where what follows the last chunk ends: an empty line, or fields and an empty line, which are passed over."""
    if buffer[at : at + 2] == b"\r\n":
        return at + 2
    end = buffer.find(b"\r\n\r\n", at)
    if end < 0 and len(buffer) - at > HEAD_BYTES_MAX:
        raise NotUnderstoodError()
    return None if end < 0 else end + 4
