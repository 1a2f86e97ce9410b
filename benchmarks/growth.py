"""What one recipient costs as communities and tables grow: sealing, fan-out, claim and settle, and a look at how far it has come.

Counted in processor time of the one PostgreSQL process that does the work, because a busy machine's clock says nothing of growth. First an empty
table at growing audiences, then the smallest audience again beside a million (`--old` for more) deliveries of before. A worker's memory is
looked at around broadcasts of growing size.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

import asyncpg
import psutil

from benchmarks.crowd import Crowd, Line, broadcast
from benchmarks.report import Report
from benchmarks.sender_rig import SenderRig, cpu_of, note_load, sender_rig
from notifiers.announcements import counters
from notifiers.announcements.progress import progress
from notifiers.channels.shape import Accepted
from notifiers.delivery import fan_out
from notifiers.delivery.claims import Claimed, Room, claim
from notifiers.delivery.settling import Result, settle
from notifiers.delivery.verdicts import standing_of
from tocsin.base.database import Database, connect
from tocsin.base.logs import configure_logs
from tocsin.base.work import Wakeups

ROUNDS = 3
BATCH = 500
BATCHES = 20
LOOKS = 300
"""Processor time is counted by the hundredth of a second; and a connection is another one after 50,000 statements."""
STEPS = ("seal", "fan_out", "claim", "settle")
_OLD = """
WITH moved AS (
    INSERT INTO delivery_settled (community_id, message_id, no, channel_id, person_id, address, language, state, token, attempts, settled_at, state_at)
    SELECT $1, $2, 10000000 + n, $3, 1, '+8613' || lpad(n::text, 9, '0'), 'zh-CN', 'delivered', 1, 1, now(), now()
    FROM generate_series($4::int, $5::int) AS n
), tried AS (
    INSERT INTO delivery_attempt (community_id, message_id, no, token, seq, outcome, at)
    SELECT $1, $2, 10000000 + n, 1, 0, 'accepted', now() FROM generate_series($4::int, $5::int) AS n
)
INSERT INTO audience_member (community_id, message_id, member_no, person_id, language, reach, delivery_no, channel_id, address)
SELECT $1, $2, 10000000 + n, n, 'zh-CN', 'confirmed', 10000000 + n, $3, '+8613' || lpad(n::text, 9, '0')
FROM generate_series($4::int, $5::int) AS n
"""


@dataclass
class One:
    """A pool of exactly one connection, and the PostgreSQL process behind it."""

    database: Database
    pid: int
    spent: dict[str, float] = field(default_factory=dict)

    @asynccontextmanager
    async def clocked(self, step: str) -> AsyncIterator[None]:
        """Add what the block costs PostgreSQL to this step."""
        before = cpu_of(self.pid)
        yield
        self.spent[step] = self.spent.get(step, 0.0) + cpu_of(self.pid) - before


async def run(*, quick: bool = False, old: int = 1_000_000) -> Report:
    """Measure; `quick` has a tenth of everything. `old`: so many deliveries of before."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("growth")
    sizes = (10_000, 100_000) if quick else (10_000, 100_000, 1_000_000)
    old = old // 10 if quick else old
    note_load(report, "before")
    async with sender_rig() as rig:
        database = await connect(rig.embedded.url, size=1)
        async with database.floor() as tx:
            one = One(database, await tx.connection.fetchval("SELECT pg_backend_pid()"))
        crowds = [await rig.crowd(size, Line()) for size in sizes]
        await _measure(one, crowds[0], "first")
        costs = {crowd.people: await _middle(one, crowd, "empty", ROUNDS if crowd is crowds[0] else 1) for crowd in crowds}
        await _grow(rig, crowds[0], old)
        beside_old = await _middle(one, crowds[0], "old", ROUNDS)
        await database.close()
        await _memory(rig, report, crowds[:2])
    _note(report, {f"{people}_recipients": cost for people, cost in costs.items()} | {f"{old}_old_deliveries": beside_old})
    note_load(report, "after")
    return report


async def _middle(one: One, crowd: Crowd, key: str, rounds: int) -> dict[str, float]:
    """Medians of so many rounds."""
    costs = [await _measure(one, crowd, f"{key} {number}") for number in range(rounds)]
    return {step: median(cost[step] for cost in costs) for step in costs[0]}


async def _measure(one: One, crowd: Crowd, key: str) -> dict[str, float]:
    """Microseconds of PostgreSQL a recipient by step, and milliseconds a look at its progress."""
    one.spent.clear()
    database, people = one.database, crowd.people
    async with one.clocked("seal"):
        await broadcast(database, crowd, key)
    async with one.clocked("fan_out"):
        await fan_out.run_once(database, Wakeups(database), crowd.community)
    async with database.community(crowd.community) as tx:
        message, channel = await tx.connection.fetchrow("SELECT max(m.id), max(c.id) FROM message AS m CROSS JOIN channel AS c") or (0, 0)
    async with one.clocked("look"):
        for _ in range(LOOKS):
            async with database.community(crowd.community) as tx:
                await counters(tx, [message])
                await progress(tx, [message])
    for _ in range(BATCHES):
        async with one.clocked("claim"), database.community(crowd.community) as tx:
            claimed = await claim(tx, "urgent", [Room(channel, BATCH, True)], now=tx.machine_now, lease_seconds=60)
        assert len(claimed) == BATCH
        async with one.clocked("settle"), database.community(crowd.community) as tx:
            await settle(tx, [_accepted(each) for each in claimed], tx.machine_now)
    await _end(database, crowd)
    sent = BATCH * BATCHES
    made = {"seal": people, "fan_out": people, "claim": sent, "settle": sent}
    return {step: one.spent[step] / made[step] * 1e6 for step in STEPS} | {"look": one.spent["look"] / LOOKS * 1e3}


def _accepted(claimed: Claimed) -> Result:
    standing = standing_of(claimed.attempts, claimed.maybe_sent, True, claimed.life_safety, claimed.alert)
    return Result(
        claimed.message_id,
        claimed.no,
        claimed.token,
        Accepted(None),
        standing,
        receipts=False,
        range_id=claimed.range_id,
        member_no=claimed.member_no,
    )


async def _end(database: Database, crowd: Crowd) -> None:
    """Nothing of it is left for the next."""
    async with database.community(crowd.community) as tx:
        await tx.connection.execute("DELETE FROM delivery", timeout=300)
        await tx.connection.execute("DELETE FROM delivery_range", timeout=300)


async def _grow(rig: SenderRig, crowd: Crowd, count: int) -> None:
    """So many deliveries of before, settled, with their attempts and members, under the community's first message."""
    owner = await asyncpg.connect(rig.embedded.url)
    message = await owner.fetchval("SELECT min(id) FROM message WHERE community_id = $1", crowd.community)
    channel = await owner.fetchval("SELECT min(id) FROM channel WHERE community_id = $1", crowd.community)
    for start in range(1, count + 1, 100_000):
        await owner.execute(_OLD, crowd.community, message, channel, start, min(count, start + 99_999))
    await owner.execute("VACUUM ANALYZE delivery_settled, delivery_attempt, audience_member, delivery")
    await owner.close()


async def _memory(rig: SenderRig, report: Report, crowds: list[Crowd]) -> None:
    """A worker's resident memory after the smaller and after the bigger broadcast."""
    warm = await rig.crowd(1_000, Line())
    seen: list[float] = []
    async with rig.workers(1, warm) as (worker,):
        for crowd in crowds:
            await rig.send_to(crowd, "memory", [worker])
            seen.append(psutil.Process(worker.pid).memory_info().rss / 2**20)
    report.figures["worker_mb"] = seen[0]
    report.figures["worker_mb_grown"] = seen[-1] - seen[0]
    report.asked["worker_mb_grown"] = "<= 20"


def _note(report: Report, costs: dict[str, dict[str, float]]) -> None:
    least = next(iter(costs.values()))
    for label, cost in costs.items():
        for step, spent in cost.items():
            unit = "ms" if step == "look" else "microseconds_each"
            report.figures[f"{step}_{unit}_{label}"] = spent
            if cost is not least:
                report.ratios[f"{step}_{label}"] = spent / least[step]
                report.asked[f"{step}_{label}"] = "<= 1.2"
