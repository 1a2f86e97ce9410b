"""Plans a power or water cut with what residents are told of it; changes it, cancels it, and says that it is over."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from incidents.desk.changes import Desk
from incidents.desk.declare import Declaration, Declared, declare
from incidents.errors import PlannedWorkEndedError, PlannedWorkUnknownError, WindowWrongError
from incidents.planned.notices import Notice, Work, audience_of_work, work_of
from incidents.planned.schedule import EVENING, SOON, Kind, What, announcement_at, notices_of
from notifiers.announcements.forecast import Forecast, forecast
from people.communities import get_community
from people.places import get_place
from tocsin.base import work
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when (aware). `announce_at` None: now. `evening` and `soon` None: without that reminder."""

    starts_at: datetime
    ends_at: datetime
    announce_at: datetime | None = None
    evening: time | None = EVENING
    soon: timedelta | None = SOON


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned. `by_supplier`: by the power or water company; `source`: their notice, or who ordered the work."""

    kind: Kind
    place_id: int
    window: Window
    by_supplier: bool = True
    source: str = ""


async def foresee_work(tx: Tx, place_id: int) -> Forecast:
    """Whom an announcement at this place would reach. Raises PlaceUnknownError of people."""
    community = await get_community(tx, tx.community)
    to = audience_of_work(await get_place(tx, place_id))
    return await forecast(tx, to, {}, languages=community.languages, drill=False, life_safety=False)


async def plan_work(desk: Desk, plan: Plan) -> int:
    """Write it down with its notices; its id. Raises WindowWrongError, PlaceUnknownError of people."""
    check_window(plan.window, desk.tx.now)
    place = await get_place(desk.tx, plan.place_id)
    planned_id: int = await desk.tx.value(
        SQL.insert_work, desk.tx.community, plan.kind, place.id, plan.window.starts_at, plan.window.ends_at, plan.by_supplier, plan.source,
        desk.tx.now, desk.actor.name,
    )  # fmt: skip
    await _schedule(desk, planned_id, plan.window)
    return planned_id


async def change_work(desk: Desk, planned_id: int, window: Window) -> None:
    """Other times: whoever was told hears them, and reminders move. Raises PlannedWorkUnknownError, PlannedWorkEndedError, WindowWrongError."""
    await _open(desk, planned_id)
    check_window(window, desk.tx.now)
    told = await _was_announced(desk.tx, planned_id)
    await desk.tx.run(SQL.move_work, desk.tx.community, planned_id, window.starts_at, window.ends_at, desk.tx.now if told else None)
    await desk.tx.run(SQL.drop_notices, desk.tx.community, planned_id, desk.tx.now)
    await _schedule(desk, planned_id, window, announced=told)


async def cancel_work(desk: Desk, planned_id: int) -> None:
    """It does not happen: exactly those who were told hear so. Raises PlannedWorkUnknownError, PlannedWorkEndedError."""
    await _end(desk, planned_id, "cancelled", tell=True)


async def restore_work(desk: Desk, planned_id: int, *, tell: bool) -> None:
    """It is over; `tell`: those who were told hear so. Raises PlannedWorkUnknownError, PlannedWorkEndedError."""
    await _end(desk, planned_id, "restored", tell=tell)


async def declare_overrun(desk: Desk, planned_id: int) -> Declared:
    """It did not end: the response to an emergency of its kind starts at its place. Whoever was told of the plan is told of the emergency anew.

    Raises PlannedWorkUnknownError, PlannedWorkEndedError, and what `declare` raises (PlaceUnfitError for a facility).
    """
    found = await _open(desk, planned_id)
    declared = await declare(desk.tx, desk.wakeups, Declaration(kind=found.kind, place_id=found.place_id), desk.actor)
    await desk.tx.run(SQL.link_incident, desk.tx.community, planned_id, declared.incident_id)
    await desk.tx.run(SQL.drop_notices, desk.tx.community, planned_id, desk.tx.now)
    return declared


async def notices(tx: Tx, planned_id: int) -> list[Notice]:
    """What residents are told of it, in the order in which it is due."""
    return await tx.rows(SQL.notices_of_work, Notice, tx.community, planned_id)


async def _end(desk: Desk, planned_id: int, state: What, *, tell: bool) -> None:
    await _open(desk, planned_id)
    await desk.tx.run(SQL.end_work, desk.tx.community, planned_id, state, desk.tx.now, desk.actor.name)
    told = await _was_announced(desk.tx, planned_id)
    await desk.tx.run(SQL.drop_notices, desk.tx.community, planned_id, desk.tx.now)
    if told and tell:
        await _add(desk.tx, planned_id, state, desk.tx.now)
    desk.wakeups.after_commit(desk.tx, f"page:{desk.tx.community}")


async def _schedule(desk: Desk, planned_id: int, window: Window, *, announced: bool = False) -> None:
    community = await get_community(desk.tx, desk.tx.community)
    wanted = desk.tx.now if announced or window.announce_at is None else window.announce_at
    due = notices_of(community, announce_at=wanted, starts_at=window.starts_at, evening=window.evening, soon=window.soon)
    for one in due:
        what: What = "changed" if announced and one.what == "announced" else one.what
        at = announcement_at(community, desk.tx.now, window.starts_at) if what == "changed" else one.at
        await _add(desk.tx, planned_id, what, at)
    desk.wakeups.after_commit(desk.tx, f"page:{desk.tx.community}")


async def _add(tx: Tx, planned_id: int, what: What, at: datetime) -> None:
    await tx.run(SQL.insert_notice, tx.community, planned_id, what, at)
    work.lower(tx, "planned", at)


async def _open(desk: Desk, planned_id: int) -> Work:
    """Hold it; raise where it is not there, or over."""
    found = await work_of(desk.tx, planned_id, lock=True)
    if found is None:
        raise PlannedWorkUnknownError(value=planned_id)
    if found.state != "planned":
        raise PlannedWorkEndedError(value=planned_id, state=found.state)
    return found


async def _was_announced(tx: Tx, planned_id: int) -> bool:
    return any(one.posted_at is not None and one.what == "announced" for one in await notices(tx, planned_id))


def check_window(window: Window, now: datetime) -> None:
    """Raise WindowWrongError for times that cannot be."""
    length = window.ends_at - window.starts_at
    if not timedelta(0) < length <= LONGEST or window.ends_at <= now:
        raise WindowWrongError(field="/ends_at", value=window.ends_at.isoformat())
    if window.announce_at is not None and window.announce_at >= window.starts_at:
        raise WindowWrongError(field="/announce_at", value=window.announce_at.isoformat())
