"""Is the process alive, can it do its work, and what has it done."""

import asyncio
from time import monotonic

from aiohttp import web

from api.keys import CONTEXT, METRICS
from api.service_state import service_state
from tocsin.base.away import has_room
from tocsin.base.database import CONNECTION_LOST, Database
from tocsin.base.migrations import missing_migrations
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
WORK_LATE_SECONDS = 60.0


async def healthz(request: web.Request) -> web.Response:
    """The process only: a database outage must not restart it."""
    began = monotonic()
    await asyncio.sleep(0)
    return web.json_response({"status": "ok", "loop_lag_milliseconds": round((monotonic() - began) * 1000, 1)})


async def readyz(request: web.Request) -> web.Response:
    """Each thing that work needs, with 200 when all of it is there and 503 otherwise."""
    checks = await readiness(request.app[CONTEXT].database)
    ready = all(one["ok"] for one in checks.values())
    return web.json_response({"status": "ready" if ready else "not_ready", "checks": checks}, status=200 if ready else 503)


async def readiness(database: Database) -> dict[str, dict[str, object]]:
    """By name, whether it is well and what was seen: database, migrations, work (the longest waiting, in seconds)."""
    try:
        async with asyncio.timeout(3), database.floor() as tx:
            missing = await missing_migrations(tx)
            late: float = await tx.value(SQL.oldest_work)
        async with asyncio.timeout(3):
            room = await has_room(database)
    except CONNECTION_LOST as problem:
        return {"database": {"ok": False, "seen": type(problem).__name__}}
    return {
        "database": {"ok": room} if room else {"ok": False, "seen": "DiskFullError"},
        "migrations": {"ok": not missing, "missing": missing},
        "work": {"ok": late < WORK_LATE_SECONDS, "oldest_seconds": round(late, 1)},
    }


async def metrics(request: web.Request) -> web.Response:
    """The numbers of this process and of the whole service, for Prometheus."""
    numbers = request.app[METRICS]
    try:
        async with asyncio.timeout(3), request.app[CONTEXT].database.floor() as tx:
            numbers.work_late.set(await tx.value(SQL.oldest_work))
        async with asyncio.timeout(3):
            numbers.service.state = await service_state(request.app[CONTEXT].database)
            numbers.disk_full.set(not await has_room(request.app[CONTEXT].database))
        numbers.database_up.set(1)
    except CONNECTION_LOST:
        numbers.service.state = None
        numbers.database_up.set(0)
    body, media_type = numbers.exposition()
    return web.Response(body=body, headers={"Content-Type": media_type})
