"""Residents who press behind their links: a bare client of HTTP/1.1 in a process of its own, so that a benchmark measures who answers.

`python -m benchmarks.press_load` reads one line of JSON (the fields of `Load`) and prints one: how many were answered with the redirect that
says "committed", the seconds from the first press to the last answer, every wait in milliseconds, and its own processor time. In an open loop
(`rate`) a wait counts from the instant at which the press was due, however late a connection was free for it.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from time import monotonic, process_time
from typing import cast

from notifiers.links import make_link
from tests.harness.processes import SECRET_KEY
from tocsin.base.loop import run
from tocsin.base.secrets import Secrets

HELP_EVERY = 50
"""Of so many presses one calls for help."""
CREATED = b"HTTP/1.1 303"


@dataclass(frozen=True, slots=True)
class Load:
    """Presses by the links of the deliveries from `first` on, one each, on so many connections; `rate` a second, 0 as fast as answers come."""

    port: int
    community: int
    message: int
    first: int
    count: int
    connections: int
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a load; processor seconds of the client."""

    committed: int
    seconds: float
    waits: list[float]
    cpu_seconds: float


class _Press(asyncio.Protocol):
    """A connection that asks for one thing at a time."""

    def __init__(self, book: "_Book") -> None:
        self._book = book
        self._buffer = b""
        self._since = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def press(self, request: bytes, since: float) -> None:
        assert self._transport is not None
        self._since = since
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        committed = self._buffer.startswith(CREATED)
        self._buffer = self._buffer[end + 4 + length :]
        self._book.answered(self, committed, (monotonic() - self._since) * 1000)

    def connection_lost(self, _problem: Exception | None) -> None:
        self._book.broken()


class _Book:
    """What is still to be pressed, by whom, and what came back."""

    def __init__(self, load: Load) -> None:
        self.load = load
        secrets = Secrets(SECRET_KEY)
        self._requests = [_request(load, secrets, load.first + number) for number in range(load.count)]
        self._next = 0
        self._free: list[_Press] = []
        self._committed = 0
        self._waits: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.began = 0.0

    def answered(self, one: _Press, committed: bool, wait: float) -> None:
        self._committed += committed
        self._waits.append(wait)
        self._free.append(one)
        if len(self._waits) == self.load.count and not self.done.done():
            self.done.set_result(None)
        self.press_due()

    def broken(self) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed a connection"))

    def press_due(self) -> None:
        while self._free and self._next < self.load.count:
            due = self.began + self._next / self.load.rate if self.load.rate else monotonic()
            if due > monotonic():
                return
            self._free.pop().press(self._requests[self._next], due)
            self._next += 1

    async def run(self) -> Pressed:
        loop = asyncio.get_running_loop()
        for _ in range(self.load.connections):
            _, connection = await loop.create_connection(lambda: _Press(self), "127.0.0.1", self.load.port)
            self._free.append(connection)
        self.began, cpu = monotonic(), process_time()
        while not self.done.done():
            self.press_due()
            await asyncio.sleep(0.001 if self.load.rate else 0.05)
        self.done.result()
        return Pressed(self._committed, monotonic() - self.began, self._waits, process_time() - cpu)


def _request(load: Load, secrets: Secrets, no: int) -> bytes:
    kind = b"kind=needs_help" if no % HELP_EVERY == 0 else b"kind=all_safe"
    link = make_link(secrets, "s", load.community, load.message, no)
    head = f"POST /s/{link} HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return head.encode() + b"Sec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n\r\n%b" % (len(kind), kind)


async def press(load: Load) -> Pressed:
    """Run a load in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.press_load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(json.dumps(asdict(load)).encode() + b"\n")
    if process.returncode:
        raise RuntimeError(f"the load could not be pressed: {load}")
    return Pressed(**json.loads(said))


async def _main() -> None:
    load = Load(**json.loads(sys.stdin.readline()))
    print(json.dumps(asdict(await _Book(load).run())))


if __name__ == "__main__":
    run(_main())
