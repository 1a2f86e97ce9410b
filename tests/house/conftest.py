"""A database as `tocsin migrate` leaves it, and what PostgreSQL says of every statement there."""

import asyncio
import tomllib
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from tests.house.explained import Explained, as_service, explain_all, of_service
from tests.house.statements import statements
from tests.house.tree import ROOT
from tocsin.base.embedded import Embedded
from tocsin.base.migrations import migrate

OWNERS = tomllib.loads((ROOT / "migrations" / "owners.toml").read_text("utf-8"))
FLOOR = frozenset(OWNERS["floor"])
"""The tables of the company floor; everything else stands above it."""

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def house_url(postgres: Embedded) -> str:
    """The owner's address of a migrated, empty database whose story clock was not made movable."""
    asyncio.run(_make(postgres))
    return postgres.address_of("house")


async def _make(postgres: Embedded) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE house")
    await connection.close()
    await migrate(postgres.address_of("house"))


@pytest.fixture(scope="session")
def ask(house_url: str) -> Ask:
    """Asks the catalogue of that database, as the owner: `ask(statement, *values)` gives rows."""
    return lambda statement, *values: asyncio.run(_ask(house_url, statement, values))


async def _ask(url: str, statement: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(record) for record in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def tables(ask: Ask) -> frozenset[str]:
    """The names of all tables; partitions are part of theirs."""
    rows = ask("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition")
    return frozenset(row["relname"] for row in rows)


@pytest.fixture(scope="session")
def walled(tables: frozenset[str]) -> frozenset[str]:
    """The tables above the company floor."""
    return tables - FLOOR


@pytest.fixture(scope="session")
def owners() -> dict[str, str]:
    """Which package writes each table."""
    return {table: package for package, names in OWNERS["writers"].items() for table in names}


@pytest.fixture(scope="session")
def understood(house_url: str) -> tuple[dict[str, Explained], dict[str, str]]:
    """All statements as the owner of the schema sees them, without row-level security; and what PostgreSQL refused."""
    return asyncio.run(_understand(house_url))


async def _understand(url: str) -> tuple[dict[str, Explained], dict[str, str]]:
    connection = await asyncpg.connect(url)
    await connection.execute("SET plan_cache_mode = 'force_generic_plan'")
    try:
        return await explain_all(connection, statements())
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def explained(understood: tuple[dict[str, Explained], dict[str, str]]) -> dict[str, Explained]:
    """Every statement that fits the schema."""
    return understood[0]


@pytest.fixture(scope="session")
def refused_to_service(house_url: str) -> dict[str, str]:
    """What PostgreSQL says of statements that it refuses to the service's role."""
    return asyncio.run(_try_as_service(house_url))


async def _try_as_service(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await as_service(connection, 1)
            return (await explain_all(connection, of_service(statements())))[1]
    finally:
        await connection.close()
