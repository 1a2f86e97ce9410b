"""What happened to an incident, and how far its telling has come."""

from datetime import datetime

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.errors import CursorWrongError
from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Id, Page, masked
from incidents.views.lists import DeliveryView, EventView, deliveries, summary, timeline
from incidents.views.standings import met_at_the_door, standings
from incidents.views.unsealed import unsealed

LARGEST_EVENT = 2**31 - 1


class TimelinePage(Body):
    """Events after number `after`; it is the number of the event streams too."""

    limit: int = Field(200, ge=1, le=1000)
    after: str = Field("0", max_length=200)


class EventShown(Shown):
    """One event; `detail` holds names and words and is null where there is none or it was erased by law."""

    no: int
    at: datetime
    happened_at: datetime
    kind: str
    cause: str
    body: dict[str, object]
    detail: dict[str, object] | None


class Timeline(Shown):
    """A page of the record; `next` is the `after` of the next one."""

    items: list[EventShown]
    next: int | None


class DeliveryShown(Shown):
    """One message to one address; the address is masked."""

    message: Id
    no: int
    kind: str
    person: Id
    person_name: str
    medium: str
    address: str
    state: str
    attempts: int
    reason: str | None
    at: datetime | None


class DeliveryList(Shown):
    """A page of deliveries."""

    items: list[DeliveryShown]
    next: str | None


class ReachShown(Shown):
    """The seven places of those whom the residents' messages concern; they sum to `size`."""

    size: int
    confirmed: int
    at_the_door: int = Field(description="Of the confirmed: met at the door")
    handed_over: int
    trying: int
    unknown: int
    unreachable: int
    opted_out: int
    excluded: int
    held: int = Field(description="Of the excluded: waiting for the morning")
    vacant: int = Field(description="Of the excluded: nobody lives there")
    no_receipt: int = Field(description="Of those handed over: no receipt came in time, or the gateway sends none; not told")
    by_proxy: int = Field(description="Of those handed over: a relative's handset has it, and they have not answered; not told")
    counting: bool = Field(description="Whether those whom another message concerns are still being counted, and are not among these yet")
    unsealable: int = Field(description="Messages of which nobody can say whom they concern: nobody was told by them")


async def read_timeline(call: Call, query: TimelinePage) -> Timeline:
    """Read the record, in order."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    events = await timeline(call.tx, incident_id, after_no=_number(query.after), limit=query.limit)
    whole = call.caller.may("desk")
    return Timeline(items=[_event(one, whole=whole) for one in events], next=events[-1].no if len(events) == query.limit else None)


def _number(after: str) -> int:
    """The number of an event; raises CursorWrongError for anything else."""
    if not (after.isascii() and after.isdigit()) or int(after) > LARGEST_EVENT:
        raise CursorWrongError(field="?after", value=after[:60])
    return int(after)


def _event(event: EventView, *, whole: bool) -> EventShown:
    detail = event.detail
    if detail is not None and not whole and "phone" in detail:
        detail = {**detail, "phone": masked(str(detail["phone"]))}
    return EventShown(
        no=event.no, at=event.at, happened_at=event.happened_at, kind=event.kind, cause=event.cause, body=event.body, detail=detail
    )


async def list_deliveries(call: Call, query: Page) -> DeliveryList:
    """List every delivery of the incident's messages."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    message, no = read_cursor(query.after, 2) if query.after else (0, 0)
    found = await deliveries(call.tx, incident_id, after_message=message, after_no=no, limit=query.limit)
    more = make_cursor(found[-1].message_id, found[-1].no) if len(found) == query.limit else None
    return DeliveryList(items=[_delivery(one) for one in found], next=more)


def _delivery(one: DeliveryView) -> DeliveryShown:
    return DeliveryShown(
        message=str(one.message_id), no=one.no, kind=one.kind, person=str(one.person_id), person_name=one.person, medium=one.medium,
        address=masked(one.address), state=one.state, attempts=one.attempts, reason=one.reason, at=one.state_at,
    )  # fmt: skip


async def read_reach(call: Call) -> ReachShown:
    """Count where those stand whom this incident concerns."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    row, left = (await standings(call.tx, incident_id)).persons, await unsealed(call.tx, incident_id)
    return ReachShown(
        size=row.size, confirmed=row.confirmed, at_the_door=await met_at_the_door(call.tx, incident_id), handed_over=row.handed_over, trying=row.trying,
        unknown=row.unknown, unreachable=row.unreachable, opted_out=row.opted_out, excluded=row.excluded, held=row.held,
        vacant=row.vacant, no_receipt=row.no_receipt, by_proxy=row.by_proxy, counting=left.counting, unsealable=left.unsealable,
    )  # fmt: skip
