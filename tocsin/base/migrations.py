"""Applies migrations/*.sql in order, each in one transaction, under one advisory lock; refuses a file that changed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tocsin.base.database import Tx
from tocsin.base.database_errors import LEAST_POSTGRES, DatabaseTooOldError, explained
from tocsin.base.errors import TocsinError
from tocsin.base.hosts import Hosts
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
FOLDER = Path(__file__).resolve().parents[2] / "migrations"
_LOCK = 0x70C51
_MIGRATIONS_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL)"
)


class MigrationChangedError(TocsinError):
    """An applied migration's file is no longer what was applied; values: name."""

    code = "migration_changed"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file: its name, its SQL and the hash of it."""

    name: str
    sql: str
    sha256: str


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def read_migrations(folder: Path = FOLDER) -> list[Migration]:
    """All NNNN_name.sql of the folder, in order."""
    found = []
    for path in _files(folder):
        sql = path.read_text("utf-8")
        found.append(Migration(path.stem, sql, hashlib.sha256(sql.encode()).hexdigest()))
    return found


async def missing_migrations(tx: Tx) -> list[str]:
    """The names of this version's migrations that the database has not seen, in order."""
    applied = set(await tx.column(SQL.applied_names))
    return [path.stem for path in _files(FOLDER) if path.stem not in applied]


async def migrate(owner_url: str) -> list[str]:
    """Bring the schema to the newest version as the owner of `owner_url`; the names of what was applied now.

    Where nothing is new, any user who may log in will do. Raises MigrationChangedError, or an error of tocsin.base.database_errors.
    """
    with explained(owner_url):
        connection = await Hosts(owner_url).connect(timeout=10)
        try:
            version = connection.get_server_version()
            if version.major < LEAST_POSTGRES:
                raise DatabaseTooOldError(version=f"{version.major}.{version.minor}", least=LEAST_POSTGRES)
            await connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
            applied = await _applied(connection)
            new = [one for one in read_migrations() if _is_new(one, applied)]
            if new and not applied:
                await connection.execute(_MIGRATIONS_TABLE)
            return [await _apply(connection, one) for one in new]
        finally:
            await connection.close()


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, str]:
    if not await connection.fetchval(SQL.migrations_table_exists.text):
        return {}
    return {record["name"]: record["sha256"] for record in await connection.fetch(SQL.applied_migrations.text)}


def _is_new(migration: Migration, applied: dict[str, str]) -> bool:
    if migration.name not in applied:
        return True
    if applied[migration.name] != migration.sha256:
        raise MigrationChangedError(name=migration.name)
    return False


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> str:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(SQL.record_migration.text, migration.name, migration.sha256)
    return migration.name
