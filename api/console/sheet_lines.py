"""A sheet that comes back, typed in: one line a door, `1502 4 0238 in bed` for home, result, time and words. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.console.caller import fold
from incidents.desk.visits import VisitResult

RESULT_DIGITS: Mapping[str, VisitResult] = {"1": "seen", "2": "no_answer", "3": "note_left", "4": "needs_help", "5": "vacant"}
"""As they are numbered on the sheet."""
LONGEST_WORDS = 200
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Named:
    """A door that a line may mean."""

    home_id: int
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One knock, as a line says it."""

    door: Named
    result: VisitResult
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be taken: the line itself, the text key of the reason, and what the text names."""

    text: str
    key: str
    values: Mapping[str, object]


def read_lines(text: str, doors: Sequence[Named], now: datetime, zone: ZoneInfo) -> tuple[list[Line], list[Fault]]:
    """What can be taken, and what cannot with the reason. A time later than `now` was yesterday; without one it is `now`."""
    taken, faults = [], []
    for line in text.splitlines():
        if not fold(line):
            continue
        read = _read(line.strip(), doors, now, zone)
        if isinstance(read, Line):
            taken.append(read)
        else:
            faults.append(read)
    return taken, faults


def _read(line: str, doors: Sequence[Named], now: datetime, zone: ZoneInfo) -> Line | Fault:
    home, result, rest = [*line.split(maxsplit=2), "", ""][:3]
    named = _meant(fold(home), doors)
    if len(named) != 1:
        key = "console.door.fault.several" if named else "console.door.fault.home"
        return Fault(line, key, {"home": home, "codes": ", ".join(one.code for one in named[:4])})
    found = RESULT_DIGITS.get(fold(result))
    if found is None:
        return Fault(line, "console.door.fault.result", {"result": result})
    first, words = [*rest.split(maxsplit=1), "", ""][:2]
    time = _TIME.fullmatch(fold(first))
    return Line(named[0], found, _instant(time, now, zone), (words if time else rest).strip()[:LONGEST_WORDS])


def _meant(typed: str, doors: Iterable[Named]) -> list[Named]:
    wanted = re.sub(r"[^0-9A-Z]+", "-", typed.upper()).strip("-")
    exact = [one for one in doors if one.code == wanted]
    return exact or [one for one in doors if fold(one.label).upper() == typed.upper()]


def _instant(time: re.Match[str] | None, now: datetime, zone: ZoneInfo) -> datetime:
    if time is None:
        return now
    local = now.astimezone(zone)
    at = local.replace(hour=int(time[1]), minute=int(time[2]), second=0, microsecond=0)
    return at if at <= local else at - timedelta(days=1)
