"""The doors to knock on: the homes in which nobody was reached for certain, in walking order, split among guards, a sheet at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from incidents.desk.visits import VisitResult
from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
DOORS_PER_SHEET = 24
"""Rows of 14 pt that fit one A4 sheet with its head and its sums."""
MOST_DOORS = 2_000
MOST_GUARDS = 20


@dataclass(frozen=True, slots=True)
class Door:
    """One home. `path` are the ranks from its building down to the home; `inside` the unit or building whose stairs lead to it.

    `called` is a resident's name, to be masked before it is shown. `knocks`: how often somebody was there in vain, `last_result` and
    `last_at` the last time.
    """

    home_id: int
    code: str
    label: str
    home: Words
    path: list[int]
    inside_id: int
    inside: Words
    floor: str | None
    called: str | None
    first: bool
    reason: str
    knocks: int
    last_result: VisitResult | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one guard takes along: `guard` from 1, doors of one staircase, those who need help first, then as one walks."""

    guard: int
    doors: tuple[Door, ...]


async def doors(tx: Tx, incident_id: int) -> list[Door]:
    """Every door that is left, bottom up; at most 2,000 homes."""
    return await tx.rows(SQL.doors, Door, tx.community, incident_id, tx.now.date(), MOST_DOORS)


def sheets(left: Sequence[Door], *, guards: int, top_down: bool) -> list[Sheet]:
    """Split the doors among guards so that nobody has two more than another, and no guard climbs where another already walks.

    `top_down` where an elevator runs. Where none does one walks up, and a band of floors is one guard's.
    """
    walk = _walk(left, top_down=top_down)
    found = []
    for guard, mine in enumerate(_shares(walk, max(1, min(guards, MOST_GUARDS))), start=1):
        for _, stairs in groupby(mine, key=lambda door: door.inside_id):
            own = list(stairs)
            for start in range(0, len(own), DOORS_PER_SHEET):
                rows = own[start : start + DOORS_PER_SHEET]
                found.append(Sheet(guard, tuple(sorted(rows, key=lambda door: not door.first))))
    return found


def _walk(left: Sequence[Door], *, top_down: bool) -> list[Door]:
    """Staircase by staircase, floor by floor; along a floor always in the order of its doors."""
    turn = -1 if top_down else 1
    return sorted(
        left, key=lambda door: (door.path[:-2], door.inside_id, *(turn * rank for rank in door.path[-2:-1]), door.path[-1:], door.code)
    )


def _shares(walk: Sequence[Door], guards: int) -> list[Sequence[Door]]:
    """Contiguous pieces of the walk, as even as they go."""
    each, over = divmod(len(walk), guards)
    found, start = [], 0
    for guard in range(guards):
        end = start + each + (1 if guard < over else 0)
        found.append(walk[start:end])
        start = end
    return [share for share in found if share]
