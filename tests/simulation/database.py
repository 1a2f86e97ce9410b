"""The database as the processes of a simulation have it: each transaction waits for its turn, and its process may die before or after COMMIT."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import asyncpg

from tests.simulation.scheduler import Process
from tocsin.base.database import Database, Row, Tx
from tocsin.base.queries import Query

CLOCKS = (
    "CREATE SCHEMA sim; CREATE TABLE sim.clock (at timestamptz NOT NULL);"
    " INSERT INTO sim.clock VALUES (pg_catalog.clock_timestamp() - interval '150 days');"
    " GRANT USAGE ON SCHEMA sim TO PUBLIC; GRANT SELECT ON sim.clock TO PUBLIC;"
    " CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM sim.clock';"
    " CREATE OR REPLACE FUNCTION story_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM sim.clock';"
    " DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = sim, pg_catalog, public', current_database()); END $$"
)
"""Both times stand still unless the simulation moves them, months from the machine's: whoever asks that one is found out. The schema comes before pg_catalog, so that clock_timestamp() is ours."""


class SimulatedDatabase(Database):
    """One process's own; the connections are shared by all, since one acts at a time."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", url: str, process: Process) -> None:
        super().__init__(pool, url)
        self._process = process
        self._within: set[asyncio.Task[object] | None] = set()

    async def at_once(self, query: Query, type_: Callable[..., Row], *args: object) -> list[Row]:
        await self._process.turn("statement")
        self._process.sim.begins()
        try:
            rows = await super().at_once(query, type_, *args)
            self._process.may_die("after a statement")
            return rows
        finally:
            self._process.sim.ends()

    @asynccontextmanager
    async def _transaction(self, community_id: int | None) -> AsyncGenerator[Tx]:
        task = asyncio.current_task()
        if task in self._within:
            raise RuntimeError("a transaction within a transaction")
        await self._process.turn("transaction")
        self._process.sim.begins()
        self._within.add(task)
        try:
            async with super()._transaction(community_id) as tx:
                yield tx
                self._process.may_die("before a commit")
            self._process.may_die("after a commit")
        finally:
            self._within.discard(task)
            self._process.sim.ends()
