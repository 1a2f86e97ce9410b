"""What the one place box may mean for a kind: the places where it can happen, the likeliest first; and all of them, where they are few."""

from contextlib import suppress
from dataclasses import dataclass

from incidents.desk.declare import engine_place_kind
from people.errors import PlaceUnknownError
from people.place_words import COMMUNITY_CODE
from people.places import Place, ancestor_of_kind, children, facilities_within, find_places, get_place, name_of, resolve_place
from playbooks.language.model import Playbook
from tocsin.base.database import Tx

MOST = 8
MOST_ON_MAP = 60
"""More than so many chips are slower to search than to type."""

SOUNDS_LIKE = {"1": ("7",), "7": ("1",), "3": ("4",), "4": ("3", "10"), "10": ("4",), "14": ("10", "44"), "11": ("17",), "17": ("11",)}
"""Numbers of buildings that are taken for each other on a bad line and in dialect (yi/qi, san/si, si/shi)."""
NEAREST_FIRST = ("floor", "unit", "building")
FACILITY_KINDS = ("elevator", "pump_room", "garage", "substation", "gate", "other")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One place to choose; `key` is the digit that chooses it."""

    id: int
    key: str
    name: str
    code: str
    rescue_code: str


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """A row of the map: a building and what can be chosen in it, by names without the building's; '' for a row of its own."""

    name: str
    places: tuple[Suggestion, ...]


async def map_of(tx: Tx, playbook: Playbook, language: str) -> list[PlaceGroup]:
    """Everything that can be pointed at for this kind, building by building; nothing where it would be more than a screen holds."""
    kinds = [kind for kind in playbook.place_kinds if kind in (*FACILITY_KINDS, "building")][:1]
    root = await resolve_place(tx, COMMUNITY_CODE)
    buildings = [one for one in await children(tx, root.id) if one.kind == "building"]
    if not kinds or len(buildings) > MOST_ON_MAP:
        return []
    if kinds == ["building"]:
        ends = [root] if "community" in playbook.place_kinds else []
        return [PlaceGroup("", tuple(show_place(one, language) for one in (*buildings, *ends)))]
    groups = []
    for building in buildings:
        inside = await facilities_within(tx, building.id, kinds[0])
        groups.append(PlaceGroup(name_of(building, language), tuple(_within(building, one, language) for one in inside)))
    groups = [one for one in groups if one.places]
    return groups if sum(len(one.places) for one in groups) <= MOST_ON_MAP else []


def _within(building: Place, place: Place, language: str) -> Suggestion:
    """A place by the part of its name that its building's row does not say."""
    shown = show_place(place, language)
    short = shown.name.removeprefix(name_of(building, language)).strip()
    return Suggestion(shown.id, "", short or shown.name, shown.code, shown.rescue_code)


async def suggest(tx: Tx, playbook: Playbook | None, text: str, language: str) -> list[Suggestion]:
    """Places that `text` may mean, in the order in which the playbook names its kinds of place; all kinds without a playbook."""
    if not text:
        return []
    found: dict[int, Place] = {}
    for kind in playbook.place_kinds if playbook else ():
        filter_ = {"facility_kind": kind} if kind in FACILITY_KINDS else {"kind": kind}
        for place in await find_places(tx, text, limit=MOST, **filter_):
            found.setdefault(place.id, place)
    if not found:
        meant = await find_places(tx, text, limit=MOST)
        found = {place.id: place for place in meant if _fits(playbook, place)}
        if not found and meant and playbook:
            found = {place.id: place for place in await _around(tx, playbook, meant)}
    return [show_place(place, language, str(position)) for position, place in enumerate(list(found.values())[:MOST], start=1)]


async def only_place(tx: Tx, text: str, language: str) -> Place | None:
    """The place that `text` names; None where it is none, or may be several."""
    found = await suggest(tx, None, text, language)
    exact = [one for one in found if text in (one.code, one.name)] or found
    return await get_place(tx, exact[0].id) if len(exact) == 1 else None


async def _around(tx: Tx, playbook: Playbook, meant: list[Place]) -> list[Place]:
    """Where this kind is declared instead, around places at which it is not: of one place all, nearest first; of several the nearest."""
    kinds = [kind for kind in NEAREST_FIRST if kind in playbook.place_kinds]
    found: list[Place] = []
    for place in meant:
        around = [one for kind in kinds if (one := await ancestor_of_kind(tx, place.id, kind)) is not None]
        found += around if len(meant) == 1 else around[:1]
    return found


async def near_home(tx: Tx, playbook: Playbook, home: Place, language: str) -> list[Suggestion]:
    """Where this kind would be for whoever rings from `home`: the home where that is a place for it, then as the playbook names them."""
    unit = await ancestor_of_kind(tx, home.id, "unit") or await ancestor_of_kind(tx, home.id, "building") or home
    found: list[Place] = []
    for kind in sorted(playbook.place_kinds, key=lambda kind: kind != "home"):
        if kind in FACILITY_KINDS:
            found += await facilities_within(tx, unit.id, kind)
        elif (around := await ancestor_of_kind(tx, home.id, kind)) is not None:
            found.append(around)
    return [show_place(place, language, str(position)) for position, place in enumerate(found[:MOST], start=1)]


def show_place(place: Place, language: str, key: str = "") -> Suggestion:
    """A place as a choice."""
    return Suggestion(place.id, key, name_of(place, language), place.code, place.rescue_code or "")


def _fits(playbook: Playbook | None, place: Place) -> bool:
    return playbook is None or not playbook.place_kinds or engine_place_kind(place) in playbook.place_kinds


async def heard_instead(tx: Tx, place: Place, language: str) -> list[Suggestion]:
    """The same place in the buildings whose number sounds like this one's, where there are such."""
    building, dash, rest = place.code.partition("-")
    found = []
    for like in SOUNDS_LIKE.get(building, ()):
        with suppress(PlaceUnknownError):
            found.append(show_place(await resolve_place(tx, f"{like}{dash}{rest}"), language))
    return found
