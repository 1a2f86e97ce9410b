"""A database that cannot be worked with now: what a process says of it, and whether it has room."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from structlog.typing import FilteringBoundLogger

from tocsin.base.database import CONNECTION_LOST, Database
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


def say_away(log: FilteringBoundLogger, problem: BaseException, lane: str | None = None) -> None:
    """Log one of CONNECTION_LOST that `lane` met: a full disk is told by its name, because only a person makes room."""
    if isinstance(problem, asyncpg.DiskFullError):
        log.error("disk_full", lane=lane, problem=problem.args[0])
    else:
        log.warning("database_away", lane=lane, problem=type(problem).__name__)


@contextmanager
def fenced(log: FilteringBoundLogger, lane: str, community: int | None = None) -> Iterator[None]:
    """What goes wrong in the block is logged with `lane` and `community`, and ends there: whoever goes on must not end with one of its chores."""
    try:
        yield
    except CONNECTION_LOST as problem:
        say_away(log, problem, lane)
    except Exception:
        log.exception("chore_failed", lane=lane, community=community)


async def has_room(database: Database) -> bool:
    """Whether PostgreSQL can write half a megabyte more: found out by doing it. Raises CONNECTION_LOST where it does not answer."""
    try:
        async with database.floor() as tx:
            await tx.value(SQL.sort_in_little_memory)
            await tx.value(SQL.try_room)
    except asyncpg.DiskFullError:
        return False
    return True
