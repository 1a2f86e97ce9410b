"""What gateways are to be asked about: how a message stands that ended unknown, or whose receipt is late. Noted here, asked by the chore.

Each delivery is noted once. A gateway that says nothing is asked three times at most, and nothing waits long for its answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.channels.registry import KINDS
from notifiers.delivery.reach import SQL
from tocsin.base.database import Tx
from tocsin.base.work import lower

WAITS = (timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=6))
"""After how long an unknown send is asked about, and again: gateways list what they took some seconds later, calls minutes later."""
GRACE = timedelta(seconds=30)
"""How much longer a late receipt is waited for while the gateway is being asked (story time)."""
ASKING_KINDS = [kind.name for kind in KINDS.values() if kind.asks]


@dataclass(frozen=True, slots=True)
class Noted:
    """A delivery that the gateway will be asked about."""

    message_id: int
    no: int


async def ask_later(tx: Tx, unknown: Sequence[tuple[int, int]]) -> None:
    """These deliveries (message, number) have just ended unknown: their gateways are asked, where they can say."""
    await _note(tx, unknown, tx.machine_now + WAITS[0])


async def ask_first(tx: Tx, late: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of these deliveries, whose receipts are late, those that the gateway is asked about now; they are waited for a little longer."""
    noted = await _note(tx, late, tx.machine_now)
    if noted:
        await tx.run(SQL.wait_longer, tx.community, [one.message_id for one in noted], [one.no for one in noted], tx.now + GRACE)
    return {(one.message_id, one.no) for one in noted}


def ask_again_at(asked: int, state: str, now: datetime) -> datetime | None:
    """When a delivery that has now been asked about `asked` times is asked about again; None: not any more. Pure."""
    if state not in ("unknown", "accepted") or asked >= len(WAITS):
        return None
    return now + WAITS[asked]


async def _note(tx: Tx, deliveries: Sequence[tuple[int, int]], at: datetime) -> list[Noted]:
    if not deliveries:
        return []
    noted = await tx.rows(
        SQL.note_inquiries, Noted, tx.community, [message for message, _ in deliveries], [no for _, no in deliveries],
        ASKING_KINDS, at, tx.machine_now,
    )  # fmt: skip
    if noted:
        lower(tx, "inquiries", at)
    return noted
