"""A small town for stories: one building with two elevators, a fixed cast of staff around the clock, and a few residents.

The cast: Zhang Wei is the engineer on duty, Li Qiang his backup, Wang Jun leads engineering; Zhao Gang is the guard on duty;
Manager Qian is manager and company leader; Supervisor Sun supervises. Mrs Wang lives in 3-2-1502, Mr Zhou in 3-2-1503;
Bob lives in building 5 and must see nothing of building 3.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import asyncpg

from incidents.plans import adopt_library
from people.outside import NewOutsideNumber, add_outside_number
from people.persons import (
    NewContactPoint,
    NewResidence,
    add_contact_point,
    add_person,
    add_residence,
)
from people.places import NewPlace, add_place, add_served
from people.rosters import NewShift, add_department, add_post, add_shift
from playbooks.library import load_library
from tocsin.base.database import Database, Tx

STAFF = {
    "zhang": ("张伟", "+8613800000001", "engineering", "duty"),
    "li": ("李强", "+8613800000002", "engineering", "backup"),
    "wang_jun": ("王军", "+8613800000003", "engineering", "lead"),
    "zhao": ("赵刚", "+8613800000011", "security", "duty"),
    "guo": ("郭队", "+8613800000012", "security", "lead"),
    "qian": ("钱经理", "+8613800000021", None, None),
    "sun": ("孙主管", "+8613800000022", None, None),
}
POSTS = {"qian": ("manager", "company_leader"), "sun": ("supervisor", "front_desk")}
RESIDENTS = {
    "mrs_wang": ("王女士", "+8613900000001", "zh-CN", "3-2-1502"),
    "mr_zhou": ("周先生", "+8613900000002", "zh-CN", "3-2-1503"),
    "alice": ("Alice", "+8613900000003", "en", "3-2-1601"),
    "bob": ("Bob", "+8613900000009", "en", "5-1-101"),
}
NUMBERS = ("fire_rescue_119", "ambulance_120", "maintenance_company", "maintenance_company_backup", "elevator_rescue_96333",
           "power_company", "market_supervision")  # fmt: skip


@dataclass
class SmallTown:
    """Ids of everything, by the names of the cast and the codes of places."""

    community_id: int
    people: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def phone(name: str) -> str:
        """The mobile number of one of the cast."""
        return (STAFF.get(name) or RESIDENTS[name])[1]


async def build_small_town(database: Database, community_id: int) -> SmallTown:
    """Fill a bare community; rosters run from yesterday for a month."""
    town = SmallTown(community_id)
    load_library()  # read before the transaction: on a busy machine that may take as long as one may sleep
    async with database.community(community_id) as tx:
        await _places(tx, town)
        await employ_staff(tx, town)
        await _residents(tx, town)
        await list_outside_numbers(tx)
        await adopt_library(tx)
    return town


async def _places(tx: Tx, town: SmallTown) -> None:
    root = await add_place(tx, NewPlace("community", None, "0", {"zh-CN": "云栖花园", "en": "Cloud Garden"}, "0", 0))
    town.places["0"] = root
    for building, units in (("3", ("2",)), ("5", ("1",))):
        names = {"zh-CN": f"{building}栋", "en": f"Building {building}"}
        town.places[building] = await add_place(tx, NewPlace("building", root, building, names, building, int(building)))
        for unit in units:
            await _unit(tx, town, building, unit)


async def _unit(tx: Tx, town: SmallTown, building: str, unit: str) -> None:
    code = f"{building}-{unit}"
    names = {"zh-CN": f"{building}栋{unit}单元", "en": f"Building {building} Unit {unit}"}
    town.places[code] = await add_place(tx, NewPlace("unit", town.places[building], code, names, unit, int(unit)))
    for lift in ("1", "2"):
        lift_code = f"{code}-L{lift}"
        lift_names = {"zh-CN": f"{names['zh-CN']}{lift}号梯", "en": f"{names['en']} elevator {lift}"}
        place = NewPlace(
            "facility", town.places[code], lift_code, lift_names, f"{lift}号梯", int(lift), "elevator", f"2031{building}{unit}{lift}"
        )
        town.places[lift_code] = await add_place(tx, place)
        await add_served(tx, town.places[lift_code], [town.places[code]])
    for _, _, _, home in RESIDENTS.values():
        if home.startswith(f"{code}-"):
            label = home.rpartition("-")[2]
            home_names = {"zh-CN": f"{names['zh-CN']}{label}", "en": f"{names['en']} Home {label}"}
            town.places[home] = await add_place(tx, NewPlace("home", town.places[code], home, home_names, label, int(label)))


async def employ_staff(tx: Tx, town: SmallTown, *, days: int = 30) -> None:
    """The departments and the cast of staff, with their posts and with shifts from yesterday for so many days."""
    for key in ("engineering", "security", "cleaning", "finance", "customer_service"):
        await add_department(tx, key, {"zh-CN": key, "en": key})
    for name, (shown, phone, department, tier) in STAFF.items():
        person = await add_person(tx, kind="staff", name=shown)
        town.people[name] = person
        await add_contact_point(tx, NewContactPoint(person, "mobile", phone, quality="good"))
        if department and tier:
            starts, ends = tx.now - timedelta(days=1), tx.now + timedelta(days=days)
            await add_shift(tx, NewShift(department, tier, person, starts, ends))  # type: ignore[arg-type]
        for role in POSTS.get(name, ()):
            await add_post(tx, role, person)


async def list_outside_numbers(tx: Tx) -> None:
    """Every number that a playbook of the library asks for."""
    for what in NUMBERS:
        names = {"zh-CN": what, "en": what}
        await add_outside_number(
            tx, NewOutsideNumber(what=what, names=names, number="0571-12345", last_checked=date(2026, 1, 1), place_id=None)
        )


async def _residents(tx: Tx, town: SmallTown) -> None:
    for name, (shown, phone, language, home) in RESIDENTS.items():
        person = await add_person(tx, kind="resident", name=shown, language=language)
        town.people[name] = person
        await add_contact_point(tx, NewContactPoint(person, "mobile", phone, quality="good"))
        await add_residence(tx, NewResidence(person, town.places[home], "owner", None, None))


async def build_another_town(database: Database, owner: "asyncpg.Connection[asyncpg.Record]", town: SmallTown) -> SmallTown:
    """Another company's town, in the same database."""
    company = await owner.fetchval("INSERT INTO company (name, created_at) VALUES ('Other', story_now()) RETURNING id")
    community = await owner.fetchval(
        "INSERT INTO community (company_id, names, zone, languages, default_language, desk_phone, created_at)"
        " SELECT $1, names, zone, languages, default_language, desk_phone, created_at FROM community WHERE id = $2 RETURNING id",
        company, town.community_id,
    )  # fmt: skip
    return await build_small_town(database, community)


async def add_residents(owner: "asyncpg.Connection[asyncpg.Record]", town: SmallTown, count: int) -> None:
    """So many more people live in home 3-2-1502, each with a telephone: +86170 and the person's id."""
    await owner.execute(
        "WITH made AS (INSERT INTO person (community_id, kind, name, language)"
        " SELECT $1, 'resident', '住户' || n, 'zh-CN' FROM generate_series(1, $3) AS n RETURNING id),"
        " lives AS (INSERT INTO residence (community_id, person_id, home_id, role) SELECT $1, id, $2, 'family' FROM made)"
        " INSERT INTO contact_point (community_id, person_id, kind, address, consent, quality)"
        " SELECT $1, id, 'mobile', '+86170' || lpad(id::text, 8, '0'), '{emergency}', 'good' FROM made",
        town.community_id, town.places["3-2-1502"], count,
    )  # fmt: skip
    await owner.execute("ANALYZE person, residence, contact_point")
