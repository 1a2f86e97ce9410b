"""Contact debt: homes that are lived in and that nothing would reach. A list that the desk works down; it is computed, so it cannot be out of date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from people.directory.places import place_in_full
from people.errors import PlaceUnknownError
from people.persons import ContactKind, PreferredMeans, Quality
from people.place_words import COMMUNITY_CODE
from people.places import resolve_place
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
MANY_HOMES = 1000
COUNT_HOLDS_SECONDS = 30.0
"""So old may the counts of a large community's buildings be; whatever the desk notes has them counted anew."""
Result = Literal["new_number", "confirmed", "no_answer", "wrong_number", "refuses", "vacant", "later"]


@dataclass(frozen=True, slots=True)
class Debt:
    """A home that cannot be told, and why: nobody_known, no_address, all_wrong, failing, opted_out, no_consent; or no_phone: told by mail or
    chat only, so nobody can be woken at night.

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
    """Of `homes` of a building that are lived in, `owed` cannot be told, and `no_phone` by mail or chat only. Villas stand with the community's
    own place."""

    building_id: int
    code: str
    names: dict[str, str]
    homes: int
    owed: int
    no_phone: int


@dataclass(frozen=True, slots=True)
class DebtPoint:
    """An address of somebody in such a home, whole. `proxy_name`, `proxy_relation`: whose it is, if not their own."""

    id: int
    kind: ContactKind
    address: str
    quality: Quality
    proxy_name: str | None
    proxy_relation: str | None


@dataclass(frozen=True, slots=True)
class Dweller:
    """Somebody who lives there, and how to talk to them; `points`: rows of JSON."""

    home_id: int
    person_id: int
    name: str
    speaks: str
    dialect: str
    preferred_means: PreferredMeans
    points: list[dict[str, Any]]

    @property
    def addresses(self) -> list[DebtPoint]:
        """Their addresses, in the order in which they are tried."""
        return [DebtPoint(**one) for one in self.points]


@dataclass(frozen=True, slots=True)
class Work:
    """What the desk did about a home."""

    at: datetime
    by: str
    result: Result
    note: str
    again_on: date | None


async def debts(
    tx: Tx, *, within: int | None = None, after: int = 0, limit: int = 50, put_off: bool = False, no_phone: bool = False
) -> list[Debt]:  # fmt: skip
    """A page of the list, by the homes' ids; `within` a place, else everywhere; `put_off`: also those that are not to be shown yet;
    `no_phone`: also those that mail or chat reaches and no telephone."""
    place_id = within if within is not None else (await resolve_place(tx, COMMUNITY_CODE)).id
    return await tx.rows(SQL.debts, Debt, tx.community, place_id, tx.now, after, put_off, limit, no_phone)


async def debts_by_building(tx: Tx) -> list[BuildingDebt]:
    """Every building with how many of its homes cannot be told."""

    async def look() -> list[BuildingDebt]:
        return await tx.rows(SQL.debts_by_building, BuildingDebt, tx.community, tx.now)

    return await tx.kept.of(_debts_of(tx), COUNT_HOLDS_SECONDS, look, is_large=lambda found: sum(one.homes for one in found) > MANY_HOMES)


def _debts_of(tx: Tx) -> tuple[str, int]:
    return ("debts", tx.community)


async def people_of_homes(tx: Tx, home_ids: Sequence[int], day: date) -> dict[int, list[Dweller]]:
    """Who lives in these homes on `day`; a home in which nobody is known is missing."""
    found: dict[int, list[Dweller]] = {}
    for one in await tx.rows(SQL.people_of_homes, Dweller, tx.community, list(home_ids), day):
        found.setdefault(one.home_id, []).append(one)
    return found


async def note_work(tx: Tx, home_id: int, result: Result, *, by: str, note: str = "", again_on: date | None = None) -> None:
    """What the desk did about a home; "vacant" also says so of the home. Raises PlaceUnknownError."""
    await must_be_a_home(tx, home_id)
    await tx.run(SQL.note_work, tx.community, home_id, tx.now, by, result, note, again_on)
    if result == "vacant":
        await tx.run(SQL.set_occupancy, tx.community, home_id)
    tx.after_commit(_debts_of(tx), lambda: _count_anew(tx))


async def _count_anew(tx: Tx) -> None:
    tx.kept.forget(_debts_of(tx))


async def work_on(tx: Tx, home_id: int) -> list[Work]:
    """What was done about a home, the newest first. Raises PlaceUnknownError."""
    await must_be_a_home(tx, home_id)
    return await tx.rows(SQL.work_on_home, Work, tx.community, home_id)


async def must_be_a_home(tx: Tx, home_id: int) -> None:
    """Raises PlaceUnknownError for what is no home of this community."""
    if (await place_in_full(tx, home_id)).kind != "home":
        raise PlaceUnknownError(value=home_id)
