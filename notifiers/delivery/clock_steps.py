"""Chore: what a machine's clock that was put back would hold up for as long again.

By machine time nothing of delivery is ever due later than the longest wait there is: back-off, a gateway's pause, the moment in which a
message can be taken back, a lease. What is due later than that was written by a clock that has been put back since, by an hour, or by
eight where a machine woke up in the wrong zone; it is due now. Workers that see the clock step run this at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from notifiers.delivery.sending import LONGEST_PAUSE_SECONDS
from notifiers.delivery.verdicts import CAP_SECONDS
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import DELIVERY_LANES, Lane, lower

SQL = load_queries(__package__)
MARGIN_SECONDS = 5.0
LANES: Sequence[Lane] = (*DELIVERY_LANES, "fan_out", "leases", "receipts", "outcomes", "tallies", "quality", "search")
"""All by machine time, none of them ever led to later than the longest wait."""


async def run_once(database: Database, community_id: int, lease_seconds: float) -> int:
    """Hasten what is due too late to be true in this community; how much that was. What is paused waits on, and is only looked at."""
    async with database.community(community_id) as tx:
        longest_seconds = max(CAP_SECONDS, lease_seconds) + MARGIN_SECONDS
        too_late = tx.machine_now + timedelta(seconds=longest_seconds)
        hastened = await _hasten(tx, too_late, lease_seconds)
        lanes: list[Lane] = await tx.column(SQL.lanes_led_astray, community_id, list(LANES), too_late)
        for lane in lanes:
            lower(tx, lane)
    return hastened


async def _hasten(tx: Tx, too_late: datetime, lease_seconds: float) -> int:
    now = tx.machine_now
    pause_too_late = now + timedelta(seconds=LONGEST_PAUSE_SECONDS + MARGIN_SECONDS)
    queued = await tx.run(SQL.hasten_queued, tx.community, list(DELIVERY_LANES), now, too_late)
    leased = await tx.run(SQL.shorten_leases, tx.community, now + timedelta(seconds=lease_seconds), too_late)
    ranges = await tx.run(SQL.hasten_ranges, tx.community, list(DELIVERY_LANES), now, too_late, now + timedelta(seconds=lease_seconds))
    gateways = await tx.run(SQL.hasten_gateways, tx.community, now, too_late, pause_too_late)
    return queued + leased + ranges + gateways
