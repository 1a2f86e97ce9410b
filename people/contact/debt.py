"""Contact debt: homes that are lived in and that nothing would reach. A list that the desk works down; it is computed, so it cannot be out of date."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from people.directory.places import place_in_full
from people.errors import PlaceUnknownError
from people.place_words import COMMUNITY_CODE
from people.places import resolve_place
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
Result = Literal["new_number", "confirmed", "no_answer", "wrong_number", "refuses", "vacant", "later"]


@dataclass(frozen=True, slots=True)
class Debt:
    """A home that cannot be told, and why: nobody_known, no_address, all_wrong, failing, opted_out, no_consent.

    `people` live there, with `addresses` between them. What was done about it last: at `last_at` (UTC) with `last_result`; it is not
    shown before `again_on`, a date of the community.
    """

    home_id: int
    code: str
    names: dict[str, str]
    building_id: int | None
    building_names: dict[str, str] | None
    people: int
    addresses: int
    why: str
    needs_help: bool
    last_at: datetime | None
    last_result: Result | None
    last_note: str | None
    again_on: date | None


@dataclass(frozen=True, slots=True)
class BuildingDebt:
    """Of `homes` of a building that are lived in, `owed` cannot be told. Villas stand with the community's own place."""

    building_id: int
    code: str
    names: dict[str, str]
    homes: int
    owed: int


@dataclass(frozen=True, slots=True)
class Work:
    """What the desk did about a home."""

    at: datetime
    by: str
    result: Result
    note: str
    again_on: date | None


async def debts(
    tx: Tx, *, within: int | None = None, after: int = 0, limit: int = 50, put_off: bool = False
) -> list[Debt]:  # fmt: skip
    """A page of the list, by the homes' ids; `within` a place, else everywhere; `put_off`: also those that are not to be shown yet."""
    place_id = within if within is not None else (await resolve_place(tx, COMMUNITY_CODE)).id
    return await tx.rows(SQL.debts, Debt, tx.community, place_id, tx.now, after, put_off, limit)


async def debts_by_building(tx: Tx) -> list[BuildingDebt]:
    """Every building with how many of its homes cannot be told."""
    return await tx.rows(SQL.debts_by_building, BuildingDebt, tx.community, tx.now)


async def note_work(tx: Tx, home_id: int, result: Result, *, by: str, note: str = "", again_on: date | None = None) -> None:
    """What the desk did about a home; "vacant" also says so of the home. Raises PlaceUnknownError."""
    await must_be_a_home(tx, home_id)
    await tx.run(SQL.note_work, tx.community, home_id, tx.now, by, result, note, again_on)
    if result == "vacant":
        await tx.run(SQL.set_occupancy, tx.community, home_id)


async def work_on(tx: Tx, home_id: int) -> list[Work]:
    """What was done about a home, the newest first. Raises PlaceUnknownError."""
    await must_be_a_home(tx, home_id)
    return await tx.rows(SQL.work_on_home, Work, tx.community, home_id)


async def must_be_a_home(tx: Tx, home_id: int) -> None:
    """Raises PlaceUnknownError for what is no home of this community."""
    if (await place_in_full(tx, home_id)).kind != "home":
        raise PlaceUnknownError(value=home_id)
