"""What gateways say later. Recorded raw at once, applied by the chore: in any order and number the end is the same."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from notifiers.channels.shape import ReceiptIn
from notifiers.delivery.gateway_refs import forget_old
from notifiers.delivery.no_receipt import wait_for_receipts
from notifiers.delivery.reach import SQL, MessageHead, Settled, follow, lock_messages
from notifiers.delivery.settling import settle_unsent
from notifiers.delivery.verdicts import outranks
from notifiers.errors import ReferenceWrongError
from notifiers.links import read_reference
from tocsin.base.database import Database, Tx
from tocsin.base.work import hold, lower, raise_to

BATCH = 500
RETRY = timedelta(seconds=2)
"""How soon a receipt is looked at again whose delivery is still on the wire; its settling looks for it as well."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A receipt that was recorded and not applied yet."""

    gateway_id: int
    dedupe: bytes
    message_id: int
    no: int
    state: Literal["accepted", "delivered", "failed"]
    code: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands: `state` is one of the queue's or of the settled ones."""

    message_id: int
    no: int
    state: str
    gateway_id: int
    by_hand: bool


async def record(tx: Tx, gateway_id: int, receipt: ReceiptIn) -> bool:
    """Keep what a gateway said; applied by the chore. False when it said it before.

    Raises ReferenceWrongError when the reference is none of this community's.
    """
    target = read_reference(receipt.reference)
    if target.community_id != tx.community:
        raise ReferenceWrongError()
    return bool(await record_all(tx, gateway_id, [(target.message_id, target.no, receipt)]))


async def record_all(tx: Tx, gateway_id: int, said: Sequence[tuple[int, int, ReceiptIn]]) -> int:
    """Keep what a gateway said, each of the delivery that it means (message, number); how many it had not said before."""
    # In one order for all: two requests that say the same must not wait for each other.
    by_dedupe = sorted({hashlib.sha256(one.dedupe.encode()).digest(): (message, no, one) for message, no, one in reversed(said)}.items())
    new = await tx.column(
        SQL.insert_receipts, tx.community, gateway_id, [dedupe for dedupe, _ in by_dedupe], [message for _, (message, _, _) in by_dedupe],
        [no for _, (_, no, _) in by_dedupe], [one.state for _, (_, _, one) in by_dedupe], [one.code for _, (_, _, one) in by_dedupe],
        [one.raw for _, (_, _, one) in by_dedupe], tx.machine_now,
    )  # fmt: skip
    if new:
        lower(tx, "receipts")
    return len(new)


async def run_once(database: Database, community_id: int) -> int:
    """Apply every receipt of the community that can be applied; how many there were."""
    applied = 0
    while True:
        async with database.community(community_id) as tx:
            batch = await _apply_batch(tx)
        applied += batch
        if batch < BATCH:
            break
    async with database.community(community_id) as tx:
        await forget_old(tx)
        if await hold(tx, "receipts"):
            left = await tx.value(SQL.receipts_left, community_id)
            await raise_to(tx, "receipts", tx.machine_now + RETRY if left else None)
    return applied


async def restate(tx: Tx, heads: dict[int, MessageHead], said: Sequence[Settled]) -> None:
    """Settled deliveries stand differently now, and so do their members; their messages are held."""
    if said:
        await tx.run(
            SQL.restate, tx.community, [one.message_id for one in said], [one.no for one in said],
            [one.state for one in said], [one.reason for one in said], tx.now, wait_for_receipts(tx, heads, said),
        )  # fmt: skip
        await follow(tx, heads, said, tx.machine_now)


async def standings(tx: Tx, deliveries: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Standing]:
    """Where these deliveries (message, number) stand now; those that do not exist are absent."""
    rows = await tx.rows(SQL.standings, Standing, tx.community, [message for message, _ in deliveries], [no for _, no in deliveries])
    return {(one.message_id, one.no): one for one in rows}


async def _apply_batch(tx: Tx) -> int:
    batch = await tx.rows(SQL.receipts_to_apply, Waiting, tx.community, BATCH)
    if not batch:
        return 0
    heads = await lock_messages(tx, (one.message_id for one in batch))
    stands = await standings(tx, sorted({(one.message_id, one.no) for one in batch}))
    on_wire = {key for key, one in stands.items() if one.state == "sending"}
    now_said = [one for one in batch if (one.message_id, one.no) not in on_wire]
    said = strongest(now_said, stands)
    await restate(tx, heads, [one for one in said if stands[one.message_id, one.no].state != "queued"])
    queued = [one for one in said if stands[one.message_id, one.no].state == "queued"]
    settled = await settle_unsent(tx, queued, tx.machine_now)
    # What was claimed since we looked is on the wire: its receipts wait for what comes of that.
    claimed = {(one.message_id, one.no) for one in queued} - settled
    now_said = [one for one in now_said if (one.message_id, one.no) not in claimed]
    await tx.run(
        SQL.mark_applied, tx.community,
        [one.gateway_id for one in now_said], [one.dedupe for one in now_said], tx.machine_now,
    )  # fmt: skip
    return len(batch) if now_said else 0


def strongest(batch: Sequence[Waiting], stands: dict[tuple[int, int], Standing]) -> list[Settled]:
    """What changes: of each delivery the highest word of its own gateway that outranks where it stands. Pure."""
    best: dict[tuple[int, int], Waiting] = {}
    for one in batch:
        key = (one.message_id, one.no)
        standing = stands.get(key)
        if standing is None or standing.gateway_id != one.gateway_id:
            continue
        if key not in best or outranks(one.state, best[key].state):
            best[key] = one
    return [
        Settled(one.message_id, one.no, one.state, _reason(one), by_hand=stands[key].by_hand)
        for key, one in best.items()
        if stands[key].state == "queued" or outranks(one.state, stands[key].state)
    ]


def _reason(one: Waiting) -> str | None:
    return (one.code or "undeliverable") if one.state == "failed" else None
