"""The web server, with a worker in the same process unless told otherwise."""

import asyncio

from aiohttp import web

from api.keys import Context
from api.press_connection import PressSite
from api.routes import make_app
from tocsin.app.ending import run_until_signal
from tocsin.app.wiring import Service
from tocsin.app.worker import Worker
from tocsin.base.logs import logger

log = logger("web")
DRAIN_SECONDS = 15.0


async def serve(service: Service, *, with_worker: bool, ready: asyncio.Event | None = None) -> None:
    """Serve until asked to end; then take no more requests, finish those begun and what is on the wire."""
    app = make_app(Context(service.database, service.wakeups, service.secrets, service.settings))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    await PressSite(runner, service.settings.host, service.settings.port).start()
    log.info("serving", address=service.settings.public_url, worker=with_worker)
    if ready is not None:
        ready.set()
    work = Worker(service.database, service.wakeups, service.secrets, service.settings).run() if with_worker else service.wakeups.listen()
    try:
        await run_until_signal(work)
    finally:
        await runner.cleanup()
