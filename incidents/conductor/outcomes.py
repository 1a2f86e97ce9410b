"""Chore: notes alerts whose ways have all failed, which ends their tier at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import zip_longest

from incidents.conductor.advance import Circumstances, Happening, happen_all
from incidents.conductor.case import Case, open_case, open_free_cases, save
from incidents.conductor.handfuls import Handfuls
from playbooks.engine.events import AllWaysFailed
from tocsin.base import work
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
PAGE = 200
AGAIN = timedelta(seconds=0.25)
"""When to look again where timers are fired first, or an incident's alerts could not be noted."""


@dataclass(frozen=True, slots=True)
class WatchedAlert:
    """An alert that reached nobody: no way is left to try."""

    incident_id: int
    message_id: int
    alert_key: str
    rung: int


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Tell the engine of every alert that has failed by all ways; how many there were. What fails is logged and tried again later.

    After downtime deadlines have passed before their alerts are given up: timers come first, as they would have.
    """
    async with database.community(community_id) as tx:
        timers_first = await work.is_due(tx, "timers", tx.now)
        if await work.hold(tx, "outcomes"):
            await work.raise_to(tx, "outcomes", tx.machine_now + AGAIN if timers_first else None)
    if timers_first:
        return 0
    noted, failed = 0, set[int]()
    while True:
        async with database.community(community_id) as tx:
            found = await tx.rows(SQL.watched_alerts, WatchedAlert, community_id, list(failed), PAGE)
        if not found:
            break
        alerts: dict[int, list[WatchedAlert]] = defaultdict(list)
        for one in found:
            alerts[one.incident_id].append(one)
        take = partial(_note_free, database, wakeups, community_id, alerts), partial(_note, database, wakeups, community_id, alerts)
        stuck = await Handfuls("outcomes", community_id, *take).move(list(alerts))
        noted += sum(len(of_incident) for incident_id, of_incident in alerts.items() if incident_id not in stuck)
        failed |= stuck
    if failed:
        async with database.community(community_id) as tx:
            work.lower(tx, "outcomes", tx.machine_now + AGAIN)
    return noted


async def _note_free(
    database: Database, wakeups: Wakeups, community_id: int, alerts: Mapping[int, Sequence[WatchedAlert]], incident_ids: Sequence[int]
) -> set[int]:
    async with database.community(community_id) as tx:
        cases = await open_free_cases(tx, wakeups, incident_ids)
        await _note_cases(tx, cases, alerts)
        return {case.incident.id for case in cases}


async def _note(
    database: Database, wakeups: Wakeups, community_id: int, alerts: Mapping[int, Sequence[WatchedAlert]], incident_id: int
) -> None:
    async with database.community(community_id) as tx:
        await _note_cases(tx, [await open_case(tx, wakeups, incident_id, must_be_open=False)], alerts)


async def _note_cases(tx: Tx, cases: Sequence[Case], alerts: Mapping[int, Sequence[WatchedAlert]]) -> None:
    """Side by side: of each incident its first alert, then its second; none that another process has noted meanwhile."""
    messages = [alert.message_id for case in cases for alert in alerts[case.incident.id]]
    ours = set(await tx.column(SQL.unwatch, tx.community, messages))
    moved: dict[int, Case] = {}
    for row in zip_longest(*(alerts[case.incident.id] for case in cases)):
        pairs = [(case, alert) for case, alert in zip(cases, row, strict=True) if alert and alert.message_id in ours and not case.ended]
        await happen_all([_happening(case, alert) for case, alert in pairs])
        moved |= {case.incident.id: case for case, _ in pairs}
    if moved:
        await save(*moved.values())


def _happening(case: Case, alert: WatchedAlert) -> Happening:
    how = Circumstances(cause="directory", more={"message": alert.message_id})
    return Happening(case, AllWaysFailed(alert=alert.alert_key, rung=alert.rung), how)
