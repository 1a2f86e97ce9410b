"""One HTTP call to a gateway: bounded in time and size, to an address that was judged, without redirects or cookies.

What is not an answer is an outcome: NotSent while nothing was written, Unknown from then on.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType, SimpleNamespace
from urllib.parse import quote

import aiohttp
from yarl import URL

from notifiers.channels.shape import NotSent, Unknown
from notifiers.channels.wire.addresses import (
    AddressBook,
    AddressForbiddenError,
    GuardedResolver,
)
from notifiers.channels.wire.settings import CallSettings

_ANSWER_BYTES_MAX = 65_536
# Shorter than what servers commonly keep a connection: a call on one that is just being closed would be "unknown".
_KEEP_ALIVE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of at most 64 KiB; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Progress:
    """How far a call came: whether anything of it was written. Waiting for a name or a free connection is before that."""

    written: bool = False


async def _note_written(_session: aiohttp.ClientSession, call: SimpleNamespace, _sent: aiohttp.TraceRequestHeadersSentParams) -> None:
    call.trace_request_ctx.written = True


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


class Caller:
    """Makes the calls of one gateway over a session of its own, opened with the first call."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings
        self._tls = _trust(settings.trusted_certificate)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str | URL, body: bytes, headers: Mapping[str, str]) -> Called:
        """POST a body of the type that the headers say. A URL (not a string) leaves byte for byte as it is, for signatures."""
        return await self._call("POST", url, body, headers)

    async def get(self, url: str | URL, headers: Mapping[str, str] = MappingProxyType({})) -> Called:
        """GET, for what only reads: a token of access, how a message stands. An Unknown of it has sent nothing."""
        return await self._call("GET", url, None, headers)

    async def _call(self, method: str, url: str | URL, body: bytes | None, headers: Mapping[str, str]) -> Called:
        progress = _Progress()
        try:
            async with self._open().request(
                method, url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=progress
            ) as response:  # fmt: skip
                return await _read(response)
        except aiohttp.ClientError as problem:
            return _judge(problem, progress)
        except TimeoutError:
            return Unknown("no_answer_in_time") if progress.written else NotSent("name_or_connection")
        except (OSError, ValueError):
            return Unknown("connection_lost")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            connector = aiohttp.TCPConnector(
                limit=settings.in_flight,
                keepalive_timeout=_KEEP_ALIVE_SECONDS,
                resolver=GuardedResolver(AddressBook(settings.allow_private_addresses)),
                ssl=self._tls,
            )
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_written)
            self._session = aiohttp.ClientSession(
                connector=connector,
                trace_configs=[trace],
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=settings.total_seconds, sock_connect=settings.connect_seconds),
                auto_decompress=False,
                trust_env=False,
                headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tocsin"},
                skip_auto_headers=("Content-Type",),
            )
        return self._session

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


async def _read(response: aiohttp.ClientResponse) -> Answer | Unknown:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _ANSWER_BYTES_MAX:
            response.close()
            return Unknown("too_large")
    return Answer(
        response.status,
        {name.lower(): value for name, value in response.headers.items()},
        bytes(body),
    )


def _judge(problem: aiohttp.ClientError, progress: _Progress) -> NotSent | Unknown:
    match problem:
        case aiohttp.ClientSSLError():
            return NotSent("tls")
        case aiohttp.ClientConnectorError() if isinstance(problem.os_error, AddressForbiddenError):
            return NotSent("address_forbidden")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.InvalidURL():
            return NotSent("name_or_connection")
        case aiohttp.ServerTimeoutError():
            return Unknown("no_answer_in_time") if progress.written else NotSent("name_or_connection")
        case aiohttp.ClientResponseError():
            return Unknown("not_understood")
        case _:
            return Unknown("connection_lost")
