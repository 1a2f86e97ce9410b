"""Hints are few, and the last of many is told too: whoever looks at each sees what is true now."""

import asyncio

from tocsin.base.database import Database
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
