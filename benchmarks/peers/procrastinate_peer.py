"""procrastinate: tasks in PostgreSQL, carried out by coroutines. Usage: DATABASE URL COUNT IN_FLIGHT."""

import json
import sys
from time import monotonic

import procrastinate
import uvloop
from yarl import URL

from benchmarks.peers.message import cpu_seconds
from benchmarks.peers.session import open_session, send


async def main(database: str, address: str, count: int, in_flight: int) -> None:
    """Defer `count` messages and send them; print when it began and the processor time."""
    url = URL(address)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database, max_size=20))
    async with app.open_async(), open_session() as session:
        await app.schema_manager.apply_schema_async()

        @app.task(name="send")
        async def carry_out(no: int) -> None:
            await send(session, url, no)

        before, began = cpu_seconds(), monotonic()
        await carry_out.batch_defer_async(*({"no": no} for no in range(1, count + 1)))
        await app.run_worker_async(concurrency=in_flight, wait=False, install_signal_handlers=False)
        print(json.dumps({"began_at": began, "cpu_seconds": cpu_seconds() - before}), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
