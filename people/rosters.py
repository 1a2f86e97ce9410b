"""Who is on duty, who holds a post. A shift is a pair of instants (UTC), from its start until just before its end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from people.errors import DepartmentUnknownError, PersonUnknownError, ShiftOverlapsError, ShiftWrongError
from people.search.index import add_named_terms
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
Tier = Literal["duty", "backup", "lead"]
TIERS: tuple[Tier, ...] = ("duty", "backup", "lead")


@dataclass(frozen=True, slots=True)
class OnCall:
    """A member of staff who answers for something now: a department's tier during a shift, or a post (`role`) without end."""

    person_id: int
    name: str
    language: str
    department_key: str | None
    tier: str | None
    role: str | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class NewShift:
    """A shift to be added; instants are aware."""

    department: str
    tier: Tier
    person_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Department:
    """A team; `key` is the playbooks' word for it."""

    id: int
    key: str
    names: dict[str, str]


async def add_department(tx: Tx, key: str, names: dict[str, str]) -> int:
    """Add a department; its id."""
    department_id = int(await tx.value(SQL.insert_department, tx.community, key, names))
    await add_named_terms(tx, "department", department_id, names.values())
    return department_id


async def departments(tx: Tx) -> list[Department]:
    """The community's departments, oldest first."""
    return await tx.rows(SQL.departments, Department, tx.community)


async def add_shift(tx: Tx, new: NewShift) -> None:
    """Put somebody on duty; raises DepartmentUnknownError, ShiftWrongError, ShiftOverlapsError, PersonUnknownError."""
    if new.ends_at <= new.starts_at:
        raise ShiftWrongError(field="/ends_at")
    department_id = await tx.value(SQL.department_id, tx.community, new.department)
    if department_id is None:
        raise DepartmentUnknownError(field="/department", value=new.department)
    try:
        await tx.run(SQL.insert_shift, tx.community, department_id, new.tier, new.person_id, new.starts_at, new.ends_at)
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as problem:
        raise ShiftOverlapsError(field="/starts_at") from problem
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=new.person_id) from problem
    lower(tx, "rosters")


async def add_post(tx: Tx, role: str, person_id: int) -> None:
    """Let a member of staff hold a post; raises PersonUnknownError for anybody else. Again is no change."""
    try:
        await tx.run(SQL.insert_post, tx.community, role, person_id)
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=person_id) from problem


async def on_call(tx: Tx, *, department: str, tier: str, at: datetime) -> list[OnCall]:
    """Who is on duty in a department's tier at `at`, the longest on duty first; empty when nobody is."""
    return await tx.rows(SQL.on_call, OnCall, tx.community, department, tier, at)


async def holders(tx: Tx, role: str) -> list[OnCall]:
    """Who holds a post; empty when nobody does."""
    return await tx.rows(SQL.holders, OnCall, tx.community, role)


async def duty_now(tx: Tx, at: datetime) -> list[OnCall]:
    """The whole roster at `at`: every department's duty, backup and lead, in that order. A missing tier has no row."""
    return await tx.rows(SQL.duty_now, OnCall, tx.community, at)
