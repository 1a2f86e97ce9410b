"""HTTP/1.1 as gateways speak it: a request as bytes, and the answer found in what came so far. Pure. RFC 9112, read strictly.

What could be read in two ways (two lengths, bytes behind the end) is not read at all: an answer that might be another request's would
settle the wrong message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

HEAD_BYTES_MAX = 32_768
BODY_BYTES_MAX = 65_536
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DIGITS = re.compile(rb"[0-9]{1,12}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of at most 64 KiB; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Complete:
    """An answer that is all there; `reusable`: the connection may carry another call."""

    answer: Answer
    reusable: bool


class NotUnderstoodError(Exception):
    """What came is no answer, or could be read in two ways."""


class TooLargeError(Exception):
    """The answer is longer than BODY_BYTES_MAX."""


def request(method: str, target: str, host: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """One request, ready to leave; `target` is path and query as they are to leave. `headers` stand before those that every call has.

    Raises ValueError for a header that would end its own line.
    """
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers):
        raise ValueError("a header holds a line's end")
    ours = _ours(tuple(headers), host)
    if body is None:
        return f"{method} {target} HTTP/1.1\r\n{ours}{lines}\r\n".encode()
    return f"{method} {target} HTTP/1.1\r\n{ours}{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


@lru_cache(maxsize=256)
def _ours(names: tuple[str, ...], host: str) -> str:
    """The lines of what every call has and these headers do not say themselves."""
    said = {name.lower() for name in names}
    ours = {"Host": host, "Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tocsin"}
    return "".join(f"{name}: {value}\r\n" for name, value in ours.items() if name.lower() not in said)


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
        keeps, status, headers = _head(buffer[:end])
        if status >= 200:
            break
        if status == 101:
            raise NotUnderstoodError()
        buffer = buffer[end + 4 :]
    body = _body(buffer, end + 4, status, headers, ended=ended)
    if body is None:
        return None
    content, at = body
    keeps = keeps and at == len(buffer) and not ended and "close" not in headers.get("connection", "").lower()
    return Complete(Answer(status, headers, content), keeps)


@lru_cache(maxsize=256)
def _head(head: bytes) -> tuple[bool, int, dict[str, str]]:
    # Kept, because a gateway's answers of one second have all the same.
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
        headers[key] = text
    return status[1] == b"1", int(status[2]), headers


def _body(buffer: bytes, start: int, status: int, headers: Mapping[str, str], *, ended: bool) -> tuple[bytes, int] | None:
    """The body and where it ends; None while it is not all there."""
    if status in (204, 304):
        return b"", start
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if coding.lower() != "chunked" or length is not None:
            raise NotUnderstoodError()
        return _chunks(buffer, start)
    if length is not None:
        if _DIGITS.fullmatch(length.encode("utf-8", "surrogateescape")) is None:
            raise NotUnderstoodError()
        if int(length) > BODY_BYTES_MAX:
            raise TooLargeError()
        end = start + int(length)
        return (buffer[start:end], end) if len(buffer) >= end else None
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
