"""Chore: fires what is due. One transaction an incident; firing is deleting the timer's row in the transaction that folds.

A timer that is a little late (a busy worker) is folded as if at its own instant, so that clocks do not drift. After real
downtime it is folded at the present: deadlines that begin then run their full time, so a ladder climbs one rung per its own
time and nobody is alerted ten times in one second. How late it was stands in the record.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.broadcasts import send_held
from incidents.conductor.case import RUN_TIMER, Case, open_case, save, set_timer
from people.communities import is_night, night_changes_at
from playbooks.engine.events import NightChanged, Tick
from tocsin.base import work
from tocsin.base.database import Database
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
NIGHT_TIMER = "night"
DRIFT = timedelta(seconds=30)
"""Up to this late, a timer counts as punctual."""
PAGE = 200
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Fired:
    """One timer that was due."""

    key: str
    due_at: datetime


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Fire all timers of the community that are due; how many incidents were moved."""
    moved = 0
    while True:
        async with database.community(community_id) as tx:
            due = await tx.column(SQL.due_incidents, community_id, tx.now, PAGE)
        gate = asyncio.Semaphore(AT_ONCE)
        moved += sum(await asyncio.gather(*(_fire_behind(gate, database, wakeups, community_id, one) for one in due)))
        if len(due) < PAGE:
            break
    async with database.community(community_id) as tx:
        if await work.hold(tx, "timers"):
            await work.raise_to(tx, "timers", await tx.value(SQL.next_timer_due, community_id))
    return moved


async def _fire_behind(gate: asyncio.Semaphore, database: Database, wakeups: Wakeups, community_id: int, incident_id: int) -> int:
    async with gate:
        return await fire(database, wakeups, community_id, incident_id)


async def fire(database: Database, wakeups: Wakeups, community_id: int, incident_id: int) -> int:
    """Fire the timers of one incident that are due, oldest first; 1 when there were any."""
    async with database.community(community_id) as tx:
        case = await open_case(tx, wakeups, incident_id, must_be_open=False)
        fired = await tx.rows(SQL.fire_timers, Fired, community_id, incident_id, tx.now)
        for timer in sorted(fired, key=lambda one: (one.due_at, one.key)):
            await _fire_one(case, timer)
        if fired:
            await save(case)
        return 1 if fired else 0


async def _fire_one(case: Case, timer: Fired) -> None:
    late = case.tx.now - timer.due_at
    how = Circumstances(
        cause="timer",
        now=timer.due_at if late <= DRIFT else None,
        more={"due_at": timer.due_at.isoformat(), "late_seconds": round(late.total_seconds(), 3)},
    )
    if timer.key == RUN_TIMER:
        case.timer_at = None
        if not case.ended:
            await happen(case, Tick(), how)
    elif timer.key == NIGHT_TIMER and not case.ended:
        await happen(case, NightChanged(night=is_night(case.community, case.tx.now)), how)
        await set_timer(case.tx, case.incident.id, NIGHT_TIMER, night_changes_at(case.community, case.tx.now))
    elif timer.key.startswith("morning:"):
        await send_held(case, int(timer.key.removeprefix("morning:")))
