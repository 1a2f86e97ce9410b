"""The only way to a connection: one transaction, of one community or of the company floor.

Above the floor every table is under row-level security, so a transaction first names its community with a
literal SET LOCAL (a parameterised set_config() would not reach the workers of a sharded database). The service
connects as a role that owns nothing; `check_role` refuses to go on as a superuser, for whom row-level security
would be silently void.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, TypeVar

import asyncpg
import orjson

from tocsin.base.array_types import ArrayTypes
from tocsin.base.commit import Commit
from tocsin.base.database_errors import explained
from tocsin.base.errors import NotDurableError, SettingsError
from tocsin.base.hosts import Hosts
from tocsin.base.kept import Kept
from tocsin.base.patience import PATIENCE, Connection, Unconfirmed
from tocsin.base.queries import Query, load_queries

SERVICE_ROLE = "tocsin_service"
SQL = load_queries(__package__)

Row = TypeVar("Row")

CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    OSError,
    TimeoutError,
    NotDurableError,
)
"""What a process meets while its database restarts, fails over or has no room left, or after it slept: wait a little and try again."""


@dataclass(frozen=True, slots=True)
class Tx:
    """An open transaction.

    `community_id` is None on the company floor. Two times (UTC) are read once at the start and passed to statements as
    parameters: `now` is story time, by which deadlines, rosters and timelines are judged; `machine_now` is the database's own
    clock, for leases and back-off, never moved by tests. `lowered` is kept by tocsin.base.work. `kept`: the process's own.
    """

    connection: Connection
    community_id: int | None
    now: datetime
    machine_now: datetime
    lowered: dict[str, datetime | None]
    _before_commit: dict[object, Callable[[], Awaitable[None]]]
    _after_commit: dict[object, Callable[[], Awaitable[None]]]
    kept: Kept

    @property
    def community(self) -> int:
        """The community's id; an error on the floor, where there is none."""
        if self.community_id is None:
            raise RuntimeError("this transaction is on the company floor and has no community")
        return self.community_id

    async def enter(self, community_id: int) -> Tx:
        """The same transaction, on the floor until now, which from here on sees one community: for what makes a community and fills it."""
        if self.community_id is not None:
            raise RuntimeError("this transaction has a community already")
        await self.connection.execute(f"SET LOCAL app.community = '{int(community_id):d}'")
        return replace(self, community_id=int(community_id))

    async def rows(self, query: Query, type_: Callable[..., Row], *args: object) -> list[Row]:
        """Run the statement and build `type_` from each row by column name."""
        return _built(type_, await self.connection.fetch(query.text, *args))

    async def maybe(self, query: Query, type_: Callable[..., Row], *args: object, seconds: float | None = None) -> Row | None:
        """The first row as `type_`, or None. Raises TimeoutError after `seconds`, or COMMAND_SECONDS."""
        record = await self.connection.fetchrow(query.text, *args, timeout=seconds)
        return None if record is None else type_(**record)

    async def value(self, query: Query, *args: object) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.fetchval(query.text, *args)

    async def column(self, query: Query, *args: object) -> list[Any]:
        """The first column of every row."""
        return [record[0] for record in await self.connection.fetch(query.text, *args)]

    async def run(self, query: Query, *args: object) -> int:
        """Run the statement; how many rows it touched."""
        status = await self.connection.execute(query.text, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    @asynccontextmanager
    async def undone_alone(self) -> AsyncGenerator[None]:
        """What the database did in the block is undone by itself when it fails, and the transaction can go on; the error is raised all the same. What
        was asked for before or after the commit stays asked for. Not within another."""
        await self.connection.execute("SAVEPOINT undone_alone")
        try:
            yield
        except Exception:
            await self.connection.execute("ROLLBACK TO SAVEPOINT undone_alone; RELEASE SAVEPOINT undone_alone")
            raise
        await self.connection.execute("RELEASE SAVEPOINT undone_alone")

    def before_commit(self, key: object, act: Callable[[], Awaitable[None]]) -> None:
        """Have `act` awaited as the last thing before COMMIT; a second act under the same key replaces the first."""
        self._before_commit[key] = act

    def after_commit(self, key: object, act: Callable[[], Awaitable[None]]) -> None:
        """Have `act` awaited once the commit is confirmed, and never when it is not; one act a key."""
        self._after_commit[key] = act


ACQUIRE_SECONDS = 10.0
"""How long a transaction waits for a connection."""
REQUESTS_SHARE = 0.75
"""Of the connections of a process that serves, so many at most are for requests: alerts leave also while all of those wait."""


class Database:
    """A pool of connections as the service's role; `url` for another process that is to have one of its own."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], url: str, watch: asyncio.Task[None] | None = None) -> None:
        self.pool = pool
        self.url = url
        self._watch = watch
        self.kept = Kept()
        self.unconfirmed = Unconfirmed()
        self._for_requests = asyncio.Semaphore(max(1, round(pool.get_max_size() * REQUESTS_SHARE)))

    @asynccontextmanager
    async def community(self, community_id: int) -> AsyncGenerator[Tx]:
        """A transaction that sees one community and nothing else; committed when the block ends without error."""
        async with self._transaction(int(community_id)) as tx:
            yield tx

    @asynccontextmanager
    async def floor(self) -> AsyncGenerator[Tx]:
        """A transaction on the company floor: it sees no community's rows."""
        async with self._transaction(None) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, community_id: int | None) -> AsyncGenerator[Tx]:
        patience = PATIENCE.get()
        connection = await self._acquire(for_request=patience is not None)
        release = True
        try:
            tx = await self._begin(connection, community_id)
            try:
                yield tx
                # In one order for all, because these acts lock rows that many transactions share.
                for _, act in sorted(tx._before_commit.items(), key=lambda item: repr(item[0])):
                    await act()
            except BaseException:
                await _roll_back(connection)
                raise
            commit = Commit(connection)
            if not await commit.is_done_within(patience):
                release = False
                self._for_requests.release()
                self.unconfirmed.see_through(connection, lambda: self._end_late(tx, commit))
                raise NotDurableError(reason="no standby has it yet")
        finally:
            if release:
                await self._release(connection, for_request=patience is not None)
        await _act(tx)

    async def _acquire(self, *, for_request: bool) -> Connection:
        if for_request:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                await self._for_requests.acquire()
        try:
            return await self.pool.acquire(timeout=ACQUIRE_SECONDS)
        except BaseException:
            if for_request:
                self._for_requests.release()
            raise

    async def _release(self, connection: Connection, *, for_request: bool) -> None:
        try:
            await self.pool.release(connection)
        finally:
            if for_request:
                self._for_requests.release()

    async def _begin(self, connection: Connection, community_id: int | None) -> Tx:
        scope = "" if community_id is None else f"; SET LOCAL app.community = '{community_id:d}'"
        await connection.execute(f"BEGIN{scope}")
        try:
            clocks = await connection.fetchrow(SQL.clocks.text)
        except BaseException:
            await _roll_back(connection)
            raise
        assert clocks is not None
        return Tx(connection, community_id, clocks["story"], clocks["machine"], {}, {}, {}, self.kept)

    async def _end_late(self, tx: Tx, commit: Commit) -> None:
        try:
            await commit.is_done_within(None)
        finally:
            await self.pool.release(tx.connection)
        await _act(tx)

    async def at_once(self, query: Query, type_: Callable[..., Row], *args: object) -> list[Row]:
        """One statement on the company floor that is a transaction by itself, in one round trip; each row as `type_`."""
        async with self.pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            return _built(type_, await connection.fetch(query.text, *args))

    async def story_lately(self) -> datetime:
        """Story time, by a look at the database's clock half a second ago at most: for what many ask at once."""

        async def look() -> tuple[float, datetime]:
            async with self.floor() as tx:
                return monotonic(), tx.now

        looked_at, then = await self.kept.of("clock", CLOCK_KEPT_SECONDS, look)
        return then + timedelta(seconds=monotonic() - looked_at)

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self.unconfirmed.close()
        await self.pool.close()


def _built(type_: Callable[..., Row], records: Sequence[asyncpg.Record]) -> list[Row]:
    """The type from each record: by name, and in one go where the columns stand in the order of the type's fields, at a third of the cost."""
    if not records:
        return []
    names = tuple(records[0].keys())
    if names == getattr(type_, "__match_args__", ())[: len(names)]:
        return [type_(*record) for record in records]
    return [type_(**record) for record in records]


async def _act(tx: Tx) -> None:
    for act in tx._after_commit.values():
        await act()


async def _roll_back(connection: Connection) -> None:
    try:
        if not connection.is_closed():
            async with asyncio.timeout(5):
                await connection.execute("ROLLBACK")
    except CONNECTION_LOST:
        # The pool takes a connection back by itself when the server ended it; then there is nothing to end, and the first error counts.
        with suppress(asyncpg.InterfaceError):
            connection.terminate()


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _prepare_connection(connection: asyncpg.Connection[asyncpg.Record], arrays: ArrayTypes) -> None:
    _notice_a_dead_line(connection)
    await connection.set_type_codec("jsonb", encoder=_dump_json, decoder=orjson.loads, schema="pg_catalog")
    await arrays.teach(connection)


LINE_SECONDS = 20
"""After so long a line whose other end says nothing is dead: what waits there, a COMMIT among them, ends as unknown."""


def _notice_a_dead_line(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Have the system look whether the other end is there. A server that is frozen is there; a wall between that forgot the line is not."""
    line = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined] # asyncpg has no setting for it
    if line.family not in (socket.AF_INET, socket.AF_INET6):
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    wished = {
        "TCP_KEEPIDLE": LINE_SECONDS // 2,
        "TCP_KEEPINTVL": LINE_SECONDS // 4,
        "TCP_KEEPCNT": 2,
        "TCP_USER_TIMEOUT": LINE_SECONDS * 1000,
    }
    for name, value in wished.items():
        if hasattr(socket, name):  # not every system has all of them
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _keep_session(_connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Instead of the pool's own reset, which costs a round trip: settings are SET LOCAL, so a session stays as it was opened."""


CLOCK_KEPT_SECONDS = 0.5
COMMAND_SECONDS = 30.0
"""How long a statement may take."""

SESSION = {
    "application_name": "tocsin",
    "jit": "off",
    # Planning the long statements anew at each call costs more than running them; all of them are written to do with one plan.
    "plan_cache_mode": "force_generic_plan",
    "lock_timeout": "10s",
    # A process that froze in a transaction would hold up its community for ever. Shorter than the wait for a lock: who waits gets it.
    "idle_in_transaction_session_timeout": "8s",
}


async def connect(url: str, *, size: int = 10, role: str = SERVICE_ROLE) -> Database:
    """Open the pool as the service's role; where `url` names several hosts, on the one that takes writes, now and after a failover.

    Raises SettingsError when that role could see every community, or an error of tocsin.base.database_errors.
    """
    hosts = Hosts(url)
    with explained(url, role=role):
        pool = await asyncpg.create_pool(
            url,
            connect=hosts.connect,
            min_size=min(2, size),
            max_size=size,
            command_timeout=COMMAND_SECONDS,
            timeout=5,
            max_inactive_connection_lifetime=60,
            init=partial(_prepare_connection, arrays=ArrayTypes()),
            reset=_keep_session,
            server_settings={"role": role, **SESSION},
        )
    database = Database(pool, url, asyncio.create_task(hosts.watch()) if hosts.several else None)
    await check_role(database)
    return database


async def check_role(database: Database) -> None:
    """Raise SettingsError when the session's role bypasses row-level security or owns the tables."""
    async with database.pool.acquire() as connection:
        sees_everything = await connection.fetchval(SQL.role_sees_everything.text)
    if sees_everything:
        await database.close()
        raise SettingsError(name="TOCSIN_DATABASE_URL", reason="the service's role bypasses row-level security")
