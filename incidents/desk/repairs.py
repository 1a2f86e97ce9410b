"""One home only: handed on as a repair, counted, and never an incident by itself."""

from dataclasses import dataclass

from incidents.desk.changes import Desk
from incidents.desk.repairs_together import homes_of, undecided
from incidents.plans import plan_for
from people.communities import get_community
from people.places import ancestor_of_kind, get_place
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Repair:
    """What is handed on."""

    kind: str
    place_id: int
    words: str = ""
    caller_name: str | None = None
    caller_phone: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOn:
    """`from_same_building`: homes of that building with such a repair within the community's time, undecided, this one included."""

    repair_id: int
    from_same_building: int


async def hand_on(desk: Desk, repair: Repair) -> HandedOn:
    """Write the repair down, and let open desks know; raises KindUnknownError and PlaceUnknownError."""
    tx = desk.tx
    plan = await plan_for(tx, repair.kind)
    place = await get_place(tx, repair.place_id)
    repair_id: int = await tx.value(
        SQL.insert_repair, tx.community, tx.now, plan.playbook.kind, place.id, repair.words, repair.caller_name, repair.caller_phone,
        desk.actor.name,
    )  # fmt: skip
    desk.wakeups.after_commit(tx, f"page:{tx.community}")
    building = await ancestor_of_kind(tx, place.id, "building")
    if building is None:
        return HandedOn(repair_id, 1)
    within = (await get_community(tx, tx.community)).repairs_together
    alike = [one for one in await undecided(tx, within) if (one.kind, one.building_id) == (repair.kind, building.id)]
    return HandedOn(repair_id, len(homes_of(alike)))
