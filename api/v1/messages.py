"""The messages of an incident: how far each has come, stopping or pausing one, taking that back, correcting it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import Empty, desk_of
from api.v1.shapes import Id, Insist, Links, Page, Texts, incident_address, message_address
from incidents.desk import messages as desk
from incidents.views.lists import summary
from incidents.views.messages import MessageView, messages_of, one_message
from notifiers.announcements.outlook import Outlook, outlooks


class MessageShown(Shown):
    """One message. The seven places of those whom it concerns sum to `size`."""

    id: Id
    incident: Id | None
    kind: Literal["alert", "broadcast", "notice"]
    audience: Literal["staff", "residents"]
    drill: bool
    texts: dict[str, str] = Field(description="By language, with the slots that delivery fills")
    posted_at: datetime
    expires_at: datetime
    stopped_at: datetime | None
    paused_at: datetime | None = Field(description="Since then what has not left waits; at `expires_at` it is too late")
    paused_why: Literal["desk", "quarantined"] | None = Field(description="`quarantined`: it stopped its sender five times")
    waiting: int | None = Field(default=None, description="Members that are being told now; null where nothing is being sent")
    per_second: float | None = Field(
        default=None, description="Messages a second that the gateways of its channels take now, of this and others"
    )
    seconds_left: float | None = Field(default=None, description="Until the last of them, as things go; null while nobody can say")
    counted: bool = Field(
        description="False in the moments in which those whom it concerns are still being counted: until then all places are 0"
    )
    unsealable: bool = Field(
        description="They could not be counted, so nobody has been told; it is tried again until `expires_at`, unless the message is stopped"
    )
    size: int
    confirmed: int
    handed_over: int
    trying: int
    unknown: int
    unreachable: int
    opted_out: int
    excluded: int


class MessageList(Shown):
    """A page of messages, the oldest first."""

    items: list[MessageShown]
    next: str | None


class Stopped(Shown):
    """`cancelled` deliveries had not left yet and will not."""

    message: Id
    cancelled: int


class PausedShown(Shown):
    """`waiting` deliveries have not left, and wait until the message is resumed, stopped, or too late."""

    message: Id
    waiting: int


class ResumedShown(Shown):
    """What leaves after all: so many members (0 after a pause, which moves none) by so many deliveries; `held` members wait for the morning again."""

    message: Id
    members: int
    deliveries: int
    held: int


class CorrectBody(Body):
    """What is right. Every language that the community speaks needs its text."""

    texts: Texts
    insist: Insist = False


class CorrectedShown(Shown):
    """`message` is the correction; null where nobody had been told, so that stopping was enough."""

    incident: Id | None
    message: Id | None
    members: int
    cancelled: int = Field(description="Deliveries of the wrong message that had not left yet and will not")
    links: Links | None


async def list_messages(call: Call, query: Page) -> MessageList:
    """List the incident's messages, with where those stand whom each concerns."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    after = read_cursor(query.after, 1)[0] if query.after else 0
    found = await messages_of(call.tx, incident_id, after=after, limit=query.limit)
    outlook = await outlooks(call.tx, [one.id for one in found])
    return MessageList(
        items=[_shown(one, outlook.get(one.id)) for one in found], next=make_cursor(found[-1].id) if len(found) == query.limit else None
    )


async def get_message(call: Call) -> MessageShown:
    """Read one message, with where those stand whom it concerns."""
    found = await one_message(call.tx, call.id_of("message"))
    return _shown(found, (await outlooks(call.tx, [found.id])).get(found.id))


async def stop_message(call: Call, body: Empty) -> Stopped:
    """Stop a message: what has not left does not leave."""
    message_id = call.id_of("message")
    return Stopped(message=str(message_id), cancelled=await desk.stop_message(desk_of(call), message_id))


async def pause_message(call: Call, body: Empty) -> PausedShown:
    """Pause a message: what has not left waits, and expires when it is too late."""
    message_id = call.id_of("message")
    return PausedShown(message=str(message_id), waiting=await desk.pause_message(desk_of(call), message_id))


async def resume_message(call: Call, body: Empty) -> ResumedShown:
    """Take a stop or a pause back: what it kept from leaving leaves after all; nobody is told twice."""
    message_id = call.id_of("message")
    resumed = await desk.resume_message(desk_of(call), message_id)
    return ResumedShown(message=str(message_id), members=resumed.members, deliveries=resumed.deliveries, held=resumed.held)


class SentNow(Shown):
    """`sent` is the message that left; null where nothing waited for the morning."""

    message: Id
    sent: Id | None


async def send_message_now(call: Call, body: Empty) -> SentNow:
    """Send now what a message holds for the morning."""
    message_id = call.id_of("message")
    sent = await desk.send_held_now(desk_of(call), message_id)
    return SentNow(message=str(message_id), sent=str(sent) if sent is not None else None)


async def correct_message(call: Call, body: CorrectBody) -> CorrectedShown:
    """Stop a message and tell exactly those whom it told what is right."""
    words = {str(language): text for language, text in body.texts.items()}
    corrected = await desk.correct_message(desk_of(call), call.id_of("message"), words, insist=body.insist)
    links = None
    if corrected.message_id is not None and corrected.incident_id is not None:
        links = Links(self=message_address(corrected.message_id), incident=incident_address(corrected.incident_id))
    return CorrectedShown(
        incident=str(corrected.incident_id) if corrected.incident_id is not None else None,
        message=str(corrected.message_id) if corrected.message_id is not None else None,
        members=corrected.size, cancelled=corrected.stopped, links=links,
    )  # fmt: skip


def _shown(one: MessageView, outlook: Outlook | None) -> MessageShown:
    own = {
        name: getattr(one, name)
        for name in MessageShown.model_fields
        if name not in ("id", "incident", "waiting", "per_second", "seconds_left")
    }
    shown = MessageShown.model_validate({**own, "id": str(one.id), "incident": str(one.subject) if one.subject is not None else None})
    if outlook is None:
        return shown
    return shown.model_copy(update={"waiting": outlook.trying, "per_second": outlook.per_second, "seconds_left": outlook.seconds_left})
