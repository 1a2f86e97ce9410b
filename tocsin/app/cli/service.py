"""serve, worker, migrate: what runs for long starts without what it never uses, since until then nobody is alerted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from tocsin.app.cli.words import tell
from tocsin.app.ending import run_until_signal
from tocsin.app.wiring import owner_url, running_service
from tocsin.base.logs import configure_logs, logger
from tocsin.base.loop import run
from tocsin.base.migrations import migrate
from tocsin.base.settings import Settings, load_settings

if TYPE_CHECKING:
    from tocsin.app.worker import Worker

log = logger("service")
app = typer.Typer(name="tocsin", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
NoWorker = Annotated[bool, typer.Option("--no-worker", help="serve pages and API only; run `tocsin worker` beside it")]


@app.command("serve")
def serve_command(no_worker: NoWorker = False) -> None:
    """Serve pages and API and, unless --no-worker, do the background work too."""
    from tocsin.app import web  # before the loop: what is loaded by then is never walked through for garbage

    settings = load_settings()
    configure_logs(as_json=settings.log_json, in_turns=True)
    run(_serve(settings, web.serve, with_worker=not no_worker))


async def _serve(settings: Settings, serve: Callable[..., Awaitable[None]], *, with_worker: bool) -> None:
    _warn(settings)
    async with running_service(settings) as service:
        await serve(service, with_worker=with_worker)


@app.command("worker")
def worker_command() -> None:
    """Do the background work without serving pages."""
    from tocsin.app.worker import Worker  # before the loop: what is loaded by then is never walked through for garbage

    settings = load_settings()
    configure_logs(as_json=settings.log_json, in_turns=True)
    run(_work(settings, Worker))


async def _work(settings: Settings, worker: type[Worker]) -> None:
    _warn(settings)
    async with running_service(settings) as service:
        log.info("working")
        await run_until_signal(worker(service.database, service.wakeups, service.secrets, service.settings).run())


def _warn(settings: Settings) -> None:
    """Links in messages that lead to this machine's own loopback help nobody who reads them on a phone."""
    if urlsplit(settings.public_url).hostname in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):
        log.warning("links_lead_to_this_machine_only", public_url=settings.public_url, set="TOCSIN_PUBLIC_URL")


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema to this version; run it as the owner of the database."""
    applied = run(_migrate(load_settings()))
    tell("cli.migrated" if applied else "cli.up_to_date", names=", ".join(applied))


async def _migrate(settings: Settings) -> list[str]:
    async with owner_url(settings) as url:
        return await migrate(url)
