"""From declaration to the alert in the gateway's hands; fifty answers at one instant."""

import asyncio
import re
from time import perf_counter

import aiohttp
import asyncpg

from benchmarks.report import Report, percentile
from benchmarks.rig import Rig, rig
from benchmarks.told import put_on_duty
from incidents.actors import Actor
from incidents.desk.declare import Declaration, declare
from tocsin.base.work import Wakeups

LINK = re.compile(r"http://\S+/a/(\S+)")
WARM = 20


async def run(*, quick: bool = False) -> Report:
    """Measure both; `quick` does a tenth of the work."""
    report = Report("declare")
    report.asked = {
        "declare_to_gateway_ms_p99": "<= 100",
        "fifty_answers_ms": "<= 500",
        "fifty_answers_true": ">= 50",
    }
    async with rig() as one:
        await _declarations(one, report, 50 if quick else 500)
    async with rig() as one:
        await _answers(one, report)
    return report


async def _declarations(one: Rig, report: Report, count: int) -> None:
    headers = {"Authorization": f"Bearer {one.token}"}
    place = one.town.places["3-2-L1"]
    waits: list[float] = []
    answers: list[float] = []
    async with aiohttp.ClientSession(headers=headers) as session:
        for number in range(WARM + count):
            before = len(one.gateway.arrived)
            began = perf_counter()
            body = {"kind": "elevator_entrapment", "place": str(place), "facts": {}}
            async with session.post(f"{one.url}/api/v1/incidents", json=body, headers={"Idempotency-Key": f"bench-{number}"}) as answer:
                assert answer.status == 201, await answer.text()
            answered = perf_counter()
            await one.gateway.until(before + 1, 10)
            if number >= WARM:
                waits.append((one.gateway.arrived[before][0] - began) * 1000)
                answers.append((answered - began) * 1000)
            await one.gateway.until(before + 2, 10)
    report.figures["declarations"] = len(waits)
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        report.figures[f"declare_to_gateway_ms_{name}"] = percentile(waits, share)
    report.figures["declare_to_201_ms_p50"] = percentile(answers, 0.5)
    report.figures["declare_to_201_ms_p99"] = percentile(answers, 0.99)


async def _answers(one: Rig, report: Report) -> None:
    """One alert to fifty engineers on duty, all of whom press "received" at the same instant."""
    async with one.database.community(one.town.community_id) as tx:
        await put_on_duty(tx, 49)
    async with one.database.community(one.town.community_id) as tx:
        wakeups = Wakeups(one.database)
        place = one.town.places["3-2-L1"]
        await declare(tx, wakeups, Declaration("elevator_entrapment", place), Actor("system", "benchmark"))
    await one.gateway.until(51, 20)
    links = [match.group(0) for _, message in one.gateway.arrived if (match := LINK.search(message["text"]))]
    first_alert = [link for link in links if link][:51]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began = perf_counter()
        statuses = await asyncio.gather(*(_press(session, link) for link in first_alert))
        report.figures["fifty_answers_ms"] = (perf_counter() - began) * 1000
    connection = await asyncpg.connect(one.owner_url)
    told = await connection.fetchval("SELECT count(DISTINCT person_id) FROM answer WHERE kind = 'received' AND alert_key = 'engineers#1'")
    await connection.close()
    report.figures["fifty_answers_true"] = min(told, sum(status in (200, 303) for status in statuses))


async def _press(session: aiohttp.ClientSession, link: str) -> int:
    async with session.post(link, data={"kind": "received"}, allow_redirects=False) as answer:
        await answer.read()
        return answer.status
