"""pgqueuer: jobs in PostgreSQL, claimed by SKIP LOCKED, carried out by coroutines. Usage: DATABASE URL COUNT IN_FLIGHT."""

import json
import sys
from time import monotonic

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.models import Job
from yarl import URL

from benchmarks.peers.message import cpu_seconds
from benchmarks.peers.session import open_session, send


async def main(database: str, address: str, count: int, in_flight: int) -> None:
    """Enqueue `count` messages and send them; print when it began and the processor time."""
    url, left = URL(address), count
    async with asyncpg.create_pool(database, min_size=4, max_size=10) as pool, open_session() as session:
        queue = PgQueuer.from_asyncpg_pool(pool)
        await queue.qm.queries.install()

        @queue.entrypoint("send")
        async def carry_out(job: Job) -> None:
            nonlocal left
            await send(session, url, int(job.payload or b""))
            left -= 1
            if left == 0:
                queue.shutdown.set()

        before, began = cpu_seconds(), monotonic()
        numbers = range(1, count + 1)
        await queue.qm.queries.enqueue(["send"] * count, [str(no).encode() for no in numbers], [0] * count)
        await queue.run(batch_size=in_flight, max_concurrent_tasks=2 * in_flight + 1)
        print(json.dumps({"began_at": began, "cpu_seconds": cpu_seconds() - before}), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
