"""Many places, people or shifts at once: one statement each, for imports and for setting a community up.

Everything a call brings in is one transaction's; codes and addresses are normalised as when added one by one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Literal

import asyncpg

from people.errors import DepartmentUnknownError, PlaceTakenError, PlaceUnknownError, ShiftOverlapsError
from people.persons import ContactKind, normalise_address
from people.place_words import normalise_code
from people.places import FacilityKind, PlaceKind
from people.rosters import NewShift
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A place to be added under the place whose code is `parent_code` (None: it is the community's own)."""

    kind: PlaceKind
    parent_code: str | None
    code: str
    names: dict[str, str]
    label: str
    rank: int
    facility_kind: FacilityKind | None = None
    rescue_code: str | None = None
    vacant: bool = False


@dataclass(frozen=True, slots=True)
class AddressLine:
    """One address of somebody; the first of a person is the first choice."""

    kind: ContactKind
    address: str
    consent: tuple[str, ...] = ("alert", "emergency", "notice")
    quality: Literal["unproven", "good", "failing", "wrong", "opted_out"] = "unproven"


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody to be added, with every address and, for residents, the codes of their homes."""

    kind: Literal["staff", "resident"]
    name: str
    language: str = "zh-CN"
    addresses: tuple[AddressLine, ...] = ()
    home_codes: tuple[str, ...] = ()
    role: Literal["owner", "tenant", "family"] = "owner"


async def add_places(tx: Tx, lines: Sequence[PlaceLine]) -> int:
    """Add places, in any order; how many. Raises PlaceUnknownError (a parent is missing), PlaceTakenError."""
    added = 0
    for _, level in groupby(sorted(lines, key=_level), key=_level):
        rows = [{**asdict(line), "code": normalise_code(line.code)} for line in level]
        try:
            count = int(await tx.value(SQL.insert_places, tx.community, rows))
        except asyncpg.UniqueViolationError as problem:
            raise PlaceTakenError(field="/places", value=len(rows)) from problem
        if count != len(rows):
            raise PlaceUnknownError(field="/places", value=", ".join(sorted({str(row["parent_code"]) for row in rows}))[:200])
        added += count
    return added


_LEVELS = ("community", "building", "unit", "floor", "home", "facility")


def _level(line: PlaceLine) -> int:
    return _LEVELS.index(line.kind)


async def add_people(tx: Tx, lines: Sequence[PersonLine]) -> list[int]:
    """Add people with their addresses and homes; their ids in the order of `lines`.

    Raises AddressWrongError for the first address that cannot be one. A home code that does not exist raises PlaceUnknownError.
    """
    rows = [
        {
            "ord": order,
            "kind": line.kind,
            "name": line.name,
            "language": line.language,
            "role": line.role,
            "homes": [normalise_code(code) for code in line.home_codes],
            "addresses": [
                {
                    "kind": one.kind,
                    "address": normalise_address(one.kind, one.address),
                    "rank": rank,
                    "consent": one.consent,
                    "quality": one.quality,
                }
                for rank, one in enumerate(line.addresses)
            ],
        }
        for order, line in enumerate(lines, start=1)
    ]
    ids = await tx.column(SQL.insert_people, tx.community, rows)
    people = [{"person_id": person, **row} for person, row in zip(ids, rows, strict=True)]
    await tx.run(SQL.insert_addresses, tx.community, people)
    housed = await tx.run(SQL.insert_residences, tx.community, people)
    if housed != sum(len(set(line.home_codes)) for line in lines):
        raise PlaceUnknownError(field="/homes", value=housed)
    return [int(person) for person in ids]


async def add_shifts(tx: Tx, shifts: Sequence[NewShift]) -> None:
    """Add shifts; raises ShiftOverlapsError, DepartmentUnknownError."""
    rows = [{**asdict(shift), "starts_at": shift.starts_at.isoformat(), "ends_at": shift.ends_at.isoformat()} for shift in shifts]
    try:
        added = await tx.run(SQL.insert_shifts, tx.community, rows)
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as problem:
        raise ShiftOverlapsError(field="/shifts") from problem
    if added != len(rows):
        raise DepartmentUnknownError(field="/shifts", value=", ".join(sorted({shift.department for shift in shifts})))


async def add_served_by_codes(tx: Tx, facility_code: str, place_codes: Sequence[str]) -> None:
    """Note by codes that a facility serves these places. Codes that do not exist are passed over."""
    await tx.run(SQL.insert_served_by_codes, tx.community, facility_code, list(place_codes))
