"""The peer of `responses`: a handler as one would write it, bare aiohttp and asyncpg, a transaction a request. It notes the answer and marks the
member, checks no link, keeps no counters and tells nobody.

`python -m benchmarks.bare_handler URL` (the owner's address of a database) prints its port and serves until its standard input ends.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from tocsin.base.loop import run

CONNECTIONS = 10
_TABLES = """
CREATE TABLE IF NOT EXISTS bare_member (no bigint PRIMARY KEY, reach text NOT NULL);
CREATE TABLE IF NOT EXISTS bare_response (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, no bigint NOT NULL, kind text NOT NULL,
                                          at timestamptz NOT NULL);
"""


async def _serve(url: str) -> None:
    pool = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)
    await pool.execute(_TABLES)

    async def respond(request: web.Request) -> web.Response:
        form = await request.post()
        no = int(request.match_info["token"].split("-")[2], 36)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO bare_response (no, kind, at) VALUES ($1, $2, now())", no, form["kind"])
            await connection.execute("UPDATE bare_member SET reach = 'confirmed' WHERE no = $1", no)
        return web.Response(status=303, headers={"Location": request.path_qs})

    app = web.Application()
    app.router.add_post("/s/{token}", respond)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()
    await pool.close()


@dataclass(frozen=True, slots=True)
class Serving:
    """Who answers, where: a process and its port."""

    pid: int
    port: int


@asynccontextmanager
async def bare_handler(url: str, members: int) -> AsyncIterator[Serving]:
    """Serve for as long as the block, for so many members."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bare_handler", url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None and process.stdin is not None
    try:
        port = int(await process.stdout.readline())
        owner = await asyncpg.connect(url)
        await owner.execute(f"INSERT INTO bare_member SELECT n, 'handed_over' FROM generate_series(1, {members}) AS n")
        await owner.close()
        yield Serving(process.pid, port)
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    run(_serve(sys.argv[1]))
