"""Open event streams of this process, so that they can be ended when the server stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from api.keys import CONTEXT, METRICS


class Streams:
    """Every open stream waits on an event of its own; `close` wakes them all for the last time."""

    def __init__(self) -> None:
        self.closing = False
        self._waiting: set[asyncio.Event] = set()

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
