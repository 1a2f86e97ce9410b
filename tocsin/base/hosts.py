"""Where the database is, when it may be on one of several hosts: the one that takes writes, and never an older one again.

An address such as postgresql://user@a,b,c/name names a primary and its standbys, whichever is which. Each promotion of a standby begins a new
timeline of PostgreSQL, with a higher number; a primary that was away and comes back is still on the old one, and is refused. A host that
takes connections and stays silent costs two seconds and not more, and as soon as another takes writes, whatever still waits for the old one
is cut off: its outcome is unknown, as after any lost connection. Each host is looked at by itself, so that a silent one delays no other's news.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit
from weakref import WeakKeyDictionary

import asyncpg

from tocsin.base.logs import logger
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
HOST_SECONDS = 2.0
"""How long one host may take to accept a connection and to say on which timeline it is."""
LOOK_SECONDS = 1.0
"""How often it is looked whether another host takes writes."""
SILENT = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
log = logger("database")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Hosts:
    """The hosts that an address names; `timeline` is the newest that was seen."""

    def __init__(self, url: str) -> None:
        self.urls = single_hosts(url)
        self.timeline = 0
        self._current = self.urls[0]
        self._open: WeakKeyDictionary[Connection, int] = WeakKeyDictionary()
        self._opening: dict[asyncio.Timeout, str] = {}

    @property
    def several(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.urls) > 1

    async def connect(self, *_address: Any, **options: Any) -> Connection:
        """Open a connection to the host that takes writes; what the pool calls. Raises what asyncpg.connect raises."""
        if not self.several:
            return await asyncpg.connect(self.urls[0], **options)
        if self.timeline == 0:
            await asyncio.gather(*map(self._look, self.urls))
        problem: BaseException | None = None
        for url in sorted(self.urls, key=lambda one: one != self._current):
            try:
                return await self._connect_to(url, options)
            except SILENT as found:
                problem = found
        raise asyncpg.CannotConnectNowError("none of the hosts takes writes") from problem

    async def watch(self) -> None:
        """Look, until cancelled, whether another host takes writes; then leave the one before."""
        await asyncio.gather(*map(self._watch, self.urls))

    async def _watch(self, url: str) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look(url)
            except Exception:
                # Whoever looks no more would not leave a primary that froze.
                log.exception("database_look_failed")

    async def _look(self, url: str) -> None:
        timeline = await _timeline_of(url)
        if timeline > self.timeline:
            self._move(url, timeline)

    def _move(self, url: str, timeline: int) -> None:
        if self.timeline:
            log.warning("database_moved", timeline=timeline)
        self._current, self.timeline = url, timeline
        for connection, older in list(self._open.items()):
            if older < timeline and not connection.is_closed():
                connection.terminate()
        for limit, other in self._opening.items():
            if other != url and not limit.expired():
                limit.reschedule(0)

    async def _connect_to(self, url: str, options: dict[str, Any]) -> Connection:
        async with asyncio.timeout(HOST_SECONDS) as limit:
            self._opening[limit] = url
            try:
                connection: Connection = await asyncpg.connect(url, **options)
                try:
                    timeline = await connection.fetchval(SQL.timeline.text) or 0
                except BaseException:
                    connection.terminate()
                    raise
            finally:
                del self._opening[limit]
        if timeline < max(self.timeline, 1):
            connection.terminate()
            if timeline:
                log.error("old_primary_refused", timeline=timeline, newest=self.timeline)
            raise asyncpg.CannotConnectNowError("this host takes no writes, or is an old primary")
        if timeline > self.timeline:
            self._move(url, timeline)
        self._open[connection] = timeline
        return connection


async def _timeline_of(url: str) -> int:
    """The timeline of a host that takes writes; 0 for a standby, and for one that does not answer in time."""
    with suppress(*SILENT):
        async with asyncio.timeout(HOST_SECONDS):
            connection = await asyncpg.connect(url)
            try:
                return await connection.fetchval(SQL.timeline.text) or 0
            finally:
                connection.terminate()
    return 0


def single_hosts(url: str) -> Sequence[str]:
    """An address for each host that `url` names: a,b:5433 before the path, or host=a,b (and port=1,2) behind it."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    if "," in hosts:
        return [parts._replace(netloc=f"{user}{at}{host}").geturl() for host in hosts.split(",")]
    query = parse_qs(parts.query)
    names, ports = query.get("host", [""])[0].split(","), query.get("port", [""])[0].split(",")
    if len(names) == 1:
        return [url]
    return [_with_host(parts, query, name, ports[index] if len(ports) == len(names) else ports[0]) for index, name in enumerate(names)]


def _with_host(parts: SplitResult, query: dict[str, list[str]], name: str, port: str) -> str:
    rest = {key: values[0] for key, values in query.items() if key not in ("host", "port")}
    chosen = urlencode({**rest, "host": name, **({"port": port} if port else {})}, safe="/")
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{chosen}"
