"""What one recipient costs as communities and tables grow: sealing, fan-out, claim and settle, a look at how far it has come, and the room.

Counted in processor time of the one PostgreSQL process that does the work, because a busy machine's clock says nothing of growth. First an empty
table at growing audiences, then the smallest audience again beside a million (`--old` for more) deliveries of before. A worker's memory is
looked at around broadcasts of growing size.

The smallest audience fits into a processor's cache, a million does not. So it is claimed and settled once more "cold", with a hundred
megabytes of something else read before each batch: what is left of a ratio then is growth.
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
from benchmarks.told import open_case, tell_everybody
from incidents.views.room import room
from incidents.views.sending_now import sending_now
from incidents.views.standings import standings
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
"""A connection is another one after 50,000 statements."""
ROOMS = 10
COLD_ROWS = 500_000
"""Of some 230 bytes: together more than a processor keeps of them."""
STEPS = ("seal", "fan_out", "claim", "settle")
PAGES = ("look", "room")
OLD_EACH = 100_000
_OLD = """
WITH old AS (
    INSERT INTO message OVERRIDING SYSTEM VALUE
    SELECT (jsonb_populate_record(m, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('message', 'id')), 'effect_key', 'of before ' || $3::int, 'posted_at', m.posted_at - interval '90 days'))).*
    FROM message AS m WHERE m.community_id = $1 ORDER BY m.id LIMIT 1
    RETURNING id
), one AS (
    SELECT old.id, n, $3::int + n AS who FROM old CROSS JOIN generate_series(1, $4::int) AS n
), moved AS (
    INSERT INTO delivery_settled (community_id, message_id, no, channel_id, person_id, address, language, state, token, attempts, settled_at, state_at)
    SELECT $1, id, n, $2, 1, '+8613' || lpad(who::text, 9, '0'), 'zh-CN', 'delivered', 1, 1, now(), now() FROM one
), tried AS (
    INSERT INTO delivery_attempt (community_id, message_id, no, token, seq, outcome, at)
    SELECT $1, id, n, 1, 0, 'accepted', now() FROM one
)
INSERT INTO audience_member (community_id, message_id, member_no, person_id, language, reach, delivery_no, channel_id, address)
SELECT $1, id, n, who, 'zh-CN', 'confirmed', n, $2, '+8613' || lpad(who::text, 9, '0') FROM one
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
        costs = {crowd.people: await _middle(one, crowd, "empty", ROUNDS) for crowd in crowds}
        for size in sizes:
            costs[size]["room"] = await _room(one, rig, size)
        await _read_elsewhere(database, first=True)
        cold = await _middle(one, crowds[0], "cold", ROUNDS, cold=True)
        await _grow(rig, crowds[0], old)
        beside_old = await _middle(one, crowds[0], "old", ROUNDS)
        await database.close()
        await _memory(rig, report, crowds[:2])
    _note_sizes(report, costs)
    _note_steps(report, f"{old}_old_deliveries", beside_old, costs[sizes[0]])
    for step in ("claim", "settle"):
        report.figures[f"{step}_microseconds_each_{sizes[0]}_recipients_cold"] = cold[step]
        report.ratios[f"{step}_{sizes[-1]}_recipients_to_cold"] = costs[sizes[-1]][step] / cold[step]
    _note_look(report, f"{old}_old_deliveries", beside_old["look"], costs[sizes[0]]["look"])
    note_load(report, "after")
    return report


async def _middle(one: One, crowd: Crowd, key: str, rounds: int, *, cold: bool = False) -> dict[str, float]:
    """Medians of so many rounds."""
    costs = [await _measure(one, crowd, f"{key} {number}", cold=cold) for number in range(rounds)]
    return {step: median(cost[step] for cost in costs) for step in costs[0]}


async def _measure(one: One, crowd: Crowd, key: str, *, cold: bool = False) -> dict[str, float]:
    """Microseconds of PostgreSQL a recipient by step, and seconds a look at its progress. `cold`: each batch after something else was read."""
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
        if cold:
            await _read_elsewhere(database)
        async with one.clocked("claim"), database.community(crowd.community) as tx:
            claimed = await claim(tx, "urgent", [Room(channel, BATCH, True)], now=tx.machine_now, lease_seconds=60)
        assert len(claimed) == BATCH
        async with one.clocked("settle"), database.community(crowd.community) as tx:
            await settle(tx, [_accepted(each) for each in claimed], tx.machine_now)
    await _end(database, crowd)
    sent = BATCH * BATCHES
    made = {"seal": people, "fan_out": people, "claim": sent, "settle": sent}
    return {step: one.spent[step] / made[step] * 1e6 for step in STEPS} | {"look": one.spent["look"] / LOOKS}


async def _read_elsewhere(database: Database, *, first: bool = False) -> None:
    """Have the one PostgreSQL process read a hundred megabytes that nobody else reads."""
    async with database.floor() as tx:
        if first:
            await tx.connection.execute(
                f"CREATE TEMP TABLE elsewhere AS SELECT n, repeat('x', 200) AS filler FROM generate_series(1, {COLD_ROWS}) AS n", timeout=60
            )
        await tx.connection.execute("SELECT count(*) FROM elsewhere WHERE n % 7 = 1")


async def _room(one: One, rig: SenderRig, people: int) -> float:
    """Seconds of PostgreSQL that everything costs which the room of an incident shows, of which so many were told, when nothing is kept."""
    case = await open_case(rig, people, Line())
    await tell_everybody(rig, case, "everybody")
    await fan_out.run_once(one.database, Wakeups(one.database), case.crowd.community)
    one.spent.clear()
    for _ in range(ROOMS):
        async with one.clocked("room"), one.database.community(case.crowd.community) as tx:
            await room(tx, case.incident_id)
            await standings(tx, case.incident_id, by_building=True)
            await sending_now(tx, case.incident_id)
    await _end(one.database, case.crowd)
    return one.spent["room"] / ROOMS


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
    """So many deliveries of before, settled, with their attempts and members: of messages to 100,000 each, three months ago."""
    owner = await asyncpg.connect(rig.embedded.url)
    channel = await owner.fetchval("SELECT min(id) FROM channel WHERE community_id = $1", crowd.community)
    for start in range(0, count, OLD_EACH):
        await owner.execute(_OLD, crowd.community, channel, start, min(OLD_EACH, count - start))
    await owner.execute("VACUUM ANALYZE delivery_settled, delivery_attempt, audience_member, delivery")
    # They are of before: nobody who is measured writes them out for the first time, nor logs their pages whole.
    await owner.execute("CHECKPOINT")
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


def _note_sizes(report: Report, costs: dict[int, dict[str, float]]) -> None:
    """Each size beside the smallest: of steps and pages what they cost for each recipient."""
    first, *_ = costs
    for people, cost in costs.items():
        label = f"{people}_recipients"
        _note_steps(report, label, cost, costs[first])
        for page in PAGES:
            report.figures[f"{page}_ms_{label}"] = cost[page] * 1e3
            if people != first:
                _asked(report, f"{page}_each_{label}", cost[page] / people / (costs[first][page] / first))


def _note_steps(report: Report, label: str, cost: dict[str, float], least: dict[str, float]) -> None:
    for step in STEPS:
        report.figures[f"{step}_microseconds_each_{label}"] = cost[step]
        if cost is not least:
            _asked(report, f"{step}_{label}", cost[step] / least[step])


def _note_look(report: Report, label: str, seconds: float, least: float) -> None:
    report.figures[f"look_ms_{label}"] = seconds * 1e3
    _asked(report, f"look_{label}", seconds / least)


def _asked(report: Report, name: str, ratio: float) -> None:
    report.ratios[name] = ratio
    report.asked[name] = "<= 1.2"
