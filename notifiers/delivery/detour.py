"""What becomes of deliveries whose gateway does not take them now: switched off, set aside, or it asked for a longer pause.

What has another way that is open takes it at once. What has none stays: an alert may be sent all the same where the gateway is only believed
dead, anything else waits for a probe to succeed, as long as a receipt would be waited for (docs/decisions.md, 9), and then becomes work for
the door. Whoever may have been told already takes another way only where life is at stake.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from notifiers.delivery.claims import WaitingChannel
from notifiers.delivery.no_receipt import LIFE, OTHER
from notifiers.delivery.reach import SQL, Settled
from notifiers.delivery.settling import other_ways, settle_unsent
from notifiers.delivery.verdicts import patience_seconds
from tocsin.base.database import Database
from tocsin.base.work import Lane

PAGE = 500
LOOK_AGAIN = timedelta(seconds=2)
"""How soon what stays is looked at again: its gateway may be back, or another way open."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A delivery that is due and cannot leave now; `overdue`: it has waited as long as it may."""

    message_id: int
    no: int
    maybe_sent: bool
    life_safety: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Detoured:
    """How many deliveries left a channel, and how many stay."""

    left: int = 0
    stay: int = 0


def hindrance(waiting: WaitingChannel, lane: Lane) -> str:
    """Why this channel takes nothing now, as the reason of what leaves it; '' where it does. Pure."""
    if not waiting.enabled:
        return "channel_off"
    if waiting.set_aside:
        return "gateway_set_aside"
    return "gateway_pauses" if waiting.pause_seconds > patience_seconds(alert=lane == "alert") else ""


def leaves(one: Waits, why: str, *, open_way: bool) -> Settled | None:
    """How a delivery leaves its channel, or None where it stays. Pure."""
    may_go_on = one.life_safety or not one.maybe_sent
    if why == "channel_off" or one.overdue or (open_way and may_go_on):
        return Settled(one.message_id, one.no, "unknown" if one.maybe_sent else "failed", why, onward=may_go_on)
    return None


async def take_other_ways(database: Database, community_id: int, lane: Lane, waiting: WaitingChannel, *, stay_due: bool) -> Detoured:
    """Send everything due at a hindered channel on to its next way. What stays stays due, or is put off for some seconds."""
    why, left, stay = hindrance(waiting, lane), 0, 0
    while True:
        async with database.community(community_id) as tx:
            page = await tx.rows(
                SQL.due_at_channel, Waits, community_id, lane, waiting.channel_id, tx.machine_now, tx.now - LIFE, tx.now - OTHER, PAGE
            )  # fmt: skip
            others = await other_ways(tx, *_keys(page))
            settled = {
                (one.message_id, one.no): leaves(
                    one, why, open_way=(one.message_id, one.no) in others and others[one.message_id, one.no].open
                )
                for one in page
            }
            left += await settle_unsent(tx, [one for one in settled.values() if one is not None], tx.machine_now)
            staying = [one for one in page if settled[one.message_id, one.no] is None]
            if staying and not stay_due:
                await tx.run(SQL.put_off, community_id, *_keys(staying), tx.machine_now + LOOK_AGAIN)
        stay += len(staying)
        if len(page) < PAGE or stay_due:
            return Detoured(left, stay)


def _keys(some: Sequence[Waits]) -> tuple[list[int], list[int]]:
    return [one.message_id for one in some], [one.no for one in some]
