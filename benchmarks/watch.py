"""Two hundred open room pages while 100,000 residents are told: what that costs the broadcast, and how soon each page shows what happened.

Each watcher is a desk's browser without its drawing: it reads the room, follows /console/live and reads the room again at each `changed`, one reading at a time,
and once more when the page says so (`data-again`), saying which version it shows (`data-shown`), as api/console/static/live.js does. Rounds with and without watchers alternate.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import random
from statistics import median
from time import monotonic

import aiohttp

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.sessions import open_session
from benchmarks.report import Report, percentile
from benchmarks.sender_rig import SenderRig, note_load
from benchmarks.told import Case, case_rig, tell_everybody
from incidents.actors import Actor
from incidents.desk import changes
from incidents.desk.changes import Desk
from tocsin.base.logs import configure_logs
from tocsin.base.work import Wakeups

ROUNDS = 2
EVERY_SECONDS = 2.0
"""The desk writes news so often; each page must show them."""
_AGAIN = re.compile(r'<html[^>]* data-again="(\d+)"')
_SHOWN = re.compile(r'<html[^>]* data-shown="(\w+)"')


@dataclass
class Watchers:
    """When each piece of news was posted, and how long each page took to show it; how many pages were read."""

    posted: dict[str, float] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    reads: int = 0


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a fifth of the residents and of the pages."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("watch")
    report.asked = {"of_the_broadcast_alone": ">= 0.9", "fresh_seconds_p99": "<= 1.5"}
    people, pages = (20_000, 40) if quick else (100_000, 200)
    note_load(report, "before")
    alone: list[float] = []
    watched: list[float] = []
    seen = Watchers()
    async with case_rig(people) as (rig, case):
        cookie = await _cookie(rig, case)
        async with rig.processes.running("serve", "--no-worker"), rig.processes.running("worker"):
            await _broadcast(rig, case, "warm")
            for turn in range(ROUNDS):
                alone.append(await _broadcast(rig, case, f"alone {turn}"))
                async with _watching(rig, case, cookie, pages, seen):
                    watched.append(await _broadcast(rig, case, f"watched {turn}"))
                    await asyncio.sleep(EVERY_SECONDS)
    report.figures["alone_per_second"] = median(alone)
    report.figures["watched_per_second"] = median(watched)
    report.ratios["of_the_broadcast_alone"] = median(watched) / median(alone)
    report.figures["pages_read"] = seen.reads
    report.figures["fresh_seconds_p50"] = percentile(seen.waits, 0.5)
    report.figures["fresh_seconds_p99"] = percentile(seen.waits, 0.99)
    report.valid = len(seen.waits) >= pages
    note_load(report, "after")
    return report


async def _cookie(rig: SenderRig, case: Case) -> str:
    async with rig.database.floor() as tx:
        account = await create_account(tx, NewAccount(rig.company, "sun", "孙主管"))
        await add_membership(tx, account_id=account, community_id=case.crowd.community, role="supervisor")
        return await open_session(tx, account_id=account, community_id=case.crowd.community)


async def _broadcast(rig: SenderRig, case: Case, key: str) -> float:
    """Messages a second from declaration to the last acceptance."""
    await rig.gateway.forget()
    _, began = await tell_everybody(rig, case, key)
    taken = await rig.gateway.until(case.crowd.people, 300)
    await rig.until_settled()
    return case.crowd.people / (taken.last_at - began)


@asynccontextmanager
async def _watching(rig: SenderRig, case: Case, cookie: str, pages: int, seen: Watchers) -> AsyncIterator[None]:
    headers = {"Cookie": f"tocsin={cookie}", "Accept": "text/html"}
    async with aiohttp.ClientSession(
        headers=headers,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        is_open = [asyncio.Event() for _ in range(pages)]
        at_work = [asyncio.create_task(_page(session, rig, case, seen, one)) for one in is_open]
        await asyncio.gather(*(one.wait() for one in is_open))
        at_work.append(asyncio.create_task(_news(rig, case, seen)))
        try:
            yield
        finally:
            for task in at_work:
                task.cancel()
            for task in at_work:
                with suppress(asyncio.CancelledError):
                    await task


async def _news(rig: SenderRig, case: Case, seen: Watchers) -> None:
    wakeups = Wakeups(rig.database)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        words = f"N{len(seen.posted):04d}N"
        async with rig.database.community(case.crowd.community) as tx:
            await changes.add_note(Desk(tx, wakeups, Actor("system", "benchmark")), case.incident_id, words)
        seen.posted[words] = monotonic()


async def _page(session: aiohttp.ClientSession, rig: SenderRig, case: Case, seen: Watchers, is_open: asyncio.Event) -> None:
    """One open page: `due` is set when it is to be read again. It is open (`is_open`) once it was read and its stream has begun."""
    due, shown, version = asyncio.Event(), set(seen.posted), ""

    async def follow() -> None:
        async with session.get(f"{rig.processes.url}/console/live") as stream:
            assert stream.status == 200
            is_open.set()
            async for line in stream.content:
                if line == b"event: changed\n":
                    due.set()

    following: asyncio.Task[None] | None = None
    loop = asyncio.get_running_loop()
    later: asyncio.TimerHandle | None = None
    try:
        while True:
            if following is not None:
                await due.wait()
            due.clear()
            headers = {"Tocsin-Shown": version} if version else {}
            async with session.get(f"{rig.processes.url}/i/{case.number}", headers=headers) as answer:
                text = await answer.text()
                assert answer.status == 200 and answer.url.path.startswith("/i/")
            seen.reads += 1
            for words in [one for one in seen.posted if one not in shown and one in text]:
                shown.add(words)
                seen.waits.append(monotonic() - seen.posted[words])
            if later is not None:
                later.cancel()
            following = following or asyncio.create_task(follow())
            version = found.group(1) if (found := _SHOWN.search(text)) else ""
            again = _AGAIN.search(text)
            later = None if again is None else loop.call_later(int(again.group(1)) / 1000 * (1 + random() / 2), due.set)
    finally:
        if later is not None:
            later.cancel()
        if following is not None:
            following.cancel()
