"""A small estate: building 3 with two units, floors without a fourth, homes and elevators."""

from dataclasses import dataclass

from people.places import NewPlace, add_place
from tocsin.base.database import Database, Tx


@dataclass(frozen=True, slots=True)
class Estate:
    """Ids by code."""

    community: int
    ids: dict[str, int]


async def _add(tx: Tx, ids: dict[str, int], new: NewPlace) -> int:
    ids[new.code] = await add_place(tx, new)
    return ids[new.code]


def _named(zh: str, en: str) -> dict[str, str]:
    return {"zh-CN": zh, "en": en}


async def _add_unit(tx: Tx, ids: dict[str, int], building: int, unit: int) -> None:
    code = f"3-{unit}"
    inside = await _add(tx, ids, NewPlace("unit", building, code, _named(f"3栋{unit}单元", f"Building 3 Unit {unit}"), str(unit), unit))
    for lift in (1, 2):
        names = _named(f"3栋{unit}单元{lift}号梯", f"Building 3 Unit {unit} Lift {lift}")
        rescue_code = f"2031{unit}{lift}"
        await _add(tx, ids, NewPlace("facility", inside, f"{code}-L{lift}", names, f"{lift}号梯", lift, "elevator", rescue_code))
    for rank, label in enumerate(("3", "5", "15")):
        floor = await _add(
            tx, ids, NewPlace("floor", inside, f"{code}-{label}", _named(f"{code} {label}层", f"{code} floor {label}"), label, rank)
        )
        for door in (1, 2):
            home = f"{label}{door:02d}"
            names = _named(f"3栋{unit}单元{home}", f"Building 3 Unit {unit} Home {home}")
            await _add(tx, ids, NewPlace("home", floor, f"{code}-{home}", names, home, door))


async def build_estate(database: Database, community: int) -> Estate:
    """Building 3: units 1 and 2, floors 3, 5 and 15, homes 01 and 02, elevators L1 and L2; a pump room for all."""
    ids: dict[str, int] = {}
    async with database.community(community) as tx:
        root = await _add(tx, ids, NewPlace("community", None, "0", _named("云栖花园", "Cloud Garden"), "", 0))
        await _add(tx, ids, NewPlace("facility", root, "P1", _named("1号水泵房", "Pump room 1"), "1号水泵房", 1, "pump_room"))
        building = await _add(tx, ids, NewPlace("building", root, "3", _named("3栋", "Building 3"), "3栋", 3))
        for unit in (1, 2):
            await _add_unit(tx, ids, building, unit)
    return Estate(community, ids)
