"""The service looks at itself: whether alerts leave, deadlines fire, nothing waits for somebody unseen, and what is written stays."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from api.service_state import ServiceState
from incidents.timeline.verify import verify, verify_changed_since
from people.communities import all_community_ids
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
LEAST_FREE_BYTES = 256 * 2**20
"""Below this PostgreSQL may stop at any moment."""
LATE_SECONDS = 60.0
"""An alert that has been due for so long, a deadline, or news that wait to be sealed and fanned out: nobody does that work."""
VERIFY_EVERY = timedelta(hours=1)
VERIFIED_WITHIN = timedelta(hours=2)
CHANGED_WITHIN = timedelta(days=1)
TRIES = 3
"""A timeline that grows while it is read looks wrong once, and is read again."""
FINDINGS = (
    "sending_held", "no_worker", "alerts_late", "timers_late", "news_late", "quarantine", "not_durable", "disk_full", "timelines_not_verified",
)  # fmt: skip
"""What an audit may find. Texts: `cli.status.finding.<word>`."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What an audit looks at, as it was found; `verified_at`: when timelines were last found whole (machine time)."""

    state: ServiceState
    timers_late_seconds: float
    news_late_seconds: float
    durable: bool
    free_bytes: int
    verified_at: datetime
    now: datetime


def findings(looked: Looked) -> list[str]:
    """What is not well, in the words of FINDINGS; empty: all is. Pure."""
    wrong: Mapping[str, bool] = {
        "sending_held": bool(looked.state.held),
        "no_worker": not looked.state.workers,
        "alerts_late": looked.state.lanes["alert"].oldest_seconds > LATE_SECONDS,
        "timers_late": looked.timers_late_seconds > LATE_SECONDS,
        "news_late": looked.news_late_seconds > LATE_SECONDS,
        "quarantine": looked.state.set_apart > 0,
        "not_durable": not looked.durable,
        "disk_full": looked.free_bytes < LEAST_FREE_BYTES,
        "timelines_not_verified": looked.now - looked.verified_at > VERIFIED_WITHIN,
    }
    return [name for name in FINDINGS if wrong[name]]


def free_bytes(folder: Path) -> int:
    """How much room there is where the service keeps its data."""
    existing = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return shutil.disk_usage(existing).free


async def timers_late_seconds(tx: Tx) -> float:
    """For how long the longest overdue deadline of all communities waits."""
    return float(await tx.value(SQL.timers_late, tx.now))


async def news_late_seconds(tx: Tx) -> float:
    """For how long the news of all communities that waited longest have not been sealed, or not all fanned out."""
    return float(await tx.value(SQL.news_late))


async def is_durable(tx: Tx) -> bool:
    """Whether what PostgreSQL says is committed is on its disk."""
    return bool(await tx.value(SQL.is_durable))


async def broken_timelines(database: Database) -> list[tuple[int, int]]:
    """(community, incident) of those that changed within a day and whose chain is broken."""
    async with database.floor() as tx:
        communities = await all_community_ids(tx)
    return [(community, incident) for community in communities for incident in await _broken_in(database, community)]


async def _broken_in(database: Database, community: int) -> list[int]:
    async with database.community(community) as tx:
        suspects = [one.incident_id for one in await verify_changed_since(tx, tx.now - CHANGED_WITHIN) if one.faults]
    for _ in range(TRIES - 1):
        still = []
        for incident in suspects:
            async with database.community(community) as tx:
                still += [one.incident_id for one in await verify(tx, incident) if one.faults]
        suspects = still
    return suspects
