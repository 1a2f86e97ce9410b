"""The rig of the benchmarks: PostgreSQL with fsync on, the service in two processes, and a gateway that notes when a message reached it."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from aiohttp import web

from api.auth.tokens import NewToken, create_token
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from people.communities import NewCommunity, add_community, add_company
from tests.harness.clock import StoryClock
from tests.harness.processes import SECRET_KEY, ServiceProcesses
from tests.harness.small_town import SmallTown, build_small_town
from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded, start_embedded
from tocsin.base.migrations import migrate
from tocsin.base.secrets import Secrets


@dataclass
class StopwatchGateway:
    """A real HTTP SMS gateway on loopback that accepts everything and notes the instant of each message."""

    port: int = 0
    arrived: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["StopwatchGateway"]:
        """Serve for as long as the block."""
        app = web.Application()
        app.router.add_post("/v1/messages", self._take)
        app.router.add_post("/v1/batches", self._take_batch)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        at = perf_counter()
        message = json.loads(await request.read())
        self.arrived.append((at, message))
        self.news.set()
        return web.json_response({"code": "accepted", "id": message["reference"]})

    async def _take_batch(self, request: web.Request) -> web.Response:
        at = perf_counter()
        messages = json.loads(await request.read())["messages"]
        self.arrived += [(at, message) for message in messages]
        self.news.set()
        taken = [{"code": "accepted", "id": message["reference"], "reference": message["reference"]} for message in messages]
        return web.json_response({"code": "accepted", "results": taken})

    async def until(self, count: int, seconds: float) -> None:
        """Wait until `count` messages have arrived in all."""
        async with asyncio.timeout(seconds):
            while len(self.arrived) < count:
                self.news.clear()
                await self.news.wait()


@dataclass(frozen=True, slots=True)
class Rig:
    """A service at work, and everything to measure it with."""

    url: str
    token: str
    town: SmallTown
    database: Database
    owner_url: str
    clock: StoryClock
    gateway: StopwatchGateway
    processes: ServiceProcesses


@asynccontextmanager
async def durable_postgres() -> AsyncIterator[tuple[Embedded, Path]]:
    """A migrated PostgreSQL with fsync on, and the folder that it lives in; both are gone afterwards, however the block ends."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        embedded = start_embedded(folder / "postgres")
        try:
            await migrate(embedded.url)
            yield embedded, folder
        finally:
            embedded.stop()


def service_processes(url: str, folder: Path) -> ServiceProcesses:
    """The service's processes, whose second start finds the compiled code of the first, as on every machine that does not forbid it: an environment
    that does (PYTHONDONTWRITEBYTECODE, for clean checkouts) would have each of them compile everything anew."""
    return ServiceProcesses(url, folder, extra={"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")})


@asynccontextmanager
async def rig(*, worker: bool = True) -> AsyncIterator[Rig]:
    """API and worker (where none is wanted, the API alone) in two processes on durable PostgreSQL, with a small town and one SMS gateway."""
    async with durable_postgres() as (embedded, folder):
        await StoryClock(embedded.url).install()
        database = await connect(embedded.url)
        async with StopwatchGateway().running() as gateway:
            town, token = await _seed(database, gateway.port)
            processes = service_processes(embedded.url, folder)
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(processes.running("serve", "--no-worker"))
                if worker:
                    await stack.enter_async_context(processes.running("worker"))
                yield Rig(processes.url, token, town, database, embedded.url, StoryClock(embedded.url), gateway, processes)
        await database.close()


async def _seed(database: Database, gateway_port: int) -> tuple[SmallTown, str]:
    secrets = Secrets(SECRET_KEY)
    async with database.floor() as tx:
        company = await add_company(tx, "Anju")
        names = {"zh-CN": "云栖花园", "en": "Cloud Garden"}
        community = await add_community(tx, NewCommunity(company, names, desk_phone="0571-88001234"))
        settings = {"url": f"http://127.0.0.1:{gateway_port}/v1/messages", "allow_private_addresses": ["127.0.0.1"]}
        new = NewGateway(
            company, "http_sms", "stopwatch", settings, "a secret of sixteen", sink=True, rate_per_second=100_000, burst=100_000
        )
        gateway = await add_gateway(tx, new, secrets)
        by_hand = await add_gateway(tx, NewGateway(company, "by_hand", "desk", sink=True), secrets)
    async with database.community(community) as tx:
        await add_channel(tx, NewChannel(gateway, rank=0, signature="安居物业"))
        await add_channel(tx, NewChannel(by_hand, rank=9))
    town = await build_small_town(database, community)
    async with database.floor() as tx:
        token = await create_token(tx, NewToken(company, community, "benchmark", "supervisor"))
    return town, token
