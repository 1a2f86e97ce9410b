"""One home only: handed on as a repair, counted, and never an incident by itself."""

from dataclasses import dataclass

from incidents.actors import Actor
from incidents.desk.repairs_together import homes_of, undecided
from incidents.plans import plan_for
from people.communities import get_community
from people.places import ancestor_of_kind, get_place
from tocsin.base.database import Tx
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


async def hand_on(tx: Tx, repair: Repair, actor: Actor) -> HandedOn:
    """Write the repair down; raises KindUnknownError and PlaceUnknownError."""
    plan = await plan_for(tx, repair.kind)
    place = await get_place(tx, repair.place_id)
    repair_id: int = await tx.value(
        SQL.insert_repair, tx.community, tx.now, plan.playbook.kind, place.id, repair.words, repair.caller_name, repair.caller_phone,
        actor.name,
    )  # fmt: skip
    building = await ancestor_of_kind(tx, place.id, "building")
    if building is None:
        return HandedOn(repair_id, 1)
    within = (await get_community(tx, tx.community)).repairs_together
    alike = [one for one in await undecided(tx, within) if (one.kind, one.building_id) == (repair.kind, building.id)]
    return HandedOn(repair_id, len(homes_of(alike)))
