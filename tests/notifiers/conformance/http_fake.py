"""A real HTTP server around a gateway's own protocol: it reads calls whole, and misbehaves on the wire when told to."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext

import orjson
from aiohttp import web

from tests.notifiers.conformance.adapter import Arrived, Script

_DRIP_SECONDS = 0.05
_HUGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """One call as it came in. Header names are lower case; `raw_query` and `body` are byte for byte."""

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What the gateway answers, and what it took by that call."""

    document: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    taken: list[Arrived] = field(default_factory=list)


Speaks = Callable[[Received, Script], Said]
"""A gateway's protocol: checks the signature, takes messages or refuses them as the script says, and answers."""


@dataclass
class HttpFake:
    """One running gateway. `settings_to(url, changes)` are the settings that lead to it.

    `prelude`: paths that only lend a token; they are not counted as calls, and misbehave only where `prelude_too`.
    """

    speaks: Speaks
    settings_to: Callable[[str], dict[str, object]]
    script: Script = field(default_factory=Script)
    url: str = ""
    prelude: tuple[str, ...] = ()
    prelude_too: bool = False
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def settings(self, **changes: object) -> dict[str, object]:
        return {**self.settings_to(self.url), "allow_private_addresses": ["127.0.0.1"], **changes}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any call."""
        body = await request.read()
        script = self.script
        if request.path in self.prelude and not self.prelude_too:
            lent = self.speaks(_received(request, body), script)
            return web.Response(status=lent.status, body=orjson.dumps(lent.document), content_type="application/json")
        script.calls += 1
        if request.path.startswith("/elsewhere"):
            script.strayed += 1
            return web.Response(status=500)
        match script.fault:
            case "redirect":
                return web.Response(status=307, headers={"Location": f"{self.url}/elsewhere"})
            case "hang":
                await self._released.wait()
                return web.Response(status=500)
            case "reset":
                return _cut(request)
        said = self.speaks(_received(request, body), script)
        script.arrived.extend(said.taken)
        if script.before_answer is not None and said.taken:
            await script.before_answer(said.taken)
        return await self._answer(request, said)

    async def _answer(self, request: web.Request, said: Said) -> web.StreamResponse:
        words = orjson.dumps(said.document)
        whole = {"Content-Type": "application/json", **said.headers}
        match self.script.fault:
            case "taken_hang":
                await self._released.wait()
            case "taken_reset":
                return _cut(request)
            case "taken_error":
                return web.Response(status=500, body=words, headers=whole)
            case "garbage":
                return _cut(request, b"\x00\x01\xfe\xff 999 \r\n\r\n")
            case "html":
                return web.Response(text="<html>200 OK</html>", content_type="text/html")
            case "empty":
                return web.Response()
            case "unreadable":
                return web.Response(body=b"\xff\xfe\x80" + words[:-1], content_type="application/json")
            case "zipped":
                return web.Response(body=gzip.compress(words), headers={**whole, "Content-Encoding": "gzip"})
            case "gb18030":
                return web.Response(body=words.decode().encode("gb18030"), headers={"Content-Type": "application/json;charset=GB18030"})
            case "cut":
                return _cut(request, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n" + words)
            case "drip":
                return await self._drip(request, words)
            case "huge":
                return await self._huge(request, words)
        return web.Response(status=said.status, body=words, headers=whole)

    async def _drip(self, request: web.Request, words: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(words))})
        with suppress(ConnectionError):
            await response.prepare(request)
            for at in range(len(words)):
                if self._released.is_set():
                    break
                await response.write(words[at : at + 1])
                await asyncio.sleep(_DRIP_SECONDS)
        return response

    async def _huge(self, request: web.Request, words: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        with suppress(ConnectionError):
            await response.prepare(request)
            for _ in range(_HUGE_BYTES // 65_536):
                await response.write(b" " * 65_536)
            await response.write(words)
        return response

    def let_go(self) -> None:
        """End every answer that hangs."""
        self._released.set()


def _received(request: web.Request, body: bytes) -> Received:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Received(request.method, request.rel_url.raw_path, request.rel_url.raw_query_string, headers, body)


def _cut(request: web.Request, last_words: bytes = b"") -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        if last_words:
            transport.write(last_words)
            transport.close()
        else:
            transport.abort()
    return web.Response()


@asynccontextmanager
async def run_http(fake: HttpFake, tls: SSLContext | None = None) -> AsyncIterator[HttpFake]:
    """Listen on a free port of loopback for as long as the block."""
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    fake.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        fake.let_go()
        await runner.cleanup()
