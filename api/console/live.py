"""Tells open pages that something changed, over server-sent events; the page then reads itself again, so there is one render path.

A beat every two seconds carries the story's clock: a page that hears none for four says that the connection is lost.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC
from time import monotonic

import orjson
from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionResetError

from api.auth.sessions import require_visitor
from api.keys import CONTEXT
from api.streams import STREAMS
from tocsin.base.database import CONNECTION_LOST

BEAT_SECONDS = 2.0
SETTLE_SECONDS = 0.15
LIFE_SECONDS = 900.0
Holds = Callable[[], Awaitable[bool]]
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


async def stream_changes(request: web.Request) -> web.StreamResponse:
    """GET /console/live: `changed` after each change in the visitor's community, `beat` in between; ends with the session's right."""
    visitor = await require_visitor(request, "read", nameless=True)
    return await follow(request, visitor.community_id)


async def follow(request: web.Request, community_id: int, *, holds: Holds | None = None) -> web.StreamResponse:
    """The stream itself. `holds`: whether the visitor may still watch, asked at each beat; where not, `withdrawn` is the last thing said."""
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    streams = request.app[STREAMS]
    ends_at = monotonic() + LIFE_SECONDS
    with streams.opened(request, f"page:{community_id}") as news, suppress(ClientConnectionResetError, ConnectionResetError):
        await response.write(b"retry: 1000\n\n")
        while not streams.closing and monotonic() < ends_at:
            if holds is not None and not await _still(holds):
                await response.write(b"event: withdrawn\ndata: {}\n\n")
                break
            await response.write(await _beat(request))
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await news.wait()
                await asyncio.sleep(SETTLE_SECONDS)
                news.clear()
                await response.write(b"event: changed\ndata: {}\n\n")
    return response


async def _still(holds: Holds) -> bool:
    """While the database is away nobody is sent off."""
    try:
        return await holds()
    except CONNECTION_LOST:
        return True


async def _beat(request: web.Request) -> bytes:
    """The story's clock, or nothing while the database is away: then the page says so."""
    try:
        now = (await request.app[CONTEXT].database.story_lately()).astimezone(UTC).isoformat(timespec="milliseconds")
    except CONNECTION_LOST:
        return b": the database is away\n\n"
    return b"event: beat\ndata: %s\n\n" % orjson.dumps({"now": now})
