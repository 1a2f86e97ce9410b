"""One aiohttp session set up as the service's own connections are, for the ceiling and for peers that send by coroutines."""

import aiohttp
import orjson
from yarl import URL

from benchmarks.peers.message import call


def open_session() -> aiohttp.ClientSession:
    """No limit of connections, no cookies, no decompression, the same limits of time."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=15, sock_connect=3),
        auto_decompress=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "bare"},
        skip_auto_headers=("Content-Type",),
    )


async def send(session: aiohttp.ClientSession, url: URL, no: int) -> None:
    """Message number `no` to the gateway, and its answer read."""
    body, headers = call(no)
    await post(session, url, body, headers)


async def post(session: aiohttp.ClientSession, url: URL, body: bytes, headers: dict[str, str]) -> None:
    """One call; raises AssertionError where it was not accepted."""
    async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
        said = orjson.loads(await answer.read())
    assert said["code"] == "accepted"
