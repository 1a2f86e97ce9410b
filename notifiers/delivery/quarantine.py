"""Sets apart what stops its sender again and again, so that a crash loop ends and nobody else's messages go down with it.

Each claim is counted when it is made (`delivery.attempts`), so a sender that dies of a message has counted it. A delivery that lost five senders
is not given to a sixth: it ends as unknown with the reason `quarantined`, and where life is at stake its people go on to their next way. News to
many are judged as a whole: when five senders in a row were lost with them, and no word of any other claim of theirs came back in between, they
are paused. Either stays until a person releases it or gives it up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from notifiers.delivery.pausing import pause
from notifiers.delivery.reach import SQL, Settled, follow, lock_messages
from notifiers.errors import MessageNotPausableError, MessageOverError, QuarantineUnknownError
from tocsin.base.database import Tx
from tocsin.base.logs import logger
from tocsin.base.work import lower

EndedHow = Literal["released", "given_up"]
log = logger("quarantine")
LOSSES = 5
"""Senders lost, after which nobody is given it any more."""
WHY: Final = "quarantined"


@dataclass(frozen=True, slots=True)
class LostClaim:
    """A claim of news to many whose sender did not come back; made at `claimed_at` (machine time)."""

    message_id: int
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Apart:
    """What is set apart: one delivery, or with `no` 0 all that waits of a message, of which `waiting` deliveries; `at` is machine time."""

    message_id: int
    no: int
    incident: int | None
    at: datetime
    text_key: str
    medium: str
    gateway: str
    waiting: int


@dataclass(frozen=True, slots=True)
class _Suspect:
    message_id: int
    losses: int


@dataclass(frozen=True, slots=True)
class _Key:
    message_id: int
    no: int


async def often_lost(tx: Tx, deliveries: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of these deliveries, each of which lost its sender again just now, those that have lost LOSSES."""
    if not deliveries:
        return set()
    rows = await tx.rows(SQL.often_lost, _Key, tx.community, [one for one, _ in deliveries], [no for _, no in deliveries], LOSSES - 1)
    return {(one.message_id, one.no) for one in rows}


async def set_deliveries_apart(tx: Tx, deliveries: Sequence[tuple[int, int]]) -> None:
    """Note that these are given to nobody any more; they are settled by the caller."""
    for message_id, no in deliveries:
        await tx.run(SQL.quarantine, tx.community, message_id, no, LOSSES, tx.machine_now)
        log.error("message_quarantined", community=tx.community, message=message_id, no=no)


async def judge_news(tx: Tx, lost: Sequence[LostClaim]) -> None:
    """Count the senders lost with these news, and pause those of which nothing else is heard."""
    newest: dict[int, datetime] = {}
    for one in lost:
        newest[one.message_id] = max(one.claimed_at, newest.get(one.message_id, one.claimed_at))
    if not newest:
        return
    suspects = await tx.rows(
        SQL.note_losses, _Suspect, tx.community, sorted(newest), [newest[one] for one in sorted(newest)], tx.machine_now
    )
    for suspect in suspects:
        if suspect.losses >= LOSSES:
            await _set_news_apart(tx, suspect.message_id)


async def _set_news_apart(tx: Tx, message_id: int) -> None:
    try:
        await pause(tx, message_id, WHY)
    except (MessageNotPausableError, MessageOverError):
        return
    await tx.run(SQL.quarantine, tx.community, message_id, 0, LOSSES, tx.machine_now)
    log.error("message_quarantined", community=tx.community, message=message_id, no=0)


async def set_apart(tx: Tx) -> list[Apart]:
    """What is set apart in this community and nobody has decided on, the oldest first."""
    return await tx.rows(SQL.set_apart, Apart, tx.community)


async def end(tx: Tx, message_id: int, no: int, how: EndedHow, by: str) -> None:
    """A person decides on a delivery: it is tried again under the same key, or given up, so that its people go on to their next way or the door.

    Raises QuarantineUnknownError where it is not set apart (any more).
    """
    heads = await lock_messages(tx, [message_id])
    if not await tx.run(SQL.end_quarantine, tx.community, message_id, no, how, by, tx.machine_now):
        raise QuarantineUnknownError(value=message_id, no=no)
    if how == "released":
        await tx.run(SQL.queue_again, tx.community, message_id, no, tx.machine_now)
        lower(tx, heads[message_id].lane)
    else:
        await tx.run(SQL.note_failed, tx.community, message_id, no, tx.now)
        await follow(tx, heads, [Settled(message_id, no, "failed", WHY)], tx.machine_now)


async def ended_with_the_pause(tx: Tx, message_id: int, how: EndedHow, by: str) -> None:
    """The message was resumed or stopped, and with that, if it was set apart, somebody has decided."""
    await tx.run(SQL.end_quarantine, tx.community, message_id, 0, how, by, tx.machine_now)


def claimed_at(lease_until: datetime, lease_seconds: float) -> datetime:
    """When a claim was made whose lease runs so long."""
    return lease_until - timedelta(seconds=lease_seconds)
