"""The town's places as lines to be added. Pure."""

from collections.abc import Iterator
from itertools import count, islice
from zlib import crc32

from people.bulk import PlaceLine
from people.place_words import COMMUNITY_CODE
from people.places import Occupancy
from tocsin.app.demo.plan import Names, TownPlan


def floor_labels(plan: TownPlan) -> list[int]:
    """The labels of a unit's floors from below; the labels that bring bad luck are left out."""
    return list(islice((label for label in count(1) if label not in plan.left_out_floors), plan.floors))


def home_codes(plan: TownPlan) -> list[str]:
    """Every home's code, building by building from below."""
    return [line.code for line in _buildings(plan, frozenset()) if line.kind == "home"]


def place_lines(plan: TownPlan, vacant: frozenset[str]) -> list[PlaceLine]:
    """Everything from the community down to its homes; the homes of `vacant` (codes) stand empty."""
    root = PlaceLine("community", None, COMMUNITY_CODE, plan.community.names, "", 0)
    facilities = [
        PlaceLine("facility", COMMUNITY_CODE, line.code, line.names, line.names["zh-CN"], rank, line.kind)
        for rank, line in enumerate(plan.facilities)
    ]
    shops = [
        PlaceLine("home", shop.building, shop.code, shop.names, shop.names["zh-CN"], rank, home_use="shop", intercom=shop.intercom)
        for rank, shop in enumerate(plan.shops)
    ]
    return [root, *facilities, *_buildings(plan, vacant), *shops]


def served_places(plan: TownPlan) -> dict[str, list[str]]:
    """Which places each facility serves, by codes: elevators their unit, the others their buildings."""
    serves = {line.code: line.serves for line in plan.facilities if line.serves}
    for line in _buildings(plan, frozenset()):
        if line.kind == "facility" and line.parent_code is not None:
            serves[line.code] = [line.parent_code]
    return serves


def _buildings(plan: TownPlan, vacant: frozenset[str]) -> Iterator[PlaceLine]:
    rescue_codes = count(plan.first_rescue_code)
    for building in plan.buildings:
        names = _name(plan.place_names["building"], building=building)
        aliases = tuple(plan.aliases.get(str(building), ()))
        yield PlaceLine("building", COMMUNITY_CODE, str(building), names, str(building), building, aliases=aliases)
        for unit in range(1, plan.units + 1):
            code = f"{building}-{unit}"
            yield PlaceLine("unit", str(building), code, _name(plan.place_names["unit"], building=building, unit=unit), str(unit), unit)
            for elevator in range(1, plan.elevators + 1):
                names = _name(plan.place_names["elevator"], building=building, unit=unit, elevator=elevator)
                label = plan.elevator_label.format(elevator=elevator)
                yield PlaceLine("facility", code, f"{code}-L{elevator}", names, label, elevator, "elevator", str(next(rescue_codes)))
            yield from _floors(plan, building, unit, vacant)


def _floors(plan: TownPlan, building: int, unit: int, vacant: frozenset[str]) -> Iterator[PlaceLine]:
    for rank, floor in enumerate(floor_labels(plan), start=1):
        unit_code, code = f"{building}-{unit}", f"{building}-{unit}-{floor}"
        names = _name(plan.place_names["floor"], building=building, unit=unit, floor=floor)
        yield PlaceLine("floor", unit_code, code, names, str(floor), rank)
        for door in range(1, plan.doors + 1):
            label = f"{floor}{door:02d}"
            home = f"{unit_code}-{label}"
            occupancy = _occupancy(home, vacant)
            names = _name(plan.place_names["home"], building=building, unit=unit, home=label)
            yield PlaceLine("home", code, home, names, label, door, occupancy=occupancy)


def _occupancy(home: str, vacant: frozenset[str]) -> Occupancy:
    """Of the empty homes every third was sold and never moved into; of the others every seventh is let."""
    turn = crc32(home.encode())
    if home in vacant:
        return "not_moved_in" if turn % 3 == 0 else "vacant"
    return "let" if turn % 7 == 0 else "occupied"


def _name(patterns: Names, **values: object) -> Names:
    return {language: pattern.format(**values) for language, pattern in patterns.items()}
