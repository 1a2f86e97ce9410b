"""Chore: notes alerts whose ways have all failed, which ends their tier at once."""

from dataclasses import dataclass

from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.case import open_case, save
from playbooks.engine.events import AllWaysFailed
from tocsin.base import work
from tocsin.base.database import Database
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
PAGE = 200


@dataclass(frozen=True, slots=True)
class WatchedAlert:
    """An alert that reached nobody: no way is left to try."""

    incident_id: int
    message_id: int
    alert_key: str
    rung: int


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Tell the engine of every alert that has failed by all ways; how many there were."""
    async with database.community(community_id) as tx:
        if await work.hold(tx, "outcomes"):
            await work.raise_to(tx, "outcomes", None)
    async with database.community(community_id) as tx:
        failed = await tx.rows(SQL.watched_alerts, WatchedAlert, community_id, PAGE)
    for alert in failed:
        await _note(database, wakeups, community_id, alert)
    return len(failed)


async def _note(database: Database, wakeups: Wakeups, community_id: int, alert: WatchedAlert) -> None:
    async with database.community(community_id) as tx:
        case = await open_case(tx, wakeups, alert.incident_id, must_be_open=False)
        first = await tx.run(SQL.unwatch, community_id, alert.message_id)
        if first and not case.ended:
            how = Circumstances(cause="directory", more={"message": alert.message_id})
            await happen(case, AllWaysFailed(alert=alert.alert_key, rung=alert.rung), how)
            await save(case)
