"""migrations/schema.sql is the shape that the migrations add up to, and migrations are numbered one by one and never change."""

import difflib
import re

import asyncpg
import pytest

from tests.harness.schema import FILE, dump
from tests.house.tree import ROOT
from tocsin.base.embedded import Embedded
from tocsin.base.migrations import MigrationChangedError, migrate, read_migrations

NEVER_USED = frozenset({10, 11, 15, 24, 40, 42, 43, 45, 47, 50, 51})
"""Numbers set aside for work that needed no migration. They stay unused: a number that comes late would be skipped where later ones
have been applied."""
SET_ASIDE: frozenset[int] = frozenset()
"""Numbers of work that is under way beside what has landed; those that were not needed move to NEVER_USED before a release."""


def test_the_schema_file_is_what_the_migrations_add_up_to(postgres: Embedded, house_url: str) -> None:
    present = dump(postgres, "house")
    kept = FILE.read_text("utf-8") if FILE.exists() else ""
    differences = "\n".join(
        list(difflib.unified_diff(kept.splitlines(), present.splitlines(), "schema.sql", "migrations", lineterm=""))[:40]
    )
    if kept != present:
        pytest.fail(f"run `make schema`:\n{differences}")


def test_the_schema_file_tells_of_no_machine(house_url: str) -> None:
    assert re.findall(r"\\\w*restrict|pg_dump|Dumped|version \d|/tmp/|/home/|/root/|OWNER TO", FILE.read_text("utf-8")) == []


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [int(one.name.partition("_")[0]) for one in read_migrations()]
    assert len(numbers) == len(set(numbers)), "a number is used twice"
    assert not NEVER_USED & set(numbers)
    assert sorted({*numbers, *NEVER_USED, *SET_ASIDE}) == list(range(1, max(numbers) + 1))


def test_every_sql_file_of_the_folder_is_a_migration_or_the_schema() -> None:
    names = {path.name for path in (ROOT / "migrations").glob("*.sql")}
    assert names == {f"{one.name}.sql" for one in read_migrations()} | {"schema.sql"}


def test_every_migration_begins_with_what_it_is_for() -> None:
    assert [one.name for one in read_migrations() if not re.match(r"-- [A-Z].{15,}", one.sql)] == []


async def test_a_migration_that_was_applied_and_then_changed_is_refused(database_url: str, owner: asyncpg.Connection) -> None:
    assert await migrate(database_url) == []

    await owner.execute("UPDATE schema_migration SET sha256 = 'another' WHERE name = '0002_people'")
    with pytest.raises(MigrationChangedError, match="0002_people"):
        await migrate(database_url)
