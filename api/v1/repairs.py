"""One home only: handed on as a repair; several from one building are decided on."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import desk_of
from api.v1.shapes import Id, Line, PlaceText, Words, find_place
from incidents.desk.repairs import Repair, hand_on
from incidents.desk.repairs_together import keep_separate, repairs_together, start_plan


class RepairBody(Body):
    """What is broken, where, and who called."""

    kind: str = Field(max_length=60, examples=["power_cut"])
    place: PlaceText
    words: Words = ""
    caller_name: Line | None = None
    caller_phone: Annotated[str, Field(max_length=40)] | None = None


class RepairShown(Shown):
    """`from_same_building`: homes of the building with such a repair within the community's time; three may be one emergency."""

    id: Id
    from_same_building: int


async def hand_on_repair(call: Call, body: RepairBody) -> RepairShown:
    """Hand on what concerns one home only; it is counted and never becomes an incident by itself."""
    place = await find_place(call.tx, body.place, "/place")
    repair = Repair(body.kind, place.id, body.words, body.caller_name, body.caller_phone)
    handed = await hand_on(desk_of(call), repair)
    return RepairShown(id=str(handed.repair_id), from_same_building=handed.from_same_building)


class RepairTogetherShown(Shown):
    """One of the repairs."""

    id: Id
    at: datetime
    place: Id
    words: str
    caller_name: str | None
    caller_phone: str | None


class TogetherShown(Shown):
    """Repairs of one kind from one building that may be one emergency."""

    kind: str
    building: Id
    repairs: list[RepairTogetherShown]


class TogetherList(Shown):
    """What waits for somebody's decision."""

    items: list[TogetherShown]


class TogetherBody(Body):
    """Whether these repairs are one emergency."""

    building: PlaceText
    kind: str = Field(max_length=60, examples=["power_cut"])
    decision: Literal["start", "separate"]


class TogetherDecided(Shown):
    """`incident` is the one that was declared, with the callers as its reports."""

    incident: Id | None


async def list_repairs_together(call: Call) -> TogetherList:
    """List repairs of one kind from one building that came within the community's time and that nobody decided on."""
    return TogetherList(
        items=[
            TogetherShown(
                kind=one.kind,
                building=str(one.building_id),
                repairs=[
                    RepairTogetherShown(
                        id=str(part.id), at=part.at, place=str(part.place_id), words=part.words, caller_name=part.caller_name,
                        caller_phone=part.caller_phone,
                    )
                    for part in one.repairs
                ],
            )
            for one in await repairs_together(call.tx)
        ]
    )  # fmt: skip


async def decide_on_repairs(call: Call, body: TogetherBody) -> TogetherDecided:
    """Start the plan for repairs that are one emergency, or say that they are separate."""
    building = await find_place(call.tx, body.building, "/building")
    if body.decision == "separate":
        await keep_separate(desk_of(call), body.kind, building.id)
        return TogetherDecided(incident=None)
    return TogetherDecided(incident=str((await start_plan(desk_of(call), body.kind, building.id)).incident_id))
