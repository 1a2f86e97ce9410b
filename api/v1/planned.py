"""Power and water cuts that are known beforehand."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import Empty, desk_of
from api.v1.shapes import Id, Moment, PlaceText, find_place
from incidents.errors import PlannedWorkUnknownError
from incidents.planned import work
from incidents.planned.schedule import EVENING, Kind
from incidents.planned.work import Plan, Window
from incidents.views.planned import planned_work

Evening = Annotated[time | None, Field(description="When residents are reminded the day before, on the community's wall; null: not")]
Soon = Annotated[int | None, Field(ge=1, le=1440, description="Minutes before it starts at which they are reminded again; null: not")]


class WindowBody(Body):
    """From when until when."""

    starts_at: Moment
    ends_at: Moment
    evening: Evening = EVENING
    soon_minutes: Soon = 30


class PlannedBody(WindowBody):
    """What is planned. Residents of the place, or whom the facility serves, are told."""

    kind: Kind
    place: PlaceText
    by_supplier: bool = True
    source: str = Field("", max_length=200, description="The supplier's notice, or who ordered the work")
    announce_at: Moment | None = Field(None, description="When it is announced; null: now, or after the night")


class PlannedRestoredBody(Body):
    """It is over."""

    tell: bool = Field(False, description="Whether those who were told hear so")


class PlannedNotice(Shown):
    """What residents are told of it, and when."""

    what: Literal["announced", "evening", "soon", "changed", "cancelled", "restored"]
    due_at: datetime
    posted_at: datetime | None
    message: Id | None


class PlannedShown(Shown):
    """One planned cut. `overdue`: its end has passed and nobody said that it is restored."""

    id: Id
    kind: Kind
    place: Id
    starts_at: datetime
    ends_at: datetime
    by_supplier: bool
    source: str
    state: Literal["planned", "restored", "cancelled"]
    overdue: bool
    changed_at: datetime | None
    ended_at: datetime | None
    notices: list[PlannedNotice]


class PlannedList(Shown):
    """What is planned."""

    items: list[PlannedShown]


async def list_planned_work(call: Call) -> PlannedList:
    """List planned cuts that are not over, and those that ended within twelve hours."""
    return PlannedList(items=await _shown(call))


async def plan_cut(call: Call, body: PlannedBody) -> PlannedShown:
    """Write a planned cut down: residents are told at its time, and reminded."""
    place = await find_place(call.tx, body.place, "/place")
    planned_id = await work.plan_work(
        desk_of(call), Plan(body.kind, place.id, _window(body, body.announce_at), body.by_supplier, body.source)
    )
    return await _one(call, planned_id)


async def change_cut(call: Call, body: WindowBody) -> PlannedShown:
    """Give it other times: exactly those who were told hear them."""
    planned_id = call.id_of("planned")
    await work.change_work(desk_of(call), planned_id, _window(body, None))
    return await _one(call, planned_id)


async def cancel_cut(call: Call, body: Empty) -> PlannedShown:
    """Cancel it: exactly those who were told hear so."""
    planned_id = call.id_of("planned")
    await work.cancel_work(desk_of(call), planned_id)
    return await _one(call, planned_id)


async def restore_cut(call: Call, body: PlannedRestoredBody) -> PlannedShown:
    """Say that it is over."""
    planned_id = call.id_of("planned")
    await work.restore_work(desk_of(call), planned_id, tell=body.tell)
    return await _one(call, planned_id)


class OverrunShown(Shown):
    """The incident that it became."""

    planned: Id
    incident: Id


async def declare_overrun(call: Call, body: Empty) -> OverrunShown:
    """Start the response where it did not end."""
    planned_id = call.id_of("planned")
    declared = await work.declare_overrun(desk_of(call), planned_id)
    return OverrunShown(planned=str(planned_id), incident=str(declared.incident_id))


def _window(body: WindowBody, announce_at: datetime | None) -> Window:
    soon = timedelta(minutes=body.soon_minutes) if body.soon_minutes else None
    return Window(body.starts_at, body.ends_at, announce_at, body.evening, soon)


async def _one(call: Call, planned_id: int) -> PlannedShown:
    found = next((one for one in await _shown(call) if one.id == str(planned_id)), None)
    if found is None:
        raise PlannedWorkUnknownError(value=planned_id)
    return found


async def _shown(call: Call) -> list[PlannedShown]:
    return [
        PlannedShown(
            id=str(one.id), kind=one.kind, place=str(one.place_id), starts_at=one.starts_at, ends_at=one.ends_at,
            by_supplier=one.by_supplier, source=one.source, state=one.state, overdue=one.is_overdue(call.tx.now),
            changed_at=one.changed_at, ended_at=one.ended_at,
            notices=[
                PlannedNotice(
                    what=notice.what, due_at=notice.due_at, posted_at=notice.posted_at,
                    message=str(notice.message_id) if notice.message_id is not None else None,
                )
                for notice in await work.notices(call.tx, one.id)
                if notice.dropped_at is None
            ],
        )
        for one in await planned_work(call.tx)
    ]  # fmt: skip
