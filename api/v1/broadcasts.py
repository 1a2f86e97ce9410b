"""A message to residents outside of the plan, always tied to an incident."""

from datetime import datetime

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.audiences import AsksSafety, AudienceBody, NightChoice, whom_of
from api.v1.changes import desk_of
from api.v1.shapes import Id, Insist, Texts, incident_address, message_address
from incidents.desk.telling import Telling, tell
from incidents.errors import IncidentUnknownError


class BroadcastBody(Body):
    """What to tell whom. Every language that the community speaks needs its text."""

    incident: Id
    texts: Texts
    audience: AudienceBody
    night: NightChoice = None
    asks_safety: AsksSafety = False
    confirmed_homes: int | None = Field(None, ge=0, le=10**7, description="The homes that the preview showed; needed above a threshold")
    insist: Insist = False
    undo_seconds: int = Field(
        0, ge=0, le=60, description="So long nothing leaves, so that stopping the message tells nobody; ignored where lives are at stake"
    )


class BroadcastLinks(Shown):
    """Where to look, and how to take it back."""

    self: str
    incident: str
    stop: str
    correct: str


class BroadcastShown(Shown):
    """Sealed: everybody it concerns is on disk with where they stand."""

    incident: Id
    message: Id
    no: int = Field(description="Number of the event on the timeline")
    homes: int
    members: int = Field(description="Persons at home, each counted once a home")
    at_once: Id | None = Field(description="Where the rest waits for the morning: the message to callers and those who need help first")
    held_until: datetime | None = Field(description="When it leaves, where it waits for the morning")
    links: BroadcastLinks


async def post_broadcast(call: Call, body: BroadcastBody) -> BroadcastShown:
    """Tell residents something that the plan does not: look at the preview first, and send back its figure."""
    telling, incident_id = await telling_of(call, body), int(body.incident)
    try:
        told = await tell(desk_of(call), incident_id, telling)
    except IncidentUnknownError as problem:
        raise IncidentUnknownError(field="/incident", **problem.values) from None
    address = message_address(told.message_id)
    links = BroadcastLinks(self=address, incident=incident_address(incident_id), stop=f"{address}/stop", correct=f"{address}/correct")
    return BroadcastShown(
        incident=body.incident, message=str(told.message_id), no=told.no, homes=told.homes, members=told.size,
        at_once=str(told.at_once) if told.at_once is not None else None, held_until=told.held_until, links=links,
    )  # fmt: skip


async def telling_of(call: Call, body: BroadcastBody) -> Telling:
    """What is asked for; raises what `whom_of` raises."""
    whom = await whom_of(call.tx, body.audience, "/audience")
    words = {str(language): text for language, text in body.texts.items()}
    return Telling(whom, words, body.night, body.asks_safety, body.confirmed_homes, body.insist, undo_seconds=body.undo_seconds)
