"""COMMIT, whose outcome nobody knows until it is confirmed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from tocsin.base.errors import NotDurableError
from tocsin.base.patience import Connection

COMMIT_SECONDS = 86_400.0
"""How long a COMMIT may take: as good as for ever."""
UNREAD_SECONDS = 0.1
"""So long at most it takes to read an answer that has come."""


class Commit:
    """COMMIT without a time limit that matters, which goes on when whoever waits for it is cancelled or waits no longer.

    (None would be the limit of statements. Cut off by one, what waits for a standby is there for all others to see, and no standby has it.)
    An error here means unknown, not failed; PostgreSQL warns (01000) when it gave up waiting for a standby.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._warnings: list[str] = []
        connection.add_log_listener(self._listen)
        self._sent = asyncio.ensure_future(connection.execute("COMMIT", timeout=COMMIT_SECONDS))

    def _listen(self, _: object, message: asyncpg.PostgresLogMessage) -> None:
        self._warnings.append(str(message))

    async def is_done_within(self, seconds: float | None) -> bool:
        """Whether it is confirmed within `seconds` (None: whenever that is); False where that is not known yet."""
        try:
            done, _ = await asyncio.wait({self._sent}, timeout=seconds)
            if not done:
                # Where this process got no turn for so long, the answer lies there and was not read.
                done, _ = await asyncio.wait({self._sent}, timeout=UNREAD_SECONDS)
        except asyncio.CancelledError:
            await asyncio.wait({self._sent})
            _stop_listening(self._connection, self._listen)
            raise
        if not done:
            return False
        _stop_listening(self._connection, self._listen)
        status = self._sent.result()
        if any("synchronous replication" in warning for warning in self._warnings):
            raise NotDurableError(reason="; ".join(self._warnings))
        if status != "COMMIT":
            raise RuntimeError(f"the transaction had failed before and was rolled back ({status})")
        return True


def _stop_listening(connection: Connection, listen: Callable[..., None]) -> None:
    """A connection that broke forgets its listeners only when it is terminated, and may not go back to the pool with one."""
    with suppress(asyncpg.InterfaceError):  # the pool has it back already
        if connection.is_closed():
            connection.terminate()
        else:
            connection.remove_log_listener(listen)
