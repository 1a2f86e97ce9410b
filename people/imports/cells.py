"""What a cell of a spreadsheet says, as clean text. Pure."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None

LONGEST_CELL = 500
"""Characters of a cell that are read; the longest real one, a facility's list of buildings, has some 200."""

NOTHING = frozenset(
    {"", "/", "\\", "-", "--", "---", "—", "——", "_", ".", "。", "无", "没有", "暂无", "未知", "不详", "不明", "未登记", "未留", "未填", "空", "待补",
     "n/a", "na", "none", "null", "nil", "unknown", "no", "tbd"}
)  # fmt: skip
"""How people write that they have nothing to write."""

ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"})
"""What a spreadsheet shows where a formula failed."""

_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]"
)
_SPACE = re.compile(r"[ \t\u3000\u00a0]+")
_AS_TEXT = re.compile(r'^="([^"]*)"$')
_PLAIN = re.compile(r"[!-&(-~]+( [!-&(-~]+)*")
_SIGNED_FORMULA = re.compile(r"^[+-]\s*[A-Za-z@=$]|[A-Za-z]\s*\(|[!|=]")
_TAIL_OF_ZEROS = re.compile(r"^\s*(\d+)\.0+\s*$", re.ASCII)
_GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")


def text_of(cell: Cell) -> str:
    """The cell as one would read it aloud: numbers without a tail of .0, dates as 2026-05-01, times as 08:00, half-width, no stray spaces.

    Lines within a cell stay lines. `="138…"` and a leading apostrophe are how spreadsheets keep digits as text, and are taken off.
    """
    if isinstance(cell, str):
        return _clean(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    return str(cell) if isinstance(cell, int) else _moment(cell)


def is_nothing(text: str) -> bool:
    """Whether a clean text only says that there is nothing."""
    return text in NOTHING or text.lower() in NOTHING


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would evaluate a raw text: =… and @…, and + or - before anything but a number (+86 138… is none)."""
    start = text.lstrip()
    if not start or _AS_TEXT.match(start):
        return False
    return start[0] in "=@" or (start[0] in "+-" and _SIGNED_FORMULA.search(start) is not None)


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    # 2^53 is where a spreadsheet's numbers stop being exact; what is longer has lost digits and is shown as it is.
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _moment(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}" if 0 <= minutes < 2880 else ""
    return value.isoformat() if isinstance(value, date) else value.strftime("%H:%M")


@lru_cache(maxsize=1 << 15)
def _clean(text: str) -> str:
    tail = _TAIL_OF_ZEROS.match(text)
    if tail:
        # A number that went through a program as a float and into a text file.
        return tail[1]
    if len(text) < 40 and _PLAIN.fullmatch(text) and text[0] != "=":
        return text
    text = text[: LONGEST_CELL + 1]
    as_text = _AS_TEXT.match(text.strip())
    text = unicodedata.normalize("NFKC", as_text[1] if as_text else text)
    text = _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(stripped for line in text.split("\n") if (stripped := _SPACE.sub(" ", line).strip()))
    return _GUARDED.sub("", text)
