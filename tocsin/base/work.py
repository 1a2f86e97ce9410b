"""Where work waits, and the hint that wakes whoever does it.

The table `work` says by community and lane from when there may be something to do. Producers only lower it, as the
last act of their transaction; the chore that looked raises it, holding the row while it looks (so that nothing
committed in between is forgotten). The hint is a throttled NOTIFY outside of transactions; a poll each second
is the truth.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Literal

import asyncpg

from tocsin.base.database import CONNECTION_LOST, Database, Tx
from tocsin.base.logs import logger
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

Lane = Literal[
    "alert", "correction", "urgent", "notice", "fan_out", "leases", "receipts", "no_receipt", "inquiries", "timers", "outcomes", "tallies",
    "quality", "canaries", "planned", "rosters", "handovers", "search", "idempotency", "imports", "clock_steps",
]  # fmt: skip
"""Lanes of deliveries by urgency, then those of the other chores. 'timers', 'no_receipt', 'canaries', 'planned' and
'handovers' are judged by story time;
'idempotency', 'imports' and 'clock_steps' have no rows in `work`, the clock leads to them."""

DELIVERY_LANES: tuple[Lane, ...] = ("alert", "correction", "urgent", "notice")
_CHANNEL = "tocsin_work"
THROTTLE_SECONDS = 0.2
log = logger("work")


def lower(tx: Tx, lane: Lane, due_at: datetime | None = None) -> None:
    """Note that `lane` of this transaction's community has work from `due_at` (None: at once, by machine time)."""

    async def write() -> None:
        lanes = sorted(tx.lowered)
        await tx.run(SQL.lower_work, tx.community, lanes, [tx.lowered[one] for one in lanes])

    known = tx.lowered.get(lane, due_at)
    tx.lowered[lane] = None if due_at is None or known is None else min(known, due_at)
    tx.before_commit("work", write)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One community with work due in a lane."""

    community_id: int
    lane: str


async def due(database: Database, limit: int = 500) -> list[Waiting]:
    """Where work is due now, longest waiting first."""
    async with database.floor() as tx:
        return await tx.rows(SQL.work_due, Waiting, tx.now, limit)


async def next_story_due(database: Database) -> datetime | None:
    """The earliest instant of story time at which a timer is due; None when no timer waits."""
    async with database.floor() as tx:
        earliest: datetime | None = await tx.value(SQL.next_timer)
        return earliest


async def hold(tx: Tx, lane: Lane) -> bool:
    """Lock the community's row of `lane`, so that what is looked at next is all there is; False when it has none."""
    return await tx.value(SQL.hold_work, tx.community, lane) is not None


async def is_due(tx: Tx, lane: Lane, at: datetime) -> bool:
    """Whether the community has work in `lane` that was due at `at`, done or being done by nobody knows whom."""
    return bool(await tx.value(SQL.is_work_due, tx.community, lane, at))


async def raise_to(tx: Tx, lane: Lane, due_at: datetime | None) -> None:
    """After looking under `hold`: the lane's next work is due at `due_at`; None when nothing is left."""
    if due_at is None:
        await tx.run(SQL.finish_work, tx.community, lane)
    else:
        await tx.run(SQL.raise_work, tx.community, lane, due_at)


UNHEARD = (*CONNECTION_LOST, asyncpg.PostgresError)
"""Whatever becomes of a hint, nobody fails for it: what was committed is committed, and the poll finds it."""


@dataclass
class Wakeups:
    """Sends and hears hints. `topics` are lanes, or 'page:<community>' for pages that watch."""

    database: Database
    _sent: dict[str, float] = field(default_factory=dict)
    _listeners: set[Callable[[str], None]] = field(default_factory=set)
    _late: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    _sending: set[asyncio.Task[None]] = field(default_factory=set)

    async def hint(self, topic: str) -> None:
        """Tell other processes that `topic` has news; at most one in 200 ms a topic, the last one late, except for alerts."""
        wait_seconds = self._sent.get(topic, -1.0) + THROTTLE_SECONDS - monotonic()
        if topic != "alert" and wait_seconds > 0:
            if topic not in self._late:
                self._late[topic] = asyncio.get_running_loop().call_later(wait_seconds, self._hint_late, topic)
            return
        await self._send(topic)

    def _hint_late(self, topic: str) -> None:
        """What came too soon after another is told when its time is over: an open page has no other word of the last change."""
        del self._late[topic]
        task = asyncio.create_task(self._send(topic))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, topic: str) -> None:
        self._sent[topic] = monotonic()
        try:
            async with self.database.pool.acquire(timeout=2) as connection:
                await connection.execute(SQL.notify.text, _CHANNEL, topic)
        except UNHEARD as problem:
            log.warning("hint_lost", topic=topic, problem=type(problem).__name__)

    def after_commit(self, tx: Tx, topic: str) -> None:
        """Hint at `topic` once `tx` is committed."""
        tx.after_commit(("hint", topic), lambda: self.hint(topic))

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(topic)` at each hint; returns what ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def listen(self) -> None:
        """Hear hints until cancelled, and again after the database was away. One connection, not of the pool's size."""
        while True:
            try:
                await self._listen_once()
            except UNHEARD as problem:
                log.warning("hints_unheard", problem=type(problem).__name__)
                await asyncio.sleep(0.5)

    async def _listen_once(self) -> None:
        async with self.database.pool.acquire(timeout=5) as connection:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(_CHANNEL, self._heard)
            try:
                await lost.wait()
            finally:
                if connection.is_closed():
                    connection.terminate()
                else:
                    await connection.remove_listener(_CHANNEL, self._heard)

    def _heard(self, _connection: object, _pid: int, _channel: str, topic: object) -> None:
        for listener in tuple(self._listeners):
            listener(str(topic))
