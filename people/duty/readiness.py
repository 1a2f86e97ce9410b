"""Whether somebody will be there: gaps of the coming days by department and tier, and what is about to run out.

`gaps` is pure: hours that are to be covered, less the shifts that cover them. A shift whose holder no alert could reach covers nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from people.communities import get_community
from people.duty.certificates import Certificate, certificates
from people.duty.departments import DepartmentInFull, Hours, departments_in_full
from people.outside import OutsideNumber, outside_numbers
from people.rosters import Tier
from people.wall_clock import instant, span, wall_time
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
DAYS = 14
EXPIRES_WITHIN_DAYS = 60
CHECKED_WITHIN_DAYS = 90


@dataclass(frozen=True, slots=True)
class Held:
    """A shift; `reachable`: whether any address of its holder could carry an alert, `rings`: whether a telephone could."""

    department: str
    tier: Tier
    person_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    reachable: bool
    rings: bool = True


@dataclass(frozen=True, slots=True)
class Unwakeable:
    """Somebody who is on duty and has no telephone that could ring; only mail or chat reaches them."""

    person_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody from `starts_at` until `ends_at` (UTC), although somebody should be; `why`: nobody has the shift, or no alert can reach `name`."""

    department: str
    tier: Tier
    starts_at: datetime
    ends_at: datetime
    why: Literal["nobody", "unreachable"]
    name: str | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is not ready: `gaps` from `starts_at` to `ends_at` (UTC), certificates about to expire, numbers nobody rang lately, people with
    shifts whom no telephone can wake."""

    starts_at: datetime
    ends_at: datetime
    gaps: list[Gap]
    expiring: list[Certificate]
    unchecked: list[OutsideNumber]
    unwakeable: list[Unwakeable]


async def readiness(tx: Tx, *, days: int = DAYS) -> Readiness:
    """What is not ready in the coming days."""
    community = await get_community(tx, tx.community)
    ends = tx.now + timedelta(days=days)
    held = await tx.rows(SQL.held_between, Held, tx.community, tx.now, ends)
    found = [gap for one in await departments_in_full(tx) for gap in gaps(one, held, community.zone, tx.now, ends)]
    today = wall_time(tx.now, community.zone).date()
    return Readiness(
        starts_at=tx.now,
        ends_at=ends,
        gaps=found,
        expiring=await certificates(tx, expire_before=today + timedelta(days=EXPIRES_WITHIN_DAYS)),
        unchecked=[one for one in await outside_numbers(tx) if one.last_checked < today - timedelta(days=CHECKED_WITHIN_DAYS)],
        unwakeable=list(dict.fromkeys(Unwakeable(one.person_id, one.name) for one in held if one.reachable and not one.rings)),
    )


def gaps(department: DepartmentInFull, held: Iterable[Held], zone: str, starts: datetime, ends: datetime) -> Iterator[Gap]:
    """The gaps of one department, tier by tier, in their order; `starts` and `ends` are aware."""
    shifts = [one for one in held if one.department == department.key]
    for tier in department.tiers:
        hours = [one for one in department.cover if one.tier == tier]
        wanted = list(_wanted(hours, zone, starts, ends)) if hours else [(starts, ends)]
        of_tier = [one for one in shifts if one.tier == tier]
        for begin, end in wanted:
            yield from _gaps_within(department.key, tier, of_tier, begin, end)


def _wanted(hours: Sequence[Hours], zone: str, starts: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans that are to be covered, joined where they meet."""
    first = wall_time(starts, zone).date() - timedelta(days=1)
    last = wall_time(ends, zone).date()
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    spans = sorted(
        tuple(instant(wall, zone) for wall in span(day, one.opens, one.closes))
        for day in days
        for one in hours
        if one.weekday == day.isoweekday()
    )
    merged: list[list[datetime]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    for begin, end in merged:
        if begin < ends and end > starts:
            yield max(begin, starts), min(end, ends)


def _gaps_within(department: str, tier: Tier, shifts: Sequence[Held], begin: datetime, end: datetime) -> Iterator[Gap]:
    """Between every two instants at which anything changes: somebody who can be reached, or a gap; equal neighbours are one gap."""
    here = [one for one in shifts if one.starts_at < end and one.ends_at > begin]
    edges = sorted({begin, end, *(at for one in here for at in (one.starts_at, one.ends_at) if begin < at < end)})
    last: Gap | None = None
    for start, stop in pairwise(edges):
        there = [one for one in here if one.starts_at <= start and one.ends_at >= stop]
        if any(one.reachable for one in there):
            continue
        gap = Gap(department, tier, start, stop, "unreachable" if there else "nobody", there[0].name if there else None)
        if last is not None and (last.ends_at, last.why, last.name) == (gap.starts_at, gap.why, gap.name):
            last = Gap(department, tier, last.starts_at, stop, gap.why, gap.name)
            continue
        if last is not None:
            yield last
        last = gap
    if last is not None:
        yield last
