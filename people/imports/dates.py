"""Dates and times of day as offices write them. Pure."""

import re
from datetime import date, time, timedelta

_SERIAL_ZERO = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial numbers (ECMA-376 part 1, 18.17.4.1, the 1900 date base)."""
_FIRST_SERIAL, _LAST_SERIAL = 18264, 73050
"""1950 to 2099: as numbers, other years would be house numbers and prices."""

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*日?|月)?(?:[ T]\s*\d{1,2}:\d{2}(?::\d{2})?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*[日号]?")
_WEEKDAY = re.compile(
    r"\s*[(（]?(?:周|星期|礼拜)[一二三四五六日天][)）]?\s*$|\s*\(?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\)?\s*$", re.IGNORECASE
)
_TIME = re.compile(
    r"(上午|早上|早|下午|晚上|晚|夜|中午|AM|PM)?\s*(\d{1,2})\s*(?:[:点时.](\d{1,2})?分?)?(?::\d{2})?\s*(AM|PM)?", re.IGNORECASE
)
_SPAN = re.compile(r"\s*(?:-|–|—|~|～|至|到|to)\s*", re.IGNORECASE)
_NEXT_DAY = re.compile(r"次日|翌日|第二天|隔天|\+1|next day", re.IGNORECASE)


def read_date(text: str, year: int | None = None) -> date | None:
    """A date out of a clean text: 2026-05-01, 2026/5/1, 2026年5月1日, 20260501, 2026年5月 (its first day), a serial number (46143).

    With `year`, also 5月1日 and 5-1. 31/12/2025 can only be one day; 5/1/2026 may be two, and is None like everything else.
    """
    bare = _WEEKDAY.sub("", text)
    if bare.isascii() and bare.isdecimal():
        return _from_digits(bare)
    found = _DATE.fullmatch(bare)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3] or 1))
    last = _YEAR_LAST.fullmatch(bare)
    if last:
        return _year_last(int(last[1]), int(last[2]), int(last[3]))
    short = _MONTH_DAY.fullmatch(bare) if year is not None else None
    return _date(year or 0, int(short[1]), int(short[2])) if short else None


def read_time(text: str) -> time | None:
    """A time of day: 8:00, 08:00, 8点, 8点30分, 晚8点, 8pm; 24:00 is midnight at the end of the day and given as 00:00. None otherwise."""
    found = _TIME.fullmatch(text.strip())
    if found is None or (found[3] is None and found[1] is None and found[4] is None and not re.search(r"[:点时]", text)):
        return None
    hour, minute = int(found[2]), int(found[3] or 0)
    half = (found[1] or found[4] or "").upper()
    if half in ("下午", "晚上", "晚", "夜", "PM") and hour < 12:
        hour += 12
    if half in ("上午", "早上", "早", "AM") and hour == 12:
        hour = 0
    if hour == 24 and minute == 0:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_span(text: str) -> tuple[time, time] | None:
    """From when until when: 08:00-20:00, 20:00至次日8:00. The end is the next one after the start. None where it is no such thing."""
    parts = _SPAN.split(_NEXT_DAY.sub("", text).strip())
    if len(parts) != 2:
        return None
    start, end = read_time(parts[0]), read_time(parts[1])
    return None if start is None or end is None else (start, end)


def _from_digits(digits: str) -> date | None:
    compact = _COMPACT.fullmatch(digits)
    if compact:
        return _date(int(compact[1]), int(compact[2]), int(compact[3]))
    if len(digits) == 5 and _FIRST_SERIAL <= int(digits) <= _LAST_SERIAL:
        return _SERIAL_ZERO + timedelta(days=int(digits))
    return None


def _year_last(first: int, second: int, year: int) -> date | None:
    meant = {one for one in (_date(year, first, second), _date(year, second, first)) if one is not None}
    return meant.pop() if len(meant) == 1 else None


def _date(year: int, month: int, day: int) -> date | None:
    if not 1900 <= year <= 2199:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
