"""A story clock that begins in the past, so that the demo's history happens in order, by the same code that runs the present.

Only the demo's own database: story_now() is replaced for as long as the history is told, and put back afterwards.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import asyncpg

from tocsin.base.queries import parse_queries

_SQL = parse_queries("tocsin.app.demo.past_clock", files(__package__).joinpath("past_clock.sql").read_text("utf-8"))


@dataclass
class PastClock:
    """Story time while the history is told. It runs on from where it was set, and never comes after the real present."""

    connection: "asyncpg.Connection[asyncpg.Record]"

    async def set(self, instant: datetime) -> None:
        """Story time is `instant` (aware), the present at most."""
        await self.connection.execute(_SQL["set"].text, instant)

    async def now(self) -> datetime:
        """The story's present."""
        now: datetime = await self.connection.fetchval(_SQL["now"].text)
        return now


@asynccontextmanager
async def past_clock(owner_url: str) -> AsyncGenerator[PastClock]:
    """Make the clock movable until the end of the block, whatever happens in it."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(_SQL["make_movable"].text)
        yield PastClock(connection)
    finally:
        await connection.execute(_SQL["make_real"].text)
        await connection.close()


async def restore_clock(owner_url: str) -> None:
    """Story time is real time: also after a run that was killed while it told its history."""
    connection = await asyncpg.connect(owner_url)
    try:
        if await connection.fetchval(_SQL["is_movable"].text):
            await connection.execute(_SQL["make_real"].text)
    finally:
        await connection.close()
