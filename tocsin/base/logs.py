"""Structured logs. Phone numbers, addresses and secrets are masked by key and by pattern before anything is written."""

import asyncio
import atexit
import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import orjson
import structlog

_SECRET_KEYS = frozenset({"password", "token", "secret", "authorization", "cookie", "key", "api_key", "link"})
_ADDRESS_KEYS = frozenset({"phone", "address", "to", "email", "recipient"})
_PHONE = re.compile(r"\+?\d[\d -]{8,15}\d")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_SUSPECT = re.compile(r"[\d@]")
"""Without one of these there is neither a number nor an address to mask."""
_PLAIN = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff=\"']+")
"""What a line for people shows without quotes: nothing in it can look like another field or another line."""


def mask_phone(number: str) -> str:
    """138****1234: what may be shown to someone whose role does not need the number."""
    return number if len(number) < 7 else f"{number[:-8]}****{number[-4:]}" if len(number) > 8 else f"****{number[-4:]}"


def _mask_text(text: str) -> str:
    return _MAIL.sub("***@***", _PHONE.sub(lambda match: mask_phone(match.group()), text))


def _redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in _SECRET_KEYS:
            event[key] = "***"
        elif key in _ADDRESS_KEYS:
            event[key] = _mask_text(str(value))
        elif isinstance(value, str) and key not in ("event", "timestamp", "level") and _SUSPECT.search(value):
            event[key] = _mask_text(value) if "\n" not in value else _mask_text(value).replace("\r", "")
    return event


def _as_json(_: object, __: str, event: MutableMapping[str, Any]) -> str:
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_PASSTHROUGH_DATACLASS).decode()
    except TypeError:  # numbers beyond 64 bits, halves of surrogate pairs
        return json.dumps(event, default=repr)


def _as_text(_: object, __: str, event: MutableMapping[str, Any]) -> str:
    """`2026-11-24T02:06:41.123456Z [info     ] request                        method=POST …`, a traceback below it."""
    head = f"{event.pop('timestamp')} [{event.pop('level'):<9}] {event.pop('event'):<30}"
    traceback = event.pop("exception", None)
    said = [
        f"{name}={value if isinstance(value, str) and _PLAIN.fullmatch(value) else repr(value)}" for name, value in sorted(event.items())
    ]
    return " ".join([head, *said]) if traceback is None else "\n".join([" ".join([head, *said]), str(traceback)])


class _Lines:
    """Where structlog's lines end, a method a level. With `in_turns`, what is said within one turn of the event loop is written at its end, in one go:
    a thousand requests a second are answered together, and each write is a system call. What is worse than usual is written at once."""

    def __init__(self, stream: TextIO, *, in_turns: bool) -> None:
        self._stream = stream
        self._in_turns = in_turns
        self._waiting: list[str] = []
        if in_turns:
            atexit.register(self._write)

    def info(self, line: str) -> None:
        self._waiting.append(line)
        if len(self._waiting) == 1:
            loop = asyncio._get_running_loop() if self._in_turns else None
            if loop is None:
                self._write()
            else:
                loop.call_soon(self._write)

    debug = info

    def warning(self, line: str) -> None:
        self._waiting.append(line)
        self._write()

    error = critical = exception = fatal = warning

    def _write(self) -> None:
        lines, self._waiting = self._waiting, []
        if lines:
            # A full disk under the log must not fail what is being logged.
            with suppress(OSError):
                self._stream.write("\n".join(lines) + "\n")
                self._stream.flush()


def configure_logs(*, as_json: bool, level: str = "INFO", stream: TextIO | None = None, in_turns: bool = False) -> None:
    """Send logs to `stream` (standard error by default), as JSON lines or as text for people.

    `in_turns`, for processes that work for good: the lines of one turn of the event loop are one write.
    """
    lines = _Lines(stream or sys.stderr, in_turns=in_turns)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            _as_json if as_json else _as_text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )
    # Its pool writes a traceback of its own, past all of the above, each time it cannot connect; whoever needs the database says so in a line.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `part=name`."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return bound
