"""Stops a process inside a statement: a connection of the test holds what the statement needs, until the test lets go.

So a process can be killed at an exact point of its work without any switch inside it: the test sees in PostgreSQL that the
statement waits for the test's own lock, and then kills whoever sent it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

_PATIENCE_SECONDS = 15.0


@dataclass
class Hold:
    """What is held, and who was caught by it. The service waits ten seconds for a lock, so be quick."""

    holder: "asyncpg.Connection[asyncpg.Record]"
    watcher: "asyncpg.Connection[asyncpg.Record]"
    caught_pids: list[int] = field(default_factory=list)

    async def caught(self, words: str) -> None:
        """Wait until a statement with these words in it waits for what is held here; PostgreSQL shows its first 1024 characters."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not (pids := await self._waiting(words)):
                await asyncio.sleep(0.01)
        self.caught_pids.extend(pids)

    async def cancel(self) -> None:
        """Cancel the statements that were caught, as a statement_timeout or an operator does; whoever sent them lives on."""
        for pid in self.caught_pids:
            await self.watcher.execute("SELECT pg_cancel_backend($1)", pid)
        self.caught_pids.clear()

    async def let_go(self, *, killed: bool = True) -> None:
        """Give everything back; and where those who were caught have been killed, wait until their backends are gone."""
        await self.holder.execute("ROLLBACK")
        if not killed:
            return
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await self.watcher.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1::int[])", self.caught_pids):
                await asyncio.sleep(0.01)

    async def _waiting(self, words: str) -> list[int]:
        rows = await self.watcher.fetch(
            "SELECT pid FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid)) AND position($2 IN query) > 0",
            self.holder.get_server_pid(), words,
        )  # fmt: skip
        return [int(row["pid"]) for row in rows]


@asynccontextmanager
async def holding(owner_url: str, statement: str, *values: object) -> AsyncIterator[Hold]:
    """Run `statement` as the owner in a transaction that stays open until `let_go`, at the latest until the block ends."""
    holder, watcher = await asyncpg.connect(owner_url), await asyncpg.connect(owner_url)
    try:
        await holder.execute("BEGIN")
        await holder.execute(statement, *values)
        yield Hold(holder, watcher)
    finally:
        await holder.close()
        await watcher.close()
