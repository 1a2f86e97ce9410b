"""Files that were brought in before, and what became of their rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from people.imports.errors import ImportUnknownError
from people.imports.options import Options
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
KEPT = timedelta(days=30)
FILE_KEPT = timedelta(days=3)
"""A weekend may lie between a list and the correction of its errors."""


@dataclass(frozen=True, slots=True)
class Run:
    """One file. `lost`: the process that read it has not been heard of for a minute; then nothing of it was applied. `kept`: the file is still
    there. `examples` are those of people.imports.examples as they were stored."""

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
    options: dict[str, Any]
    examples: list[dict[str, Any]]
    kept: bool
    lost: bool

    @property
    def has_reasons(self) -> bool:
        """Whether the file can be given back with its reasons: its rows were judged, some were refused, and it is still there."""
        judged = self.state == "done" or (self.dry and self.state == "asks")
        return self.kept and judged and bool(self.counts.get("refused"))


@dataclass(frozen=True, slots=True)
class RunLine:
    """One file as the history shows it."""

    id: int
    kind: str | None
    file_name: str
    by: str
    dry: bool
    state: str
    counts: dict[str, Any]
    started_at: datetime
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


async def recent_runs(tx: Tx, limit: int = 20) -> list[RunLine]:
    """The last files, the newest first."""
    return await tx.rows(SQL.recent_runs, RunLine, tx.community, tx.machine_now, limit)


async def rows_of_run(
    tx: Tx, run_id: int, *, after: tuple[int, int] = (-1, 0), refused_only: bool = False, limit: int = 100
) -> list[RunRow]:
    """Refused rows and, unless `refused_only`, those with hints, in the file's order, after a (sheet, line)."""
    return await tx.rows(SQL.run_rows, RunRow, tx.community, run_id, *after, refused_only, limit)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was sent, where it was kept, with what was asked of it; `options` hold those of the reading, `replace` and `yes_end`."""

    file_name: str
    file: bytes | None
    by: str
    dry: bool
    options: dict[str, Any]
    understood: dict[str, Any] | None

    @property
    def replace(self) -> bool:
        """Whether the list was said to be whole."""
        return bool(self.options["replace"])

    @property
    def reading(self) -> Options:
        """What was known better than the file says it."""
        return Options(**{name: value for name, value in self.options.items() if name not in ("replace", "yes_end")})


async def kept_file(tx: Tx, run_id: int) -> Kept:
    """The file of a run; raises ImportUnknownError."""
    kept = await tx.maybe(SQL.run_kept, Kept, tx.community, run_id)
    if kept is None:
        raise ImportUnknownError(value=run_id)
    return kept


async def fail_run(tx: Tx, run_id: int) -> None:
    """Note that a file was not brought in, if nothing else was noted; nothing of it was applied."""
    await tx.run(SQL.finish_run, tx.community, run_id, "failed", None, {}, {}, 0, tx.now, None, [])


async def run_once(database: Database, community_id: int) -> int:
    """Chore: forget a file after three days, and what became of its rows after a month; how many were forgotten."""
    async with database.community(community_id) as tx:
        files = await tx.run(SQL.forget_files, tx.community, tx.now - FILE_KEPT)
        return files + await tx.run(SQL.forget_runs, tx.community, tx.now - KEPT)
