"""Keeps the terms of the search box right: whoever writes a name, a number, a plate, a code or an alias calls this in the same transaction.

New rows whose words are at hand: add_people_terms, add_places_terms. Changed rows: reindex_people, reindex_places, which read what is stored,
so that a caller need not know what it was before. Each is one statement a table, whatever the number of rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from people.search.terms import PersonWords, PlaceWords, Term, terms_of_name, terms_of_number, terms_of_person, terms_of_place
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
Subject = Literal["place", "person", "department", "outside_number"]


async def add_people_terms(tx: Tx, people: Iterable[PersonWords]) -> None:
    """Let these new people be found."""
    await _add(tx, "person", {one.id: terms_of_person(one) for one in people})


async def add_places_terms(tx: Tx, places: Iterable[PlaceWords]) -> None:
    """Let these new places be found."""
    await _add(tx, "place", {one.id: terms_of_place(one) for one in places})


async def add_named_terms(
    tx: Tx, subject: Literal["department", "outside_number"], id_: int, names: Iterable[str], number: str = ""
) -> None:
    """Let a department or a number outside the company be found by its names, and by the number itself."""
    terms = {one for name in names for one in terms_of_name(name)} | terms_of_number(number)
    await tx.run(SQL.delete_terms, tx.community, subject, [id_])
    await _add(tx, subject, {id_: terms})


async def reindex_people(tx: Tx, ids: Sequence[int]) -> None:
    """These people, new or changed, are found by what is stored of them now."""
    await tx.column(SQL.hold_people, tx.community, list(ids))
    await tx.run(SQL.delete_terms, tx.community, "person", list(ids))
    await add_people_terms(tx, await tx.rows(SQL.words_of_people, PersonWords, tx.community, list(ids)))


async def reindex_places(tx: Tx, ids: Sequence[int]) -> None:
    """These places, new or changed, are found by what is stored of them now."""
    await tx.column(SQL.hold_places, tx.community, list(ids))
    await tx.run(SQL.delete_terms, tx.community, "place", list(ids))
    await add_places_terms(tx, await tx.rows(SQL.words_of_places, PlaceWords, tx.community, list(ids)))


async def remove_terms(tx: Tx, subject: Subject, id_: int) -> None:
    """What is gone is not found any more."""
    await tx.run(SQL.delete_terms, tx.community, subject, [id_])


async def _add(tx: Tx, subject: Subject, found: Mapping[int, set[Term]]) -> None:
    rows = [(id_, one) for id_, terms in found.items() for one in terms if "\n" not in one.text]
    if rows:
        await tx.run(
            SQL.insert_terms, tx.community, subject, " ".join([str(id_) for id_, _ in rows]),
            " ".join(["t" if one.inside else "f" for _, one in rows]), "\n".join([one.text for _, one in rows]),
            " ".join([one.field for _, one in rows]),
        )  # fmt: skip
