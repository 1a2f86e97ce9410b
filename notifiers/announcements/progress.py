"""How far messages have come: what still waits to leave, and when the last of it will have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifiers.announcements.forecast import Rate, seconds_until_taken
from notifiers.announcements.outlook import outlooks
from notifiers.announcements.post import SQL
from tocsin.base.database import Tx


@dataclass(frozen=True, slots=True)
class Left:
    """What one message has waiting: at a gateway, or (0) not made yet. `leaves_at`: machine time, not before it."""

    message_id: int
    gateway_id: int
    waiting: int
    leaves_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """`waiting` deliveries have not left; `seconds_left` until the gateways will have taken the last, by their rates and by how fast they really are. `undo_seconds`:
    so long nothing leaves. `per_second`: what they take now."""

    waiting: int
    seconds_left: float
    undo_seconds: float
    per_second: float = 0.0


async def progress(tx: Tx, message_ids: Sequence[int]) -> dict[int, Progress]:
    """Of those of these messages of which anything waits."""
    left = await tx.rows(SQL.left_of_messages, Left, tx.community, list(message_ids))
    gateways = sorted({one.gateway_id for one in left if one.gateway_id})
    rates = await tx.rows(SQL.gateway_rates, Rate, tx.community, gateways, tx.machine_now)
    real = await outlooks(tx, message_ids)
    seconds = {rate.gateway_id: seconds_until_taken(rate, 0) for rate in rates}
    found = {}
    for message_id in {one.message_id for one in left}:
        own = [one for one in left if one.message_id == message_id]
        leaves_at = max((one.leaves_at for one in own if one.leaves_at is not None), default=tx.machine_now)
        undo = max(0.0, (leaves_at - tx.machine_now).total_seconds())
        slowest = max((seconds[one.gateway_id] for one in own if one.gateway_id in seconds), default=0.0)
        waiting, per_second = sum(one.waiting for one in own), real[message_id].per_second if message_id in real else 0.0
        found[message_id] = Progress(waiting, max(undo + slowest, waiting / per_second if per_second else 0.0), undo, per_second)
    return found
