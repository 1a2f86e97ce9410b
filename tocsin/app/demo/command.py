"""tocsin demo: the whole service in one process, on a database and gateways of its own, with a town that is lived in."""

import asyncio
import fcntl
import shutil
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.auth.login import make_link
from notifiers.gateways import change_settings
from people.communities import get_community
from people.persons import known_addresses
from people.rosters import on_call
from tocsin.app.cli.words import tell, terminal_language
from tocsin.app.demo.catchers import HOST, Catchers, CatcherSettings
from tocsin.app.demo.gateways import GatewaySettings
from tocsin.app.demo.handsets import Owner
from tocsin.app.demo.history import History
from tocsin.app.demo.hooks import HookAccess
from tocsin.app.demo.past_clock import restore_clock
from tocsin.app.demo.plan import read_plan
from tocsin.app.demo.ports import is_free, next_free_port
from tocsin.app.demo.stage import stage
from tocsin.app.demo.state import DemoState
from tocsin.app.demo.town import Town, seed_town
from tocsin.app.demo.welcome import Welcome, welcome_lines
from tocsin.app.ending import ending_signals
from tocsin.app.web import serve
from tocsin.app.wiring import Service, running_service
from tocsin.base.embedded import start_embedded
from tocsin.base.errors import TocsinError
from tocsin.base.logs import configure_logs, logger
from tocsin.base.migrations import MigrationChangedError, migrate
from tocsin.base.settings import Settings, load_settings

log = logger("demo")
FIRST_CATCHER_PORT = 8180
FIRST_MAIL_PORT = 8125


class DemoRunsError(TocsinError):
    """Another process runs the demo of this folder."""

    code = "demo_runs"


class DemoOutdatedError(TocsinError):
    """The demo's data was made by an earlier version."""

    code = "demo_outdated"


def demo_command(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="port of the pages; by default that of TOCSIN_LISTEN")] = None,
    forget: Annotated[bool, typer.Option("--forget", help="remove the demo's data and do nothing else")] = False,
) -> None:
    """Start the whole service with a lived-in community and gateways that catch what is sent; Ctrl-C stops it, data stays."""
    settings = load_settings()
    folder = settings.data_dir.expanduser().resolve() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    if forget:
        with _only_one(folder):
            shutil.rmtree(folder)
        return
    for name in ending_signals():
        # Until the web server listens to them: whatever has been started is stopped again, PostgreSQL above all.
        signal.signal(name, signal.default_int_handler)
    with _only_one(folder), (folder / "demo.log").open("a", encoding="utf-8") as log_file:
        configure_logs(as_json=settings.log_json, stream=log_file)
        asyncio.run(_run(settings, folder, port or settings.port))
    tell("demo.stopped")


@contextmanager
def _only_one(folder: Path) -> Generator[None]:
    with (folder / "running").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise DemoRunsError() from problem
        yield


async def _run(settings: Settings, folder: Path, wanted_port: int) -> None:
    tell("demo.starting")
    async with AsyncExitStack() as stack:
        embedded = await asyncio.to_thread(start_embedded, folder / "postgres")
        stack.callback(embedded.stop)
        await _migrate(embedded.url)
        state = DemoState.read(folder)
        catchers = await stack.enter_async_context(_catching(folder, state))
        state = state.with_ports(catchers.http_port, catchers.smtp_port)
        state.write(folder)
        port = next_free_port(settings.host, wanted_port)
        if port != wanted_port:
            tell("demo.port_taken", wanted=wanted_port, port=port)
        own = _own_settings(settings, folder, state, port, embedded.url, catchers.url)
        service = await stack.enter_async_context(running_service(own))
        town = await _inhabit(service, folder, state)
        await _connect_catchers(service, catchers, state, town)
        await restore_clock(embedded.url)
        if not DemoState.read(folder).lived:
            await _live(service, catchers, town, embedded.url)
            DemoState.read(folder).with_history().write(folder)
        await _serve(service, town)


async def _migrate(url: str) -> None:
    try:
        await migrate(url)
    except MigrationChangedError as problem:
        raise DemoOutdatedError() from problem


@asynccontextmanager
async def _catching(folder: Path, state: DemoState) -> AsyncGenerator[Catchers]:
    http_port, smtp_port = (
        before if before and is_free(HOST, before) else next_free_port(HOST, first)
        for before, first in ((state.http_port, FIRST_CATCHER_PORT), (state.smtp_port, FIRST_MAIL_PORT))
    )
    catchers = Catchers(CatcherSettings(folder / "caught", state.gateway_token, http_port, smtp_port))
    await catchers.start()
    try:
        yield catchers
    finally:
        await catchers.close()


def _own_settings(settings: Settings, folder: Path, state: DemoState, port: int, database_url: str, catcher_url: str) -> Settings:
    listen = f"{settings.host}:{port}"
    is_default_address = settings.public_url == f"http://{settings.listen}"
    return load_settings(
        database_url=database_url,
        database_password_file=None,
        data_dir=folder,
        listen=listen,
        public_url=f"http://{listen}" if is_default_address else settings.public_url,
        secret_key=state.secret_key,
        secret_key_file=None,
        secret_key_previous=None,
        secret_key_previous_file=None,
        demo=True,
        demo_catcher_url=catcher_url,
    )


async def _inhabit(service: Service, folder: Path, state: DemoState) -> Town:
    """The town of the first run, with gateways that lead to the catchers' present ports."""
    gateways = GatewaySettings(state.http_port, state.smtp_port, state.gateway_token)
    if state.town is None:
        tell("demo.building")
        town = await seed_town(service.database, service.secrets, gateways, language=terminal_language())
        state.with_town(town).write(folder)
        return town
    async with service.database.floor() as tx:
        for name, (_, settings) in gateways.by_name().items():
            await change_settings(tx, state.town.gateways[name], settings)
    return state.town


async def _live(service: Service, catchers: Catchers, town: Town, owner_url: str) -> None:
    """Let happen what has happened before anybody looks. Without it the town is only quieter, so a failure is logged and no more."""
    tell("demo.living")
    async with service.database.community(town.community_id) as tx:
        now = tx.now
    try:
        async with stage(service, town.community_id, catchers, owner_url) as built:
            await History(built, town.accounts, now).tell()
    except Exception:
        log.exception("history_failed")


async def _connect_catchers(service: Service, catchers: Catchers, state: DemoState, town: Town) -> None:
    language = terminal_language()
    async with service.database.community(town.community_id) as tx:
        known = await known_addresses(tx)
    owners: dict[str, Owner] = {}
    for one in known:
        before = owners.get(one.address)
        names = [before.name, one.name] if before and one.name not in before.name else [one.name]
        owners[one.address] = Owner(" / ".join(names), (one.where or {}).get(language, ""), one.kind == "resident")
    base = f"http://{_reachable(service.settings.host)}:{service.settings.port}/hooks"
    catchers.connect(
        sms=HookAccess(f"{base}/{town.hook_keys['sms']}", state.gateway_token),
        voice=HookAccess(f"{base}/{town.hook_keys['voice']}", state.gateway_token),
        owners=owners,
    )


def _reachable(host: str) -> str:
    return HOST if host in ("0.0.0.0", "::", "") else host


async def _serve(service: Service, town: Town) -> None:
    ready = asyncio.Event()
    lines = await _welcome(service, town)

    async def tell_when_ready() -> None:
        await ready.wait()
        for line in lines:
            typer.echo(line)

    telling = asyncio.create_task(tell_when_ready())
    try:
        await serve(service, with_worker=True, ready=ready)
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _welcome(service: Service, town: Town) -> list[str]:
    """What the terminal shows: where the pages are, a log-in for each role, and what to try first."""
    async with service.database.community(town.community_id) as tx:
        links = {line.role: await make_link(tx, town.accounts[line.login]) for line in read_plan().accounts}
        community = await get_community(tx, town.community_id)
        engineers = await on_call(tx, department="engineering", tier="duty", at=tx.now)
    language = terminal_language()
    return welcome_lines(
        language,
        Welcome(
            community.names[language],
            service.settings.public_url,
            links,
            {line.name: f"{line.number}/{line.pin}" for line in read_plan().accounts},
            engineers[0].name if engineers else "",
            str(service.settings.data_dir),
        ),
    )
