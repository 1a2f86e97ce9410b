"""Connections to one gateway's hosts, kept open between calls, each carrying one call at a time.

Own code, where a library would do for any other purpose: a broadcast is as fast as this. A library's client costs three to five times the
processor time of all the rest of a message (docs/performance.md), for redirects, cookies, proxies and encodings that no gateway may use here.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import cast

from notifiers.channels.wire.addresses import AddressBook, Found
from notifiers.channels.wire.http1 import Complete, NotUnderstoodError, TooLargeError, find_answer

_HAPPY_SECONDS = 1.0
"""How long a host's first address is tried alone where it has several."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections lead."""

    host: str
    port: int
    tls: bool


class Connection(asyncio.Protocol):
    """One connection. `exchange` writes a request and gives its answer."""

    __slots__ = ("_answer", "_buffer", "_released", "_transport", "idle_since", "origin")

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Complete] | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def exchange(self, request: bytes) -> "asyncio.Future[Complete]":
        """The answer to come: or ConnectionError, NotUnderstoodError, TooLargeError."""
        self._answer = answer = asyncio.get_running_loop().create_future()
        if self._transport is None:
            answer.set_exception(ConnectionResetError())
        else:
            self._transport.write(request)
        return answer

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        # What comes unasked belongs to no call; a connection that speaks by itself is not trusted with another.
        if self._answer is None:
            self.abort()
        else:
            self._look(ended=False)

    def connection_lost(self, _problem: Exception | None) -> None:
        self._transport = None
        self._look(ended=True)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    def _look(self, *, ended: bool) -> None:
        answer = self._answer
        if answer is None or answer.done():
            return
        try:
            complete = find_answer(self._buffer, ended=ended)
        except (NotUnderstoodError, TooLargeError) as problem:
            answer.set_exception(problem)
            return
        if complete is not None:
            self._buffer, self._answer = b"", None
            answer.set_result(complete)

    def abort(self) -> None:
        """Close it at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


class Pool:
    """At most `limit` connections, at once, to whatever origins are asked for."""

    def __init__(self, book: AddressBook, tls: ssl.SSLContext, *, limit: int, connect_seconds: float, keep_seconds: float) -> None:
        self._book = book
        self._tls = tls
        self._limit = limit
        self._connect_seconds = connect_seconds
        self._keep_seconds = keep_seconds
        self._taken = 0
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._good: dict[Origin, Found] = {}
        self._closed = False

    def idle(self, origin: Origin) -> Connection | None:
        """A connection that is open already, if one may be had at once; to be given back."""
        if self._taken >= self._limit:
            return None
        oldest = monotonic() - self._keep_seconds
        for at in range(len(self._idle) - 1, -1, -1):
            one = self._idle[at]
            if one.origin == origin:
                del self._idle[at]
                if one.is_open and one.idle_since > oldest:
                    self._taken += 1
                    return one
                one.abort()
        return None

    async def connect(self, origin: Origin) -> Connection:
        """A connection, when there is room for one; to be given back. Raises OSError or TimeoutError: nothing was said to anybody."""
        while self._taken >= self._limit:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except BaseException:
                self._pass_on(turn)
                raise
        known = self.idle(origin)
        if known is not None:
            return known
        self._taken += 1
        try:
            return await self._open(origin)
        except BaseException:
            self._leave()
            raise

    def give_back(self, connection: Connection, *, reusable: bool) -> None:
        """After a call; one that is not `reusable` is closed."""
        if reusable and connection.is_open and not self._closed:
            connection.idle_since = monotonic()
            self._idle.append(connection)
            while len(self._idle) > self._limit:
                self._idle.pop(0).abort()
        else:
            connection.abort()
        self._leave()

    def _leave(self) -> None:
        self._taken -= 1
        self._wake_one()

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _pass_on(self, turn: "asyncio.Future[None]") -> None:
        """Who was woken and gave up wakes the next."""
        if turn.done() and not turn.cancelled():
            self._wake_one()

    async def _open(self, origin: Origin) -> Connection:
        async with asyncio.timeout(self._connect_seconds):
            found = await self._book.find(origin.host, origin.port)
        found = sorted(found, key=lambda one: one != self._good.get(origin))
        for one in found[:-1]:
            try:
                return await self._open_at(origin, one, min(_HAPPY_SECONDS, self._connect_seconds))
            except ssl.SSLError:
                raise
            except (OSError, TimeoutError):
                continue
        return await self._open_at(origin, found[-1], self._connect_seconds)

    async def _open_at(self, origin: Origin, found: Found, seconds: float) -> Connection:
        loop = asyncio.get_running_loop()
        make: Callable[[], Connection] = lambda: Connection(origin)  # noqa: E731 - a protocol factory
        async with asyncio.timeout(seconds):
            _, connection = await loop.create_connection(
                make, found.address, origin.port, family=found.family, ssl=self._tls if origin.tls else None,
                server_hostname=origin.host if origin.tls else None,
            )  # fmt: skip
        self._good[origin] = found
        return connection

    def close(self) -> None:
        """Close what is idle; what is under way is closed when it is given back."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()
        self._book.close()
