"""Residents press "all safe" and "need help" on the page behind their links, each answered only after its commit.

An open loop at 2,000 a second and a closed one, one API process, a worker beside it; and the same closed loop against a bare handler with a
transaction a request (benchmarks/bare_handler.py), in the same run, round by round.
"""

from dataclasses import dataclass
from statistics import median

import asyncpg

from benchmarks.bare_handler import Serving, bare_handler
from benchmarks.press_load import Load, Pressed, press
from benchmarks.report import Report, percentile
from benchmarks.sender_rig import SenderRig, cpu_of, cpu_of_tree, note_load
from benchmarks.told import Case, case_rig, tell_everybody
from tocsin.base.logs import configure_logs

RATE = 2000.0
CONNECTIONS = 128
ROUNDS = 3


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` presses a fifth as often."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("responses")
    report.asked = {"open_loop_ms_p99": "<= 50", "closed_loop_per_second": ">= 5000", "of_the_bare_handler": ">= 2", "lost": "<= 0"}
    each = 4_000 if quick else 20_000
    note_load(report, "before")
    async with case_rig((ROUNDS * 2 + 1) * each) as (rig, case):
        async with rig.processes.running("serve", "--no-worker") as api, rig.processes.running("worker"):
            message, _ = await tell_everybody(rig, case, "everybody")
            await rig.gateway.until(case.crowd.people, 300)
            await rig.until_settled()
            async with bare_handler(rig.embedded.url, case.crowd.people) as bare:
                await _measure(report, rig, case, message, (Serving(api.pid, rig.processes.port), bare), each)
        report.figures["lost"] = await _lost(rig, message, report)
    note_load(report, "after")
    return report


@dataclass
class _Cost:
    """Processor seconds of whoever answered and of PostgreSQL, for so many presses."""

    handler: float = 0.0
    database: float = 0.0
    presses: int = 0

    def note(self, report: Report, name: str) -> None:
        report.figures[f"{name}_cpu_seconds_per_1000"] = self.handler / self.presses * 1000
        report.figures[f"{name}_database_cpu_seconds_per_1000"] = self.database / self.presses * 1000


async def _measure(report: Report, rig: SenderRig, case: Case, message: int, served: tuple[Serving, Serving], each: int) -> None:
    api, bare = served
    rates: dict[Serving, list[float]] = {api: [], bare: []}
    costs = {api: _Cost(), bare: _Cost()}
    waits: list[float] = []

    async def load(who: Serving, rate: float = 0.0) -> Pressed:
        before = cpu_of(who.pid), cpu_of_tree(rig.postgres)
        first = costs[api].presses + 1
        done = await press(Load(who.port, case.crowd.community, message, first, each, CONNECTIONS, rate))
        cost = costs[who]
        cost.handler += cpu_of(who.pid) - before[0]
        cost.database += cpu_of_tree(rig.postgres) - before[1]
        cost.presses += each
        report.valid = report.valid and done.cpu_seconds / done.seconds < 0.9
        assert done.committed == each, f"{each - done.committed} of {each} were not answered with the redirect"
        return done

    await load(api)  # warm
    for _ in range(ROUNDS):
        closed = await load(api)
        rates[api].append(each / closed.seconds)
        report.figures["closed_loop_ms_p99"] = percentile(closed.waits, 0.99)
        rates[bare].append(each / (await load(bare)).seconds)
        waits += (await load(api, RATE)).waits
    ours, theirs = median(rates[api]), median(rates[bare])
    report.figures["pressed"] = costs[api].presses
    report.figures["closed_loop_per_second"] = ours
    report.figures["closed_loop_spread"] = (max(rates[api]) - min(rates[api])) / ours
    report.figures["bare_handler_per_second"] = theirs
    report.ratios["of_the_bare_handler"] = ours / theirs
    report.figures["open_loop_ms_p50"] = percentile(waits, 0.5)
    report.figures["open_loop_ms_p99"] = percentile(waits, 0.99)
    costs[api].note(report, "api")
    costs[bare].note(report, "bare_handler")


async def _lost(rig: SenderRig, message: int, report: Report) -> int:
    """How many of the answered presses are not in the database, each with its member confirmed."""
    owner = await asyncpg.connect(rig.embedded.url)
    kept = await owner.fetchval(
        "SELECT count(DISTINCT m.delivery_no) FROM response AS r JOIN audience_member AS m USING (community_id, message_id, member_no)"
        " WHERE r.message_id = $1 AND m.reach = 'confirmed'", message
    )  # fmt: skip
    await owner.close()
    return int(report.figures["pressed"]) - int(kept)
