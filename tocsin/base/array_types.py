"""PostgreSQL's own array types, asked for once a process: the driver would ask on each connection, anew with each statement that has another one,
which takes 10 ms of the server's time a connection while a new process has everything to do at once."""

from __future__ import annotations

from typing import Any

import asyncpg

ARRAYS = (1000, 1001, 1005, 1007, 1016, 1022, 1182, 1185, 3807)
"""boolean, bytea, smallint, integer, bigint, double precision, date, timestamptz, jsonb. Source: pg_type.dat; these numbers never change."""


class ArrayTypes:
    """What the first connection was told, for all that follow."""

    def __init__(self) -> None:
        self._told: Any = None

    async def teach(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Spare a new connection the question. After the codecs of what the arrays hold are set."""
        ask = getattr(connection, "_introspect_types", None)  # asyncpg has no public way; where it goes, each connection asks for itself
        settings: Any = getattr(getattr(connection, "_protocol", None), "get_settings", lambda: None)()
        if ask is None or not hasattr(settings, "register_data_types"):
            return
        if self._told is None:
            self._told, _ = await ask(ARRAYS, 5)
        settings.register_data_types(self._told)
