"""Durations as people write them: `90s`, `2m`, `1h30m`, `3d`, and the same in Chinese: `2分钟`, `1小时30分钟`."""

from __future__ import annotations

import re
from datetime import timedelta

SECONDS = {
    "s": 1,
    "秒": 1,
    "秒钟": 1,
    "m": 60,
    "min": 60,
    "分": 60,
    "分钟": 60,
    "h": 3600,
    "小时": 3600,
    "d": 86400,
    "天": 86400,
}
PART = re.compile(r"(\d{1,6})\s*(分钟|小时|秒钟|min|[smhd秒分天])\s*")
UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
LONGEST = timedelta(days=366)


def parse_duration(text: str) -> timedelta | None:
    """The length, greater than zero and at most a year; None if the text is no duration."""
    rest, seconds = text.strip(), 0
    while rest:
        match = PART.match(rest)
        if match is None:
            return None
        seconds += int(match.group(1)) * SECONDS[match.group(2)]
        rest = rest[match.end() :]
    length = timedelta(seconds=seconds)
    return length if timedelta(0) < length <= LONGEST else None


def say_duration(length: timedelta) -> str:
    """The canonical spelling: `1h30m`, `90s` becomes `1m30s`."""
    seconds = int(length.total_seconds())
    parts = []
    for unit, size in UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
