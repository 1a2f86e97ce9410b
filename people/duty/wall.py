"""Chore, once a day: the wall is what was agreed. Where a zone's rules or the community's zone changed, coming shifts move to the
instants that their times on the wall mean now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from people.communities import get_community
from people.duty.shifts import put_shifts, shifts_held
from people.wall_clock import instant
from tocsin.base.database import Database
from tocsin.base.queries import load_queries
from tocsin.base.work import hold, lower, raise_to

SQL = load_queries(__package__)
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Coming:
    """A shift on the wall (naive) and as instants (UTC)."""

    id: int
    starts_local: datetime
    ends_local: datetime
    starts_at: datetime
    ends_at: datetime


async def run_once(database: Database, community_id: int) -> int:
    """Compare every coming shift with its wall; how many moved."""
    async with database.community(community_id) as tx:
        zone = (await get_community(tx, community_id)).zone
        coming = await tx.rows(SQL.coming_shifts, Coming, tx.community, tx.now)
        wrong = {
            one.id for one in coming if (instant(one.starts_local, zone), instant(one.ends_local, zone)) != (one.starts_at, one.ends_at)
        }
        if wrong:
            held = await shifts_held(tx, sorted(wrong))
            await put_shifts(tx, sorted(wrong), [one.by_wall(zone) for one in held])
        if await hold(tx, "rosters"):
            await raise_to(tx, "rosters", tx.machine_now + AGAIN if coming else None)
        lower(tx, "handovers", tx.now)  # the next change of shift may be another one now
    return len(wrong)
