"""The stage of a seed: two towns in one database, their gateways, and the processes of one service, which live on from round to round."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import aiohttp
import asyncpg

from api.auth.tokens import NewToken, create_token
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from tests.chaos.clients import Desk, Promises
from tests.chaos.gateways import FaultGateway
from tests.chaos.plan import Stage, draw_stage
from tests.harness.clock import MachineClock
from tests.harness.filled import Filled
from tests.harness.gateways import sms_gateway
from tests.harness.nursery import Nursery, QuickProcesses
from tests.harness.processes import SECRET_KEY, Started
from tests.harness.small_town import SmallTown, add_residents, build_another_town
from tests.stories.conftest import GATEWAY_SECRET, MUCH, Line, town_line
from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded
from tocsin.base.secrets import Secrets

LEASE_SECONDS = 2
TOTAL_SECONDS = 1.0
"""How long a gateway may take, in these towns."""


@dataclass
class Theatre:
    """Everything that a round needs. `workers` are those that should be alive; `asleep` those that were stopped by SIGSTOP, `lasting`
    those that have lived through a round."""

    seed: int
    drawn: Stage
    postgres: Embedded
    database_url: str
    database: Database
    service: QuickProcesses
    machine: MachineClock
    towns: list[Line]
    desks: list[Desk]
    gateways: list[FaultGateway]
    promises: Promises
    owner: "asyncpg.Connection[asyncpg.Record]"
    api: Started
    workers: list[Started] = field(default_factory=list)
    asleep: list[Started] = field(default_factory=list)
    born: list[Started] = field(default_factory=list)
    lasting: list[Started] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How often gateways were called."""
        return sum(gateway.calls for gateway in self.gateways)

    async def starts_api(self) -> None:
        """The API, ready to be asked; started again, as whoever runs it would have it, where it met no database."""
        while True:
            self.api = await self._start("serve", "--no-worker")
            try:
                return await self.service.until_ready(self.api)
            except TimeoutError:
                if self.api.returncode is None:
                    raise

    async def has_workers(self, count: int) -> None:
        """So many workers are alive, and no more; those that met no database when they were started are started again."""
        self.workers = [one for one in self.workers if one.returncode is None]
        while len(self.workers) < count:
            self.workers.append(await self._start("worker"))
        while len(self.workers) > count:
            self.workers.pop().terminate()

    async def meets_owner_again(self) -> None:
        """The owner's connection is opened anew where the database was away."""
        if self.owner.is_closed() or not await _answers(self.owner):
            self.owner.terminate()
            self.owner = await asyncpg.connect(self.database_url)

    async def _start(self, *arguments: str) -> Started:
        process = await self.service.start(*arguments)
        self.born.append(process)
        return process


async def _answers(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    try:
        await connection.execute("SELECT 1")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return True


@asynccontextmanager
async def theatre(postgres: Embedded, filled: Filled, nursery: Nursery, seed: int) -> AsyncIterator[Theatre]:
    """The stage of `seed`, with the API up; everything is ended and removed after the block."""
    name = f"chaos_{seed}_{uuid4().hex[:8]}"
    template = await filled.template_of("small_town")
    await _tell(postgres.url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    folder.chmod(0o755)
    url = postgres.address_of(name)
    machine = MachineClock(url)
    await machine.install()
    service = QuickProcesses(url, folder, extra={"TOCSIN_LEASE_SECONDS": str(LEASE_SECONDS)}, nursery=nursery)
    database, owner = await connect(url), await asyncpg.connect(url)
    town = filled.value_of("small_town")
    assert isinstance(town, SmallTown)
    try:
        async with _towns(seed, service, database, owner, town) as (lines, gateways):
            promises = Promises()
            desks = [
                Desk(line, promises, await _administrator(database, line), Random(f"desk {seed} {index}"))
                for index, line in enumerate(lines)
            ]
            made = Theatre(
                seed, draw_stage(seed), postgres, url, database, service, machine, lines, desks, gateways, promises, owner,
                await service.start("serve", "--no-worker"),
            )  # fmt: skip
            made.born.append(made.api)
            try:
                await service.until_ready(made.api)
                yield made
            finally:
                await _end(made)
    finally:
        await database.close()
        await _tell(postgres.url, f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(folder, ignore_errors=True)


async def _end(made: Theatre) -> None:
    for process in made.born:
        process.kill()
        await process.wait()
    made.owner.terminate()


@asynccontextmanager
async def _towns(
    seed: int, service: QuickProcesses, database: Database, owner: "asyncpg.Connection[asyncpg.Record]", town: SmallTown
) -> AsyncIterator[tuple[list[Line], list[FaultGateway]]]:
    drawn = draw_stage(seed)
    other = await build_another_town(database, owner, town)
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
    first, second = (FaultGateway(seed=seed, tells_repeats_apart=apart, session=session) for apart in (True, False))
    spare = [FaultGateway(seed=seed + 1, tells_repeats_apart=apart, session=session) for apart in (False, True)]
    async with (
        session,
        town_line(database, service, owner, town, first, **_settings(drawn.batches[0])) as one,
        town_line(database, service, owner, other, second, **_settings(drawn.batches[1])) as two,
        sms_gateway(spare[0]),
        sms_gateway(spare[1]),
    ):
        lines, gateways = [one, two], [first, second]
        for line, gateway in zip(lines, gateways, strict=True):
            gateway.hook_url = f"{service.url}/hooks/{line.hook_key}"
            await add_residents(owner, line.town, drawn.residents)
        if drawn.second:
            for line, gateway in zip(lines, spare, strict=True):
                await _connect(database, owner, line, gateway)
            gateways += spare
        noon = (await one.clock.now() + timedelta(days=1)).astimezone(UTC).replace(hour=4)
        await one.clock.set_clock(noon)  # in Shanghai: nothing is held back for the night
        yield lines, gateways


def _settings(batch: int | None) -> dict[str, object]:
    return {"total_seconds": TOTAL_SECONDS, **({} if batch is None else {"batch_size": batch})}


async def _connect(database: Database, owner: "asyncpg.Connection[asyncpg.Record]", line: Line, gateway: FaultGateway) -> None:
    """A second gateway of the town, tried after the first."""
    async with database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community WHERE id = $1", line.town.community_id)
        given = gateway.settings(total_seconds=TOTAL_SECONDS)
        new = NewGateway(company, "http_sms", "spare", given, GATEWAY_SECRET, rate_per_second=MUCH, burst=MUCH)
        number = await add_gateway(tx, new, Secrets(SECRET_KEY))
    async with database.community(line.town.community_id) as tx:
        await add_channel(tx, NewChannel(number, rank=2, signature="安居物业"))
    key = await owner.fetchval("SELECT hook_key FROM gateway WHERE id = $1", number)
    gateway.hook_url = f"{line.service.url}/hooks/{key}"


async def _administrator(database: Database, line: Line) -> str:
    async with database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community WHERE id = $1", line.town.community_id)
        return await create_token(tx, NewToken(company, line.town.community_id, "lists", "administrator"))


async def _tell(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def until_closed(processes: list[Started], seconds: float) -> bool:
    """Whether all of these have ended within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            for process in processes:
                await process.wait()
    except TimeoutError:
        return False
    return True
