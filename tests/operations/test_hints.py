"""Hints are few, and the last of many is told too: whoever looks at each sees what is true now."""

import asyncio

from tests.harness.processes import SECRET_KEY
from tocsin.app.worker import Worker
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups


async def test_of_many_hints_at_once_the_first_and_the_last_are_heard(database: Database) -> None:
    hears, tells = Wakeups(database), Wakeups(database)
    heard: asyncio.Queue[str] = asyncio.Queue()
    hears.subscribe(heard.put_nowait)
    listening = asyncio.create_task(hears.listen())
    async with asyncio.timeout(20):
        while heard.empty():  # until somebody listens
            await tells.hint("alert")
            await asyncio.sleep(0.01)
        for _ in range(50):
            await tells.hint("page:1")
        await tells.hint("page:2")
        topics: list[str] = []
        while topics.count("page:1") < 2 or "page:2" not in topics:
            topics.append(await heard.get())
    assert topics.count("page:1") == 2
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_a_worker_that_is_asked_to_end_at_the_instant_of_a_hint_ends(database: Database) -> None:
    wakeups = Wakeups(database)
    working = asyncio.create_task(Worker(database, wakeups, Secrets(SECRET_KEY), Settings(secret_key=SECRET_KEY)).run())
    async with asyncio.timeout(20):
        while len(wakeups._listeners) < 2:  # the worker's own and its sender's
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # until both rest
        for listener in tuple(wakeups._listeners):
            listener("alert")
        working.cancel()
        await asyncio.wait({working})
