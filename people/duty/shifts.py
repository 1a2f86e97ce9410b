"""Shifts one by one: given by the clock on the wall, changed, and taken over by somebody else, whole or in part.

What has been worked stays as it was: of a shift that is running only what is still to come changes hands.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg

from people.errors import (
    ChangedMeanwhileError,
    DepartmentUnknownError,
    PersonUnknownError,
    ShiftOverError,
    ShiftOverlapsError,
    ShiftUnknownError,
    ShiftWrongError,
)
from people.rosters import Tier
from people.wall_clock import instant, wall_time
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody on duty from `starts_at` until before `ends_at` (UTC), which `starts_local` and `ends_local` say on the community's wall."""

    id: int
    department: str
    department_names: dict[str, str]
    tier: Tier
    person_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    starts_local: datetime
    ends_local: datetime
    version: int

    def by_wall(self, zone: str) -> "Shift":
        """The same shift at the instants that its times on the wall mean in `zone`."""
        return replace(self, starts_at=instant(self.starts_local, zone), ends_at=instant(self.ends_local, zone))


@dataclass(frozen=True, slots=True)
class LocalShift:
    """A shift to be given: naive times of the community's wall clock."""

    department: str
    tier: Tier
    person_id: int
    starts_local: datetime
    ends_local: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody took over from somebody else. Instants in UTC; `by` is who arranged it."""

    at: datetime
    by: str
    department: str
    tier: Tier
    from_person_id: int
    to_person_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Who takes a shift over; `starts_local` and `ends_local` (naive, on the wall) where it is only a part of it."""

    person_id: int
    by: str
    reason: str = ""
    starts_local: datetime | None = None
    ends_local: datetime | None = None


async def shifts_between(tx: Tx, starts: datetime, ends: datetime, department: str | None = None) -> list[Shift]:
    """The roster of a span of time (aware instants), by department, tier and start."""
    return await tx.rows(SQL.shifts_between, Shift, tx.community, starts, ends, department)


async def changes_between(tx: Tx, starts: datetime, ends: datetime) -> list[Change]:
    """Who took over from whom in a span of time, the newest first."""
    return await tx.rows(SQL.changes_between, Change, tx.community, starts, ends)


async def get_shift(tx: Tx, shift_id: int) -> Shift:
    """One shift, held until the transaction ends; raises ShiftUnknownError."""
    found = await shifts_held(tx, [shift_id])
    if not found:
        raise ShiftUnknownError(value=shift_id)
    return found[0]


async def shifts_held(tx: Tx, ids: Sequence[int]) -> list[Shift]:
    """Some shifts, held until the transaction ends; what does not exist is missing."""
    return await tx.rows(SQL.shifts_by_id, Shift, tx.community, list(ids))


async def give_shift(tx: Tx, zone: str, new: LocalShift) -> int:
    """Put somebody on duty; the shift's id. Raises DepartmentUnknownError, PersonUnknownError, ShiftWrongError, ShiftOverlapsError."""
    starts, ends = _instants(zone, new.starts_local, new.ends_local)
    try:
        added = await tx.value(
            SQL.new_shift, tx.community, new.department, new.tier, new.person_id, starts, ends, new.starts_local, new.ends_local
        )
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as problem:
        raise ShiftOverlapsError(field="/starts") from problem
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=new.person_id) from problem
    if added is None:
        raise DepartmentUnknownError(field="/department", value=new.department)
    lower(tx, "rosters")
    return int(added)


async def change_shift(tx: Tx, zone: str, shift_id: int, version: int, starts_local: datetime, ends_local: datetime) -> None:
    """Let a shift be at other times (naive, on the wall).

    Raises ShiftUnknownError, ChangedMeanwhileError, ShiftOverError, ShiftWrongError, ShiftOverlapsError.
    """
    shift = await _still_to_come(tx, shift_id, version)
    starts, ends = _instants(zone, starts_local, ends_local)
    changed = replace(shift, starts_at=starts, ends_at=ends, starts_local=starts_local, ends_local=ends_local, version=version + 1)
    await put_shifts(tx, [shift_id], [changed])


async def remove_shift(tx: Tx, shift_id: int, version: int) -> None:
    """Take a shift that has not begun from the roster; raises ShiftUnknownError, ChangedMeanwhileError, ShiftOverError."""
    shift = await _still_to_come(tx, shift_id, version)
    if shift.starts_at <= tx.now:
        raise ShiftOverError()
    await tx.run(SQL.delete_shifts, tx.community, [shift_id])


async def take_over(tx: Tx, zone: str, shift_id: int, version: int, take: TakeOver) -> None:
    """Let somebody else work a shift, or a part of it; the rest stays with whom it was.

    Raises ShiftUnknownError, ChangedMeanwhileError, ShiftOverError, ShiftWrongError (a part outside of the shift), ShiftOverlapsError,
    PersonUnknownError.
    """
    shift = await _still_to_come(tx, shift_id, version)
    starts = shift.starts_at if take.starts_local is None else instant(take.starts_local, zone)
    ends = shift.ends_at if take.ends_local is None else instant(take.ends_local, zone)
    starts = max(starts, tx.now) if shift.starts_at < tx.now else starts
    if not shift.starts_at <= starts < ends <= shift.ends_at:
        raise ShiftWrongError(field="/starts")
    taken = _part(replace(shift, person_id=take.person_id, version=version + 1), zone, starts, ends)
    rest = [
        _part(shift, zone, begin, end)
        for begin, end in ((shift.starts_at, starts), (ends, shift.ends_at))
        if begin < end
    ]  # fmt: skip
    await put_shifts(tx, [shift_id], [taken])
    for one in rest:
        await _add_rest(tx, one)
    await _note(tx, shift, taken, take.by, take.reason)


async def exchange(tx: Tx, one_id: int, other_id: int, *, version: int, by: str, reason: str = "") -> None:
    """Two people take each other's shifts; `version` is the first one's. Raises what take_over raises."""
    one = await _still_to_come(tx, one_id, version)
    try:
        other = await get_shift(tx, other_id)
    except ShiftUnknownError:
        raise ShiftUnknownError(field="/other", value=other_id) from None
    if other_id == one_id:
        raise ShiftOverlapsError(field="/other", value=other_id)
    if other.ends_at <= tx.now or one.starts_at < tx.now or other.starts_at < tx.now:
        raise ShiftOverError()
    swapped = [
        replace(one, person_id=other.person_id, version=one.version + 1),
        replace(other, person_id=one.person_id, version=other.version + 1),
    ]
    await put_shifts(tx, [one_id, other_id], swapped)
    for before, after in zip((one, other), swapped, strict=True):
        await _note(tx, before, after, by, reason)


async def _still_to_come(tx: Tx, shift_id: int, version: int) -> Shift:
    shift = await get_shift(tx, shift_id)
    if shift.version != version:
        raise ChangedMeanwhileError(present=shift.version)
    if shift.ends_at <= tx.now:
        raise ShiftOverError()
    return shift


def _instants(zone: str, starts_local: datetime, ends_local: datetime) -> tuple[datetime, datetime]:
    starts, ends = instant(starts_local, zone), instant(ends_local, zone)
    if starts >= ends:
        raise ShiftWrongError(field="/ends")
    return starts, ends


def _part(shift: Shift, zone: str, starts: datetime, ends: datetime) -> Shift:
    """A part of a shift; where it ends with the shift it says the same on the wall."""
    starts_local = shift.starts_local if starts == shift.starts_at else wall_time(starts, zone)
    ends_local = shift.ends_local if ends == shift.ends_at else wall_time(ends, zone)
    return replace(shift, starts_at=starts, ends_at=ends, starts_local=starts_local, ends_local=ends_local)


async def put_shifts(tx: Tx, ids: Sequence[int], shifts: Sequence[Shift]) -> None:
    """Let these shifts stand in the place of those with `ids`; raises ShiftOverlapsError, PersonUnknownError."""
    await tx.run(SQL.delete_shifts, tx.community, list(ids))
    rows: list[dict[str, Any]] = [
        asdict(one)
        | {"starts_local": one.starts_local.isoformat(), "ends_local": one.ends_local.isoformat()}
        | {"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat()}
        for one in shifts
    ]
    try:
        await tx.run(SQL.put_shifts, tx.community, rows)
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as problem:
        raise ShiftOverlapsError(field="/person") from problem
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=shifts[0].person_id) from problem


async def _add_rest(tx: Tx, shift: Shift) -> None:
    await tx.value(
        SQL.new_shift, tx.community, shift.department, shift.tier, shift.person_id, shift.starts_at, shift.ends_at,
        shift.starts_local, shift.ends_local,
    )  # fmt: skip


async def _note(tx: Tx, before: Shift, after: Shift, by: str, reason: str) -> None:
    await tx.run(
        SQL.note_change, tx.community, after.department, after.tier, tx.now, by, before.person_id, after.person_id,
        after.starts_at, after.ends_at, reason,
    )  # fmt: skip
