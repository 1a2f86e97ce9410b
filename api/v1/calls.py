"""Telephone calls that a person makes: the last electronic way failed, or it must ring and there is no voice gateway."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Id
from incidents.views.lists import summary
from notifiers.delivery.by_hand import finish, waiting


class CallToMakeShown(Shown):
    """One call that waits for somebody at the desk."""

    message: Id
    no: int
    person: Id
    name: str
    number: str
    since: datetime
    text: str


class CallList(Shown):
    """Calls that wait, the oldest first."""

    items: list[CallToMakeShown]


class CallBody(Body):
    """How the call ended."""

    message: Id
    no: int = Field(ge=1, le=2**31 - 1)
    result: Literal["answered", "not_answered", "switched_off", "wrong_number"]


class CallFinished(Shown):
    """The result is on the record of the delivery; the next way is tried by itself."""

    message: Id
    no: int
    result: str


async def list_calls(call: Call) -> CallList:
    """List the calls that somebody at the desk has to make for this incident."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    return CallList(
        items=[
            CallToMakeShown(
                message=str(one.message_id),
                no=one.no,
                person=str(one.person_id),
                name=one.name,
                number=one.number,
                since=one.since,
                text=one.text,
            )
            for one in await waiting(call.tx, incident_id)
        ]  # fmt: skip
    )


async def finish_call(call: Call, body: CallBody) -> CallFinished:
    """Say how a call by hand ended; what must happen next happens by itself."""
    await finish(call.tx, int(body.message), body.no, body.result)
    call.context.wakeups.after_commit(call.tx, "outcomes")
    call.context.wakeups.after_commit(call.tx, f"page:{call.tx.community}")
    return CallFinished(message=body.message, no=body.no, result=body.result)
