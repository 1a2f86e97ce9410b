"""Departments: names, the tiers that are to be filled, and the hours in which they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

import asyncpg

from people.errors import ChangedMeanwhileError, DepartmentTakenError, DepartmentUnknownError
from people.rosters import Tier, add_department
from people.search.index import add_named_terms
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` on this day of the week (Monday is 1) until the next `closes` after it, by the community's wall clock."""

    tier: Tier
    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class DepartmentInFull:
    """A team; a tier of `tiers` without `hours` is to be filled around the clock. `hours`: rows {tier, weekday, opens, closes}."""

    id: int
    key: str
    names: dict[str, str]
    tiers: list[Tier]
    version: int
    hours: list[dict[str, str | int]]

    @property
    def cover(self) -> list[Hours]:
        """The hours, read."""
        return [
            Hours(one["tier"], int(one["weekday"]), time.fromisoformat(str(one["opens"])), time.fromisoformat(str(one["closes"])))  # type: ignore[arg-type]
            for one in self.hours
        ]


async def departments_in_full(tx: Tx) -> list[DepartmentInFull]:
    """Every team, oldest first."""
    return await tx.rows(SQL.departments_in_full, DepartmentInFull, tx.community, None)


async def department_in_full(tx: Tx, key: str) -> DepartmentInFull:
    """One team; raises DepartmentUnknownError."""
    found = await tx.rows(SQL.departments_in_full, DepartmentInFull, tx.community, key)
    if not found:
        raise DepartmentUnknownError(value=key)
    return found[0]


async def found_department(tx: Tx, key: str, names: dict[str, str]) -> int:
    """Add a team; its id. Raises DepartmentTakenError."""
    try:
        return await add_department(tx, key, names)
    except asyncpg.UniqueViolationError as problem:
        raise DepartmentTakenError(field="/key", value=key) from problem


async def change_department(
    tx: Tx, key: str, version: int, *, names: dict[str, str], tiers: Sequence[Tier], hours: Sequence[Hours]
) -> None:  # fmt: skip
    """Let a team be called so and be filled then; raises DepartmentUnknownError, ChangedMeanwhileError."""
    present = await tx.value(SQL.department_version, tx.community, key)
    if present is None:
        raise DepartmentUnknownError(value=key)
    if present != version:
        raise ChangedMeanwhileError(present=present)
    await tx.run(SQL.update_department, tx.community, key, names, list(tiers))
    department = await department_in_full(tx, key)
    await tx.run(SQL.delete_hours, tx.community, department.id)
    if hours:
        await tx.run(
            SQL.insert_hours, tx.community, department.id, [one.tier for one in hours], [one.weekday for one in hours],
            [one.opens for one in hours], [one.closes for one in hours],
        )  # fmt: skip
    await add_named_terms(tx, "department", department.id, names.values())
