"""A town on a PostgreSQL that keeps its word, with processes that can be killed, and the judge at the end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.harness.clock import StoryClock
from tests.harness.filled import Filled
from tests.harness.hold import Hold, holding
from tests.harness.nursery import Nursery, QuickProcesses
from tests.harness.oracle import is_quiet, wrongs
from tests.harness.postgres import durable_postgres
from tests.harness.processes import Started
from tests.harness.small_town import SmallTown, add_residents, build_another_town, build_small_town
from tests.stories.conftest import PATIENCE_SECONDS, Line, town_line
from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded
from tocsin.base.migrations import migrate

TRAPPED: dict[str, object] = {"kind": "elevator_entrapment", "place": "3-2-L1", "facts": {}}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Embedded]:
    """PostgreSQL of these stories alone: fsync is on, and it may be killed."""
    with durable_postgres() as embedded:
        yield embedded


@pytest.fixture(scope="session")
def template(postgres: Embedded) -> str:
    """The name of a migrated database to clone; its story clock can be moved."""

    async def make() -> None:
        await _tell(postgres, "CREATE DATABASE tocsin_template")
        url = postgres.address_of("tocsin_template")
        await migrate(url)
        await StoryClock(url).install()

    asyncio.run(make())
    return "tocsin_template"


@pytest.fixture(scope="session")
def filled(postgres: Embedded, template: str) -> Filled:
    """The town that every one of these stories begins with, in this PostgreSQL."""
    return Filled(postgres, template, {"small_town": build_small_town})


@pytest.fixture
async def database_url(postgres: Embedded, filled: Filled) -> AsyncIterator[str]:
    """The owner's address of a database of this story's own; no connection is kept, for the story may kill PostgreSQL."""
    name = f"t_{uuid4().hex[:12]}"
    await _tell(postgres, f"CREATE DATABASE {name} TEMPLATE {await filled.template_of('small_town')} STRATEGY wal_log")
    yield postgres.address_of(name)
    await _tell(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def _tell(postgres: Embedded, statement: str) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(statement)
    await connection.close()


@dataclass(kw_only=True)
class Scene(Line):
    """A line whose processes are started and killed by the story, and whose end is judged."""

    database: Database
    community: int
    processes: list[Started] = field(default_factory=list)

    async def starts_api(self) -> Started:
        """A process that serves and does no background work, ready to be asked."""
        process = await self._start("serve", "--no-worker")
        await self.service.until_ready(process)
        return process

    async def starts_all_in_one(self) -> Started:
        """A process that does everything, ready to be asked."""
        process = await self._start("serve")
        await self.service.until_ready(process)
        return process

    async def starts_worker(self) -> Started:
        """A process that does the background work."""
        return await self._start("worker")

    async def _start(self, *arguments: str) -> Started:
        process = await self.service.start(*arguments)
        self.processes.append(process)
        return process

    def holding(self, statement: str, *values: object) -> AbstractAsyncContextManager[Hold]:
        """Hold what `statement` locks, so that a process can be stopped where it needs it."""
        return holding(self.service.database_url, statement, *values)

    def holding_work(self, lane: str) -> AbstractAsyncContextManager[Hold]:
        """Stop whoever lowers this lane: that is the last statement before its COMMIT."""
        return self.holding("INSERT INTO work (community_id, lane, due_at) VALUES ($1, $2, 'infinity')", self.community, lane)

    async def declares(self, *, key: str) -> str:
        """The desk declares an entrapment; the incident's id."""
        status, answer = await self.post("/incidents", TRAPPED, key=key)
        assert status == 201, answer
        return str(answer["id"])

    async def meets_owner_again(self) -> None:
        """The owner's connection is opened anew, after the database was away."""
        self.owner.terminate()
        self.owner = await asyncpg.connect(self.service.database_url)

    @asynccontextmanager
    async def another_town(self) -> AsyncIterator[Line]:
        """Another company's town with a gateway of its own, served by the same processes."""
        town = await build_another_town(self.database, self.owner, self.town)
        async with town_line(self.database, self.service, self.owner, town) as told:
            yield told

    async def tells_residents(self) -> int:
        """The power is off in unit 3-2, it is noon, and its residents are told; the message."""
        tomorrow = await self.clock.now() + timedelta(days=1)
        await self.clock.set_clock(tomorrow.astimezone(UTC).replace(hour=4))  # noon in Shanghai: nothing is held back for the night
        status, answer = await self.post("/incidents", {"kind": "power_cut", "place": "3-2", "facts": {}})
        assert status == 201, answer
        status, told = await self.post(f"/incidents/{answer['id']}/tell", {})
        assert status == 200, told
        return await self.count("SELECT id FROM message WHERE kind = 'broadcast' AND size > 0 ORDER BY id DESC")

    @staticmethod
    def link_in(text: str) -> str:
        """The link that a message carries."""
        return next(word for word in text.split() if "://" in word)

    async def presses(self, link: str, kind: str) -> int:
        """Somebody answers on the page behind a link; the status."""
        async with self.session.post(link, data={"kind": kind}, allow_redirects=False) as answer:
            return answer.status

    async def follows(self, incident: str, seen: list[int]) -> None:
        """Read the incident's stream of events on from what was `seen`, and note the numbers there, until the stream breaks."""
        headers = {"Authorization": f"Bearer {self.token}", "Last-Event-ID": str(seen[-1] if seen else 0)}
        async with self.session.get(f"{self.service.url}/api/v1/incidents/{incident}/events", headers=headers) as stream:
            async for line in stream.content:
                if line.startswith(b"id: "):
                    seen.append(int(line[4:]))

    async def until_true(self, question: Callable[[], bool]) -> None:
        """Wait until the question is answered with true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not question():
                await asyncio.sleep(0.02)

    async def has_residents(self, count: int) -> set[str]:
        """So many more people live in home 3-2-1502, each with a telephone; their numbers."""
        await add_residents(self.owner, self.town, count)
        return {row["address"] for row in await self.owner.fetch("SELECT address FROM contact_point WHERE address LIKE '+86170%'")}

    async def count(self, question: str, *values: object) -> int:
        """What the owner counts."""
        return int(await self.owner.fetchval(question, *values))

    async def ends_well(self, *others: Line) -> None:
        """Nothing is left to do, here and in `others`, and the judge finds nothing wrong."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_quiet(self.owner):
                await asyncio.sleep(0.02)
        assert await wrongs(self.owner, self.database, [self.gateway, *(one.gateway for one in others)]) == []


@asynccontextmanager
async def scene_elsewhere(
    database_url: str, owners_url: str, town: SmallTown, service: QuickProcesses, **settings: object
) -> AsyncIterator[Scene]:
    """The town on another PostgreSQL than this process's own; the owner goes to it directly. What was started is killed at the end."""
    database, owner = await connect(database_url), await asyncpg.connect(owners_url)
    async with town_line(database, service, owner, town, None, **settings) as told:
        given = {one.name: getattr(told, one.name) for one in fields(told)} | {"clock": StoryClock(owners_url)}
        scene = Scene(**given, database=database, community=town.community_id)
        try:
            yield scene
        finally:
            for process in scene.processes:
                process.kill()
            scene.owner.terminate()
            await database.close()


@pytest.fixture
async def scene(
    database: Database, database_url: str, owner: asyncpg.Connection, small_town: SmallTown, tmp_path: Path, midwife: Nursery,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Scene]:  # fmt: skip
    """The town; whatever the story started is killed at its end. The gateway's settings can be given by `parametrize`, indirectly."""
    tmp_path.chmod(0o755)
    service = QuickProcesses(database_url, tmp_path, extra={"TOCSIN_LEASE_SECONDS": "2"}, nursery=midwife)
    async with town_line(database, service, owner, small_town, **getattr(request, "param", {})) as told:
        given = {one.name: getattr(told, one.name) for one in fields(told)}
        scene = Scene(**given, database=database, community=small_town.community_id)
        try:
            yield scene
        finally:
            for process in scene.processes:
                process.kill()
                await process.wait()
            if scene.owner is not owner:
                await scene.owner.close()
