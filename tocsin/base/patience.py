"""How long somebody waits for a commit that no standby confirms, and what becomes of it after that.

A COMMIT that waits for a standby must not be cut off: it would be there for everybody, and on no standby. So whoever asked is told after a
while that nobody knows, and the COMMIT is seen through behind their back; the key of their request tells them later. Until it is confirmed or
its line is dead, what would only wait as well is refused at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeAlias

import asyncpg

from tocsin.base.errors import NotDurableError
from tocsin.base.logs import logger

CLIENT_SECONDS = 2.0
"""So long a request waits for its commit."""
PATIENCE: ContextVar[float | None] = ContextVar("patience", default=None)
"""How many seconds whoever is served now waits for a commit; None: as long as it takes, which is right for all work that nobody waits for."""
log = logger("database")

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class Unconfirmed:
    """The commits of one process that nobody waits for any more."""

    def __init__(self) -> None:
        self._behind: dict[asyncio.Task[None], Connection] = {}

    def refuse_if_hopeless(self) -> None:
        """Raise NotDurableError where a commit waits for a standby and this one would too."""
        if self._behind:
            raise NotDurableError(reason="commits are not confirmed")

    def see_through(self, connection: Connection, ending: Callable[[], Awaitable[None]]) -> None:
        """Let `ending` (the rest of this connection's transaction) come to its end, whenever that is."""
        if not self._behind:
            log.error("commit_unconfirmed", seconds=CLIENT_SECONDS)
        task = asyncio.create_task(self._end(ending))
        self._behind[task] = connection
        task.add_done_callback(self._behind.pop)

    async def _end(self, ending: Callable[[], Awaitable[None]]) -> None:
        PATIENCE.set(None)
        try:
            await ending()
        except Exception as problem:  # noqa: BLE001 - nobody waits for it; whoever asks again finds out what became of it
            log.warning("unconfirmed_commit_ended", problem=type(problem).__name__)
        else:
            log.info("commit_confirmed_late")

    def close(self) -> None:
        """The process ends: what is not confirmed by now is for the database to end."""
        for connection in list(self._behind.values()):
            connection.terminate()
