"""A real HTTP SMS gateway on loopback: keeps a ledger of everything it was asked to send, and misbehaves when told to.

It speaks what docs/gateways/generic-http-sms.md describes. `faults` are used up one a request:
"refuse" (bad number), "later" (429 with Retry-After), "error" (500, not sent), "sent_error" (sent, then 500), "hang" (sent, no answer
until the client gives up), "reset" (sent, connection cut), "nonsense" (sent, answers no JSON). Without faults it accepts.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
    """The gateway's ledger and script. `latency_seconds` is waited before each answer."""

    url: str = ""
    latency_seconds: float = 0.0
    retry_after_seconds: float = 1.0
    faults: deque[str] = field(default_factory=deque)
    always: str | None = None
    sent: list[Sent] = field(default_factory=list)
    calls: int = 0
    _hung: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def repeated(self) -> list[str]:
        """Numbers that got a message more than once."""
        return [to for to, count in Counter(one.to for one in self.sent).items() if count > 1]

    def has_sent(self, count: int, to: str | None = None) -> bool:
        """Whether at least `count` messages left, to this number or to any."""
        return sum(to is None or one.to == to for one in self.sent) >= count

    def settings(self, **changes: object) -> dict[str, object]:
        """The settings of a gateway row that leads here."""
        return {"url": f"{self.url}/send", "auth": "bearer", "allow_private_addresses": ["127.0.0.1"], **changes}

    async def send(self, request: web.Request) -> web.StreamResponse:
        """POST /send: one message."""
        document = await request.json()
        self.calls += 1
        fault = self.faults.popleft() if self.faults else self.always
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        match fault:
            case "refuse":
                return web.json_response({"code": "bad_number", "message": "no such number"})
            case "later":
                return web.json_response({"code": "later"}, status=429, headers={"Retry-After": str(self.retry_after_seconds)})
            case "error":
                return web.Response(status=500)
        self._note(document)
        return await self._answer(request, fault)

    async def batch(self, request: web.Request) -> web.StreamResponse:
        """POST /batch: many messages in one call."""
        document = await request.json()
        self.calls += 1
        fault = self.faults.popleft() if self.faults else self.always
        for message in document["messages"]:
            self._note(message)
        if fault is not None:
            return await self._answer(request, fault)
        results = [
            {"reference": one["reference"], "code": "accepted", "id": str(number)} for number, one in enumerate(document["messages"])
        ]
        return web.json_response({"results": results})

    def _note(self, document: dict[str, str]) -> None:
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
                await self._hung.wait()
                return web.Response(status=500)
        return web.json_response({"code": "accepted", "id": str(len(self.sent))})

    def let_go(self) -> None:
        """End all hanging answers."""
        self._hung.set()


@asynccontextmanager
async def sms_gateway() -> AsyncIterator[SmsGateway]:
    """A gateway that listens on a free port of loopback for as long as the block."""
    gateway = SmsGateway()
    app = web.Application()
    app.router.add_post("/send", gateway.send)
    app.router.add_post("/batch", gateway.batch)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    gateway.url = f"http://127.0.0.1:{port}"
    try:
        yield gateway
    finally:
        gateway.let_go()
        await runner.cleanup()
