"""The roster: shifts by the clock on the wall, and who takes over from whom."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown, Versioned
from api.route import Call
from api.v1.records import Key, LocalTime, Removed, in_language, unless_stale, zone_of
from api.v1.shapes import Id, Moment
from people.duty.shifts import (
    Change,
    LocalShift,
    Shift,
    TakeOver,
    change_shift,
    changes_between,
    exchange,
    get_shift,
    give_shift,
    remove_shift,
    shifts_between,
    take_over,
)
from people.rosters import Tier

LONGEST_DAYS = 92


class RosterQuery(Body):
    """A span of time; left out: the coming seven days."""

    starts: Moment | None = None
    ends: Moment | None = None
    department: Key | None = None


class ShiftBody(Body):
    """Somebody on duty; times are the community's, on the wall."""

    department: Key = Field(examples=["engineering"])
    tier: Tier
    person: Id
    starts: LocalTime
    ends: LocalTime = Field(examples=["2026-11-28T08:00"])


class ShiftChangeBody(Body):
    """Other times of a shift."""

    starts: LocalTime
    ends: LocalTime = Field(examples=["2026-11-28T08:00"])


class TakeOverBody(Body):
    """Who takes a shift over; with times, a part of it."""

    person: Id
    starts: LocalTime | None = None
    ends: LocalTime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


class ExchangeBody(Body):
    """The other shift, whose holder takes this one."""

    other: Id
    reason: Annotated[str, Field(max_length=200)] = ""


class ShiftRecord(Versioned):
    """A shift, on the wall and as instants."""

    id: Id
    department: str
    department_name: str
    tier: Tier
    person: Id
    name: str
    starts: datetime = Field(description="On the wall")
    ends: datetime
    starts_at: datetime
    ends_at: datetime


class Roster(Shown):
    """Shifts by department, tier and start."""

    items: list[ShiftRecord]


class ShiftChangeShown(Shown):
    """Somebody took over from somebody else."""

    at: datetime
    by: str
    department: str
    tier: Tier
    from_person: Id
    to_person: Id
    starts_at: datetime
    ends_at: datetime
    reason: str


class ShiftChangeList(Shown):
    """The newest first."""

    items: list[ShiftChangeShown]


async def read_roster(call: Call, query: RosterQuery) -> Roster:
    """Read the roster of a span of time."""
    starts, ends = _span(call, query)
    return Roster(items=[show_shift(one, call.language) for one in await shifts_between(call.tx, starts, ends, query.department)])


async def list_shift_changes(call: Call, query: RosterQuery) -> ShiftChangeList:
    """List who took over from whom in a span of time."""
    starts, ends = _span(call, query)
    found = await changes_between(call.tx, starts, ends)
    return ShiftChangeList(items=[_change(one) for one in found if query.department in (None, one.department)])


async def create_shift(call: Call, body: ShiftBody) -> ShiftRecord:
    """Put somebody on duty."""
    _naive(body.starts, body.ends)
    new = LocalShift(body.department, body.tier, int(body.person), body.starts, body.ends)
    return await shown_shift(call, await give_shift(call.tx, await zone_of(call.tx), new))


async def change_shift_record(call: Call, body: ShiftChangeBody) -> ShiftRecord:
    """Change the times of a shift."""
    _naive(body.starts, body.ends)
    shift_id = call.id_of("shift")
    change = change_shift(call.tx, await zone_of(call.tx), shift_id, call.version_seen(), body.starts, body.ends)
    await unless_stale(call, change, shown_shift, shift_id)
    return await shown_shift(call, shift_id)


async def remove_shift_record(call: Call) -> Removed:
    """Take a shift that has not begun from the roster."""
    shift_id = call.id_of("shift")
    await unless_stale(call, remove_shift(call.tx, shift_id, call.version_seen()), shown_shift, shift_id)
    return Removed(id=str(shift_id))


async def take_over_shift(call: Call, body: TakeOverBody) -> ShiftRecord:
    """Let somebody else work a shift or a part of it; of a running shift what is still to come."""
    _naive(body.starts, body.ends)
    shift_id = call.id_of("shift")
    take = TakeOver(int(body.person), call.caller.actor.name, body.reason, body.starts, body.ends)
    await unless_stale(call, take_over(call.tx, await zone_of(call.tx), shift_id, call.version_seen(), take), shown_shift, shift_id)
    return await shown_shift(call, shift_id)


async def exchange_shifts(call: Call, body: ExchangeBody) -> Roster:
    """Let two people take each other's shifts."""
    shift_id, other_id = call.id_of("shift"), int(body.other)
    act = exchange(call.tx, shift_id, other_id, version=call.version_seen(), by=call.caller.actor.name, reason=body.reason)
    await unless_stale(call, act, shown_shift, shift_id)
    return Roster(items=[await shown_shift(call, one) for one in (shift_id, other_id)])


async def shown_shift(call: Call, shift_id: int) -> ShiftRecord:
    """A shift as the interface shows it; raises ShiftUnknownError."""
    return show_shift(await get_shift(call.tx, shift_id), call.language)


def show_shift(shift: Shift, language: str) -> ShiftRecord:
    """A shift in the caller's language."""
    return ShiftRecord(
        id=str(shift.id), department=shift.department, department_name=in_language(shift.department_names, language), tier=shift.tier,
        person=str(shift.person_id), name=shift.name, starts=shift.starts_local, ends=shift.ends_local, starts_at=shift.starts_at,
        ends_at=shift.ends_at, version=shift.version,
    )  # fmt: skip


def _change(one: Change) -> ShiftChangeShown:
    return ShiftChangeShown(
        at=one.at, by=one.by, department=one.department, tier=one.tier, from_person=str(one.from_person_id),
        to_person=str(one.to_person_id), starts_at=one.starts_at, ends_at=one.ends_at, reason=one.reason,
    )  # fmt: skip


def _span(call: Call, query: RosterQuery) -> tuple[datetime, datetime]:
    starts = query.starts or call.tx.now
    ends = query.ends or starts + timedelta(days=7)
    if not starts < ends <= starts + timedelta(days=LONGEST_DAYS):
        raise BodyInvalidError([FieldFault("?ends", "field.span_wrong", {"days": LONGEST_DAYS}, ends.isoformat())])
    return starts, ends


def _naive(starts: datetime | None, ends: datetime | None) -> None:
    """Times on the wall carry no offset: which one holds is the community's zone's to say."""
    faults = [
        FieldFault(f"/{name}", "field.with_offset", {}, value.isoformat())
        for name, value in (("starts", starts), ("ends", ends))
        if value is not None and value.tzinfo is not None
    ]
    if faults:
        raise BodyInvalidError(faults)
