"""Chores to which no row of `work` leads: the clock does, in every community."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from tests.harness.clock import StoryClock
from tests.harness.processes import SECRET_KEY
from tocsin.app import worker
from tocsin.app.chores import CHORES, Hands
from tocsin.app.worker import Worker
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups


async def test_a_worker_forgets_the_answers_of_yesterday_in_every_community(
    database: Database, owner: asyncpg.Connection, community: int, story: StoryClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await owner.fetchval(
        "INSERT INTO community (company_id, names, zone, languages, default_language, desk_phone, created_at)"
        " SELECT company_id, names, zone, languages, default_language, desk_phone, created_at FROM community RETURNING id"
    )
    key = (
        "INSERT INTO idempotency (community_id, principal, key, request_hash, status, body, created_at)"
        " VALUES ($1, 'desk', $2, '', 201, '{}', story_now())"
    )
    for where in (community, other):
        await owner.execute(key, where, "yesterday")
    await story.forward_clock(minutes=24 * 60 + 1)
    await owner.execute(key, community, "today")

    monkeypatch.setattr(worker, "FIRST_REST_SECONDS", 0.0)
    settings = Settings(data_dir=tmp_path, public_url="http://tocsin.test")
    working = asyncio.create_task(Worker(database, Wakeups(database), Secrets(SECRET_KEY), settings).run())
    async with asyncio.timeout(10):
        while await owner.fetchval("SELECT count(*) FROM idempotency") != 1:
            await asyncio.sleep(0.01)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert await owner.fetchval("SELECT key FROM idempotency") == "today"


async def test_however_often_it_is_woken_a_worker_lets_a_chore_rest_in_each_community(
    database: Database, community: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    async def run_once(_hands: Hands, community_id: int) -> int:
        begun.append(community_id)
        return 1

    now = 1000.0
    monkeypatch.setattr(worker, "monotonic", lambda: now)
    working = Worker(database, Wakeups(database), Secrets(SECRET_KEY), Settings())
    tally = next(chore for chore in CHORES if chore.lane == "tallies")
    resting = replace(tally, run_once=run_once)
    for _ in range(3):
        for one in (community, community + 1):
            working._start(resting, one)
            await asyncio.gather(*working._running)
    assert begun == [community, community + 1]
    now += 1.0
    working._start(resting, community)
    await asyncio.gather(*working._running)
    assert begun == [community, community + 1, community], "once a second, as the record says"
