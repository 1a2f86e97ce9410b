"""What waits to leave, by lane and by channel: above all for how long the oldest has been due."""

from dataclasses import dataclass

from notifiers.delivery.reach import SQL
from tocsin.base.database import Tx
from tocsin.base.work import DELIVERY_LANES, Lane

MOST_COUNTED = 100_000
"""Of one lane at one channel: more are not counted, so that looking costs the same however much waits."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What is due in one lane at one channel: so many, the oldest for so long. What a pause holds, or a retry waits for, is not due."""

    lane: Lane
    channel_id: int
    due: int
    oldest_seconds: float


async def queues(tx: Tx) -> list[Queue]:
    """Those of the transaction's community in which anything is due; none in a copy that may not send."""
    return await tx.rows(SQL.queues, Queue, tx.community, list(DELIVERY_LANES), tx.machine_now, MOST_COUNTED)


async def count_set_apart(tx: Tx) -> int:
    """Deliveries and messages of the community that are set apart and wait for somebody."""
    return int(await tx.value(SQL.count_set_apart, tx.community))
