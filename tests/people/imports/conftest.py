"""A community whose desk has a telephone, and the ways to bring a file into it."""

import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import asyncpg
import pytest

from people.imports.reading_process import Options
from people.imports.run import ImportRequest, ImportResult, run_import
from people.places import NewPlace, add_place
from tocsin.base.database import Database

BringIn = Callable[..., Awaitable[ImportResult]]


@pytest.fixture
async def town(database: Database, community: int) -> int:
    """A community with its own place and nothing in it."""
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
def look(owner: asyncpg.Connection) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """Asks the database as its owner."""

    async def act(statement: str, *values: object) -> list[dict[str, Any]]:
        return [dict(record) for record in await owner.fetch(statement, *values)]

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
