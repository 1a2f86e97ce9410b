"""Deadlines of a thousand incidents in the same second; those and all that followed after ten minutes in which nobody worked; one by one on an
idle service."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from time import perf_counter

import asyncpg

from benchmarks.report import Report, percentile
from benchmarks.rig import Rig, rig
from incidents.actors import Actor
from incidents.desk.declare import Declaration, declare
from tocsin.base.work import Wakeups

FIRST_DEADLINE = timedelta(seconds=60)
"""Of the elevator's playbook: until then the first who was alerted may answer."""
DOWN = timedelta(minutes=10)
_FIRED = "SELECT count(DISTINCT incident_id) FROM incident_event WHERE kind = 'tick' AND (body::jsonb->>'due_at')::timestamptz = $1"
_TWICE = (
    "SELECT count(*) FROM (SELECT FROM incident_event WHERE kind = 'tick' GROUP BY incident_id, body::jsonb->>'due_at', body::jsonb->>'key'"
    " HAVING count(*) > 1) AS twice"
)
_DISORDER = (
    "SELECT count(*) FROM (SELECT (body::jsonb->>'due_at')::timestamptz AS due_at,"
    " lag((body::jsonb->>'due_at')::timestamptz) OVER (PARTITION BY incident_id ORDER BY no) AS before"
    " FROM incident_event WHERE kind = 'tick') ticks WHERE due_at < before"
)
_LATE = "SELECT 1000 * extract(epoch FROM at - (body::jsonb->>'due_at')::timestamptz)::float8 AS ms FROM incident_event WHERE kind = 'tick'"
_DUE = "SELECT count(*) FROM timer WHERE due_at <= story_now()"


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a tenth of the incidents."""
    report = Report("timers")
    count = 100 if quick else 1000
    for name in ("together", "after_downtime"):
        report.asked |= {
            f"{name}_seconds": "<= 3", f"{name}_fired": f">= {count}", f"{name}_twice": "<= 0", f"{name}_out_of_order": "<= 0",
        }  # fmt: skip
    report.asked["idle_ms_p99"] = "<= 100"
    async with rig() as one:
        await _together(one, report, count)
    async with rig(worker=False) as one:
        await _after_downtime(one, report, count)
    async with rig() as one:
        await _idle(one, report, 20 if quick else 200)
    return report


async def _declare(one: Rig, count: int) -> None:
    wakeups = Wakeups(one.database)
    for _ in range(count):
        async with one.database.community(one.town.community_id) as tx:
            await declare(tx, wakeups, Declaration("elevator_entrapment", one.town.places["3-2-L1"]), Actor("system", "benchmark"))


async def _together(one: Rig, report: Report, count: int) -> None:
    """All incidents are declared at one frozen instant, so that all their first deadlines fall together; then the clock runs up to it."""
    due = await one.clock.freeze() + FIRST_DEADLINE
    await _declare(one, count)
    await one.gateway.until(2 * count, 240)
    owner = await asyncpg.connect(one.owner_url)
    await one.clock.set_clock(due - timedelta(seconds=2))
    while await owner.fetchval("SELECT story_now() < $1", due):
        await asyncio.sleep(0.01)
    await _until_fired(report, "together", owner, due, count)
    await owner.close()


async def _after_downtime(one: Rig, report: Report, count: int) -> None:
    """Nobody works while they fall due, and ten minutes more; then a worker starts."""
    due = await one.clock.freeze() + FIRST_DEADLINE
    await _declare(one, count)
    owner = await asyncpg.connect(one.owner_url)
    await one.clock.set_clock(due + DOWN)
    async with one.processes.running("worker"):
        await _until_fired(report, "after_downtime", owner, due, count)
        began = perf_counter()
        with suppress(TimeoutError):
            async with asyncio.timeout(120):
                while await owner.fetchval(_DUE):
                    await asyncio.sleep(0.05)
        report.figures["after_downtime_all_seconds"] = report.figures["after_downtime_seconds"] + perf_counter() - began
        report.figures["after_downtime_out_of_order"] = await owner.fetchval(_DISORDER)
    await owner.close()


async def _idle(one: Rig, report: Report, count: int) -> None:
    """Deadlines that fall due one after the other."""
    await _declare(one, count)
    await one.gateway.until(2 * count, 120)
    await one.clock.forward_clock(seconds=FIRST_DEADLINE.total_seconds() - 5)
    owner = await asyncpg.connect(one.owner_url)
    async with asyncio.timeout(120):
        while await owner.fetchval("SELECT count(DISTINCT incident_id) FROM incident_event WHERE kind = 'tick'") < count:
            await asyncio.sleep(0.1)
    late = [row["ms"] for row in await owner.fetch(_LATE)]
    await owner.close()
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        report.figures[f"idle_ms_{name}"] = percentile(late, share)


async def _until_fired(report: Report, name: str, owner: "asyncpg.Connection[asyncpg.Record]", due: datetime, count: int) -> None:
    began, fired = perf_counter(), 0
    while fired < count and perf_counter() - began < 60:
        fired = await owner.fetchval(_FIRED, due)
        await asyncio.sleep(0.02)
    report.figures[f"{name}_seconds"] = perf_counter() - began
    report.figures[f"{name}_fired"] = fired
    report.figures[f"{name}_twice"] = await owner.fetchval(_TWICE)
    report.figures[f"{name}_out_of_order"] = await owner.fetchval(_DISORDER)
