"""One home only: handed on as a repair."""

from typing import Annotated

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Id, Line, PlaceText, Words, find_place
from incidents.desk.repairs import Repair, hand_on


class RepairBody(Body):
    """What is broken, where, and who called."""

    kind: str = Field(max_length=60, examples=["power_cut"])
    place: PlaceText
    words: Words = ""
    caller_name: Line | None = None
    caller_phone: Annotated[str, Field(max_length=40)] | None = None


class RepairShown(Shown):
    """`from_same_building`: homes of the building with such a repair in the last ten minutes; several may be one emergency."""

    id: Id
    from_same_building: int


async def hand_on_repair(call: Call, body: RepairBody) -> RepairShown:
    """Hand on what concerns one home only; it is counted and never becomes an incident by itself."""
    place = await find_place(call.tx, body.place, "/place")
    repair = Repair(body.kind, place.id, body.words, body.caller_name, body.caller_phone)
    handed = await hand_on(call.tx, repair, call.caller.actor)
    return RepairShown(id=str(handed.repair_id), from_same_building=handed.from_same_building)
