"""Taking a stop back. What can be resumed is what the stop kept from leaving, and nothing else.

That is: members excluded with reason "stopped", each by the way that was being tried; members held for the morning, who are held
again; and members whose way failed while the message stood still, who go on to their next one. Whoever was told, or may have been
(handed over, unknown), is not told twice. A message that is past its time is not resumed: its news are no longer news.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifiers.announcements.model import DeliveryLane, Kind
from notifiers.announcements.post import SMALL, SQL
from notifiers.delivery.fan_out import fan_out_page
from notifiers.delivery.ranges.rows import of_messages_to_rows
from notifiers.delivery.reach import Settled, follow, lock_messages
from notifiers.errors import MessageNotStoppedError, MessageOverError, MessageUnknownError
from tocsin.base.database import Tx
from tocsin.base.work import lower


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """A message as it was posted, and whether it was stopped or is paused. `expires_at` is story time."""

    id: int
    subject: int | None
    kind: Kind
    lane: DeliveryLane
    audience: Literal["staff", "residents"]
    drill: bool
    expires_at: datetime
    stopped_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a resume put back: so many members by so many deliveries, of which `to_fan_out` and fewer do not exist yet; `held`: so
    many members are held for the morning again. `unsealed`: it was stopped because it could not be sealed, which is tried again."""

    members: int
    deliveries: int
    held: int
    to_fan_out: int
    unsealed: bool = False


@dataclass(frozen=True, slots=True)
class LapsedWay:
    """A delivery that failed while its message stood still."""

    no: int
    reason: str


async def message_facts(tx: Tx, message_id: int) -> MessageFacts:
    """The message; raises MessageUnknownError."""
    facts = await tx.maybe(SQL.message_facts, MessageFacts, tx.community, message_id)
    if facts is None:
        raise MessageUnknownError(value=message_id, id=message_id)
    return facts


async def resume(tx: Tx, message_id: int) -> Resumed:
    """Queue again what a stop kept from leaving; the counters stay those of the sealed audience.

    Raises MessageUnknownError, MessageNotStoppedError, MessageOverError.
    """
    facts = await message_facts(tx, message_id)
    heads = await lock_messages(tx, [message_id])
    # What is on the wire must be seen row by row: it is not fanned out once more.
    await of_messages_to_rows(tx, [message_id], waiting_only=False)
    resumed = await tx.maybe(SQL.resume, Resumed, tx.community, message_id, tx.machine_now)
    if resumed is None:
        raise MessageNotStoppedError(value=message_id)
    if facts.expires_at <= tx.now and not resumed.held:
        raise MessageOverError(value=message_id)
    lapsed = await tx.rows(SQL.lapsed_ways, LapsedWay, tx.community, message_id)
    await follow(tx, heads, [Settled(message_id, one.no, "failed", one.reason) for one in lapsed], tx.machine_now)
    if resumed.deliveries:
        lower(tx, facts.lane)
    if resumed.to_fan_out > SMALL or resumed.unsealed:
        lower(tx, "fan_out")
    elif resumed.to_fan_out:
        await fan_out_page(tx, message_id, resumed.to_fan_out)
    return resumed
