"""The timeline as server-sent events: `id` is the event's number, so that a reader who was away goes on where they were.

The hint of a commit makes it quick, a look each second makes it true. A stream ends when its reader has left, when the server stops,
and after a quarter of an hour, so that a reader whose right was taken away is asked again.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from time import monotonic

import orjson
from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionResetError

from api.auth.callers import Caller
from api.keys import CONTEXT
from api.route import id_in_path
from api.streams import STREAMS
from incidents.views.lists import EventView, summary, timeline
from tocsin.base.database import CONNECTION_LOST

LOOK_SECONDS = 1.0
COMMENT_SECONDS = 15.0
LIFE_SECONDS = 900.0
PAGE = 200
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


@dataclass
class Reader:
    """One open stream: what it is about, and how far its reader has come."""

    request: web.Request
    response: web.StreamResponse
    community_id: int
    incident_id: int
    last_no: int
    wrote_at: float

    @property
    def left(self) -> bool:
        transport = self.request.transport
        return transport is None or transport.is_closing()

    async def write(self, text: bytes) -> None:
        await self.response.write(text)
        self.wrote_at = monotonic()


async def stream_events(request: web.Request, caller: Caller) -> web.StreamResponse:
    """Follow the timeline as server-sent events; Last-Event-ID or ?after= says where to go on."""
    incident_id = id_in_path(request, "incident")
    async with request.app[CONTEXT].database.community(caller.community_id) as tx:
        await summary(tx, incident_id)
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    reader = Reader(request, response, caller.community_id, incident_id, _where(request), monotonic())
    with request.app[STREAMS].opened(request, f"page:{caller.community_id}") as news:
        with contextlib.suppress(ClientConnectionResetError, ConnectionResetError):
            await reader.write(b"retry: 2000\n\n")
            await _follow(reader, news)
    return response


def _where(request: web.Request) -> int:
    sent = request.headers.get("Last-Event-ID") or request.query.get("after", "0")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


async def _follow(reader: Reader, news: asyncio.Event) -> None:
    streams = reader.request.app[STREAMS]
    ends_at = monotonic() + LIFE_SECONDS
    while not reader.left and not streams.closing and monotonic() < ends_at:
        hinted = news.is_set()
        news.clear()
        sent = await _send_new(reader)
        if hinted and not sent:
            await reader.write(b"event: changed\ndata: {}\n\n")
        if monotonic() - reader.wrote_at >= COMMENT_SECONDS:
            await reader.write(b": still here\n\n")
        if sent < PAGE:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await news.wait()
    if not reader.left:
        await reader.write(b"event: bye\ndata: {}\n\n")


async def _send_new(reader: Reader) -> int:
    """Write what happened since; how many events. While the database is away there is nothing new."""
    try:
        async with reader.request.app[CONTEXT].database.community(reader.community_id) as tx:
            events = await timeline(tx, reader.incident_id, after_no=reader.last_no, limit=PAGE)
    except CONNECTION_LOST:
        return 0
    if events:
        await reader.write(b"".join(_event(one) for one in events))
        reader.last_no = events[-1].no
    return len(events)


def _event(event: EventView) -> bytes:
    data = {
        "no": event.no, "at": event.at, "happened_at": event.happened_at, "kind": event.kind, "cause": event.cause, "body": event.body,
    }  # fmt: skip
    return b"id: %d\ndata: %s\n\n" % (event.no, orjson.dumps(data, option=orjson.OPT_UTC_Z))
