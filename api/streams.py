"""Open event streams of this process, so that they can be ended when the server stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from aiohttp import web

from api.keys import CONTEXT, METRICS


class Streams:
    """Every open stream waits on an event of its own; `close` wakes them all for the last time."""

    def __init__(self) -> None:
        self.closing = False
        self._waiting: set[asyncio.Event] = set()
        self._heard_at: dict[str, float] = {}

    def hear(self, topic: str) -> None:
        """Note the instant of a hint at pages: what it is about was committed before."""
        if topic.startswith("page:"):
            self._heard_at[topic] = monotonic()

    def heard_at(self, community_id: int) -> float:
        """When pages of the community were last told of a change (monotonic); 0 where they never were. What is looked up later is after it."""
        return self._heard_at.get(f"page:{community_id}", 0.0)

    @property
    def open(self) -> int:
        """How many streams are open now."""
        return len(self._waiting)

    def close(self) -> None:
        """Have every stream say good-bye."""
        self.closing = True
        for event in self._waiting:
            event.set()

    @contextmanager
    def opened(self, request: web.Request, topic: str) -> Iterator[asyncio.Event]:
        """An event that is set at each hint at `topic`, and when the server stops."""
        news = asyncio.Event()

        def heard(hinted: str) -> None:
            if hinted == topic:
                news.set()

        unsubscribe = request.app[CONTEXT].wakeups.subscribe(heard)
        self._waiting.add(news)
        gauge = request.app[METRICS].streams
        gauge.inc()
        try:
            yield news
        finally:
            gauge.dec()
            self._waiting.discard(news)
            unsubscribe()


STREAMS: web.AppKey[Streams] = web.AppKey("streams", Streams)
