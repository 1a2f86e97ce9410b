"""Settles what came of claims: the delivery, its attempt, its members and their message's counters, in one transaction."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from notifiers.delivery.gateway_refs import note_refs
from notifiers.delivery.inquiries import ask_later
from notifiers.delivery.no_receipt import wait_for_receipts
from notifiers.delivery.ranges.settling import make_rows, settle_taken
from notifiers.delivery.reach import MessageHead, Settled, follow, lock_messages
from notifiers.delivery.verdicts import ALERT_PATIENCE_SECONDS, Standing, Verdict, judge, needs_look
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)


@dataclass(slots=True)
class Result:
    """What came of one claim: the channel's outcome, or a lease that ran out (`lease_expired`, an Unknown). Not frozen, because a broadcast
    makes one for each message, and each field of what is frozen costs as much as a call.

    `named_by_gateway`: the gateway's receipts will name only its own id. `receipts`: it sends receipts at all. `range_id`, `member_no`: as
    in Claimed.
    """

    message_id: int
    no: int
    token: int
    outcome: Outcome
    standing: Standing
    by_hand: bool = False
    lease_expired: bool = False
    named_by_gateway: bool = False
    receipts: bool = True
    range_id: int = 0
    member_no: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """A delivery whose result counted, because its token was the claim's. `receipt_waits`: the gateway spoke of it before it answered."""

    message_id: int
    no: int
    receipt_waits: bool


@dataclass(frozen=True, slots=True)
class OtherWays:
    """A delivery some of whose members have a way that was not tried; as verdicts.Standing has it."""

    message_id: int
    no: int
    open: bool
    same_address: bool


@dataclass(frozen=True, slots=True)
class _Words:
    outcome: str
    code: str | None
    detail: str | None
    gateway_ref: str | None


async def settle(tx: Tx, results: Sequence[Result], machine_now: datetime) -> bool:
    """Settle these results; one with a stale token only leaves a trace. Returns whether an alert's members moved."""
    if not results:
        return False
    heads = await lock_messages(tx, (one.message_id for one in results))
    await note_refs(tx, results)
    results = await _settle_taken(tx, heads, results, machine_now)
    await make_rows(tx, [one for one in results if one.range_id])
    return await _settle_rows(tx, heads, results, machine_now) if results else False


async def _settle_taken(tx: Tx, heads: dict[int, MessageHead], results: Sequence[Result], machine_now: datetime) -> Sequence[Result]:
    """Settle what was simply taken of ranges; what is left to settle otherwise."""
    by_range: dict[int, list[Result]] = defaultdict(list)
    others: list[Result] = []
    for one in results:
        (by_range[one.range_id] if one.range_id and isinstance(one.outcome, Accepted) else others).append(one)
    for range_id in sorted(by_range):
        taken = by_range[range_id]
        (due,) = wait_for_receipts(tx, heads, [Settled(taken[0].message_id, taken[0].no, "accepted")])
        counted = await settle_taken(tx, taken, due, machine_now)
        if len(counted) < len(taken):
            others += [one for one in taken if one.no not in counted]
    return others


async def _settle_rows(tx: Tx, heads: dict[int, MessageHead], results: Sequence[Result], machine_now: datetime) -> bool:
    judged = [(one, _stopped_or(verdict, one, heads[one.message_id].stopped)) for one, verdict in await _judge_all(tx, results)]
    counted = await _write(tx, heads, judged, machine_now)
    for lane in {heads[one.message_id].lane for one, verdict in judged if verdict.state == "again"}:
        waits = [verdict.wait_seconds for one, verdict in judged if verdict.state == "again" and heads[one.message_id].lane == lane]
        lower(tx, lane, machine_now + timedelta(seconds=min(waits)))
    settled = [_settled(one, verdict) for one, verdict in judged if verdict.state != "again" and (one.message_id, one.no) in counted]
    await ask_later(tx, [(one.message_id, one.no) for one in settled if one.state == "unknown"])
    if any(counted[one.message_id, one.no] for one in settled):
        lower(tx, "receipts")
    return await follow(tx, heads, settled, machine_now) if settled else False


async def settle_unsent(tx: Tx, unsent: Sequence[Settled], machine_now: datetime) -> set[tuple[int, int]]:
    """Settle queued deliveries that will not be sent any more; their messages are held. Those (message, number) that were settled: one that
    somebody claimed in between is on the wire, and not among them."""
    if not unsent:
        return set()
    heads = await lock_messages(tx, (one.message_id for one in unsent))
    gone = await tx.rows(
        SQL.settle_unclaimed, Counted, tx.community, *_keys(unsent),
        [one.state for one in unsent], [one.reason for one in unsent], machine_now, tx.now, wait_for_receipts(tx, heads, unsent),
    )  # fmt: skip
    left = {(one.message_id, one.no) for one in gone}
    await follow(tx, heads, [one for one in unsent if (one.message_id, one.no) in left], machine_now)
    return left


async def _judge_all(tx: Tx, results: Sequence[Result]) -> list[tuple[Result, Verdict]]:
    looked = [one for one in results if needs_look(one.outcome, one.standing)]
    others = await other_ways(tx, *_keys(looked))
    return [(one, judge(one.outcome, _with_ways(one, others), random.random())) for one in results]


async def other_ways(tx: Tx, message_ids: Sequence[int], numbers: Sequence[int]) -> dict[tuple[int, int], OtherWays]:
    """Of these deliveries, those that have another way."""
    if not message_ids:
        return {}
    soon = tx.machine_now + timedelta(seconds=ALERT_PATIENCE_SECONDS)
    rows = await tx.rows(SQL.other_ways, OtherWays, tx.community, message_ids, numbers, soon)
    return {(one.message_id, one.no): one for one in rows}


def _with_ways(one: Result, others: dict[tuple[int, int], OtherWays]) -> Standing:
    other = others.get((one.message_id, one.no))
    if other is None:
        return one.standing
    return replace(one.standing, another_way=True, open_way=other.open, same_address=other.same_address)


def _stopped_or(verdict: Verdict, one: Result, stopped: bool) -> Verdict:
    """A stopped message is not queued again."""
    if not (stopped and verdict.state == "again"):
        return verdict
    maybe = verdict.maybe_sent or one.standing.maybe_sent
    return Verdict("unknown") if maybe else Verdict("cancelled", onward=True)


async def _write(
    tx: Tx, heads: dict[int, MessageHead], judged: Sequence[tuple[Result, Verdict]], machine_now: datetime
) -> dict[tuple[int, int], bool]:
    """Of what counted, by message and number, whether a receipt waits for it."""
    results = [one for one, _ in judged]
    words = [_words(one) for one in results]
    dues = wait_for_receipts(tx, heads, [_settled(one, verdict) for one, verdict in judged if verdict.state != "again"])
    receipt_due = iter(dues)
    counted = await tx.rows(
        SQL.settle, Counted, tx.community, *_keys(results), [one.token for one in results],
        [one.outcome for one in words], [one.code for one in words], [one.detail for one in words],
        [one.gateway_ref for one in words], [verdict.state for _, verdict in judged],
        [_due_again(tx, heads[one.message_id], verdict, machine_now) if verdict.state == "again" else None for one, verdict in judged],
        [verdict.maybe_sent for _, verdict in judged], machine_now, tx.now,
        [None if verdict.state == "again" else next(receipt_due) for _, verdict in judged],
    )  # fmt: skip
    counts = {(one.message_id, one.no): one.receipt_waits for one in counted}
    await _note_stale(tx, [one for one in results if (one.message_id, one.no) not in counts], machine_now)
    return counts


def _due_again(tx: Tx, head: MessageHead, verdict: Verdict, machine_now: datetime) -> datetime:
    """When it is tried again; of a paused message, not before it is too late."""
    soon = machine_now + timedelta(seconds=verdict.wait_seconds)
    return soon if head.paused_until is None else max(soon, paused_due(tx, head.paused_until))


def paused_due(tx: Tx, expires_at: datetime) -> datetime:
    """When (machine time) what a pause holds is due: just after it is too late, so that it expires and does not leave."""
    return tx.machine_now + (expires_at - tx.now) + timedelta(seconds=5)


async def _note_stale(tx: Tx, stale: Sequence[Result], machine_now: datetime) -> None:
    if stale:
        words = [_words(one) for one in stale]
        await tx.run(
            SQL.note_stale, tx.community, *_keys(stale), [one.token for one in stale],
            [one.outcome for one in words], [one.code for one in words], [one.detail for one in words], machine_now,
        )  # fmt: skip


def _keys(some: Sequence[Result] | Sequence[Settled]) -> tuple[list[int], list[int]]:
    return [one.message_id for one in some], [one.no for one in some]


def _words(one: Result) -> _Words:
    outcome = one.outcome
    match outcome:
        case Accepted():
            return _Words("accepted", None, None if one.receipts else "sends_no_receipts", outcome.gateway_ref)
        case NotSent():
            return _Words("not_sent", None, outcome.reason, None)
        case Refused():
            return _Words("refused", outcome.code, outcome.reason, None)
        case Unknown():
            return _Words("lease_expired" if one.lease_expired else "unknown", None, outcome.reason, None)
        case _:
            assert_never(outcome)


def _settled(one: Result, verdict: Verdict) -> Settled:
    if verdict.state == "again":
        raise ValueError("a delivery that is queued again is not settled")
    words = _words(one)
    return Settled(one.message_id, one.no, verdict.state, words.code or words.detail, verdict.onward, one.by_hand)
