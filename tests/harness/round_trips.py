"""What a process asks its database, statement by statement: each is a round trip, and waits for a processor on a busy machine."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

Method = Callable[..., Awaitable[object]]


def note_round_trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The list that every statement from here on is added to, BEGIN and COMMIT among them; hints to pages are not."""
    asked: list[str] = []

    def noted(method: Method) -> Method:
        def note(connection: object, query: str, *args: object, **options: object) -> Awaitable[object]:
            if "pg_notify" not in query:
                asked.append(query)
            return method(connection, query, *args, **options)

        return note

    for name in ("execute", "fetch", "fetchrow", "fetchval"):
        monkeypatch.setattr(asyncpg.Connection, name, noted(getattr(asyncpg.Connection, name)))
    return asked
