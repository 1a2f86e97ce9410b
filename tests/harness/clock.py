"""Moves story time: story_now() is replaced by one that adds an offset from a table of one row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg


@dataclass(frozen=True, slots=True)
class StoryClock:
    """The story clock of the database at `url` (the owner's address)."""

    url: str

    async def install(self) -> None:
        """Make the clock movable; once a database."""
        connection = await asyncpg.connect(self.url)
        await connection.execute(
            "CREATE TABLE story_clock (ahead interval NOT NULL, frozen timestamptz);"
            "INSERT INTO story_clock VALUES ('0', NULL);"
            "GRANT SELECT ON story_clock TO tocsin_service;"
            "CREATE OR REPLACE FUNCTION story_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE"
            " AS 'SELECT coalesce(frozen, now() + ahead) FROM story_clock'"
        )
        await connection.close()

    async def forward_clock(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Move story time ahead for every connection at once; no chore is run."""
        await self._execute("UPDATE story_clock SET ahead = ahead + $1", timedelta(minutes=minutes, seconds=seconds))

    async def set_clock(self, instant: datetime) -> None:
        """Set story time to `instant` (aware); it goes on from there."""
        await self._execute("UPDATE story_clock SET ahead = $1 - now(), frozen = NULL", instant)

    async def freeze(self) -> datetime:
        """Let story time stand still until `set_clock`; the instant at which it stands."""
        now = await self.now()
        await self._execute("UPDATE story_clock SET frozen = $1", now)
        return now

    async def now(self) -> datetime:
        """The present of the story."""
        connection = await asyncpg.connect(self.url)
        try:
            now: datetime = await connection.fetchval("SELECT story_now()")
            return now
        finally:
            await connection.close()

    async def _execute(self, statement: str, value: object) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement, value)
        finally:
            await connection.close()
