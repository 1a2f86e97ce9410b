"""Real PostgreSQL for every test: started once, migrated once, cloned for each test that asks for a database."""

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from tests.harness.clock import StoryClock
from tests.harness.estate import Estate, build_estate
from tests.harness.filled import Fill, Filled, add_bare_community
from tests.harness.memory import keep_temporary_files_in_memory
from tests.harness.nursery import Nursery, nursery
from tests.harness.small_town import SmallTown, build_small_town
from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded, start_embedded
from tocsin.base.migrations import migrate

# How long an example takes is the machine's affair, not the property's.
settings.register_profile("gate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")

keep_temporary_files_in_memory()

FILLS: dict[str, Fill] = {"small_town": build_small_town, "estate": build_estate}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Embedded]:
    """Embedded PostgreSQL of this test process, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    folder.chmod(0o755)
    embedded = start_embedded(folder / "data")
    try:
        yield embedded
    finally:
        embedded.stop()
        if not os.environ.get("TOCSIN_KEEP_DATABASES"):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: Embedded) -> str:
    """The name of a migrated database to clone; its story clock can be moved."""
    asyncio.run(_make_template(postgres))
    return "tocsin_template"


async def _make_template(postgres: Embedded) -> None:
    connection = await asyncpg.connect(postgres.url)
    for setting in ("fsync = off", "full_page_writes = off", "autovacuum = off", "max_wal_size = '256MB'"):
        await connection.execute(f"ALTER SYSTEM SET {setting}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute("CREATE DATABASE tocsin_template")
    await connection.close()
    url = postgres.address_of("tocsin_template")
    await migrate(url)
    await StoryClock(url).install()


@pytest.fixture(scope="session")
def midwife() -> Iterator[Nursery]:
    """Bears the processes of the service that tests start by the dozen."""
    with nursery() as found:
        yield found


@pytest.fixture(scope="session")
def filled(postgres: Embedded, template: str) -> Filled:
    """What is filled once and cloned; the last of FILLS that a test asks for is what its database begins with."""
    return Filled(postgres, template, FILLS)


def filling_of(request: pytest.FixtureRequest) -> str | None:
    """Which filling this test's database begins with."""
    return next((name for name in reversed(FILLS) if name in request.fixturenames), None)


@pytest.fixture
async def database_url(postgres: Embedded, template: str, filled: Filled, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The owner's address of a database of this test's own."""
    filling = filling_of(request)
    begins_with = template if filling is None else await filled.template_of(filling)
    name = f"t_{re.sub('[^a-z0-9]', '', request.node.name.lower())[:30]}_{uuid4().hex[:8]}"
    connection = await asyncpg.connect(postgres.url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {begins_with} STRATEGY wal_log')
        yield postgres.address_of(name)
        if not os.environ.get("TOCSIN_KEEP_DATABASES"):
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The service's pool on a fresh database."""
    database = await connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner, who sees every community: for looking and tampering, never for the service."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def story(database_url: str) -> StoryClock:
    """Moves story time for every connection to this test's database."""
    return StoryClock(database_url)


@pytest.fixture
async def small_town(database_url: str, filled: Filled) -> SmallTown:
    """The small town, as `build_small_town` leaves it."""
    return cast("SmallTown", filled.value_of("small_town"))


@pytest.fixture
async def estate(database_url: str, filled: Filled) -> Estate:
    """The estate, as `build_estate` leaves it."""
    return cast("Estate", filled.value_of("estate"))


@pytest.fixture
async def community(owner: asyncpg.Connection, filled: Filled, request: pytest.FixtureRequest) -> int:
    """The community that the test is about: a bare one of a company, or the one that its database begins with."""
    filling = filling_of(request)
    return await add_bare_community(owner) if filling is None else filled.community_of(filling)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories of whole processes first: they wait more than they work, and at the end one worker would wait alone."""
    items.sort(key=lambda item: "stories" not in item.path.parts)
