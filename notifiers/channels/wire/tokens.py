"""Tokens of access that providers lend for some hours: fetched once for everybody who waits, renewed before they end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from notifiers.channels.shape import Accepted, NotSent, Outcome, Unknown

_EARLY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and for how many seconds from now it is good."""

    value: str = field(repr=False)
    seconds: float


Fetch = Callable[[], Awaitable[Token | Outcome]]


class TokenKeeper:
    """Keeps one token. Without one, nothing was sent: what came of fetching it is never Unknown."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._value = ""
        self._until = 0.0

    async def get(self) -> str | Outcome:
        """The token, or why there is none."""
        async with self._lock:
            if self._value and monotonic() < self._until:
                return self._value
            fetched = await self._fetch()
            if isinstance(fetched, Token):
                self._value, self._until = fetched.value, monotonic() + max(fetched.seconds - _EARLY_SECONDS, 1.0)
                return self._value
            return NotSent(_reason(fetched)) if isinstance(fetched, Unknown | Accepted) else fetched

    def forget(self, value: str) -> None:
        """The provider does not take this one any more; a newer one stays."""
        if self._value == value:
            self._value = ""


def _reason(outcome: Unknown | Accepted) -> str:
    return outcome.reason if isinstance(outcome, Unknown) else "not_understood"
