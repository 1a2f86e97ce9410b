"""Figures about very many, kept for a moment: a page that counts a whole community need not count it again for each who looks.

Only what is large is kept, and only for reading; whatever acts on a figure counts anew. Each process keeps its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import TypeVar, cast

Found = TypeVar("Found")
MOST = 1000


class Kept:
    """What was found lately, by key. `clock`: seconds of any monotonic clock."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._found: dict[Hashable, tuple[float, object]] = {}
        self._looking: dict[Hashable, asyncio.Event] = {}

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
            age, found = self._clock() - known[0], cast("Found", known[1])
            if age < seconds or (age < still_seconds and still(found)):
                return found
        began, over = self._clock(), self._looking.setdefault(key, asyncio.Event())
        try:
            found = await look()
            if is_large(found):
                self._keep(key, began, found)
            return found
        finally:
            self._looking.pop(key, None)
            over.set()

    def forget(self, about: Hashable) -> None:
        """Forget what is kept under this key, and under each tuple that begins with it."""
        for key in [one for one in self._found if one == about or (isinstance(one, tuple) and one[:1] == (about,))]:
            del self._found[key]

    def _keep(self, key: Hashable, began: float, found: object) -> None:
        self._found.pop(key, None)
        if len(self._found) >= MOST:
            del self._found[next(iter(self._found))]
        self._found[key] = (began, found)
