"""The API is pressed: every connection to the database is taken, or its clients hang up in the middle. Nothing is half done, and it goes on."""

import asyncio
import random
from time import monotonic

import aiohttp

from tests.stories.faults.conftest import TRAPPED, Scene

CLIENTS = 24
"""More than the API has connections."""


async def test_with_every_connection_taken_it_says_so_and_each_is_declared_once(scene: Scene) -> None:
    await scene.starts_api()
    await scene.starts_worker()
    async with scene.holding("LOCK TABLE incident") as hold:
        asked = [asyncio.create_task(scene.post("/incidents", TRAPPED, key=f"call-{number}")) for number in range(CLIENTS)]
        await hold.caught("incident")
        begun = monotonic()
        async with scene.session.get(f"{scene.service.url}/healthz") as answer:
            assert answer.status == 200
        assert monotonic() - begun < 2, "whoever looks whether it lives does not wait for the database"
        await hold.let_go(killed=False)
    for number, (status, said) in enumerate(await asyncio.gather(*asked)):
        assert status in (201, 503), said
        if status == 503:
            await scene.declares(key=f"call-{number}")
    assert await scene.count("SELECT count(*) FROM incident") == CLIENTS
    await scene.ends_well()


async def test_clients_that_hang_up_at_any_moment_leave_all_or_nothing_and_take_no_connection_along(scene: Scene) -> None:
    chance = random.Random(7)
    await scene.starts_api()
    await scene.starts_worker()

    async def hangs_up(number: int) -> None:
        try:
            async with asyncio.timeout(chance.uniform(0.0, 0.3)):
                await scene.post("/incidents", TRAPPED, key=f"call-{number}")
        except (TimeoutError, aiohttp.ClientError):
            pass

    await asyncio.gather(*(hangs_up(number) for number in range(CLIENTS)))
    await asyncio.gather(*(scene.declares(key=f"call-{number}") for number in range(CLIENTS)))
    assert await scene.count("SELECT count(*) FROM incident") == CLIENTS
    idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    await scene.until(f"SELECT 0 = ({idle})")
    await scene.ends_well()


async def test_requests_that_wait_take_no_connection_from_alerts_of_the_same_process(scene: Scene) -> None:
    scene.gateway.always = "hang"
    await scene.starts_all_in_one()
    await scene.declares(key="call-0")
    await scene.until_true(lambda: scene.gateway.hanging == 2)
    async with scene.holding("LOCK TABLE incident") as hold:
        asked = [asyncio.create_task(scene.post("/incidents", TRAPPED, key=f"call-{number}")) for number in range(1, CLIENTS + 1)]
        await hold.caught("incident")
        await scene.until("SELECT count(*) >= 11 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        scene.gateway.let_go()
        await scene.until("SELECT count(*) = 2 FROM delivery_attempt WHERE outcome = 'unknown'")
        await scene.until(
            "SELECT count(*) = 2 FROM delivery_settled AS d JOIN channel AS c ON c.id = d.channel_id WHERE c.kind = 'by_hand'"
        )
        assert not any(one.done() for one in asked), (
            "what the gateway said is written down, and the next way taken, while all requests wait"
        )
        await hold.let_go(killed=False)
    scene.gateway.always = None
    for number, (status, said) in enumerate(await asyncio.gather(*asked), start=1):
        assert status in (201, 503), said
        if status == 503:
            await scene.declares(key=f"call-{number}")
    await scene.ends_well()
