"""Figures about very many, kept for a moment: a page that counts a whole community need not count it again for each who looks.

Only what is large is kept, and only for reading; whatever acts on a figure counts anew. Each process keeps its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar, cast

Found = TypeVar("Found")
MOST = 1000


LONGEST_SECONDS = 60.0
SHARE = 0.05
"""Of the time, what may go into looking again and again at what takes long."""


@dataclass(frozen=True, slots=True)
class _Known:
    began: float
    took: float
    found: object


class Kept:
    """What was found lately, by key. `clock`: seconds of any monotonic clock."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._found: dict[Hashable, _Known] = {}
        self._looking: dict[Hashable, asyncio.Event] = {}
        self._beside: dict[Hashable, asyncio.Task[None]] = {}

    async def of(
        self,
        key: Hashable,
        seconds: float,
        look: Callable[[], Awaitable[Found]],
        *,
        is_large: Callable[[Found], bool] = lambda _: True,
        still: Callable[[Found], bool] = lambda _: False,
        still_seconds: float = 0.0,
    ) -> Found:
        """What `look` finds; what is large answers for `seconds`, counted from the beginning of the look. Of several who ask at once, one looks.

        Where `still` says of it that nothing has changed since, it answers for `still_seconds`.
        """
        if key in self._looking:
            await self._looking[key].wait()
        known = self._found.get(key)
        if known is not None:
            age, found = self._clock() - known.began, cast("Found", known.found)
            if age < seconds or (age < still_seconds and still(found)):
                return found
        began, over = self._clock(), self._looking.setdefault(key, asyncio.Event())
        try:
            found = await look()
            if is_large(found):
                self._keep(key, _Known(began, self._clock() - began, found))
            return found
        finally:
            self._looking.pop(key, None)
            over.set()

    async def meanwhile(
        self, key: Hashable, seconds: float, look: Callable[[], Awaitable[Found]], *, still: Callable[[Found], bool], still_seconds: float
    ) -> Found:
        """As `of`, but who finds something old does not wait: a new look goes on beside, for those who ask later.

        Looks take a twentieth of the time at most. Only who finds nothing, or something older than a new look may make it, waits; `look` needs a
        transaction of its own.
        """
        known = self._found.get(key)
        if known is None or self._clock() - known.began >= LONGEST_SECONDS:
            return await self.of(key, seconds, look, still=still, still_seconds=still_seconds)
        age, found = self._clock() - known.began, cast("Found", known.found)
        if (
            key not in self._looking
            and key not in self._beside
            and self.rests(key, seconds) <= 0
            and not (age < still_seconds and still(found))
        ):
            self._beside[key] = asyncio.create_task(self._look_beside(key, look))
        return found

    def rests(self, key: Hashable, seconds: float) -> float:
        """In how many seconds `meanwhile` may look anew; 0 or less: at once."""
        known = self._found.get(key)
        return 0.0 if known is None else known.began + max(seconds, known.took / SHARE) - self._clock()

    async def _look_beside(self, key: Hashable, look: Callable[[], Awaitable[object]]) -> None:
        """That a look failed is told to whoever asks when what is kept has grown too old."""
        try:
            with suppress(Exception):
                await self.of(key, 0.0, look)
        finally:
            self._beside.pop(key, None)

    def forget(self, about: Hashable) -> None:
        """Forget what is kept under this key, and under each tuple that begins with it."""
        for key in [one for one in self._found if one == about or (isinstance(one, tuple) and one[:1] == (about,))]:
            del self._found[key]

    def _keep(self, key: Hashable, known: "_Known") -> None:
        self._found.pop(key, None)
        if len(self._found) >= MOST:
            del self._found[next(iter(self._found))]
        self._found[key] = known
