"""Chore: what a gateway took and never spoke of again. Handed over is not told: when the time for a receipt is up, it becomes work.

A gateway that can be asked how a message stands is asked first, and given a little longer for it.
An alert goes on to the person's next way, as long as it may still be sent. Everybody else keeps the place "handed over", with the
reason `no_receipt`, or `sends_no_receipts` where the gateway never sends any: these are the doors to knock at. A late receipt still counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from notifiers.delivery.inquiries import ask_first
from notifiers.delivery.reach import SQL, MessageHead, Settled, follow, lock_messages
from tocsin.base.database import Database, Tx
from tocsin.base.work import hold, lower, raise_to

BATCH = 1000
LIFE = timedelta(minutes=3)
OTHER = timedelta(minutes=15)
"""How long a receipt is waited for, where life is at stake and otherwise: docs/decisions.md, 9."""

Reason = Literal["no_receipt", "sends_no_receipts"]


@dataclass(frozen=True, slots=True)
class Overdue:
    """A delivery whose receipt is late."""

    message_id: int
    no: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A delivery of which nothing more is expected, and why."""

    message_id: int
    no: int
    reason: Reason


def wait_for_receipts(tx: Tx, heads: dict[int, MessageHead], settled: Sequence[Settled]) -> list[datetime | None]:
    """For each of these, until when (story time) a receipt is waited for: None but for what a gateway has just taken. The chore is told."""
    dues = [
        tx.now + (LIFE if heads[one.message_id].life_safety else OTHER) if one.state == "accepted" and not one.by_hand else None
        for one in settled
    ]
    waiting = [due for due in dues if due is not None]
    if waiting:
        lower(tx, "no_receipt", min(waiting))
    return dues


async def run_once(database: Database, community_id: int) -> int:
    """Give up every receipt of the community that is overdue; how many there were."""
    found = 0
    while True:
        async with database.community(community_id) as tx:
            overdue = await tx.rows(SQL.overdue_receipts, Overdue, community_id, tx.now, BATCH)
            asked = await ask_first(tx, [(one.message_id, one.no) for one in overdue])
            await _give_up(tx, [one for one in overdue if (one.message_id, one.no) not in asked])
        found += len(overdue)
        if len(overdue) < BATCH:
            break
    async with database.community(community_id) as tx:
        if await hold(tx, "no_receipt"):
            await raise_to(tx, "no_receipt", await tx.value(SQL.next_receipt_due, community_id))
    return found


async def _give_up(tx: Tx, overdue: Sequence[Overdue]) -> None:
    if not overdue:
        return
    heads = await lock_messages(tx, (one.message_id for one in overdue))
    missed = await tx.rows(
        SQL.give_up_receipts, Missed, tx.community, [one.message_id for one in overdue], [one.no for one in overdue]
    )  # fmt: skip
    # A gateway that never sends receipts proves nothing by sending none: there the alert's own deadline is the judge.
    onward = [
        Settled(one.message_id, one.no, "accepted", one.reason, onward=True)
        for one in missed
        if heads[one.message_id].kind == "alert" and one.reason == "no_receipt"
    ]
    await follow(tx, heads, onward, tx.machine_now)
    await tx.run(
        SQL.mark_unanswered, tx.community,
        [one.message_id for one in missed], [one.no for one in missed], [one.reason for one in missed],
    )  # fmt: skip
