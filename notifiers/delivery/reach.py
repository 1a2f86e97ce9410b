"""Where members stand: moved together with their message's counters, by whoever holds the message's row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Lane, lower

SQL = load_queries(__package__)

Final = Literal["accepted", "delivered", "failed", "unknown", "expired", "cancelled"]


@dataclass(frozen=True, slots=True)
class MessageHead:
    """What delivery needs to know of a message it holds. `paused_until`: it is paused, and too late by then (story time)."""

    id: int
    lane: Lane
    kind: str
    life_safety: bool
    stopped: bool
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery as it stands now. `onward`: its members go on to their next way, if they have one.

    `by_hand`: accepted means that the desk has it and nobody has dialled yet.
    """

    message_id: int
    no: int
    state: Final
    reason: str | None = None
    onward: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class WentOn:
    """A message whose members went on to their next way, and how many deliveries that made."""

    message_id: int
    made: int


async def lock_messages(tx: Tx, ids: Iterable[int]) -> dict[int, MessageHead]:
    """Hold these messages until the transaction ends; all statements that move members come after this one.

    One order for all, by ids: what gateways said is taken for many messages at once and holds nothing else, so whoever holds a message may wait
    for none that is older. An act on several is to hold all of them at first. It may hold others before only where no gateway can have spoken of
    them: what it posted or sealed itself, which has no deliveries yet for anybody else (`hold_left`).
    """
    return {head.id: head for head in await tx.rows(SQL.lock_messages, MessageHead, tx.community, sorted(set(ids)))}


async def follow(tx: Tx, heads: dict[int, MessageHead], settled: Sequence[Settled], machine_now: datetime) -> bool:
    """Move the members of these deliveries, or send them on to their next way; `heads` are held.

    Returns whether an alert's members moved: then the lane 'outcomes' is lowered too.
    """
    moves = [(one, becomes) for one in settled if (becomes := _becomes(one)) is not None]
    if moves:
        await tx.run(
            SQL.move_members, tx.community,
            [one.message_id for one, _ in moves], [one.no for one, _ in moves], [becomes for _, becomes in moves],
        )  # fmt: skip
    await _go_on(tx, heads, [one for one in settled if _leaves(one)], machine_now)
    return _note_alerts(tx, heads, {one.message_id for one in settled})


async def confirm_by_handset(tx: Tx, heads: dict[int, MessageHead], message_ids: Sequence[int], nos: Sequence[int]) -> None:
    """Move the members of these deliveries (message, number), which their handsets have: `follow` for thousands of one kind."""
    if message_ids:
        await tx.run(SQL.move_members, tx.community, message_ids, nos, ["delivered"] * len(nos))
        _note_alerts(tx, heads, set(message_ids))


def _note_alerts(tx: Tx, heads: dict[int, MessageHead], message_ids: Iterable[int]) -> bool:
    alerts = any(heads[id].kind == "alert" for id in message_ids if id in heads)
    if alerts:
        lower(tx, "outcomes")
    return alerts


def _becomes(one: Settled) -> str | None:
    """What its members are to become. A handset's "delivered" is not yet "confirmed": it may be a proxy's; whoever spoke to the desk is."""
    if one.state == "delivered":
        return "confirmed" if one.by_hand else "delivered"
    if one.state == "accepted":
        return None if one.by_hand or one.onward else "handed_over"
    return "unknown" if one.state == "unknown" and not one.onward else None


def _leaves(one: Settled) -> bool:
    return one.onward or one.state in ("failed", "expired", "cancelled")


def _ends(one: Settled) -> tuple[str, str | None]:
    """Where a member without any other way ends, and why."""
    if one.state == "unknown":
        return "unknown", None
    if one.state == "accepted":
        return "handed_over", one.reason
    if one.state == "cancelled":
        return "excluded", "stopped"
    return ("unreachable", "expired" if one.state == "expired" else one.reason or "failed")


async def _go_on(tx: Tx, heads: dict[int, MessageHead], lost: Sequence[Settled], machine_now: datetime) -> None:
    if not lost:
        return
    ends = [_ends(one) for one in lost]
    went = await tx.rows(
        SQL.go_on, WentOn, tx.community,
        [one.message_id for one in lost], [one.no for one in lost], [reach for reach, _ in ends], [why for _, why in ends],
        tx.now, machine_now,
    )  # fmt: skip
    for lane in {heads[one.message_id].lane for one in went if one.made > 0}:
        lower(tx, lane)
