"""One person with everything that is noted of them, and how that is changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from people.directory.needs import need_of
from people.errors import (
    ChangedMeanwhileError,
    LanguageWrongError,
    MergeRefusedError,
    NeedInTheWayError,
    PersonUnknownError,
    ResidenceUnknownError,
)
from people.persons import PreferredMeans
from people.search.index import reindex_people
from people.search.pinyin import sort_key
from people.search.terms import plate_key
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class PersonInFull:
    """Somebody, without their addresses and homes. `plates` of their vehicles; `posts` that a member of staff holds."""

    id: int
    kind: Literal["staff", "resident"]
    name: str
    language: str
    preferred_means: PreferredMeans
    dialect: str
    note: str
    merged_into: int | None
    version: int
    plates: list[str]
    posts: list[str]


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A line of the list of people."""

    id: int
    kind: Literal["staff", "resident"]
    name: str
    language: str
    preferred_means: PreferredMeans


@dataclass(frozen=True, slots=True)
class Residence:
    """A home somebody lives or lived in; dates are the community's, from `since` until the day before `until`."""

    home_id: int
    code: str
    names: dict[str, str]
    role: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who lives or lived in a home."""

    person_id: int
    name: str
    language: str
    preferred_means: PreferredMeans
    role: str
    since: date | None
    until: date | None
    needs_help: bool


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What somebody is to be; all of it."""

    name: str
    language: str
    preferred_means: PreferredMeans
    dialect: str
    note: str
    plates: Sequence[str]


def check_language(tag: str) -> str:
    """A BCP 47 tag (zh-CN, yue, wuu, en); raises LanguageWrongError."""
    if not _TAG.fullmatch(tag):
        raise LanguageWrongError(field="/language", value=tag)
    return tag


async def person_in_full(tx: Tx, person_id: int) -> PersonInFull:
    """Somebody; who was merged stays readable under the old id. Raises PersonUnknownError."""
    person = await tx.maybe(SQL.person_in_full, PersonInFull, tx.community, person_id)
    if person is None:
        raise PersonUnknownError(value=person_id)
    return person


async def list_people(tx: Tx, kind: Literal["staff", "resident"], *, after: int = 0, limit: int = 50) -> list[ListedPerson]:
    """A page of people in the order of their pinyin; `after`: the id of the last one of the page before."""
    return await tx.rows(SQL.list_people, ListedPerson, tx.community, kind, after, limit)


async def residences_of(tx: Tx, person_id: int) -> list[Residence]:
    """Where somebody lives and lived, present homes first."""
    return await tx.rows(SQL.residences_of, Residence, tx.community, person_id)


async def members_of(tx: Tx, home_id: int) -> list[Member]:
    """Who lives and lived in a home, those who do first."""
    return await tx.rows(SQL.members_of_home, Member, tx.community, home_id)


async def change_person(tx: Tx, person_id: int, version: int, change: PersonChange) -> None:
    """Let somebody be as `change` says; raises PersonUnknownError, ChangedMeanwhileError, LanguageWrongError."""
    check_language(change.language)
    await check_version(tx, person_id, version)
    await tx.run(
        SQL.update_person, tx.community, person_id, change.name, change.language, change.preferred_means, change.dialect, change.note,
        sort_key(change.name),
    )  # fmt: skip
    await set_plates(tx, person_id, change.plates)
    await reindex_people(tx, [person_id])


async def set_plates(tx: Tx, person_id: int, plates: Sequence[str]) -> None:
    """Let these be their vehicles; the caller reindexes them."""
    keys = [key for key in dict.fromkeys(plate_key(plate) for plate in plates) if key]
    await tx.run(SQL.delete_vehicles, tx.community, person_id)
    if keys:
        await tx.run(SQL.insert_vehicles, tx.community, [person_id] * len(keys), keys)


async def check_version(tx: Tx, person_id: int, version: int | None = None) -> None:
    """Hold somebody until the transaction ends; raises PersonUnknownError, and ChangedMeanwhileError where another version is there."""
    present = await tx.value(SQL.person_version, tx.community, person_id)
    if present is None:
        raise PersonUnknownError(value=person_id)
    if version is not None and present != version:
        raise ChangedMeanwhileError(present=present)


async def end_residence(tx: Tx, person_id: int, home_id: int, on: date) -> None:
    """Somebody moves out; from `on` (a date of the community) they live there no more. Raises ResidenceUnknownError."""
    if not await tx.run(SQL.end_residence, tx.community, person_id, home_id, on):
        raise ResidenceUnknownError(value=home_id)
    await tx.run(SQL.touch_person, tx.community, person_id)


async def merge_person(tx: Tx, person_id: int, into: int) -> None:
    """Two entries of one person become one: addresses, homes and vehicles go to `into`, the old id leads there.

    Only a resident's entry goes; who is a member of staff as well stays one, with homes. What somebody agreed to as a resident holds on.

    Raises PersonUnknownError, MergeRefusedError, and NeedInTheWayError where help is noted at the entry that goes and not at the one that
    stays: the reason cannot be carried over unseen.
    """
    await person_in_full(tx, person_id)
    try:
        for one in sorted({person_id, into}):
            await check_version(tx, one)
        goes, stays = [await person_in_full(tx, one) for one in (person_id, into)]
    except PersonUnknownError:
        raise PersonUnknownError(field="/into", value=into) from None
    if person_id == into or goes.kind != "resident":
        raise MergeRefusedError(field="/into")
    if await need_of(tx, person_id) is not None:
        if await need_of(tx, into) is None:
            raise NeedInTheWayError(field="/into", value=person_id)
        await tx.run(SQL.delete_need, tx.community, person_id)
    await tx.run(SQL.merge_contact_points, tx.community, person_id, into, stays.kind == "staff")
    for query in (SQL.merge_residences, SQL.merge_vehicles):
        await tx.run(query, tx.community, person_id, into)
    for query in (SQL.delete_contact_points_of, SQL.delete_residences_of, SQL.delete_vehicles):
        await tx.run(query, tx.community, person_id)
    await tx.run(SQL.mark_merged, tx.community, person_id, into)
    await reindex_people(tx, [person_id, into])
