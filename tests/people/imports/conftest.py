"""Communities whose desks have a telephone, all in one database, and the ways to bring a file into one."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import asyncpg
import pytest

from people.imports.options import Options
from people.imports.run import ImportRequest, ImportResult, run_import
from people.places import NewPlace, add_place
from tocsin.base.database import Database
from tocsin.base.embedded import Embedded

BringIn = Callable[..., Awaitable[ImportResult]]
Look = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture(scope="session")
def shared_database(postgres: Embedded, template: str) -> str:
    """One database for all tests of lists: each has a community of its own in it, and the walls between them are the product's."""

    async def clone() -> None:
        connection = await asyncpg.connect(postgres.url)
        await connection.execute(f"CREATE DATABASE lists TEMPLATE {template}")
        await connection.close()

    asyncio.run(clone())
    return postgres.address_of("lists")


@pytest.fixture
def database_url(shared_database: str) -> str:
    """The owner's address of that database."""
    return shared_database


@pytest.fixture
async def town(database: Database, community: int) -> int:
    """A community with its own place and nothing in it."""
    return await with_its_place(database, community)


async def with_its_place(database: Database, community: int) -> int:
    """The community, which has a place from now on."""
    async with database.community(community) as tx:
        await add_place(tx, NewPlace("community", None, "0", {"zh-CN": "云栖花园", "en": "Cloud Garden"}, "", 0))
    return community


@pytest.fixture
def bring_in(database: Database, town: int) -> BringIn:
    """Brings a file in, as `--apply` does; `dry=True` only looks."""

    async def act(data: bytes, *, dry: bool = False, replace: bool = False, yes_end: int | None = None, **options: Any) -> ImportResult:
        request = ImportRequest(town, "list.xlsx", "test", dry, Options(**options), replace, yes_end)
        with as_open_file(data) as file:
            return await run_import(database, request, file)

    return act


@pytest.fixture
def look(database: Database, town: int) -> Look:
    """Asks what the town's own people would see: the rows of no other community."""

    async def act(statement: str, *values: object) -> list[dict[str, Any]]:
        async with database.community(town) as tx:
            return [dict(record) for record in await tx.connection.fetch(statement, *values)]

    return act


def faults_by_line(result: ImportResult) -> dict[int, list[str]]:
    """The reasons of refused rows, by line."""
    return {one.line: [fault.code for fault in one.faults] for one in result.looked_at if one.faults}


@contextmanager
def as_open_file(data: bytes) -> Iterator[BinaryIO]:
    """Bytes as an open file of the operating system."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file
