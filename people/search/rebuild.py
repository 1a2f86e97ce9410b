"""Chore: makes the terms and the order of names of a community anew, page by page: after an update that changed how they are made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from people.search.index import add_named_terms, reindex_people, reindex_places
from people.search.pinyin import sort_key
from tocsin.base.database import Database, Tx
from tocsin.base.queries import Query, load_queries
from tocsin.base.work import hold, raise_to

SQL = load_queries(__package__)
PAGE = 2000


@dataclass(frozen=True, slots=True)
class Named:
    """A department, or somebody outside the company with a number."""

    id: int
    names: dict[str, str]
    number: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's name."""

    id: int
    name: str


async def run_once(database: Database, community_id: int) -> int:
    """Do it where it was asked for; how many people, places and names there were. A page is a transaction, the end takes the request back."""
    done = await _by_pages(database, community_id, SQL.people_after, _people)
    done += await _by_pages(database, community_id, SQL.places_after, reindex_places)
    async with database.community(community_id) as tx:
        for subject, query in (("department", SQL.names_of_departments), ("outside_number", SQL.names_of_outside_numbers)):
            for one in await tx.rows(query, Named, tx.community):
                await add_named_terms(tx, subject, one.id, one.names.values(), one.number)  # type: ignore[arg-type]
                done += 1
        if await hold(tx, "search"):
            await raise_to(tx, "search", None)
    return done


async def _by_pages(database: Database, community_id: int, query: Query, act: Callable[[Tx, list[int]], Awaitable[None]]) -> int:
    last = done = 0
    while True:
        async with database.community(community_id) as tx:
            page = await tx.column(query, tx.community, last, PAGE)
            if page:
                await act(tx, page)
        if not page:
            return done
        last, done = page[-1], done + len(page)


async def _people(tx: Tx, ids: list[int]) -> None:
    people = await tx.rows(SQL.names_of_people, Person, tx.community, ids)
    await tx.run(SQL.set_sort_keys, tx.community, [one.id for one in people], [sort_key(one.name) for one in people])
    await reindex_people(tx, ids)
