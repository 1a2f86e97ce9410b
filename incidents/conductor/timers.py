"""Chore: fires what is due. Firing is deleting the timer's row in the transaction that folds.

A timer that is a little late (a busy worker) is folded as if at its own instant, so that clocks do not drift. After real
downtime it is folded at the present: deadlines that begin then run their full time, so a ladder climbs one rung per its own
time and nobody is alerted ten times in one second. How late it was stands in the record.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest

from incidents.conductor.advance import Circumstances, Happening, happen_all
from incidents.conductor.broadcasts import send_held
from incidents.conductor.case import RUN_TIMER, Case, open_case, open_free_cases, save, set_timers
from incidents.conductor.handfuls import Handfuls
from incidents.conductor.signatures import SIGNATURE_TIMER, note_missing_signature
from people.communities import is_night, night_changes_at
from playbooks.engine.events import NightChanged, Tick
from tocsin.base import work
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
NIGHT_TIMER = "night"
REQUEST_TIMER = "request:"
"""And the id of a request for a second person: nobody decided in time."""
DRIFT = timedelta(seconds=30)
"""Up to this late, a timer counts as punctual."""
PAGE = 200
AGAIN = timedelta(seconds=1)
"""When to look again at an incident whose timer could not be fired."""


@dataclass(frozen=True, slots=True)
class Fired:
    """One timer that was due."""

    incident_id: int
    key: str
    due_at: datetime


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Fire all timers of the community that are due; how many incidents were moved. What fails is logged and tried again later."""
    handfuls = Handfuls(
        "timers", community_id, partial(fire_free, database, wakeups, community_id), partial(fire, database, wakeups, community_id)
    )
    moved, failed = 0, set[int]()
    while True:
        async with database.community(community_id) as tx:
            due = [one for one in await tx.column(SQL.due_incidents, community_id, tx.now, PAGE + len(failed)) if one not in failed]
        if not due:
            break
        stuck = await handfuls.move(due)
        moved += len(due) - len(stuck)
        failed |= stuck
    async with database.community(community_id) as tx:
        if await work.hold(tx, "timers"):
            due_at = await tx.value(SQL.next_timer_due, community_id)
            await work.raise_to(tx, "timers", max(due_at, tx.now + AGAIN) if due_at and failed else due_at)
    return moved


async def fire(database: Database, wakeups: Wakeups, community_id: int, incident_id: int) -> None:
    """Fire the timers of one incident that are due, oldest first, after whoever holds it."""
    async with database.community(community_id) as tx:
        await _fire_cases(tx, [await open_case(tx, wakeups, incident_id, must_be_open=False)])


async def fire_free(database: Database, wakeups: Wakeups, community_id: int, incident_ids: Sequence[int]) -> set[int]:
    """The same for several incidents in one transaction; those that nobody else held."""
    async with database.community(community_id) as tx:
        cases = await open_free_cases(tx, wakeups, incident_ids)
        await _fire_cases(tx, cases)
        return {case.incident.id for case in cases}


async def _fire_cases(tx: Tx, cases: Sequence[Case]) -> None:
    by_incident: dict[int, list[Fired]] = defaultdict(list)
    fired = await tx.rows(SQL.fire_timers, Fired, tx.community, [case.incident.id for case in cases], tx.now)
    for timer in sorted(fired, key=lambda one: (one.due_at, one.key)):
        by_incident[timer.incident_id].append(timer)
    moved = [case for case in cases if case.incident.id in by_incident]
    # Side by side: of each incident its first timer, then its second.
    for row in zip_longest(*(by_incident[case.incident.id] for case in moved)):
        await happen_all([one for case, timer in zip(moved, row, strict=True) if timer and (one := _happening(case, timer))])
        for case, timer in zip(moved, row, strict=True):
            if timer:
                await _follow(case, timer)
        nights = {
            case.incident.id: case for case, timer in zip(moved, row, strict=True) if timer and timer.key == NIGHT_TIMER and not case.ended
        }
        await set_timers(tx, NIGHT_TIMER, {id_: night_changes_at(case.community, tx.now) for id_, case in nights.items()})
    if moved:
        await save(*moved)


def _happening(case: Case, timer: Fired) -> Happening | None:
    """What the engine is told; None where the timer is not the engine's, or the incident has ended."""
    if timer.key == RUN_TIMER:
        case.timer_at = None
    if case.ended or timer.key not in (RUN_TIMER, NIGHT_TIMER):
        return None
    late = case.tx.now - timer.due_at
    how = Circumstances(
        cause="timer",
        now=timer.due_at if late <= DRIFT else None,
        more={"due_at": timer.due_at.isoformat(), "late_seconds": round(late.total_seconds(), 3)},
    )
    return Happening(case, Tick() if timer.key == RUN_TIMER else NightChanged(night=is_night(case.community, case.tx.now)), how)


async def _follow(case: Case, timer: Fired) -> None:
    if timer.key == SIGNATURE_TIMER:
        await note_missing_signature(case)
    elif timer.key.startswith("morning:"):
        await send_held(case, int(timer.key.removeprefix("morning:")))
    elif timer.key.startswith(REQUEST_TIMER):
        request_id = int(timer.key.removeprefix(REQUEST_TIMER))
        if await case.tx.run(SQL.lapse_request, case.tx.community, request_id, case.tx.now):
            case.ledger.append(case.tx.now, "telling_expired", "timer", {"request": request_id})
