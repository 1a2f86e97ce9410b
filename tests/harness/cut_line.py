"""A line between client and service that is cut at the moment at which the answer is on its way: the client never gets it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def line_cut_before_answer(port: int, when_answered: Callable[[], Awaitable[None]]) -> AsyncIterator[str]:
    """An address that leads to the service at `port`; with the first byte of an answer `when_answered` runs, and nothing is passed on."""
    tasks: set[asyncio.Task[None]] = set()

    async def carry(client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        service_in, service_out = await asyncio.open_connection("127.0.0.1", port)
        onward = asyncio.create_task(_pass_on(client_in, service_out))
        tasks.add(onward)
        if await service_in.read(1):
            await when_answered()
        onward.cancel()
        service_out.close()
        client_out.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        target.write(piece)
        await target.drain()
