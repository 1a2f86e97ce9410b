"""Files that were brought in before, and what became of their rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from people.imports.errors import ImportUnknownError
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Run:
    """One file. `lost`: the process that read it has not been heard of for a minute; then nothing of it was applied."""

    id: int
    kind: str | None
    file_name: str
    by: str
    dry: bool
    state: str
    refusal: str | None
    refusal_values: dict[str, str]
    understood: dict[str, Any] | None
    counts: dict[str, Any]
    rows_read: int
    started_at: datetime
    finished_at: datetime | None
    applied_at: datetime | None
    lost: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    """One row with something to say about it; `reasons` and `hints` are lists of {code, column, value, …}."""

    sheet: int
    line: int
    verdict: str
    reasons: list[dict[str, Any]]
    hints: list[dict[str, Any]]


async def get_run(tx: Tx, run_id: int) -> Run:
    """One file; raises ImportUnknownError."""
    run = await tx.maybe(SQL.run, Run, tx.community, run_id, tx.machine_now)
    if run is None:
        raise ImportUnknownError(value=run_id)
    return run


async def rows_of_run(
    tx: Tx, run_id: int, *, after: tuple[int, int] = (-1, 0), refused_only: bool = False, limit: int = 100
) -> list[RunRow]:
    """Refused rows and, unless `refused_only`, those with hints, in the file's order, after a (sheet, line)."""
    return await tx.rows(SQL.run_rows, RunRow, tx.community, run_id, *after, refused_only, limit)


async def file_of_run(tx: Tx, run_id: int) -> bytes | None:
    """The file itself, where it was kept; raises ImportUnknownError."""
    await get_run(tx, run_id)
    found: bytes | None = await tx.value(SQL.run_file, tx.community, run_id)
    return found


async def run_once(database: Database, community_id: int) -> int:
    """Chore: forget files and rows after a month; how many files."""
    async with database.community(community_id) as tx:
        return await tx.run(SQL.forget_runs, tx.community, tx.now - KEPT)
