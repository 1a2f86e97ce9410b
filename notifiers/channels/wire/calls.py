"""One HTTP call to a gateway: bounded in time and size, to an address that was judged, without redirects or cookies.

What is not an answer is an outcome: NotSent while nothing was written, Unknown from then on.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Mapping
from functools import lru_cache
from time import monotonic
from types import MappingProxyType
from urllib.parse import quote

from yarl import URL

from notifiers.channels.shape import NotSent, Unknown
from notifiers.channels.wire.addresses import AddressBook, AddressForbiddenError
from notifiers.channels.wire.connections import Connection, Origin, Pool
from notifiers.channels.wire.http1 import Answer, Complete, NotUnderstoodError, TooLargeError, request
from notifiers.channels.wire.settings import CallSettings
from tocsin.base.deadlines import Deadlines

__all__ = ["JSON_TYPE", "Answer", "Called", "Caller", "url_of"]

# Shorter than what servers commonly keep a connection: a call on one that is just being closed would be "unknown".
_KEEP_ALIVE_SECONDS = 4.0


def url_of(origin: URL, path: str, **query: str) -> URL:
    """`path` at `origin` with this query, every value of it percent-encoded, as it leaves byte for byte."""
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return URL(f"{origin}/{path}{'?' if pairs else ''}{pairs}", encoded=True)


JSON_TYPE = "application/json; charset=utf-8"
Called = Answer | NotSent | Unknown
"""What comes of a call."""


@lru_cache(maxsize=64)
def _trust(certificate: str) -> ssl.SSLContext:
    """What connections are checked against; shared, because reading the machine's certificates takes twenty milliseconds."""
    return ssl.create_default_context(cadata=certificate or None)


@lru_cache(maxsize=256)
def _place(url: str | URL) -> tuple[Origin, str, str]:
    """Where a call goes: the origin, the target of its request line, and what its Host says. Raises ValueError for what is no such address."""
    parsed = URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.raw_host or parsed.port is None:
        raise ValueError("not an address that can be called")
    host = parsed.raw_host
    named = f"[{host}]" if ":" in host else host
    at = named if parsed.is_default_port() else f"{named}:{parsed.port}"
    return Origin(host, parsed.port, parsed.scheme == "https"), parsed.raw_path_qs or "/", at


def _too_late(answer: "asyncio.Future[Complete]") -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())


class Caller:
    """Makes the calls of one gateway over connections of its own, opened with the first call."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings
        self._tls = _trust(settings.trusted_certificate)
        self._pool: Pool | None = None
        self._deadlines: Deadlines[asyncio.Future[Complete]] = Deadlines(settings.total_seconds, _too_late)

    def post(self, url: str | URL, body: bytes, headers: Mapping[str, str]) -> Awaitable[Called]:
        """POST a body of the type that the headers say. A URL (not a string) leaves byte for byte as it is, for signatures."""
        return self._call("POST", url, body, headers)

    def get(self, url: str | URL, headers: Mapping[str, str] = MappingProxyType({})) -> Awaitable[Called]:
        """GET, for what only reads: a token of access, how a message stands. An Unknown of it has sent nothing."""
        return self._call("GET", url, None, headers)

    async def _call(self, method: str, url: str | URL, body: bytes | None, headers: Mapping[str, str]) -> Called:
        pool, began = self._open(), monotonic()
        try:
            origin, target, host = _place(url)
            asked = request(method, target, host, headers, body)
            connection = pool.idle(origin) or await self._connect(pool, origin)
        except ssl.SSLError:
            return NotSent("tls")
        except AddressForbiddenError:
            return NotSent("address_forbidden")
        except (OSError, TimeoutError, ValueError):
            return NotSent("name_or_connection")
        reusable, answer = False, connection.exchange(asked)
        self._deadlines.watch(answer, began)
        try:
            complete = await answer
            reusable = complete.reusable
            return complete.answer
        except TooLargeError:
            return Unknown("too_large")
        except NotUnderstoodError:
            return Unknown("not_understood")
        except TimeoutError:
            return Unknown("no_answer_in_time")
        except OSError:
            return Unknown("connection_lost")
        finally:
            self._deadlines.forget(answer)
            pool.give_back(connection, reusable=reusable)

    async def _connect(self, pool: Pool, origin: Origin) -> Connection:
        async with asyncio.timeout(self._settings.total_seconds):
            return await pool.connect(origin)

    def _open(self) -> Pool:
        if self._pool is None:
            settings = self._settings
            self._pool = Pool(
                AddressBook(settings.allow_private_addresses), self._tls, limit=settings.in_flight,
                connect_seconds=settings.connect_seconds, keep_seconds=_KEEP_ALIVE_SECONDS,
            )  # fmt: skip
        return self._pool

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
