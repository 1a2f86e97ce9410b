"""One place with everything that is noted of it, and how that is changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from people.errors import ChangedMeanwhileError, PlaceInUseError, PlaceMisplacedError, PlaceTakenError, PlaceUnknownError
from people.places import HomeUse, Occupancy, add_aliases, add_served, places_by_id
from people.search.index import reindex_places, remove_terms
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class PlaceInFull:
    """A place as a whole.

    `civil_address` and `gate` are its own, None where it has none; `address_to_read` and `gate_to_read` are what is read to 119 and 120,
    from the nearest place around it that has them, else the community's. `serves`: places it serves; `served_by`: facilities that serve it.
    """

    id: int
    kind: str
    parent_id: int | None
    facility_kind: str | None
    code: str
    names: dict[str, str]
    label: str
    rank: int
    rescue_code: str | None
    occupancy: Occupancy
    home_use: HomeUse
    civil_address: str | None
    gate: str | None
    intercom: str | None
    cameras: list[str]
    version: int
    aliases: list[str]
    serves: list[int]
    served_by: list[int]
    address_to_read: str
    gate_to_read: str


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """What a place is to be; all of it, and only what may change: a parent and a code stay, because others refer to them."""

    names: dict[str, str]
    label: str
    rank: int
    rescue_code: str | None
    occupancy: Occupancy
    home_use: HomeUse
    civil_address: str | None
    gate: str | None
    intercom: str | None
    cameras: Sequence[str]
    aliases: Sequence[str]
    serves: Sequence[int]


async def place_in_full(tx: Tx, place_id: int) -> PlaceInFull:
    """The place; raises PlaceUnknownError."""
    place = await tx.maybe(SQL.place_in_full, PlaceInFull, tx.community, place_id)
    if place is None:
        raise PlaceUnknownError(value=place_id)
    return place


async def change_place(tx: Tx, place_id: int, version: int, change: PlaceChange) -> None:
    """Let a place be as `change` says, where it still has this version.

    Raises PlaceUnknownError, ChangedMeanwhileError, PlaceTakenError (the rescue code is another's), PlaceMisplacedError (what is of homes
    only, or serves without being a facility).
    """
    await _check_version(tx, place_id, version)
    try:
        await tx.run(
            SQL.update_place, tx.community, place_id, version, change.names, change.label, change.rank, change.rescue_code,
            change.occupancy, change.home_use, change.civil_address, change.gate, change.intercom, list(change.cameras),
        )  # fmt: skip
    except asyncpg.UniqueViolationError as problem:
        raise PlaceTakenError(field="/rescue_code", value=change.rescue_code) from problem
    except asyncpg.CheckViolationError as problem:
        raise PlaceMisplacedError(field="/occupancy", value=change.label, kind="", parent_kind="") from problem
    await tx.run(SQL.delete_aliases, tx.community, place_id)
    await add_aliases(tx, [(place_id, alias) for alias in change.aliases])
    await _set_served(tx, place_id, change.serves)
    await reindex_places(tx, [place_id])


async def _set_served(tx: Tx, facility_id: int, place_ids: Sequence[int]) -> None:
    known = await places_by_id(tx, [facility_id, *place_ids])
    missing = [one for one in place_ids if one not in known]
    if missing:
        raise PlaceUnknownError(field="/serves", value=missing[0])
    facility = known[facility_id]
    if place_ids and facility.kind != "facility":
        raise PlaceMisplacedError(field="/serves", value=facility.code, kind=facility.kind, parent_kind="")
    await tx.run(SQL.delete_served, tx.community, facility_id)
    if place_ids:
        await add_served(tx, facility_id, place_ids)


async def remove_place(tx: Tx, place_id: int, version: int) -> None:
    """Remove a place that was entered by mistake; raises PlaceUnknownError, ChangedMeanwhileError, PlaceInUseError."""
    await _check_version(tx, place_id, version)
    place = await place_in_full(tx, place_id)
    await remove_terms(tx, "place", place_id)
    for query in (SQL.delete_aliases, SQL.delete_served, SQL.delete_served_place, SQL.delete_within):
        await tx.run(query, tx.community, place_id)
    try:
        await tx.run(SQL.delete_place, tx.community, place_id)
    except asyncpg.ForeignKeyViolationError as problem:
        raise PlaceInUseError(value=place.code) from problem


async def _check_version(tx: Tx, place_id: int, version: int) -> None:
    present = await tx.value(SQL.place_version, tx.community, place_id)
    if present is None:
        raise PlaceUnknownError(value=place_id)
    if present != version:
        raise ChangedMeanwhileError(present=present)
