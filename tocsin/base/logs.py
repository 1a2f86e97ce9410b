"""Structured logs. Phone numbers, addresses and secrets are masked by key and by pattern before anything is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_SECRET_KEYS = frozenset({"password", "token", "secret", "authorization", "cookie", "key", "api_key", "link"})
_ADDRESS_KEYS = frozenset({"phone", "address", "to", "email", "recipient"})
_PHONE = re.compile(r"\+?\d[\d -]{8,15}\d")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


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
        elif isinstance(value, str) and key not in ("event", "timestamp", "level"):
            event[key] = _mask_text(value) if "\n" not in value else _mask_text(value).replace("\r", "")
    return event


def configure_logs(*, as_json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send logs to `stream` (standard error by default), as JSON lines or as text for people."""
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Its pool writes a traceback of its own, past all of the above, each time it cannot connect; whoever needs the database says so in a line.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `part=name`."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return bound
