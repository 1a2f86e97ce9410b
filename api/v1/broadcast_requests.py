"""Messages to many homes that wait for a second person: asked for, approved by another account, refused, withdrawn."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.broadcasts import BroadcastBody, telling_of
from api.v1.changes import Empty, desk_of
from api.v1.shapes import Id
from incidents.desk import second_person
from incidents.desk.second_person import BroadcastRequest
from incidents.errors import IncidentUnknownError
from incidents.views.lists import summary


class RequestShown(Shown):
    """One request. `changed`: at the time of approval another number of homes would have been told, so nothing was sent."""

    id: Id
    incident: Id
    state: Literal["waiting", "approved", "refused", "withdrawn", "expired", "changed"]
    homes: int = Field(description="The figure that was seen; what is sent is bound to it")
    texts: dict[str, str]
    asked_by: str
    asked_at: datetime
    expires_at: datetime = Field(description="When it lapses where nobody has decided")
    decided_by: str | None
    decided_at: datetime | None
    why: str
    message: Id | None = Field(description="What was sent for it")


class RequestList(Shown):
    """What was asked."""

    items: list[RequestShown]


class RefusalBody(Body):
    """Why it is not sent."""

    why: str = Field(min_length=1, max_length=400)


async def ask_for_broadcast(call: Call, body: BroadcastBody) -> RequestShown:
    """Ask for a second person's approval of a message."""
    try:
        request_id = await second_person.ask(desk_of(call), int(body.incident), await telling_of(call, body))
    except IncidentUnknownError as problem:
        raise IncidentUnknownError(field="/incident", **problem.values) from None
    return await _shown_by_id(call, request_id)


async def list_broadcast_requests(call: Call) -> RequestList:
    """List what waits for a second person."""
    return RequestList(items=[_shown(one) for one in await second_person.requests_to_decide(call.tx)])


async def list_requests_of_incident(call: Call) -> RequestList:
    """List every request about the incident."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    return RequestList(items=[_shown(one) for one in await second_person.requests_of(call.tx, incident_id)])


async def approve_broadcast(call: Call, body: Empty) -> RequestShown:
    """Send what somebody else asked for."""
    request_id = call.id_of("request")
    await second_person.approve(desk_of(call), request_id)
    return await _shown_by_id(call, request_id)


async def refuse_broadcast(call: Call, body: RefusalBody) -> RequestShown:
    """Do not send what somebody asked for."""
    request_id = call.id_of("request")
    await second_person.refuse(desk_of(call), request_id, body.why)
    return await _shown_by_id(call, request_id)


async def withdraw_broadcast(call: Call, body: Empty) -> RequestShown:
    """Take one's own request back."""
    request_id = call.id_of("request")
    await second_person.withdraw(desk_of(call), request_id)
    return await _shown_by_id(call, request_id)


async def _shown_by_id(call: Call, request_id: int) -> RequestShown:
    return _shown(await second_person.request_of(call.tx, request_id))


def _shown(one: BroadcastRequest) -> RequestShown:
    return RequestShown.model_validate(
        {
            **{name: getattr(one, name) for name in RequestShown.model_fields if name not in ("id", "incident", "texts", "message")},
            "id": str(one.id),
            "incident": str(one.incident_id),
            "texts": dict(one.wish.words),
            "message": str(one.message_id) if one.message_id is not None else None,
        }
    )
