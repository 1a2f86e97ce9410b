"""Residents who need help first. That somebody does is seen by everybody at the desk; why is seen by few, and each look is noted."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.fields import Body, Shown
from api.route import Call
from api.v1.people import NeedShown, PersonRecord, shown_person
from api.v1.records import Key, Removed, WhyBody, looker
from api.v1.shapes import Id, Page
from people.directory.access import look_at_reason, looks
from people.directory.needs import need_of, remove_need, set_need
from people.directory.persons import check_version
from people.errors import HelpNotNotedError


class NeedBody(Body):
    """Who is told and confirmed first. The reason is health data: it is written here and not shown again without a trace."""

    powered_device: bool = Field(description="Oxygen, a ventilator: a power cut endangers life")
    confirmer_role: Key = Field("front_desk", description="Which post sees them in person")
    reason: Annotated[str, Field(min_length=2, max_length=300)] | None = Field(None, description="Left out: the one that is noted stays")


class ReasonShown(Shown):
    """Why; that it was looked at is noted."""

    person: Id
    reason: str


class LooksPage(Page):
    """Looks, the newest first; of one person or of all."""

    person: Id | None = None


class LookShown(Shown):
    """Who looked at whose number or reason, and what for."""

    at: datetime
    actor: str
    actor_kind: str
    what: Literal["address", "reason"]
    person: Id
    contact_point: Id | None
    why: str


class LookList(Shown):
    """A page of looks."""

    items: list[LookShown]
    next: str | None


async def note_need(call: Call, body: NeedBody) -> PersonRecord:
    """Note that a resident needs help first, or change what is noted."""
    person_id = call.id_of("person")
    await check_version(call.tx, person_id)
    await set_need(
        call.tx, person_id, powered_device=body.powered_device, confirmer_role=body.confirmer_role, reason=body.reason
    )  # fmt: skip
    return await shown_person(call, person_id)


async def get_need(call: Call) -> NeedShown:
    """Read whether a resident needs help first, without the reason."""
    person_id = call.id_of("person")
    need = await need_of(call.tx, person_id)
    if need is None:
        raise HelpNotNotedError(value=person_id)
    return NeedShown(powered_device=need.powered_device, confirmer_role=need.confirmer_role)


async def remove_need_record(call: Call) -> Removed:
    """Note that a resident needs help first no more."""
    person_id = call.id_of("person")
    await remove_need(call.tx, person_id)
    return Removed(id=str(person_id))


async def look_at_need(call: Call, body: WhyBody) -> ReasonShown:
    """See why somebody needs help first; who looked, and what for, is noted by the database itself."""
    person_id = call.id_of("person")
    if await need_of(call.tx, person_id) is None:
        raise HelpNotNotedError(value=person_id)
    reason = await look_at_reason(call.tx, person_id, looker(call), body.why)
    return ReasonShown(person=str(person_id), reason=reason or "")


async def list_looks(call: Call, query: LooksPage) -> LookList:
    """List who looked at whole numbers and at reasons."""
    before = read_cursor(query.after, 1)[0] if query.after else None
    found = await looks(call.tx, person_id=int(query.person) if query.person else None, before=before, limit=query.limit)
    return LookList(
        items=[
            LookShown.model_validate({
                "at": one.at, "actor": one.actor_name, "actor_kind": one.actor_kind, "what": one.what, "person": str(one.person_id),
                "contact_point": str(one.contact_point_id) if one.contact_point_id is not None else None, "why": one.why,
            })
            for one in found
        ],
        next=make_cursor(found[-1].id) if len(found) == query.limit else None,
    )  # fmt: skip
