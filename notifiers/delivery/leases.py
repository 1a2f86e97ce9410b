"""Judges what was on the wire when its lease ran out: nobody can say whether it was sent, so it is unknown, and then policy."""

from dataclasses import dataclass
from datetime import datetime

from notifiers.channels.shape import Unknown
from notifiers.delivery.quarantine import LOSSES, WHY, LostClaim, claimed_at, judge_news, often_lost, set_deliveries_apart
from notifiers.delivery.ranges.rows import lost_to_rows
from notifiers.delivery.reach import SQL
from notifiers.delivery.settling import Result, settle
from notifiers.delivery.verdicts import Standing
from tocsin.base.database import Database
from tocsin.base.work import Lane, hold, raise_to

BATCH = 500
RANGES = 2
"""So many lost ranges are judged in one transaction."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A claim whose worker did not come back in time."""

    message_id: int
    no: int
    token: int
    attempts: int
    maybe_sent: bool
    repeats_told_apart: bool
    lane: Lane
    kind: str
    life_safety: bool
    lease_until: datetime


async def run_once(database: Database, community_id: int, lease_seconds: float = 20.0) -> int:
    """Settle every lost lease of the community; how many there were. `lease_seconds`: how long leases run here."""
    found = 0
    while True:
        async with database.community(community_id) as tx:
            now = tx.machine_now
            ranges = await lost_to_rows(tx, now, RANGES)
            lost = await tx.rows(SQL.lost_leases, Lost, community_id, now, BATCH)
            apart = await often_lost(tx, [(one.message_id, one.no) for one in lost if one.attempts >= LOSSES])
            await settle(tx, [_result(one, (one.message_id, one.no) in apart) for one in lost], now)
            await set_deliveries_apart(tx, sorted(apart))
            await judge_news(
                tx, [LostClaim(one.message_id, claimed_at(one.lease_until, lease_seconds)) for one in lost if one.kind != "alert"]
            )
            found += len(lost)
        if len(lost) < BATCH and ranges < RANGES:
            break
    async with database.community(community_id) as tx:
        if await hold(tx, "leases"):
            await raise_to(tx, "leases", await tx.value(SQL.next_lease, community_id))
    return found


def _result(one: Lost, apart: bool) -> Result:
    standing = Standing(
        attempts=one.attempts,
        maybe_sent=one.maybe_sent,
        repeats_told_apart=one.repeats_told_apart,
        life_safety=one.life_safety,
        alert=one.kind == "alert",
    )
    return Result(one.message_id, one.no, one.token, Unknown(WHY if apart else "lease_expired"), standing, lease_expired=True)
