"""The ceiling: aiohttp over a list, and nothing else. No database, no claim, nothing that could be repeated.

What is included is what the protocol asks of anybody: the body of each message made as JSON, its HMAC, the request, the answer read and
parsed. Usage: `python -m benchmarks.peers.bare_loop URL COUNT IN_FLIGHT BATCH`.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from time import monotonic

import aiohttp
import orjson
import uvloop
from yarl import URL

from benchmarks.peers.message import cpu_seconds, document, signed
from benchmarks.peers.session import open_session, post, send


async def _one_by_one(session: aiohttp.ClientSession, url: URL, numbers: Iterator[int]) -> None:
    for no in numbers:
        await send(session, url, no)


async def _by_batches(session: aiohttp.ClientSession, url: URL, numbers: Iterator[range]) -> None:
    for some in numbers:
        body = orjson.dumps({"messages": [document(no) for no in some]})
        await post(session, url, body, signed(body))


async def main(address: str, count: int, in_flight: int, batch: int) -> None:
    """Send `count` messages, `batch` a call; print when it began and the processor time."""
    url, before = URL(address), cpu_seconds()
    async with open_session() as session:
        began = monotonic()
        if batch == 1:
            numbers = iter(range(1, count + 1))
            await asyncio.gather(*(_one_by_one(session, url, numbers) for _ in range(in_flight)))
        else:
            batches = iter([range(start, min(start + batch, count + 1)) for start in range(1, count + 1, batch)])
            await asyncio.gather(*(_by_batches(session, url, batches) for _ in range(in_flight)))
    print(json.dumps({"began_at": began, "cpu_seconds": cpu_seconds() - before}), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], *(int(one) for one in sys.argv[2:5])))
