"""Many places, people or shifts at once: one statement a table, for imports and for setting a community up.

Everything a call brings in is one transaction's; codes and addresses are normalised as when added one by one. What is derived is kept right
here and in no trigger: rows of the closure (place_within) by the statement that adds places, the order of names (person.sort_key) and the
terms of the search box (search_term) by add_places and add_people. A writer of its own statements ends with
`people.search.index.reindex_people` or `reindex_places` and the ids of what it touched, at most some thousands a call; a hundred thousand
people take about fifteen seconds in twenty calls.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from itertools import groupby
from typing import Any, Literal

import asyncpg

from people.errors import DepartmentUnknownError, PlaceTakenError, PlaceUnknownError, ShiftOverlapsError
from people.persons import ContactKind, PreferredMeans, Quality, normalise_address
from people.place_words import normalise_code
from people.places import FacilityKind, HomeUse, Occupancy, PlaceKind, add_aliases
from people.rosters import NewShift, Tier
from people.search.index import add_people_terms, add_places_terms
from people.search.pinyin import sort_key
from people.search.terms import PersonWords, PlaceWords, plate_key
from people.wall_clock import instant, span
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
MANY = 200
"""From so many lines on, what this connection planned while its tables were smaller is planned anew: a check of a foreign key that was
planned for a table of ten rows reads it from end to end for each of a hundred thousand, and nothing corrects it before the commit."""


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
    occupancy: Occupancy = "occupied"
    home_use: HomeUse = "dwelling"
    civil_address: str | None = None
    gate: str | None = None
    intercom: str | None = None
    cameras: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddedPlace:
    """A place that was added."""

    id: int
    code: str


@dataclass(frozen=True, slots=True)
class AddressLine:
    """One address of somebody; the first of a person is the first choice."""

    kind: ContactKind
    address: str
    consent: tuple[str, ...] = ("alert", "emergency", "notice")
    quality: Quality = "unproven"
    proxy_name: str | None = None
    proxy_relation: str | None = None
    consent_source: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody to be added, with every address and, for residents, the codes of their homes."""

    kind: Literal["staff", "resident"]
    name: str
    language: str = "zh-CN"
    addresses: tuple[AddressLine, ...] = ()
    home_codes: tuple[str, ...] = ()
    role: Literal["owner", "tenant", "family"] = "owner"
    preferred_means: PreferredMeans = "write"
    dialect: str = ""
    note: str = ""
    plates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WallShift:
    """A shift as a roster says it: from `starts` on `day` until the next `ends` after it, by the community's clock on the wall."""

    department: str
    tier: Tier
    person_id: int
    day: date
    starts: time
    ends: time


async def add_places(tx: Tx, lines: Sequence[PlaceLine]) -> int:
    """Add places, in any order; how many. Raises PlaceUnknownError (a parent is missing), PlaceTakenError."""
    added = 0
    await _plan_anew(tx, len(lines))
    for _, level in groupby(sorted(lines, key=_level), key=_level):
        here = list(level)
        given = {normalise_code(line.code): line for line in here}
        if len(given) != len(here):
            raise PlaceTakenError(field="/places", value=len(here))
        rows = [{**_fields(line), "code": code} for code, line in given.items()]
        try:
            found = await tx.rows(SQL.insert_places, AddedPlace, tx.community, rows)
        except asyncpg.UniqueViolationError as problem:
            raise PlaceTakenError(field="/places", value=len(rows)) from problem
        if len(found) != len(rows):
            raise PlaceUnknownError(field="/places", value=", ".join(sorted({str(row["parent_code"]) for row in rows}))[:200])
        await add_aliases(tx, [(one.id, alias) for one in found for alias in given[one.code].aliases])
        await add_places_terms(tx, [_place_words(one, given[one.code]) for one in found])
        added += len(found)
    return added


_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in (PlaceLine, AddressLine)}


def _fields(line: PlaceLine | AddressLine) -> dict[str, Any]:
    """The fields by name. dataclasses.asdict copies every value deeply, at a third of the cost of an import."""
    return {name: getattr(line, name) for name in _NAMES[type(line)]}


def _place_words(added: AddedPlace, line: PlaceLine) -> PlaceWords:
    return PlaceWords(
        added.id, line.kind, added.code, line.names, line.aliases, line.rescue_code, line.intercom, line.cameras
    )  # fmt: skip


_LEVELS = ("community", "building", "unit", "floor", "home", "facility")


def _level(line: PlaceLine) -> int:
    return _LEVELS.index(line.kind)


async def add_people(tx: Tx, lines: Sequence[PersonLine]) -> list[int]:
    """Add people with their addresses and homes; their ids in the order of `lines`.

    Raises AddressWrongError for the first address that cannot be one. A home code that does not exist raises PlaceUnknownError.
    """
    await _plan_anew(tx, len(lines))
    rows = [_person_row(order, line) for order, line in enumerate(lines, start=1)]
    ids = await tx.column(SQL.insert_people, tx.community, rows)
    people = [{"person_id": person, **row} for person, row in zip(ids, rows, strict=True)]
    await tx.run(SQL.insert_addresses, tx.community, people)
    lower(tx, "quality")
    housed = await tx.run(SQL.insert_residences, tx.community, people)
    if housed != sum(len(set(line.home_codes)) for line in lines):
        raise PlaceUnknownError(field="/homes", value=housed)
    plates = [(person, plate_key(plate)) for person, line in zip(ids, lines, strict=True) for plate in line.plates if plate_key(plate)]
    if plates:
        await tx.run(SQL.insert_vehicles, tx.community, [person for person, _ in plates], [plate for _, plate in plates])
    await add_people_terms(tx, [_person_words(row, line) for row, line in zip(people, lines, strict=True)])
    return [int(person) for person in ids]


async def _plan_anew(tx: Tx, lines: int) -> None:
    if lines >= MANY:
        await tx.run(SQL.discard_plans)


def _person_row(order: int, line: PersonLine) -> dict[str, Any]:
    addresses = [
        {**_fields(one), "address": normalise_address(one.kind, one.address), "rank": rank} for rank, one in enumerate(line.addresses)
    ]
    homes = [normalise_code(code) for code in line.home_codes]
    return {
        "ord": order, "kind": line.kind, "name": line.name, "language": line.language, "role": line.role, "homes": homes,
        "preferred_means": line.preferred_means, "dialect": line.dialect, "note": line.note, "sort_key": sort_key(line.name),
        "addresses": addresses,
    }  # fmt: skip


def _person_words(row: dict[str, Any], line: PersonLine) -> PersonWords:
    phones = [one["address"] for one in row["addresses"] if one["kind"] in ("mobile", "landline")]
    emails = [one["address"] for one in row["addresses"] if one["kind"] == "email"]
    return PersonWords(row["person_id"], line.name, phones, emails, line.plates)


async def add_shifts(tx: Tx, shifts: Sequence[NewShift]) -> None:
    """Add shifts; raises ShiftOverlapsError, DepartmentUnknownError."""
    rows = [{**asdict(shift), "starts_at": shift.starts_at.isoformat(), "ends_at": shift.ends_at.isoformat()} for shift in shifts]
    await _add_shifts(tx, rows)


async def add_wall_shifts(tx: Tx, zone: str, shifts: Sequence[WallShift]) -> None:
    """Add shifts of a roster; `zone` is the community's. Raises ShiftOverlapsError, DepartmentUnknownError."""
    await _add_shifts(tx, [_wall_row(shift, zone) for shift in shifts])


def _wall_row(shift: WallShift, zone: str) -> dict[str, object]:
    begins, ends = span(shift.day, shift.starts, shift.ends)
    return {
        "department": shift.department, "tier": shift.tier, "person_id": shift.person_id,
        "starts_at": instant(begins, zone).isoformat(), "ends_at": instant(ends, zone).isoformat(),
        "starts_local": begins.isoformat(), "ends_local": ends.isoformat(),
    }  # fmt: skip


async def _add_shifts(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    try:
        added = await tx.run(SQL.insert_shifts, tx.community, rows)
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as problem:
        raise ShiftOverlapsError(field="/shifts") from problem
    if added != len(rows):
        raise DepartmentUnknownError(field="/shifts", value=", ".join(sorted({row["department"] for row in rows})))
    lower(tx, "rosters")


async def add_served_by_codes(tx: Tx, facility_code: str, place_codes: Sequence[str]) -> None:
    """Note by codes that a facility serves these places. Codes that do not exist are passed over."""
    await tx.run(SQL.insert_served_by_codes, tx.community, facility_code, list(place_codes))
