"""The search box: one text, typed as it comes, and everything it may mean, the likeliest first.

A handful of statements, each a range of the index of terms or a look-up by keys, whatever the size of the community.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from people.places import Place, PlaceMatch, find_places, match_places, places_by_id
from people.search.query import Asked, Look, read_query
from people.search.ranking import Candidate, best_first
from tocsin.base.database import Tx
from tocsin.base.queries import Query, load_queries

SQL = load_queries(__package__)
MOST_OF_A_RANGE = 40
MOST_OF_A_HOME = 6

HitType = Literal[
    "community", "building", "unit", "floor", "home", "facility", "resident", "former_resident", "staff", "department", "outside_number"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A row of what is shown of somebody. `homes`: [{id, code, names, role}], `teams`: names by language, of departments.

    `address`: the telephone number that fits what was typed, else the one to try first; `quality` is that number's.
    """

    id: int
    kind: str
    name: str
    language: str
    preferred_means: str
    homes: list[dict[str, object]]
    teams: list[dict[str, str]]
    lived_here: bool
    address: str | None
    quality: str | None
    plates: list[str]


@dataclass(frozen=True, slots=True)
class FoundName:
    """A department, or a number outside the company with its `number`."""

    id: int
    names: dict[str, str]
    number: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that fits. Exactly one of `place`, `person`, `named` is there; `matched` is what it was found by."""

    type: HitType
    matched: str
    place: Place | None = None
    person: FoundPerson | None = None
    named: FoundName | None = None


async def search(tx: Tx, text: str, *, numbers: bool = True, limit: int = 12) -> list[Hit]:
    """What `text` may mean, best first, at most `limit`.

    `numbers`: whether pieces of telephone numbers, mailboxes and plates find somebody; False for readers who may not see those, because
    trying pieces one after the other would spell them out.
    """
    asked = read_query(text, numbers=numbers)
    if not asked.text:
        return []
    matched = await match_places(tx, asked.text, limit=limit, names=False)
    candidates = [*_of_places(matched, asked), *await _by_terms(tx, asked.looks), *await _in_a_place(tx, asked)]
    chosen = best_first(candidates)[:limit]
    homes = [place.id for place, match in matched[:1] if place.kind == "home" and match == "whole"]
    return await _show(tx, chosen, asked, homes, limit)


def _of_places(matched: Sequence[tuple[Place, PlaceMatch]], asked: Asked) -> list[Candidate]:
    """A text that looks like somebody's name (张三) means the place that its numeral names (3) only after everything else."""
    return [
        Candidate(
            "place", place.id, "code", exact=match == "whole", inside=False, order=number,
            around=asked.like_a_name or match == "within",
        )
        for number, (place, match) in enumerate(matched)
    ]  # fmt: skip


async def _by_terms(tx: Tx, looks: Sequence[Look]) -> list[Candidate]:
    found: list[Candidate] = []
    if looks:
        found = await tx.rows(
            SQL.by_terms, Candidate, tx.community, [one.starts for one in looks], [one.past for one in looks],
            [one.inside for one in looks], [",".join(one.fields) for one in looks], MOST_OF_A_RANGE,
        )  # fmt: skip
    numbers = [one for one in looks if one.recheck]
    if numbers:
        found += await tx.rows(
            SQL.by_number_between, Candidate, tx.community, [one.starts for one in numbers], [one.past for one in numbers],
            [one.recheck for one in numbers], MOST_OF_A_RANGE,
        )  # fmt: skip
    return found


async def _in_a_place(tx: Tx, asked: Asked) -> list[Candidate]:
    """Somebody's name beside words of a place, in either order: 3栋 王, wangfang 1502."""
    for part in asked.parts:
        places = await find_places(tx, part.place, limit=4)
        if places:
            found = await tx.rows(
                SQL.by_terms_within, Candidate, tx.community, part.starts, part.past, [place.id for place in places], MOST_OF_A_RANGE
            )
            if found:
                return [replace(one, within=True) for one in found]
    return []


async def _show(tx: Tx, chosen: Sequence[Candidate], asked: Asked, homes: Sequence[int], limit: int) -> list[Hit]:
    """The candidates as they are shown; a home that was meant brings its people with it."""
    ids = {
        subject: [one.subject_id for one in chosen if one.subject == subject]
        for subject in ("person", "place", "department", "outside_number")
    }
    household = await tx.column(SQL.household, tx.community, list(homes), tx.now, MOST_OF_A_HOME) if homes else []
    people = await _people(tx, [*ids["person"], *household], asked)
    places = await places_by_id(tx, ids["place"]) if ids["place"] else {}
    named = {("department", one.id): one for one in await _named(tx, SQL.departments_found, ids["department"])}
    named |= {("outside_number", one.id): one for one in await _named(tx, SQL.outside_numbers_found, ids["outside_number"])}
    hits: dict[tuple[str, int], Hit] = {}
    for one in chosen:
        key = (one.subject, one.subject_id)
        if one.subject == "person" and one.subject_id in people:
            hits.setdefault(key, _person(people[one.subject_id], one.field))
        elif one.subject == "place" and one.subject_id in places:
            place = places[one.subject_id]
            hits[key] = Hit(place.kind, one.field, place=place)  # type: ignore[arg-type]
            for member in household if place.id in homes else ():
                hits.setdefault(("person", member), _person(people[member], "home"))
        elif key in named:
            hits[key] = Hit(one.subject, one.field, named=named[key])  # type: ignore[arg-type]
    return list(hits.values())[:limit]


async def _people(tx: Tx, ids: Iterable[int], asked: Asked) -> dict[int, FoundPerson]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {one.id: one for one in await tx.rows(SQL.people_found, FoundPerson, tx.community, wanted, tx.now, asked.digits)}


async def _named(tx: Tx, query: Query, ids: Sequence[int]) -> list[FoundName]:
    return await tx.rows(query, FoundName, tx.community, list(ids)) if ids else []


def _person(one: FoundPerson, matched: str) -> Hit:
    type_: HitType = "staff" if one.kind == "staff" else "resident" if one.homes or not one.lived_here else "former_resident"
    return Hit(type_, matched, person=one)
