"""A new process has everything to do at once: what it needs to know of the database is asked for once, not on each connection."""

from typing import Any

import asyncpg
import pytest

from tocsin.base.database import connect


async def test_array_types_are_asked_for_once_a_process(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    ask = vars(asyncpg.Connection)["_introspect_types"]

    async def counted(self: Any, types: object, timeout: float) -> Any:
        asked.append(types)
        return await ask(self, types, timeout)

    monkeypatch.setattr(asyncpg.Connection, "_introspect_types", counted)
    database = await connect(database_url, size=2)
    try:
        async with database.pool.acquire() as one, database.pool.acquire() as other:
            for connection in (one, other):
                row = await connection.fetchrow("SELECT $1::bigint[] AS a, $2::jsonb[] AS b, $3::bytea[] AS c", [1], [{"x": 1}], [b"z"])
                assert row is not None and list(row.values()) == [[1], [{"x": 1}], [b"z"]]
    finally:
        await database.close()
    assert len(asked) == 1
