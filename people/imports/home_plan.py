"""Which homes a row means, and what is to be added so that they exist. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from people.bulk import PlaceLine
from people.imports.directory import Batch, Directory, KnownPlace
from people.imports.faults import Fault
from people.imports.place_cells import Door, Where
from people.imports.place_names import building_names, door_names, floor_names, unit_names
from people.imports.records import Occupancy
from people.place_words import COMMUNITY_CODE
from people.search.terms import alias_key

_FIRST_RANK_OF_WORDS = 10_000
_PHASE = re.compile(r"[\d一二三四五六七八九十]+期")


@dataclass(frozen=True, slots=True)
class Homes:
    """The codes a row means, the building they are in (None: the community's own), and the places that have to be added."""

    codes: tuple[str, ...]
    building: str | None
    missing: tuple[PlaceLine, ...]


@lru_cache(maxsize=4096)
def building_key(said: str) -> str:
    """By what a building is looked up that is called so."""
    return alias_key(said)


def plan_homes(where: Where, directory: Directory, occupancy: Occupancy | None) -> Homes | Fault:
    """The homes of a row; nothing is changed by asking."""
    building = _building_of(where, directory)
    if isinstance(building, Fault):
        return building
    around = "-".join(part for part in (building, where.unit) if part)
    if len(around) > 40 or any(len(door.segment) > 20 for door in where.doors):
        return Fault("home_unclear", "home", where.doors[0].label[:40])
    missing: dict[str, PlaceLine] = {}
    codes: list[str] = []
    for door in where.doors:
        code = _existing(building, where.unit, door, directory)
        if isinstance(code, Fault):
            return code
        if code is None:
            code = f"{around}-{door.segment}" if around else door.segment
            fault = _add_missing(code, building, where, door, directory, missing, occupancy)
            if fault is not None:
                return fault
        codes.append(code)
    return Homes(tuple(dict.fromkeys(codes)), building, tuple(missing.values()))


def add_missing(homes: Homes, directory: Directory, batch: Batch) -> None:
    """Let the places that a row needs exist from now on."""
    for line in homes.missing:
        batch.places.append(line)
        directory.places[line.code] = KnownPlace(line.code, line.kind, line.names, line.occupancy)
        if line.kind == "building":
            for word in (line.code, *line.names.values()):
                directory.buildings.setdefault(alias_key(word), set()).add(line.code)


def _building_of(where: Where, directory: Directory) -> str | None | Fault:
    if where.building is None and not where.said:
        return None
    known = directory.buildings.get(building_key(where.said), set()) if where.said else set()
    if where.building is not None and not known and _is_of_another_phase(where, directory):
        return Fault("building_unclear", "building", where.said, {"known": ""})
    if where.building is not None:
        # A name that the directory knows goes before the number in it: 一期3栋 may be building 13.
        return next(iter(known)) if len(known) == 1 and where.building not in known else where.building
    if len(known) == 1:
        return next(iter(known))
    return Fault("building_unclear", "building", where.said, {"known": ", ".join(sorted(known))})


def _is_of_another_phase(where: Where, directory: Directory) -> bool:
    """Whether building 3 of the directory is 一期3栋, and the list says 二期3栋: each list by itself leaves its phase out."""
    phase, place = _PHASE.search(where.said), directory.places.get(where.building or "")
    others = {found[0] for name in place.names.values() if (found := _PHASE.search(name))} if phase and place else set()
    return phase is not None and bool(others - {phase[0]})


def _existing(building: str | None, unit: str | None, door: Door, directory: Directory) -> str | None | Fault:
    """The home's code where there is one: as said, or in the one unit that has such a home."""
    code = "-".join(part for part in (building, unit, door.segment) if part)
    place = directory.places.get(code)
    if place is not None and place.kind == "home":
        return code
    if building is not None and unit is None:
        ends = [one for one in directory.by_end.get((building, door.segment), ()) if one != code]
        if len(ends) == 1:
            return ends[0]
        if ends:
            return Fault("home_ambiguous", "home", door.label, {"known": ", ".join(sorted(ends)[:5])})
    if place is not None:
        return Fault("place_is_other", "home", door.label, {"code": code})
    return None


def _add_missing(
    code: str,
    building: str | None,
    where: Where,
    door: Door,
    directory: Directory,
    missing: dict[str, PlaceLine],
    occupancy: Occupancy | None,
) -> Fault | None:
    if code in missing:
        return None
    parent = COMMUNITY_CODE
    if building is not None:
        line = PlaceLine("building", COMMUNITY_CODE, building, building_names(building, where.said), building, _rank(building))
        fault = _need(line, directory, missing, "building")
        if fault is not None:
            return fault
        parent = building
    if building is not None and where.unit is not None:
        unit = f"{building}-{where.unit}"
        line = PlaceLine(
            "unit", building, unit, unit_names(_names(building, directory, missing), where.unit), where.unit, _rank(where.unit)
        )
        fault = _need(line, directory, missing, "unit")
        if fault is not None:
            return fault
        parent = unit
    floor = _floor_of(where, door)
    if floor is not None and building is not None:
        label = floor
        floor_code = f"{parent}-{label}"
        line = PlaceLine("floor", parent, floor_code, floor_names(_names(parent, directory, missing), label), label, _rank(label))
        # A home may already go by the floor's code; then homes stand in the unit itself.
        if _need(line, directory, missing, "floor") is None:
            around, parent = parent, floor_code
        else:
            around = parent
    else:
        around = parent
    names = door_names(_names(around, directory, missing) if around != COMMUNITY_CODE else {}, door)
    missing[code] = PlaceLine(
        "home", parent, code, names, door.label, _rank(door.segment), occupancy=occupancy or "occupied", home_use=door.use
    )
    return None


def _need(line: PlaceLine, directory: Directory, missing: dict[str, PlaceLine], column: str) -> Fault | None:
    known = directory.places.get(line.code)
    if known is None:
        missing.setdefault(line.code, line)
        return None
    return None if known.kind == line.kind else Fault("place_is_other", column, line.label, {"code": line.code})


def _names(code: str, directory: Directory, missing: dict[str, PlaceLine]) -> dict[str, str]:
    return missing[code].names if code in missing else directory.places[code].names


def _floor_of(where: Where, door: Door) -> str | None:
    """The floor as the list says it; else 15 of 1502, in units only, where no other code could be the same."""
    if where.floor is not None:
        return where.floor
    digits = door.segment
    return digits[:-2] if where.unit is not None and digits.isdecimal() and len(digits) in (3, 4) else None


def _rank(label: str) -> int:
    """The order among its like: numbers by their size, basements before them, letters after."""
    if label.isdecimal():
        return min(int(label), _FIRST_RANK_OF_WORDS - 1)
    if label[:1] == "B" and label[1:].isdecimal():
        return -min(int(label[1:]), 99)
    weights = (64_000, 1_600, 40, 1)
    return _FIRST_RANK_OF_WORDS + sum(ord(letter) % 100 * weight for letter, weight in zip(label, weights, strict=False))
