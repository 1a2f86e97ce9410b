"""PostgreSQL goes away under load, in three ways: what was promised is on disk, what was due happens, and nobody restarts anything."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.harness.postgres import cancel_statements, kill_backend, kill_postmaster, restart_at_once
from tests.stories.faults.conftest import TRAPPED, Scene
from tocsin.base.embedded import Embedded

CLIENTS = 4
DECLARATIONS = 20
Fault = Callable[[Embedded, str], Awaitable[None]]


async def _restart(postgres: Embedded, _database: str) -> None:
    await restart_at_once(postgres)


async def _kill_all(postgres: Embedded, _database: str) -> None:
    await kill_postmaster(postgres)


FAULTS: dict[str, Fault] = {
    "restarted": _restart,
    "one_backend_killed": kill_backend,
    "postmaster_killed": _kill_all,
    "statements_cancelled": cancel_statements,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_gone_under_load_every_promise_is_kept(scene: Scene, postgres: Embedded, fault: Fault) -> None:
    name = urlsplit(scene.service.database_url).path.lstrip("/")
    api, worker = await scene.starts_api(), await scene.starts_worker()
    promised: dict[str, int] = {}
    keys = iter([f"call-{number}" for number in range(DECLARATIONS)])
    load = [asyncio.create_task(_declares_all(scene, keys, promised)) for _ in range(CLIENTS)]
    await scene.until_true(lambda: len(promised) >= DECLARATIONS // 4)
    await fault(postgres, name)
    await asyncio.gather(*load)
    await scene.meets_owner_again()
    assert sorted(promised.values()) == [row["id"] for row in await scene.owner.fetch("SELECT id FROM incident ORDER BY id")]

    rings_at = await scene.owner.fetchval("SELECT max(due_at) FROM timer WHERE key = 'run'")
    await scene.clock.set_clock(rings_at + timedelta(seconds=1))
    await scene.until("SELECT EXISTS (SELECT FROM incident_event WHERE cause = 'timer')")
    await fault(postgres, name)
    await scene.meets_owner_again()
    await scene.ends_well()
    fired = "SELECT count(DISTINCT incident_id) FROM incident_event WHERE cause = 'timer'"
    assert await scene.count(fired) == len(promised) == DECLARATIONS
    assert (api.returncode, worker.returncode) == (None, None)
    for log in ("serve.log", "worker.log"):
        assert "pool connection floor" not in (scene.service.data_dir / log).read_text("utf-8"), "a library speaks past our logs"


async def test_a_look_for_work_that_is_cancelled_ends_no_worker(scene: Scene) -> None:
    await scene.starts_api()
    worker = await scene.starts_worker()
    async with scene.holding("LOCK TABLE work") as hold:
        await hold.caught("SELECT community_id, lane FROM work")
        await hold.cancel()
        await hold.let_go()
    await scene.declares(key="call-1")
    await scene.phone("zhang").receives("困人")
    await scene.forward(minutes=1)
    await scene.ends_well()
    assert worker.returncode is None


async def _declares_all(scene: Scene, keys: Iterator[str], promised: dict[str, int]) -> None:
    for key in keys:
        while key not in promised:
            try:
                status, answer = await scene.post("/incidents", TRAPPED, key=key)
            except aiohttp.ClientError:
                continue
            if status == 201:
                promised[key] = int(str(answer["id"]))
            else:
                assert status in (409, 503), answer
                await asyncio.sleep(0.1)
