"""The web server, with a worker in the same process unless told otherwise."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress

from aiohttp import web

from api.keys import Context
from api.routes import make_app
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
    site = web.TCPSite(runner, service.settings.host, service.settings.port, reuse_address=True, backlog=1024)
    await site.start()
    log.info("serving", address=service.settings.public_url, worker=with_worker)
    if ready is not None:
        ready.set()
    work = Worker(service.database, service.wakeups, service.secrets, service.settings).run() if with_worker else service.wakeups.listen()
    try:
        await run_until_signal(work)
    finally:
        await runner.cleanup()


async def work_only(service: Service) -> None:
    """A worker without a web server, until asked to end."""
    log.info("working")
    await run_until_signal(Worker(service.database, service.wakeups, service.secrets, service.settings).run())


def ending_signals() -> list[signal.Signals]:
    """What asks this process to end: also its terminal closing, unless it was started so as to outlive that (nohup)."""
    signals = [signal.SIGTERM, signal.SIGINT]
    hang_up: signal.Signals | None = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        signals.append(hang_up)
    return signals


async def run_until_signal(background: Coroutine[object, object, None]) -> None:
    """Run the coroutine until it ends or the process is asked to stop, then cancel it and wait for its end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ending_signals():
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    task = asyncio.ensure_future(background)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not task.done():
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task
