"""A gateway's receipts, as many a request as its hook takes: from the first request to the last receipt applied to its delivery and its member."""

import asyncio
from statistics import median
from time import monotonic

import aiohttp
import asyncpg
import orjson

from benchmarks.crowd import GATEWAY_SECRET
from benchmarks.report import Report
from benchmarks.sender_rig import SenderRig, cpu_of, cpu_of_tree, note_load
from benchmarks.told import Case, case_rig, tell_everybody
from notifiers.channels.wire.signatures import sign
from notifiers.links import make_reference
from tocsin.base.logs import configure_logs

A_REQUEST = 500
AT_ONCE = 8
ROUNDS = 3
_WAITS = "SELECT EXISTS (SELECT FROM receipt_bundle WHERE applied_at IS NULL) OR EXISTS (SELECT FROM early_receipt)"


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a tenth of the receipts."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("receipts")
    report.asked = {"receipts_per_second": ">= 20000", "lost": "<= 0"}
    people = 10_000 if quick else 100_000
    note_load(report, "before")
    rates, lost = [], 0
    async with case_rig(people) as (rig, case):
        async with rig.processes.running("serve", "--no-worker") as api, rig.processes.running("worker") as worker:
            for turn in range(ROUNDS):
                await rig.gateway.forget()
                message, _ = await tell_everybody(rig, case, f"round {turn}")
                await rig.gateway.until(people, 300)
                await rig.until_settled()
                before = cpu_of(api.pid), cpu_of(worker.pid), cpu_of_tree(rig.postgres)
                taken, applied, left = await _round(rig, case, message)
                after = cpu_of(api.pid), cpu_of(worker.pid), cpu_of_tree(rig.postgres)
                rates.append(people / applied)
                lost += left
                report.figures["taken_per_second"] = people / taken
                for name, was, now in zip(("api", "worker", "database"), before, after, strict=True):
                    report.figures[f"{name}_cpu_seconds_per_1000"] = (now - was) / people * 1000
    report.figures["receipts_per_second"] = median(rates)
    report.figures["receipts_spread"] = (max(rates) - min(rates)) / median(rates)
    report.figures["lost"] = lost
    note_load(report, "after")
    return report


async def _round(rig: SenderRig, case: Case, message: int) -> tuple[float, float, int]:
    """Seconds until every request was answered, and until every receipt was applied; how many deliveries are not delivered after all."""
    owner = await asyncpg.connect(rig.embedded.url)
    key = await owner.fetchval("SELECT hook_key FROM gateway WHERE kind = 'http_sms'")
    numbers = [one["no"] for one in await owner.fetch("SELECT no FROM delivery_settled WHERE message_id = $1 ORDER BY no", message)]
    bodies = [_body(case.crowd.community, message, numbers[start : start + A_REQUEST]) for start in range(0, len(numbers), A_REQUEST)]
    waiting = iter(bodies)
    began = monotonic()
    async with aiohttp.ClientSession() as session:

        async def post() -> None:
            for body in waiting:
                headers = {"Content-Type": "application/json", **sign(GATEWAY_SECRET, "receipts", body)}
                async with session.post(f"{rig.processes.url}/hooks/{key}/receipts", data=body, headers=headers) as answer:
                    assert answer.status == 200, await answer.text()

        await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    taken = monotonic() - began
    async with asyncio.timeout(120):
        while await owner.fetchval(_WAITS):
            await asyncio.sleep(0.02)
    applied = monotonic() - began
    left = await owner.fetchval("SELECT count(*) FROM delivery_settled WHERE message_id = $1 AND state <> 'delivered'", message)
    await owner.close()
    return taken, applied, int(left)


def _body(community: int, message: int, numbers: list[int]) -> bytes:
    return orjson.dumps({"receipts": [{"reference": make_reference(community, message, no), "state": "delivered"} for no in numbers]})
