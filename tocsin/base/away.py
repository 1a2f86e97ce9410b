"""A database that cannot be worked with now: what a process says of it, and whether it has room."""

import asyncpg
from structlog.typing import FilteringBoundLogger

from tocsin.base.database import Database
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


def say_away(log: FilteringBoundLogger, problem: BaseException, lane: str | None = None) -> None:
    """Log one of CONNECTION_LOST that `lane` met: a full disk is told by its name, because only a person makes room."""
    if isinstance(problem, asyncpg.DiskFullError):
        log.error("disk_full", lane=lane, problem=problem.args[0])
    else:
        log.warning("database_away", lane=lane, problem=type(problem).__name__)


async def has_room(database: Database) -> bool:
    """Whether PostgreSQL can write half a megabyte more: found out by doing it. Raises CONNECTION_LOST where it does not answer."""
    try:
        async with database.floor() as tx:
            await tx.value(SQL.sort_in_little_memory)
            await tx.value(SQL.try_room)
    except asyncpg.DiskFullError:
        return False
    return True
