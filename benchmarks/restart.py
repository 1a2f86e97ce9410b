"""`kill -9` in the middle of a broadcast: of the only worker, and how soon a new process sends; of one of two, and how long nothing leaves.

What was in flight is settled when its lease runs out (a setting, here 2 s); a gateway that tells repeats apart hears nobody twice.
"""

import asyncio
from time import monotonic

from benchmarks.crowd import RESIDENT_NUMBERS, Line
from benchmarks.report import Report
from benchmarks.sender_rig import SenderRig, note_load
from benchmarks.told import Case, case_rig, tell_everybody
from notifiers.links import base36
from tests.harness.processes import kill
from tocsin.base.logs import configure_logs

LATENCY_MS = 20.0
"""So that there is something in flight."""
STAFF_NUMBERS = "+8613700"
"""Those of the small town begin so or higher, those of the crowd count up from +8613000."""
A_MOMENT = 0.1
"""Seconds in which what a dead worker had written into its connections still arrives."""


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a fifth of the recipients."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("restart")
    report.asked = {"new_worker_seconds": "<= 2", "other_worker_seconds": "<= 0.2", "lost": "<= 0"}
    people = 10_000 if quick else 50_000
    note_load(report, "before")
    async with case_rig(people, Line()) as (rig, case):
        rig.processes.extra["TOCSIN_LEASE_SECONDS"] = "2"
        report.figures["new_worker_seconds"], alone = await _only_worker(rig, case)
        report.figures["other_worker_seconds"], beside = await _one_of_two(rig, case)
        report.figures["lost"] = alone + beside
    note_load(report, "after")
    return report


async def _only_worker(rig: SenderRig, case: Case) -> tuple[float, int]:
    """Seconds from the start of a new process to the next message at the gateway; how many were lost in the end."""
    await rig.gateway.forget(latency_ms=LATENCY_MS, watch=RESIDENT_NUMBERS)
    async with rig.processes.running("worker") as worker:
        message, _ = await tell_everybody(rig, case, "only worker")
        await rig.gateway.until(case.crowd.people // 4, 120)
        await kill(worker)
    await asyncio.sleep(A_MOMENT)
    began = monotonic()
    async with rig.processes.running("worker"):
        await _finish(rig, case)
    came = await _came(rig, case, message)
    return min(at for _, at in came if at > began) - began, case.crowd.people - len({reference for reference, _ in came})


async def _one_of_two(rig: SenderRig, case: Case) -> tuple[float, int]:
    """The longest time in the second after the kill in which nothing arrived."""
    await rig.gateway.forget(latency_ms=LATENCY_MS, watch=RESIDENT_NUMBERS)
    async with rig.processes.running("worker") as worker, rig.processes.running("worker"):
        await asyncio.sleep(2.0)
        message, _ = await tell_everybody(rig, case, "one of two")
        await rig.gateway.until(case.crowd.people // 4, 120)
        killed = monotonic()
        await kill(worker)
        await _finish(rig, case)
    came = await _came(rig, case, message)
    after = sorted(at for _, at in came if killed <= at <= killed + 1.0)
    gap = max(later - earlier for earlier, later in zip([killed, *after], after, strict=False))
    return gap, case.crowd.people - len({reference for reference, _ in came})


async def _finish(rig: SenderRig, case: Case) -> None:
    await rig.gateway.until(case.crowd.people, 180)
    await rig.until_settled()


async def _came(rig: SenderRig, case: Case, message: int) -> list[tuple[str, float]]:
    """Reference and instant of each of the message's deliveries to somebody of the crowd, as the gateway took them."""
    begins = f"{base36(case.crowd.community)}-{base36(message)}-"
    return [(reference, at) for reference, to, at in await rig.gateway.watched() if reference.startswith(begins) and to < STAFF_NUMBERS]
