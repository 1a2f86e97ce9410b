"""What becomes of deliveries whose gateway does not take them now: switched off, set aside, or it asked for a longer pause.

What has another way that is open takes it at once. What has none stays: an alert may be sent all the same where the gateway is only believed
dead, anything else waits in its place for a probe to succeed, as long as a receipt would be waited for (docs/decisions.md, 9), and then becomes
work for the door. Whoever may have been told already takes another way only where life is at stake.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from notifiers.delivery.claims import WaitingChannel
from notifiers.delivery.no_receipt import LIFE, OTHER
from notifiers.delivery.ranges.rows import at_channel_to_rows
from notifiers.delivery.reach import SQL, Settled, lock_messages
from notifiers.delivery.settling import other_ways, settle_unsent
from notifiers.delivery.verdicts import patience_seconds
from tocsin.base.database import Database, Tx
from tocsin.base.work import Lane

PAGE = 500
_BEFORE_ALL = (datetime(2000, 1, 1, tzinfo=UTC), 0, 0)


@dataclass(frozen=True, slots=True)
class Waits:
    """A delivery that is due and cannot leave now; `overdue`: it has waited for its gateway as long as it may."""

    message_id: int
    no: int
    due_at: datetime
    maybe_sent: bool
    life_safety: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """A queued delivery, and whether a try of it ended uncertain."""

    message_id: int
    no: int
    maybe_sent: bool


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


def sent_all_the_same(waiting: WaitingChannel, lane: Lane) -> bool:
    """Whether what has no other way is sent by a gateway that is only believed dead. Pure."""
    return lane == "alert" and waiting.enabled and waiting.set_aside


def away_since(waiting: WaitingChannel, lane: Lane, now: datetime) -> datetime:
    """Since when (machine time) a hindered gateway has been waited for; of a pause, what is still to come is counted. Pure.

    What is sent all the same does not wait: tries that fail end it.
    """
    if sent_all_the_same(waiting, lane):
        return now
    return waiting.set_aside_at or now - timedelta(seconds=waiting.pause_seconds)


def leaves(one: Waits, why: str, *, open_way: bool) -> Settled | None:
    """How a delivery leaves its channel, or None where it stays. Pure."""
    may_go_on = one.life_safety or not one.maybe_sent
    if why == "channel_off" or one.overdue or (open_way and may_go_on):
        return Settled(one.message_id, one.no, "unknown" if one.maybe_sent else "failed", why, onward=may_go_on)
    return None


async def take_other_ways(database: Database, community_id: int, lane: Lane, waiting: WaitingChannel) -> Detoured:
    """Send everything due at a hindered channel on to its next way, a page a transaction. What stays is not touched."""
    why, done, last = hindrance(waiting, lane), Detoured(), None
    await ranges_to_rows(database, community_id, lane, waiting.channel_id)
    while True:
        async with database.community(community_id) as tx:
            after, now = (last.due_at, last.message_id, last.no) if last else _BEFORE_ALL, tx.machine_now
            page = await tx.rows(
                SQL.due_at_channel, Waits, community_id, lane, waiting.channel_id, now, now - LIFE, now - OTHER, PAGE,
                *after, tx.now, away_since(waiting, lane, now),
            )  # fmt: skip
            others = await other_ways(tx, [one.message_id for one in page], [one.no for one in page])
            open_ways = {key for key, other in others.items() if other.open}
            settled = [leaves(one, why, open_way=(one.message_id, one.no) in open_ways) for one in page]
            leaving = [one for one in settled if one is not None]
            leaving = await _not_tried_meanwhile(tx, leaving)
            await settle_unsent(tx, leaving, tx.machine_now)
        done = Detoured(done.left + len(leaving), done.stay + len(page) - len(leaving))
        if len(page) < PAGE:
            return done
        last = page[-1]


async def ranges_to_rows(database: Database, community_id: int, lane: Lane, channel_id: int, *, expired: bool = False) -> bool:
    """What is led on or ends does so one by one: what waits here in ranges becomes rows, or with `expired` what is past its time, some a
    transaction. Whether there was anything."""
    found, more = False, lane != "alert"
    while more:
        async with database.community(community_id) as tx:
            more = bool(await at_channel_to_rows(tx, lane, channel_id, tx.machine_now, expired=expired))
        found = found or more
    return found


async def _not_tried_meanwhile(tx: Tx, leaving: Sequence[Settled]) -> list[Settled]:
    """Without what another worker claimed, tried and queued again, uncertain, since the page was read: the next look judges it anew."""
    if not leaving:
        return []
    await lock_messages(tx, (one.message_id for one in leaving))
    tried = await tx.rows(SQL.tried, Tried, tx.community, [one.message_id for one in leaving], [one.no for one in leaving])
    uncertain = {(one.message_id, one.no) for one in tried if one.maybe_sent}
    return [one for one in leaving if one.state == "unknown" or (one.message_id, one.no) not in uncertain]
