"""Tokens of access that providers lend for some hours: fetched once for everybody who waits, renewed before they end."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from time import monotonic

from yarl import URL

from notifiers.channels.shape import Accepted, NotSent, Outcome, Unknown
from notifiers.channels.wire.answers import parse_json
from notifiers.channels.wire.calls import Answer, Called, Caller
from notifiers.channels.wire.codebook import Codebook, Said, without_code
from notifiers.channels.wire.unsigned import text_of

_EARLY_SECONDS = 300.0
_USUAL_SECONDS = 7200.0


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


async def send_with_token(
    tokens: TokenKeeper, call: Callable[[str], Awaitable[Called]], over: Collection[str], *, code_field: str = "errcode"
) -> Answer | Outcome:
    """What came of the call; when its code is one of `over`, it was not carried out, and is made once more with a new token."""
    for attempt in range(2):
        token = await tokens.get()
        if not isinstance(token, str):
            return token
        called = await call(token)
        document = parse_json(called) if isinstance(called, Answer) else None
        if attempt or not isinstance(document, dict) or text_of(document, code_field) not in over:
            break
        tokens.forget(token)
    return called


async def fetch_token(caller: Caller, url: URL, codes: Codebook, secrets: Sequence[str]) -> Token | Outcome:
    """The token that a GET of `url` lends in `access_token`, for `expires_in` seconds, with the `errcode` 0."""
    called = await caller.get(url)
    if not isinstance(called, Answer):
        return called
    document = parse_json(called)
    if not isinstance(document, dict):
        return without_code(called)
    code, token, lasts = text_of(document, "errcode"), text_of(document, "access_token"), document.get("expires_in")
    if token and code in ("", "0") and 200 <= called.status < 300:
        return Token(token, float(lasts) if isinstance(lasts, int) else _USUAL_SECONDS)
    return codes.outcome(called, Said(code, text_of(document, "errmsg")), secrets) if code else without_code(called)


def _reason(outcome: Unknown | Accepted) -> str:
    return outcome.reason if isinstance(outcome, Unknown) else "not_understood"
