"""One timer for many things under way that may all take equally long: a timer each would cost more than some of them do."""

import asyncio
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Deadlines(Generic[Thing]):
    """Calls `expire` with what takes longer than `seconds`, once."""

    def __init__(self, seconds: float, expire: Callable[[Thing], None]) -> None:
        self._seconds = seconds
        self._expire = expire
        self._began: dict[Thing, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, thing: Thing, began: float) -> None:
        """It counts from `began` (monotonic)."""
        self._began[thing] = began
        if self._timer is None:
            self._wait(began + self._seconds - monotonic())

    def forget(self, thing: Thing) -> None:
        """It ended."""
        self._began.pop(thing, None)

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(max(0.01, seconds), self._ring)

    def _ring(self) -> None:
        self._timer = None
        limit = monotonic() - self._seconds
        for thing in [thing for thing, began in self._began.items() if began <= limit]:
            del self._began[thing]
            self._expire(thing)
        if self._began:
            self._wait(min(self._began.values()) - limit)
