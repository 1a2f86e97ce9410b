"""The first rows of every verdict as they were read, so that somebody sees what a list would do before it does it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from people.imports.phones import Phone
from people.imports.records import FacilityRow, PersonCells, ResidentRow, RosterRow, Row, StaffRow
from people.imports.verdicts import Verdict, VerdictWord

OF_EACH = 5
"""So many rows of a verdict are kept."""

Said = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """A row: `line` as the spreadsheet counts it in the sheet `sheet` (from 0), `said` as pairs of a field and what was read for it.

    Telephones are in E.164, words for roles, uses and kinds our own (`owner`, `let`, `elevator`).
    """

    sheet: int
    line: int
    verdict: VerdictWord
    said: tuple[Said, ...]


@dataclass
class Examples:
    """Collects the first rows of every verdict."""

    found: dict[VerdictWord, list[Example]] = field(default_factory=dict)

    def look_at(self, rows: Sequence[Row], verdicts: Sequence[Verdict]) -> None:
        """Keep those of some rows, and their verdicts in the same order, that are among the first."""
        for row, verdict in zip(rows, verdicts, strict=True):
            kept = self.found.setdefault(verdict.verdict, [])
            if len(kept) < OF_EACH:
                kept.append(Example(verdict.sheet, verdict.line, verdict.verdict, tuple(_said(row))))

    def all(self) -> list[Example]:
        """All that were kept."""
        return [one for kept in self.found.values() for one in kept]


def _said(row: Row) -> Iterator[Said]:
    match row:
        case ResidentRow():
            yield from _resident(row)
        case StaffRow():
            yield from _person(row.person)
            yield from _given(department=row.department, title=row.title, certificate=" ".join(row.certificates))
        case RosterRow():
            yield from _given(
                date=f"{row.starts:%Y-%m-%d %H:%M}" if row.starts else "", end=f"{row.ends:%Y-%m-%d %H:%M}" if row.ends else ""
            )
            yield from _given(department=row.department)
            for one in row.people:
                yield one.tier, one.name
        case FacilityRow():
            around = "-".join(part for part in (row.building or row.said, row.unit) if part)
            yield from _given(facility_kind=row.kind, facility_name=row.label, whole=around, rescue_code=row.rescue_code or "")
            yield from _given(serves=" ".join(row.serves), alias=" ".join(row.aliases))


def _resident(row: ResidentRow) -> Iterator[Said]:
    if row.where is not None:
        around = [part for part in (row.where.building or row.where.said, row.where.unit) if part]
        yield "whole", " ".join("-".join([*around, door.segment]) for door in row.where.doors)
    for person in row.people:
        yield from _person(person)
    yield from _given(occupancy="moved_out" if row.moved_out else row.occupancy or "")
    yield from _given(since=str(row.since or ""), until=str(row.until or ""), alias=" ".join(row.aliases))


def _person(person: PersonCells) -> Iterator[Said]:
    yield from _given(name=person.name, role=person.role or "")
    yield from _phones(person.phones)
    for email in person.emails:
        yield "email", email
    yield from _given(plate=" ".join(person.plates))
    for proxy in person.proxies:
        yield "relative", proxy.name
        yield from _phones(proxy.phones)


def _phones(phones: Sequence[Phone]) -> Iterator[Said]:
    for phone in phones:
        yield "phone", phone.address


def _given(**texts: str) -> Iterator[Said]:
    yield from ((name, text[:120]) for name, text in texts.items() if text)
