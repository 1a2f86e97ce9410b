"""A real HTTP SMS gateway on loopback: keeps a ledger of everything it was asked to send, and misbehaves when told to.

It speaks what docs/gateways/generic-http-sms.md describes. `faults` are used up one a request:
"refuse" (bad number), "no_credit" (the account's fault), both said inside an HTTP 200, "later" (429 with Retry-After), "error" (500, not
sent), "sent_error" (sent, then 500), "hang" (sent, no answer until the client gives up), "reset" (sent, connection cut), "nonsense" (sent,
answers no JSON), "huge" (sent, answers without end), "charset" (sent, answers in UTF-16), "drip" (sent, a byte at a time), "hang_unsent" and
"reset_unsent" (the same without sending). Without faults it accepts.
"""

import asyncio
import socket
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that the gateway sent on to a handset, as far as the world can tell."""

    reference: str
    to: str
    text: str
    at: float


@dataclass
class SmsGateway:
    """The gateway's ledger and script. `latency_seconds` is waited before each answer; numbers that are `spared` meet no fault.

    With `tells_repeats_apart` a reference that it knows is not sent once more.
    """

    url: str = ""
    latency_seconds: float = 0.0
    retry_after_seconds: float = 1.0
    faults: deque[str] = field(default_factory=deque)
    always: str | None = None
    tells_repeats_apart: bool = False
    spared: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    calls: int = 0
    hanging: int = 0
    _hung: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None
    _site: web.TCPSite | None = None
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def repeated(self) -> list[str]:
        """Numbers that got a message more than once."""
        return [to for to, count in Counter(one.to for one in self.sent).items() if count > 1]

    def has_sent(self, count: int, to: str | None = None) -> bool:
        """Whether at least `count` messages left, to this number or to any."""
        return sum(to is None or one.to == to for one in self.sent) >= count

    def settings(self, **changes: object) -> dict[str, object]:
        """The settings of a gateway row that leads here; with a `batch_size` it is called in batches."""
        batches = {"batch_url": f"{self.url}/batch"} if "batch_size" in changes else {}
        own = {"url": f"{self.url}/send", "auth": "bearer", "allow_private_addresses": ["127.0.0.1"]}
        return {**own, "tells_repeats_apart": self.tells_repeats_apart, **batches, **changes}

    async def send(self, request: web.Request) -> web.StreamResponse:
        """POST /send: one message."""
        document = await request.json()
        self.calls += 1
        fault = self._fault_for(document)
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        match fault:
            case "refuse":
                return web.json_response({"code": "bad_number", "message": "no such number"})
            case "no_credit":
                return web.json_response({"code": "no_credit", "message": "balance is 0"})
            case "later":
                return self._later()
            case "error":
                return web.Response(status=500)
            case "hang_unsent" | "reset_unsent":
                return await self._answer(request, fault.removesuffix("_unsent"))
        self._note(document)
        return await self._answer(request, fault)

    async def batch(self, request: web.Request) -> web.StreamResponse:
        """POST /batch: many messages in one call."""
        document = await request.json()
        self.calls += 1
        fault = self._fault_for(document["messages"][0])
        if fault == "later":
            return self._later()
        if fault is not None and fault.endswith("_unsent"):
            return await self._answer(request, fault.removesuffix("_unsent"))
        for message in document["messages"]:
            self._note(message)
        if fault is not None:
            return await self._answer(request, fault)
        results = [
            {"reference": one["reference"], "code": "accepted", "id": str(number)} for number, one in enumerate(document["messages"])
        ]
        return web.json_response({"results": results})

    def _fault_for(self, message: dict[str, str]) -> str | None:
        if message["to"] in self.spared:
            return None
        return self.faults.popleft() if self.faults else self.always

    def _later(self) -> web.Response:
        return web.json_response({"code": "later"}, status=429, headers={"Retry-After": str(self.retry_after_seconds)})

    def _note(self, document: dict[str, str]) -> None:
        if self.tells_repeats_apart and any(one.reference == document["reference"] for one in self.sent):
            return
        self.sent.append(Sent(document["reference"], document["to"], document["text"], monotonic()))

    async def _answer(self, request: web.Request, fault: str | None) -> web.StreamResponse:
        match fault:
            case "sent_error":
                return web.Response(status=500)
            case "nonsense":
                return web.Response(text="<html>OK</html>")
            case "reset":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response()
            case "hang":
                self.hanging += 1
                await self._hung.wait()
                return web.Response(status=500)
            case "charset":
                return web.Response(body='{"code": "accepted", "id": "成功"}'.encode("utf-16"), content_type="application/json")
            case "huge" | "drip":
                return await self._stream(request, b" " * 65536 if fault == "huge" else b" ", 0.0 if fault == "huge" else 0.2)
        return web.json_response({"code": "accepted", "id": str(len(self.sent))})

    async def _stream(self, request: web.Request, piece: bytes, pause_seconds: float) -> web.StreamResponse:
        """An answer that begins like JSON and never ends."""
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        with suppress(ConnectionError):
            await response.prepare(request)
            await response.write(b"{")
            while not self._hung.is_set():
                await response.write(piece)
                await asyncio.sleep(pause_seconds)
        return response

    async def go_away(self) -> None:
        """Take no connections any more; those that are open stay open."""
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def go_deaf(self) -> None:
        """Be there and take no connection: who calls waits, and nothing that is said arrives."""
        await self.go_away()
        deaf = socket.create_server(("127.0.0.1", self._port), backlog=0)
        deaf.setblocking(False)
        self._open = [deaf]
        with suppress(TimeoutError):
            while True:
                caller = socket.socket()
                caller.setblocking(False)
                self._open.append(caller)
                await asyncio.wait_for(asyncio.get_running_loop().sock_connect(caller, deaf.getsockname()), 0.1)

    def hang_up(self) -> None:
        """End the connections that a deaf gateway did not take."""
        for one in self._open:
            one.close()
        self._open = []

    async def come_back(self) -> None:
        """Listen again, at the same address."""
        self.hang_up()
        if self._runner is not None and self._site is None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
            await self._site.start()

    @property
    def _port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def let_go(self) -> None:
        """End all hanging answers."""
        self._hung.set()


@asynccontextmanager
async def sms_gateway(given: SmsGateway | None = None) -> AsyncIterator[SmsGateway]:
    """A gateway (the `given` one, or a plain one) that listens on a free port of loopback for as long as the block."""
    gateway = given or SmsGateway()
    app = web.Application()
    app.router.add_post("/send", gateway.send)
    app.router.add_post("/batch", gateway.batch)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    gateway.url = f"http://127.0.0.1:{port}"
    gateway._runner, gateway._site = runner, site
    try:
        yield gateway
    finally:
        gateway.let_go()
        gateway.hang_up()
        await runner.cleanup()
