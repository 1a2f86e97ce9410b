"""A row of a roster, read and checked by itself: one shift, and who has it. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from people.imports.cells import Cell, text_of
from people.imports.dates import read_date, read_span, read_time
from people.imports.faults import Fault
from people.imports.heading_words import Group
from people.imports.lines import Line
from people.imports.names import read_names
from people.imports.records import OnDuty, RosterRow, Tier
from people.imports.row_context import Context, names_wrong, phones_of
from people.imports.value_words import tier_of

_YEAR = re.compile(r"(20\d{2})\s*年|\b(20\d{2})[-/.]\d{1,2}\b")
_LEGEND = re.compile(
    r"(?P<word>[早中晚夜白日全][班天]?|[A-Z]班|day|night|early|late|full)\s*(?:shift)?\s*[:=(]\s*(?P<span>\d{1,2}[:点.]\d{0,2}\s*(?:-|–|—|~|～|至|到)\s*(?:次日|翌日)?\s*\d{1,2}[:点.]\d{0,2})",
    re.IGNORECASE,
)
_DUTIES: tuple[Tier, ...] = ("duty", "backup", "lead")


def read_roster(line: Line, context: Context, sheet: int = 0) -> RosterRow:
    """The row as a record; everything wrong with it is in its `faults`."""
    faults = list(line.faults)
    day = read_date(line.one("date"), context.year)
    if day is None:
        faults.append(Fault("date_wrong", context.title("date"), line.one("date")[:40]))
    span = _span(line, context)
    if isinstance(span, Fault):
        faults.append(span)
    people, wrong = _people(line, context)
    faults += wrong
    starts = ends = None
    if day is not None and not isinstance(span, Fault):
        starts, ends = datetime.combine(day, span[0]), datetime.combine(day, span[1])
        ends = ends if ends > starts else ends + timedelta(days=1)
    return RosterRow(line.number, sheet, tuple(faults), (), line.one("department")[:60], starts, ends, tuple(people))


def year_of(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The year that the rows above a heading name (2026年12月值班表); None where they name none or several."""
    found = {int(one[1] or one[2]) for row in rows for cell in row for one in _YEAR.finditer(text_of(cell))}
    return found.pop() if len(found) == 1 else None


def legend_of(rows: Iterable[Sequence[Cell]]) -> dict[str, str]:
    """What words for shifts mean where the table itself says so, in a title or remark: 白班: 8:00-20:00."""
    found: dict[str, str] = {}
    for row in rows:
        for cell in row:
            if isinstance(cell, str) and any(letter in cell for letter in ":：=＝(（"):
                for one in _LEGEND.finditer(text_of(cell)):
                    found.setdefault(_word(one["word"]), one["span"])
    return found


def _word(text: str) -> str:
    """白, 白班 and 日班 are one word."""
    folded = text.lower().replace(" ", "").removesuffix("shift")
    short = folded.removesuffix("班").removesuffix("天")
    return {"日": "白"}.get(short, short) or folded


def _span(line: Line, context: Context) -> tuple[time, time] | Fault:
    start_text, end_text, shift = line.one("start"), line.one("end"), line.one("shift")
    if start_text and end_text:
        start, end = read_time(_clock(start_text)), read_time(_clock(end_text))
        if start is None or end is None:
            return Fault("time_wrong", context.title("start" if start is None else "end"), (start_text if start is None else end_text)[:40])
        return start, end
    if not shift:
        return Fault("time_missing", context.title("shift"), "")
    inside = re.search(r"\d{1,2}\s*[:点时.].*", shift)
    span = read_span(shift) or (read_span(inside[0].rstrip(")")) if inside else None)
    if span is not None:
        return span
    known = {_word(word): meant for word, meant in context.shift_words.items()}
    meant = known.get(_word(shift.split("(")[0].strip()))
    named = read_span(meant) if meant else None
    return named or Fault("shift_word", context.title("shift"), shift[:40])


def _clock(text: str) -> str:
    """A time may come with its date: 2026-05-01 08:00."""
    return text.rpartition(" ")[2] if re.match(r"\d{4}-", text) else text


def _people(line: Line, context: Context) -> tuple[list[OnDuty], list[Fault]]:
    people: list[OnDuty] = []
    faults: list[Fault] = []
    tier_text = line.one("tier")
    named: list[tuple[Tier, str, Group]] = [(tier, line.one(tier), tier) for tier in _DUTIES]
    tier = tier_of(tier_text) if tier_text else "duty"
    if line.one("name") and tier is None:
        faults.append(Fault("role_unknown", context.title("tier"), tier_text[:40]))
    named.append((tier or "duty", line.one("name"), ""))
    only = sum(1 for _, text, _ in named if text) == 1
    for of_tier, text, group in named:
        if not text:
            continue
        names = read_names(re.sub(r"[\d+\-()]+", " ", text).strip())
        groups: tuple[Group, ...] = (group, "") if only and group else (group,)
        phones, wrong = phones_of(line, groups, context)
        faults += [*names_wrong(names, group, context), *wrong]
        share = len(names) == 1
        pairs = list(zip(names, phones, strict=True)) if len(names) == len(phones) and not share else []
        people += [OnDuty(of_tier, name, (phone,)) for name, phone in pairs] or [
            OnDuty(of_tier, name, tuple(phones) if share else ()) for name in names
        ]
    if not people and not faults:
        faults.append(Fault("name_missing", context.title("duty"), ""))
    return people, faults
