"""After the announcement: who was reached, who proved to know, and stopping what has not left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifiers.announcements.post import SQL
from notifiers.delivery import reach
from notifiers.delivery.ranges.rows import of_messages_to_rows
from notifiers.delivery.receipts import restate
from notifiers.delivery.sealing.seals import SQL as SEALING_SQL
from notifiers.delivery.sealing.seals import seal_now
from notifiers.delivery.settling import settle_unsent
from notifiers.errors import MessageUnknownError
from tocsin.base.database import Tx

MANY = 200
"""From so many deliveries on a statement is planned for what it is given."""


@dataclass(frozen=True, slots=True)
class Counters:
    """The seven places of a message's members; they always sum to `size`."""

    size: int
    confirmed: int
    handed_over: int
    trying: int
    unknown: int
    unreachable: int
    opted_out: int
    excluded: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A message's id and counters, as one row."""

    id: int
    size: int
    confirmed: int
    handed_over: int
    trying: int
    unknown: int
    unreachable: int
    opted_out: int
    excluded: int


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one home, and the way being tried or the last that was. `address` is not masked; `state_at` story time.

    `person_id` None: a home of which nobody is known, or where nobody lives.
    """

    member_no: int
    person_id: int | None
    home_id: int | None
    language: str
    reach: str
    reason: str | None
    delivery_no: int | None
    address: str | None
    medium: str | None
    delivery_state: str | None
    state_at: datetime | None


@dataclass(frozen=True, slots=True)
class Queued:
    """What a stop keeps from leaving; `by_hand`: a call that the desk has not made."""

    message_id: int
    no: int
    maybe_sent: bool
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Ref:
    """A delivery by its message and number."""

    message_id: int
    no: int


async def counters(tx: Tx, message_ids: Sequence[int]) -> dict[int, Counters]:
    """Where the members of these messages stand; unknown messages are absent."""
    rows = await tx.rows(SQL.counters, Counted, tx.community, list(message_ids))
    return {
        one.id: Counters(one.size, one.confirmed, one.handed_over, one.trying, one.unknown, one.unreachable, one.opted_out, one.excluded)
        for one in rows
    }


async def members(tx: Tx, message_id: int, *, after: int = 0, limit: int = 200) -> list[Member]:
    """The next members behind number `after`, in their order."""
    return await tx.rows(SQL.members, Member, tx.community, message_id, after, limit)


async def confirm(tx: Tx, message_id: int, *, delivery_no: int | None = None, home_id: int | None = None) -> None:
    """Everybody a delivery reached, or a household, proved to know. Final; what is queued for nobody else is dropped.

    Raises MessageUnknownError.
    """
    await _confirm(tx, message_id, [] if delivery_no is None else [delivery_no], home_id)


async def confirm_deliveries(tx: Tx, message_id: int, delivery_nos: Sequence[int]) -> None:
    """The same for everybody whom these deliveries reached."""
    await _confirm(tx, message_id, delivery_nos, None)


async def _confirm(tx: Tx, message_id: int, delivery_nos: Sequence[int], home_id: int | None) -> None:
    if not await reach.lock_messages(tx, [message_id]):
        raise MessageUnknownError(id=message_id)
    theirs = await tx.value(SQL.confirm_members, tx.community, message_id, list(delivery_nos), home_id)
    await _drop_needless(tx, [(message_id, no) for no in theirs or ()])


async def confirm_persons(tx: Tx, told: Sequence[tuple[int, int]]) -> None:
    """These (message, person) proved to know, each person in all their homes; as `confirm`."""
    if told:
        messages, people = [message for message, _ in told], [person for _, person in told]
        await reach.lock_messages(tx, messages)
        theirs = await tx.rows(SQL.confirm_persons, Ref, tx.community, messages, people)
        await _drop_needless(tx, [(one.message_id, one.no) for one in theirs])


async def _drop_needless(tx: Tx, deliveries: Sequence[tuple[int, int]]) -> None:
    if deliveries:
        asked = [message for message, _ in deliveries], [no for _, no in deliveries]
        needless = await tx.rows(SQL.needless_of, Queued, tx.community, *asked)
        known = [reach.Settled(one.message_id, one.no, "cancelled", "known_by_now") for one in needless]
        await settle_unsent(tx, known, tx.machine_now)


async def leave_out(tx: Tx, message_id: int, home_id: int) -> None:
    """A home proved to be vacant: those of its members whom nothing reached for certain are excluded with reason "vacant"."""
    await reach.lock_messages(tx, [message_id])
    await tx.run(SQL.leave_out_home, tx.community, message_id, home_id)


async def stop(tx: Tx, message_ids: Sequence[int]) -> int:
    """Send nothing more of these messages; how many deliveries and calls that kept from leaving.

    Whom nothing was sent, or who was held back for the morning, is excluded with reason "stopped"; what is on the wire comes home,
    and is not tried again. `resume` takes it back.
    """
    ids = sorted(set(message_ids))
    await seal_now(tx, ids)
    heads = await reach.lock_messages(tx, ids)
    await tx.run(SQL.stop_messages, tx.community, ids, tx.now)
    await of_messages_to_rows(tx, ids, waiting_only=True)
    await tx.run(SQL.stop_held, tx.community, ids)
    queued = await tx.rows(SQL.queued_of, Queued, tx.community, ids)
    if len(queued) > MANY:
        await tx.run(SEALING_SQL.plan_for, "force_custom_plan", "on", None)
    unsent = [
        reach.Settled(one.message_id, one.no, "unknown" if one.maybe_sent else "cancelled", "stopped") for one in queued if not one.by_hand
    ]
    calls = [reach.Settled(one.message_id, one.no, "cancelled", "stopped", by_hand=True) for one in queued if one.by_hand]
    stopped = await settle_unsent(tx, unsent, tx.machine_now)
    await restate(tx, heads, calls)
    return len(stopped) + len(calls)


async def withdraw_codes(tx: Tx, subject: int) -> None:
    """The subject has ended: no telephone can answer its alerts any more."""
    await tx.run(SQL.forget_codes, tx.community, subject)
