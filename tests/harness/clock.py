"""Moves time: story_now() is replaced by one that adds an offset from a table of one row, and before clock_timestamp(), by which leases
and back-off go, a function of the same name is put that does the same."""

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

    async def thaw(self) -> None:
        """Story time goes on from where it stood."""
        connection = await asyncpg.connect(self.url)
        await connection.execute("UPDATE story_clock SET ahead = frozen - now(), frozen = NULL WHERE frozen IS NOT NULL")
        await connection.close()

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


@dataclass(frozen=True, slots=True)
class MachineClock:
    """The machine's clock as one database sees it (the owner's address): a schema before pg_catalog holds another clock_timestamp().

    Sessions see it that begin after `install`. What the server does by itself (now(), its own time-outs) is not moved.
    """

    url: str

    async def install(self) -> None:
        """Make the clock movable for all sessions to come."""
        connection = await asyncpg.connect(self.url)
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(
            "CREATE SCHEMA moved; CREATE TABLE moved.machine_clock (ahead interval NOT NULL);"
            "INSERT INTO moved.machine_clock VALUES ('0');"
            "GRANT USAGE ON SCHEMA moved TO tocsin_service; GRANT SELECT ON moved.machine_clock TO tocsin_service;"
            "CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE"
            " AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM moved.machine_clock';"
            f'ALTER DATABASE "{name}" SET search_path = moved, pg_catalog, public'
        )
        await connection.close()

    async def step(self, step: timedelta) -> None:
        """The clock is put ahead, or back where `step` is negative."""
        connection = await asyncpg.connect(self.url)
        await connection.execute("UPDATE moved.machine_clock SET ahead = ahead + $1", step)
        await connection.close()
