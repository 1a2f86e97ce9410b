"""Staff answer by their links, twenty a second, while 100,000 residents are told: from the instant an answer is due to the redirect that says
it is committed."""

import asyncio
from time import monotonic

import aiohttp
import asyncpg

from benchmarks.crowd import Line
from benchmarks.report import Report, percentile
from benchmarks.sender_rig import SenderRig, note_load
from benchmarks.told import Case, case_rig, tell_everybody
from notifiers.links import make_link
from tests.harness.processes import SECRET_KEY
from tocsin.base.logs import configure_logs
from tocsin.base.secrets import Secrets

RATE = 20.0
CREW = 20
WORDS = ("received", "on_scene", "done")


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` tells a tenth."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("acknowledge")
    report.asked = {"answers_ms_p99": "<= 30", "answers": f">= {20 if quick else 100}"}
    people = 20_000 if quick else 100_000
    note_load(report, "before")
    async with case_rig(people, Line(), crew=CREW) as (rig, case):
        async with rig.processes.running("serve", "--no-worker"), rig.processes.running("worker"):
            links = await _links(rig, case)
            async with aiohttp.ClientSession() as session:
                idle = [await _answer(session, rig, link, WORDS[0], monotonic()) for link in links]
                began = monotonic()
                await tell_everybody(rig, case, "everybody")
                waits = await _while_telling(rig, case, session, links)
            report.figures["broadcast_seconds"] = monotonic() - began
    report.figures["answers"] = len(waits)
    report.figures["answers_before_ms_p50"] = percentile(idle, 0.5)
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        report.figures[f"answers_ms_{name}"] = percentile(waits, share)
    note_load(report, "after")
    return report


async def _while_telling(rig: SenderRig, case: Case, session: aiohttp.ClientSession, links: list[str]) -> list[float]:
    began = monotonic()
    asked: list[asyncio.Task[float]] = []
    while (await rig.gateway.taken()).distinct < case.crowd.people:
        turn, due = len(asked), began + len(asked) / RATE
        await asyncio.sleep(max(0.0, due - monotonic()))
        word = WORDS[1 + (turn // len(links)) % (len(WORDS) - 1)]
        asked.append(asyncio.create_task(_answer(session, rig, links[turn % len(links)], word, due)))
    return list(await asyncio.gather(*asked))


async def _answer(session: aiohttp.ClientSession, rig: SenderRig, link: str, word: str, due: float) -> float:
    """Milliseconds since it was due."""
    async with session.post(f"{rig.processes.url}/a/{link}", data={"kind": word}, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
    return (monotonic() - due) * 1000


async def _links(rig: SenderRig, case: Case) -> list[str]:
    """Of the crew that the incident alerted, once all of it was told."""
    owner = await asyncpg.connect(rig.embedded.url)
    async with asyncio.timeout(60):
        while len(found := await owner.fetch(
            "SELECT m.message_id, m.delivery_no FROM alert AS a JOIN audience_member AS m USING (community_id, message_id)"
            " WHERE a.alert_key = 'engineers#1' AND m.delivery_no IS NOT NULL"
        )) < CREW:  # fmt: skip
            await asyncio.sleep(0.05)
    await owner.close()
    secrets = Secrets(SECRET_KEY)
    return [make_link(secrets, "a", case.crowd.community, row["message_id"], row["delivery_no"]) for row in found]
