"""One home only: handed on as a repair, counted, and never an incident. Several from one building ask a question."""

from dataclasses import dataclass
from datetime import timedelta

from incidents.actors import Actor
from incidents.plans import plan_for
from people.places import ancestor_of_kind, get_place
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
TOGETHER = timedelta(minutes=10)
"""Calls from one building within this long may be one emergency."""


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
    """`from_same_building`: homes of that building with such a repair in the last ten minutes, this one included."""

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
    building = await ancestor_of_kind(tx, place.id, "building") or place
    together: int = await tx.value(SQL.repairs_in_building, tx.community, repair.kind, building.id, tx.now - TOGETHER)
    return HandedOn(repair_id, together)
