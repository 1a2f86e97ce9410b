"""Chore, twice a minute: what became of deliveries and what people texted back moves the quality of their addresses.

It reads settled deliveries and replies as rows, long after they were settled, and nothing waits for it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from notifiers.quality.failures import is_outage, learnt_from
from notifiers.quality.stop_words import read_wish
from people.contact.quality import Signal, note_reached, note_signals
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import hold, raise_to

SQL = load_queries(__package__)
AGAIN = timedelta(seconds=30)
RECEIPTS_COME_WITHIN = timedelta(days=4)
"""Receipts three days late have been seen; after four days a message is not read again."""

LATE_MESSAGES = 1000
"""Of so many of the latest messages; a community has never had more in four days."""

MESSAGES = 50
REPLIES = 1000
READ_AGAIN = 100
"""Replies that are read once more, because ids are not committed in their order."""


@dataclass(frozen=True, slots=True)
class MessageToRead:
    """A message and what its counters are now."""

    id: int
    counters: list[int]


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery that failed; `reason` is the gateway's code. `accepted_before`: the gateway had taken it; `by_hand`: somebody dialled."""

    no: int
    address: str
    reason: str | None
    gateway_id: int
    by_hand: bool
    accepted_before: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """How many deliveries of a message a gateway has settled."""

    gateway_id: int
    settled: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody texted back without answering an alert."""

    id: int
    address: str
    text: str


async def run_once(database: Database, community_id: int) -> int:
    """Read what is new; how many addresses became something else. Looks again by itself."""
    changed = 0
    async with database.community(community_id) as tx:
        since = tx.now - RECEIPTS_COME_WITHIN
        messages = await tx.rows(SQL.messages_to_read, MessageToRead, tx.community, since, LATE_MESSAGES, MESSAGES)
    for message in messages:
        async with database.community(community_id) as tx:
            changed += await _read(tx, message)
    async with database.community(community_id) as tx:
        changed += await _read_replies(tx)
        await tx.run(SQL.forget_seen, tx.community, LATE_MESSAGES)
        if await hold(tx, "quality"):
            await raise_to(tx, "quality", tx.machine_now if len(messages) == MESSAGES else tx.machine_now + AGAIN)
    return changed


async def _read(tx: Tx, message: MessageToRead) -> int:
    changed = await note_reached(tx, await tx.column(SQL.reached_addresses, tx.community, message.id))
    failures = await tx.rows(SQL.failures, Failure, tx.community, message.id)
    settled = {one.gateway_id: one.settled for one in await tx.rows(SQL.settled_by_gateway, Settled, tx.community, message.id)}
    failed = Counter(one.gateway_id for one in failures)
    signals = []
    for one in failures:
        what = learnt_from(one.reason, accepted_before=one.accepted_before, by_hand=one.by_hand)
        if what is None or (what != "stop" and is_outage(failed[one.gateway_id], settled.get(one.gateway_id, 0))):
            continue
        signals.append(Signal(one.address, f"delivery:{message.id}:{one.no}", what, one.reason))
    changed += await note_signals(tx, signals)
    await tx.run(SQL.mark_seen, tx.community, message.id, message.counters)
    return changed


async def _read_replies(tx: Tx) -> int:
    mark = await tx.value(SQL.read_to, tx.community) or 0
    replies = await tx.rows(SQL.replies_after, Reply, tx.community, mark - READ_AGAIN, REPLIES)
    wishes = [(one, read_wish(one.text)) for one in replies]
    changed = await note_signals(tx, [Signal(one.address, f"reply:{one.id}", wish) for one, wish in wishes if wish is not None])
    if replies:
        await tx.run(SQL.mark_replies, tx.community, replies[-1].id)
    return changed
