"""An idle service with its own PostgreSQL: the memory of all its processes; what a thousand deliveries leave in the log and on the disk; and whether
memory grows while it is used for half an hour."""

import asyncio
from pathlib import Path
from statistics import linear_regression
from time import monotonic

import asyncpg
import psutil

from benchmarks.report import Report
from benchmarks.sender_rig import note_load
from benchmarks.told import case_rig, tell_everybody
from tests.harness.processes import stop
from tocsin.base.logs import configure_logs

SETTLED_AFTER = 15.0
"""Seconds until a service that has just started is at rest."""
SOAK_SECONDS, QUICK_SOAK_SECONDS = 1800.0, 40.0
A_BROADCAST = 2000
MOST_MB_AN_HOUR = 20.0
"""What a straight line through the memory of the soak may rise: less than the noise of one broadcast in half an hour."""
_SIZE = (
    "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal, sum(pg_total_relation_size(oid)) AS disk FROM pg_class WHERE relkind = 'r'"
)


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` soaks for less than a minute, in which no slope can be told from noise: none is asked."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("idle")
    report.asked = {"memory_mb": "<= 250"} | ({} if quick else {"soak_mb_an_hour": f"<= {MOST_MB_AN_HOUR}"})
    note_load(report, "before")
    async with case_rig(A_BROADCAST) as (rig, case):
        service = await rig.processes.start("serve")
        try:
            await rig.processes.until_ready(service)
            await asyncio.sleep(SETTLED_AFTER)
            # This process's own connections are none of the service's.
            await rig.database.pool.expire_connections()
            report.figures["memory_mb"] = _memory_mb([service.pid, rig.postgres])
            report.figures["service_mb"] = _memory_mb([service.pid])
            owner = await asyncpg.connect(rig.embedded.url)
            before = await _sizes(owner)
            began, samples, turn = monotonic(), [], 0
            while turn < 5 or monotonic() - began < (QUICK_SOAK_SECONDS if quick else SOAK_SECONDS):
                await rig.gateway.forget()
                await tell_everybody(rig, case, f"soak {turn}")
                await rig.gateway.until(A_BROADCAST, 120)
                await rig.until_settled()
                turn += 1
                if turn == 5:
                    after = await _sizes(owner)
                samples.append((monotonic() - began, _memory_mb([service.pid])))
                await asyncio.sleep(1.0)
            await owner.close()
        finally:
            await stop(service)
    thousands = 5 * A_BROADCAST / 1000
    report.figures["wal_kilobytes_per_1000"] = (after[0] - before[0]) / 1000 / thousands
    report.figures["disk_kilobytes_per_1000"] = (after[1] - before[1]) / 1000 / thousands
    warm = samples[len(samples) // 4 :]
    report.figures["soak_mb_an_hour"] = linear_regression([at for at, _ in warm], [mb for _, mb in warm]).slope * 3600
    report.figures["soak_broadcasts"] = turn
    report.figures["memory_after_mb"] = samples[-1][1]
    note_load(report, "after")
    return report


async def _sizes(owner: "asyncpg.Connection[asyncpg.Record]") -> tuple[float, float]:
    """Bytes written to the log so far, and bytes of all tables with their indexes."""
    found = await owner.fetchrow(_SIZE)
    assert found is not None
    return float(found["wal"]), float(found["disk"])


def _memory_mb(pids: list[int]) -> float:
    """Proportional set size of these processes and of all below them, in MB: what is shared counts once."""
    total = 0
    for pid in pids:
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            try:
                rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            except (OSError, psutil.Error):
                continue
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024
