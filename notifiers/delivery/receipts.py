"""What gateways say later. Recorded raw at once, applied by the chore: in any order and number the end is the same.

A request is kept as one row (a bundle). What it calls delivered is nearly everything, and is applied by one statement for thousands; every other
word is looked at one by one. A word about a delivery that is on the wire is put by until that is settled.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from notifiers.channels.shape import ReceiptIn
from notifiers.delivery.gateway_refs import forget_old
from notifiers.delivery.no_receipt import wait_for_receipts
from notifiers.delivery.reach import SQL, MessageHead, Settled, confirm_by_handset, follow, lock_messages
from notifiers.delivery.settling import settle_unsent
from notifiers.delivery.verdicts import outranks
from notifiers.errors import ReferenceWrongError
from notifiers.links import read_reference
from tocsin.base.database import Database, Tx
from tocsin.base.work import hold, lower, raise_to

BATCH = 2000
"""So many receipts a transaction, which holds their messages for some 40 ms."""
BUNDLES = 200
"""And so many requests at most, which nobody else reads meanwhile."""
ROUNDS = 100
"""Of one run; what is left is due at once, and the chore's time is up for nobody."""
RETRY = timedelta(seconds=2)
"""How soon a receipt is looked at again whose delivery is still on the wire; its settling looks for it as well."""
KEPT = timedelta(days=400)
"""So long a gateway's own words are kept: over a year's figures and accounts. What they meant stands in the delivery for good."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One request of a gateway that was not read yet: how many receipts it holds, and of which messages."""

    id: int
    size: int
    message_ids: list[int]


@dataclass(frozen=True, slots=True)
class Heard:
    """Deliveries that a handset has now confirmed, number by number of their messages."""

    message_ids: list[int]
    nos: list[int]


@dataclass(frozen=True, slots=True)
class Word:
    """What a gateway says of one delivery."""

    gateway_id: int
    message_id: int
    no: int
    state: Literal["accepted", "delivered", "failed"]
    code: str | None

    @property
    def key(self) -> tuple[int, int]:
        """The delivery: its message and number."""
        return self.message_id, self.no


@dataclass(frozen=True, slots=True)
class Left:
    """Whether receipts wait, and whether some could be read now."""

    ready: bool
    waits: bool


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
    """Keep what a gateway said in one request, each of the delivery that it means (message, number); how many were new to us.

    Of those that are equal one is kept; where the same were said together before, none is. Said again in other company they are kept once
    more, and move nothing: nothing outranks itself.
    """
    once = {one.dedupe: (message, no, one) for message, no, one in reversed(said)}
    dedupe = hashlib.sha256("\n".join(sorted(once)).encode()).digest()
    kept = list(once.values())
    new = await tx.value(
        SQL.keep_bundle, tx.community, gateway_id, dedupe, [message for message, _, _ in kept], [no for _, no, _ in kept],
        [one.state for _, _, one in kept], [one.code for _, _, one in kept], [one.raw for _, _, one in kept], tx.machine_now,
    )  # fmt: skip
    if new is None:
        return 0
    lower(tx, "receipts")
    return len(kept)


async def run_once(database: Database, community_id: int) -> int:
    """Apply every receipt of the community that can be applied; how many there were."""
    applied = 0
    for _ in range(ROUNDS):
        async with database.community(community_id) as tx:
            count = await _apply(tx)
        applied += count
        if count < BATCH and not await _look_again(database, community_id):
            break
    return applied


async def _look_again(database: Database, community_id: int) -> bool:
    """Whether there is more to read now. If not, it is noted when to look again, and what is very old goes."""
    async with database.community(community_id) as tx:
        held = await hold(tx, "receipts")
        left = await tx.maybe(SQL.receipts_left, Left, community_id)
        assert left is not None
        if left.ready:
            return True
        await forget_old(tx)
        await tx.run(SQL.forget_bundles, community_id, tx.machine_now - KEPT)
        if held:
            await raise_to(tx, "receipts", tx.machine_now + RETRY if left.waits else None)
    return False


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


async def _apply(tx: Tx) -> int:
    """Apply what one transaction takes; how many receipts were dealt with for good."""
    bundles = await tx.rows(SQL.bundles_to_apply, Bundle, tx.community, BUNDLES, BATCH)
    early = await tx.rows(SQL.early_to_apply, Word, tx.community, BATCH)
    if not bundles and not early:
        return 0
    heads = await lock_messages(tx, [id for one in bundles for id in one.message_ids] + [one.message_id for one in early])
    words, size = list(early), sum(one.size for one in bundles)
    if bundles:
        ids = [one.id for one in bundles]
        (heard,) = await tx.rows(SQL.confirm_settled, Heard, tx.community, ids, tx.now)
        await confirm_by_handset(tx, heads, heard.message_ids, heard.nos)
        if len(heard.nos) < size:
            words += await tx.rows(SQL.other_words, Word, tx.community, ids)
        await tx.run(SQL.mark_applied, tx.community, ids, tx.machine_now)
    too_early = await _apply_words(tx, heads, words)
    await _put_by(tx, early, too_early)
    return size + len(early) - len(too_early)


async def _apply_words(tx: Tx, heads: dict[int, MessageHead], words: Sequence[Word]) -> list[Word]:
    """Apply these words; those about deliveries that are on the wire now come back. Their messages are held."""
    if not words:
        return []
    stands = await standings(tx, sorted({one.key for one in words}))
    on_wire = {key for key, one in stands.items() if one.state == "sending"}
    said = strongest([one for one in words if one.key not in on_wire], stands)
    await restate(tx, heads, [one for one in said if stands[one.message_id, one.no].state != "queued"])
    queued = [one for one in said if stands[one.message_id, one.no].state == "queued"]
    # What was claimed since we looked is on the wire as well.
    on_wire |= {(one.message_id, one.no) for one in queued} - await settle_unsent(tx, queued, tx.machine_now)
    return [one for one in words if one.key in on_wire and one.gateway_id == stands[one.key].gateway_id]


async def _put_by(tx: Tx, early: Sequence[Word], too_early: Sequence[Word]) -> None:
    """These words wait now, and no others that waited before."""
    still = set(too_early)
    done = [one for one in early if one not in still]
    if done:
        await tx.run(SQL.drop_early, tx.community, *_keys(done), [one.state for one in done])
    if too_early:
        await tx.run(
            SQL.keep_early, tx.community, *_keys(too_early), [one.state for one in too_early],
            [one.gateway_id for one in too_early], [one.code for one in too_early],
        )  # fmt: skip


def _keys(words: Sequence[Word]) -> tuple[list[int], list[int]]:
    return [one.message_id for one in words], [one.no for one in words]


def strongest(batch: Sequence[Word], stands: dict[tuple[int, int], Standing]) -> list[Settled]:
    """What changes: of each delivery the highest word of its own gateway that outranks where it stands. Pure."""
    best: dict[tuple[int, int], Word] = {}
    for one in batch:
        key = one.key
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


def _reason(one: Word) -> str | None:
    return (one.code or "undeliverable") if one.state == "failed" else None
