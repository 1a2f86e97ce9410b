"""The tree of a community: buildings, units, floors, homes and facilities; how it is kept, and how a place in it is found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg

from people.errors import PlaceCodeWrongError, PlaceMisplacedError, PlaceTakenError, PlaceUnknownError
from people.place_words import fold, normalise_code, read_place_words
from people.search.index import reindex_places
from people.search.prefixes import NamedPlace, beginnings, read_within
from people.search.terms import alias_key, past
from tocsin.base.database import Tx
from tocsin.base.queries import Query, load_queries

SQL = load_queries(__package__)
PlaceKind = Literal["community", "building", "unit", "floor", "home", "facility"]
FacilityKind = Literal["elevator", "pump_room", "garage", "substation", "gate", "other"]
Occupancy = Literal["occupied", "let", "vacant", "not_moved_in"]
"""occupied: by its owner, or nobody said by whom. let: by tenants. vacant and not_moved_in: nobody to be told there."""
HomeUse = Literal["dwelling", "villa", "shop", "office"]
PlaceMatch = Literal["whole", "end", "within", "beginning", "name"]
"""How a text led to a place: all of its code, alias or rescue code; an end of its code; a place around it; and so on."""
ID_DIGITS = 7
"""An id has at least so many digits and a code of digits alone has fewer: the schema holds both."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the tree. `code` is whole (3-2-1502), `label` within its parent (1502), `names` by language are whole.

    `rank` orders the children of a parent: a floor's label is not its height where 4 and 13 are left out.
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
    vacant: bool


@dataclass(frozen=True, slots=True)
class Nearest:
    """Of the place `place_id` the nearest place of `kind` around it, itself included: `id`."""

    place_id: int
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place to be added; only the community's own place has no parent. `code` in any spelling of normalise_code.

    `civil_address` and `gate` are what is read to 119 and 120; None: as for the place around it. `intercom` is its extension, `cameras`
    their names on the screens. `occupancy` and `home_use` are of homes only.
    """

    kind: PlaceKind
    parent_id: int | None
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


async def add_place(tx: Tx, new: NewPlace) -> int:
    """Add a place, within everything that its parent is within; its id.

    Raises PlaceCodeWrongError, PlaceUnknownError (field /parent), PlaceMisplacedError, PlaceTakenError.
    """
    code = normalise_code(new.code)
    if not code or (code.isdecimal() and len(code) >= ID_DIGITS):
        raise PlaceCodeWrongError(field="/code", value=new.code)
    parent = None if new.parent_id is None else await tx.maybe(SQL.place, Place, tx.community, new.parent_id)
    if new.parent_id is not None and parent is None:
        raise PlaceUnknownError(field="/parent", value=new.parent_id)
    try:
        added = await tx.value(
            SQL.insert_place, tx.community, new.kind, new.parent_id, parent.kind if parent else None, new.facility_kind, code,
            new.names, new.label, new.rank, new.rescue_code, new.occupancy, new.home_use, new.civil_address, new.gate,
            new.intercom, list(new.cameras),
        )  # fmt: skip
    except asyncpg.UniqueViolationError as problem:
        raise PlaceTakenError(field="/code", value=code) from problem
    except asyncpg.CheckViolationError as problem:
        kinds = {"kind": new.kind, "parent_kind": parent.kind if parent else ""}
        raise PlaceMisplacedError(field="/parent", value=code, **kinds) from problem
    await add_aliases(tx, [(added, alias) for alias in new.aliases])
    await reindex_places(tx, [added])
    return int(added)


async def add_aliases(tx: Tx, said: Sequence[tuple[int, str]]) -> None:
    """Note what else places (ids) are called; the caller reindexes them. Again is no change, and so is what has no letter or digit."""
    rows = [(place_id, alias.strip(), alias_key(alias)) for place_id, alias in said]
    rows = [row for row in rows if row[2]]
    if rows:
        await tx.run(SQL.insert_aliases, tx.community, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


async def add_served(tx: Tx, facility_id: int, place_ids: Sequence[int]) -> None:
    """Note that a facility serves these places and everything within them. Again is no change."""
    await tx.run(SQL.insert_served, tx.community, facility_id, list(place_ids))


async def get_place(tx: Tx, place_id: int) -> Place:
    """The place with this id; raises PlaceUnknownError."""
    place = await tx.maybe(SQL.place, Place, tx.community, place_id)
    if place is None:
        raise PlaceUnknownError(field="/place", value=place_id)
    return place


async def resolve_place(tx: Tx, value: str | int) -> Place:
    """The one place that an id (1000042, "1000042") or a code ("3-2-1502", "３.2.1502") names; raises PlaceUnknownError."""
    text = str(value).strip()
    if isinstance(value, int) or (text.isascii() and text.isdecimal() and len(text) >= ID_DIGITS):
        place = await tx.maybe(SQL.place, Place, tx.community, int(text)) if len(text) < 19 else None
    else:
        code = normalise_code(text) if fold(text).isascii() else ""  # words ("3号梯") are for find_places: never guess here
        place = await tx.maybe(SQL.place_by_code, Place, tx.community, code)
    if place is None:
        raise PlaceUnknownError(field="/place", value=text[:80])
    return place


def name_of(place: Place, language: str) -> str:
    """The whole name of a place in a language, else in any language it has, else its code."""
    return place.names.get(language) or next(iter(place.names.values()), place.code)


async def find_places(tx: Tx, text: str, *, kind: str | None = None, facility_kind: str | None = None, limit: int = 8) -> list[Place]:
    """What a clerk may mean by `text`, best first; `kind` and `facility_kind` narrow what is offered, not what is read.

    In this order: an elevator's rescue code, aliases and whole codes; what ends so (1502, 1号梯); what lies within them ("3.2" offers
    its elevators); what begins so; names and pinyin. An alias or a name may stand before the rest (云栖阁2单元1502). With a filter, "3-2"
    gives the elevators of unit 3-2.
    """
    found = await match_places(tx, text, kind=kind, facility_kind=facility_kind, limit=limit)
    return [place for place, _ in found]


async def match_places(
    tx: Tx, text: str, *, kind: str | None = None, facility_kind: str | None = None, limit: int = 8, names: bool = True
) -> list[tuple[Place, PlaceMatch]]:  # fmt: skip
    """What find_places finds, each with how it was found; without `names` only what is found by codes."""
    words = read_place_words(text)
    after_name, ends_after_name = await _read_after_names(tx, text)
    codes = list(dict.fromkeys([*after_name, *words.codes]))
    tails = list(dict.fromkeys([*ends_after_name, *words.tails]))
    begun = [code for code in codes if len(code) > 1]
    begun += [words.rescue_code] if words.rescue_code and words.rescue_code not in begun else []
    name = alias_key(text)
    looks: list[tuple[PlaceMatch, Query, tuple[object, ...]]] = [
        ("whole", SQL.places_by_code, (codes, words.rescue_code)),
        ("end", SQL.places_by_end, ([around for around, _ in tails], [end for _, end in tails])),
        ("within", SQL.places_inside, (codes,)),
        ("beginning", SQL.places_by_beginning, (begun, [past(one) for one in begun])),
        ("name", SQL.places_by_name, (name, past(name)) if words.words and names else ()),
    ]
    found: dict[int, tuple[Place, PlaceMatch]] = {}
    for match, query, values in looks:
        if len(found) >= limit or not any(values) or (found and match == "name"):
            continue
        for place in await tx.rows(query, Place, tx.community, kind, facility_kind, limit, *values):
            found.setdefault(place.id, (place, match))
    return list(found.values())[:limit]


async def _read_after_names(tx: Tx, text: str) -> tuple[list[str], list[tuple[str | None, str]]]:
    """Codes and ends of codes that a text means which begins with the name or alias of a place; the longest name first."""
    begins = beginnings(text)
    if not begins:
        return [], []
    named = await tx.rows(SQL.places_named, NamedPlace, tx.community, list(begins))
    codes: list[str] = []
    tails: list[tuple[str | None, str]] = []
    for one in sorted(named, key=lambda one: (-len(one.key), one.code)):
        read, ends = read_within(one, begins[one.key])
        codes += read
        tails += ends
    return codes, tails


async def places_by_id(tx: Tx, ids: Sequence[int]) -> dict[int, Place]:
    """The places with these ids; what does not exist is missing from the answer."""
    return {place.id: place for place in await tx.rows(SQL.places_by_id, Place, tx.community, list(ids))}


async def ancestors(tx: Tx, place_id: int) -> list[Place]:
    """Everything around a place, nearest first, without itself."""
    return await tx.rows(SQL.ancestors, Place, tx.community, place_id)


async def ancestor_of_kind(tx: Tx, place_id: int, kind: str) -> Place | None:
    """The nearest place of `kind` around this one, itself included; None when there is none."""
    return await tx.maybe(SQL.ancestor_of_kind, Place, tx.community, place_id, kind)


async def nearest_of_kinds(tx: Tx, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The ids of the nearest places around these, each of the kind beside it; where there is none, it is missing from the answer."""
    if not wanted:
        return {}
    found = await tx.rows(SQL.nearest_of_kinds, Nearest, tx.community, [place for place, _ in wanted], [kind for _, kind in wanted])
    return {(one.place_id, one.kind): one.id for one in found}


async def facilities_within(tx: Tx, place_id: int, facility_kind: str) -> list[Place]:
    """The facilities of a kind within a place, in order of their codes; of such a facility: itself."""
    return await tx.rows(SQL.facilities_within, Place, tx.community, place_id, facility_kind)


async def children(tx: Tx, place_id: int) -> list[Place]:
    """What lies directly within a place, facilities first, in their order."""
    return await tx.rows(SQL.children, Place, tx.community, place_id)
