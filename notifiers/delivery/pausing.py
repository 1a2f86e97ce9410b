"""Pauses a message: what has not left waits in its place, and everybody keeps theirs; unlike a stop, nothing is settled.

What is on the wire comes home. What waits is due just after it is too late, so an expiry needs nobody to think of it: then it expires, and its
homes become work for the door. The message's own mark keeps every sender from what slips between.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifiers.delivery.reach import SQL, lock_messages
from notifiers.delivery.sealing.seals import seal_now
from notifiers.delivery.settling import paused_due
from notifiers.errors import MessageNotPausableError, MessageOverError, MessageUnknownError
from tocsin.base.database import Tx
from tocsin.base.work import lower

PausedWhy = Literal["desk", "quarantined"]


@dataclass(frozen=True, slots=True)
class Pausing:
    """What decides whether a message can be paused; `waiting`: deliveries that have not left, those included that are not made yet."""

    kind: str
    expires_at: datetime
    stopped_at: datetime | None
    paused_at: datetime | None
    waiting: int


async def pause(tx: Tx, message_id: int, why: PausedWhy = "desk") -> int:
    """Hold what has not left; how many deliveries that holds, those included that are not in the queue yet. Twice is once.

    Raises MessageUnknownError, MessageNotPausableError (an alert, stopped, or nothing waits) or MessageOverError (it is past its time).
    """
    await seal_now(tx, [message_id])
    await lock_messages(tx, [message_id])
    facts = await tx.maybe(SQL.pausing_facts, Pausing, tx.community, message_id)
    if facts is None:
        raise MessageUnknownError(value=message_id, id=message_id)
    if facts.paused_at is not None:
        return facts.waiting
    if facts.stopped_at is not None or facts.kind == "alert" or not facts.waiting:
        raise MessageNotPausableError(value=message_id)
    if facts.expires_at <= tx.now:
        raise MessageOverError(value=message_id)
    await tx.run(SQL.pause_message, tx.community, message_id, tx.now, why)
    too_late = paused_due(tx, facts.expires_at)
    await tx.run(SQL.hold_deliveries, tx.community, message_id, too_late)
    # Twice: what a claim took while we waited for it left a rest, which only a second look sees.
    for _ in range(2):
        await tx.run(SQL.hold_ranges, tx.community, message_id, too_late)
    return facts.waiting


async def unpause(tx: Tx, message_id: int) -> int | None:
    """Let go on what `pause` held (what is past its time expires at the next look); how many deliveries. None where it was not paused."""
    await lock_messages(tx, [message_id])
    lane = await tx.value(SQL.unpause_message, tx.community, message_id)
    if lane is None:
        return None
    lower(tx, lane)
    released = await tx.run(SQL.release_deliveries, tx.community, message_id, tx.machine_now)
    return released + int(sum(await tx.column(SQL.release_ranges, tx.community, message_id, tx.machine_now)))
