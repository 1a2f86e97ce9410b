"""Makes rows of ranges, before anything unusual happens to what is in them. Their messages are held by then, or are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifiers.delivery.reach import lock_messages
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Lane

SQL = load_queries(__package__)
AT_ONCE = 2
"""So many ranges become rows in one transaction where nobody waits for all of them."""


@dataclass(frozen=True, slots=True)
class OfMessage:
    """A range, and the message whose it is."""

    id: int
    message_id: int


async def of_messages_to_rows(tx: Tx, message_ids: Sequence[int], *, waiting_only: bool) -> int:
    """All ranges of these held messages, or those alone that wait, become rows; how many rows.

    Looked at twice: what a claim took while we waited for it left a rest, which only a second look sees.
    """
    made = 0
    for _ in range(2):
        made += await _to_rows(tx, await tx.column(SQL.ranges_of_messages, tx.community, list(message_ids), waiting_only))
    return made


async def at_channel_to_rows(tx: Tx, lane: Lane, channel_id: int, machine_now: datetime, *, expired: bool = False) -> int:
    """The next ranges that are due at this channel, with `expired` those alone that are past their time, become rows; how many ranges."""
    found = await tx.rows(
        SQL.ranges_at_channel, OfMessage, tx.community, lane, channel_id, machine_now, AT_ONCE, tx.now if expired else None
    )
    return await _hold_and_make(tx, found)


async def lost_to_rows(tx: Tx, machine_now: datetime, limit: int) -> int:
    """Ranges whose lease ran out become rows whose lease ran out; how many ranges."""
    return await _hold_and_make(tx, await tx.rows(SQL.lost_ranges, OfMessage, tx.community, machine_now, limit))


async def _hold_and_make(tx: Tx, found: Sequence[OfMessage]) -> int:
    if found:
        await lock_messages(tx, (one.message_id for one in found))
        await _to_rows(tx, [one.id for one in found])
    return len(found)


async def _to_rows(tx: Tx, ids: Sequence[int]) -> int:
    return await tx.run(SQL.ranges_to_rows, tx.community, list(ids)) if ids else 0
