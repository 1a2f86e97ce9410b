"""Settles what was simply taken of ranges, and makes rows of what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from notifiers.channels.shape import Accepted
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

if TYPE_CHECKING:
    from notifiers.delivery.settling import Result

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Taken:
    """The numbers of the deliveries that are settled now. `receipt_waits`: the gateway spoke of one of them before it answered."""

    nos: list[int]
    receipt_waits: bool


async def settle_taken(tx: Tx, taken: Sequence[Result], receipt_due: datetime | None, machine_now: datetime) -> set[int]:
    """Settle first tries of one range that were simply taken, whose receipts are waited for until then; the numbers that counted."""
    refs = [one.outcome.gateway_ref if isinstance(one.outcome, Accepted) else None for one in taken]
    (settled,) = await tx.rows(
        SQL.range_taken, Taken, tx.community, taken[0].range_id, [one.no for one in taken], [one.member_no for one in taken], refs,
        None if taken[0].receipts else "sends_no_receipts", receipt_due, machine_now, tx.now,
    )  # fmt: skip
    if settled.nos and settled.receipt_waits:
        lower(tx, "receipts")
    return set(settled.nos)


async def make_rows(tx: Tx, others: Sequence[Result]) -> None:
    """What came of these claims in ranges is more than "taken": each becomes a row on the wire, where its own result finds it."""
    if others:
        await tx.run(
            SQL.results_to_rows, tx.community,
            [one.range_id for one in others], [one.no for one in others], [one.member_no for one in others],
        )  # fmt: skip
