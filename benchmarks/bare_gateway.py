"""An HTTP SMS gateway that costs next to nothing: a bare protocol in a process of its own, so that a benchmark measures who calls it.

It takes the project's protocol (docs/gateways/generic-http-sms.md), one message a request or many, keeps connections open, answers after a
set latency, and notes how many messages it took, how many distinct ones, and when the first and the last came. It parses what it must to
give each reference back, and checks no signature.

`python -m benchmarks.bare_gateway` prints its port, then obeys lines of JSON on its standard input, and answers each with one line.
"""

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any, cast

import orjson

from tocsin.base.loop import run

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(slots=True)
class Taken:
    """What the gateway took since it was last told to forget. Instants are of the machine's monotonic clock, the same in every process."""

    messages: int = 0
    requests: int = 0
    distinct: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    cpu_seconds: float = 0.0
    most_open: int = 0

    @property
    def seconds(self) -> float:
        return self.last_at - self.first_at


@dataclass(slots=True)
class _Book:
    """The gateway's memory. `watched`: the instant of each message whose address or reference begins with `watch`. With `hang` all others are
    taken and never answered."""

    latency: float = 0.0
    watch: str = ""
    hang: bool = False
    taken: Taken = field(default_factory=Taken)
    seen: set[str] = field(default_factory=set)
    watched: list[tuple[str, str, float]] = field(default_factory=list)
    open: int = 0
    cpu_before: float = 0.0

    def take(self, message: dict[str, Any], at: float) -> str:
        reference: str = message["reference"]
        self.seen.add(reference)
        if self.watch and self._is_watched(message):
            self.watched.append((reference, message["to"], at))
        return reference

    def hangs(self, message: dict[str, Any]) -> bool:
        return self.hang and not self._is_watched(message)

    def _is_watched(self, message: dict[str, Any]) -> bool:
        return bool(message["to"].startswith(self.watch) or message["reference"].startswith(self.watch))


class _Protocol(asyncio.Protocol):
    """One connection: whole requests in, answers out in their order."""

    __slots__ = ("_book", "_buffer", "_loop", "_transport")

    def __init__(self, book: _Book, loop: asyncio.AbstractEventLoop) -> None:
        self._book = book
        self._loop = loop
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._book.open += 1
        self._book.taken.most_open = max(self._book.taken.most_open, self._book.open)

    def connection_lost(self, _problem: Exception | None) -> None:
        self._transport = None
        self._book.open -= 1

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while True:
            end = self._buffer.find(_HEAD_END)
            if end < 0:
                return
            head = self._buffer[:end].lower()
            at = head.find(_LENGTH)
            stop = head.find(b"\r\n", at)
            whole = end + 4 + int(head[at + len(_LENGTH) : stop if stop > 0 else len(head)])
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self._answer(orjson.loads(body))

    def _answer(self, document: dict[str, Any]) -> None:
        book, now = self._book, monotonic()
        messages = document.get("messages")
        if messages is None:
            said = b'{"code":"accepted","id":"%b"}' % book.take(document, now).encode()
        else:
            taken = [{"code": "accepted", "id": one, "reference": one} for one in [book.take(each, now) for each in messages]]
            said = orjson.dumps({"code": "accepted", "results": taken})
        counted = book.taken
        counted.messages += 1 if messages is None else len(messages)
        counted.requests += 1
        counted.first_at = counted.first_at or now
        counted.last_at = now
        if book.hangs(document if messages is None else messages[0]):
            return
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)
        if book.latency:
            self._loop.call_later(book.latency, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _obey(book: _Book, order: dict[str, Any]) -> dict[str, Any]:
    if order["do"] == "forget":
        book.latency, book.watch, book.hang = order["latency"], order["watch"], order["hang"]
        book.taken, book.cpu_before = Taken(most_open=book.open), _cpu()
        book.seen.clear()
        book.watched.clear()
        return {}
    if order["do"] == "watched":
        return {"watched": book.watched[order["since"] :]}
    book.taken.distinct, book.taken.cpu_seconds = len(book.seen), _cpu() - book.cpu_before
    return asdict(book.taken)


async def _serve() -> None:
    loop, book = asyncio.get_running_loop(), _Book()
    server = await loop.create_server(lambda: _Protocol(book, loop), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        print(json.dumps(_obey(book, json.loads(line))), flush=True)


@dataclass
class BareGateway:
    """The gateway's process, as a benchmark holds it."""

    port: int
    process: asyncio.subprocess.Process
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/messages"

    @property
    def batch_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/batches"

    async def forget(self, *, latency_ms: float = 0.0, watch: str = "", hang: bool = False) -> None:
        """Begin anew: answers come `latency_ms` after the request; see `_Book` for the others."""
        await self._order({"do": "forget", "latency": latency_ms / 1000, "watch": watch, "hang": hang})

    async def taken(self) -> Taken:
        """What came since."""
        return Taken(**await self._order({"do": "report"}))

    async def watched(self, since: int = 0) -> list[tuple[str, str, float]]:
        """Reference, address and instant of each watched message, without the first `since`."""
        return [(reference, address, at) for reference, address, at in (await self._order({"do": "watched", "since": since}))["watched"]]

    async def until(self, messages: int, seconds: float) -> Taken:
        """Wait until so many distinct messages came; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while (taken := await self.taken()).distinct < messages:
                await asyncio.sleep(0.05)
        return taken

    async def _order(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        async with self._one_at_a_time:
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            answer: dict[str, Any] = json.loads(await self.process.stdout.readline())
        return answer


@asynccontextmanager
async def bare_gateway() -> AsyncIterator[BareGateway]:
    """Serve for as long as the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bare_gateway", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    try:
        yield BareGateway(int(await process.stdout.readline()), process)
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    run(_serve())
