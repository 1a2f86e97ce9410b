"""How many people a place means."""

from dataclasses import dataclass

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
MANY_PERSONS = 2000
COUNT_HOLDS_SECONDS = 30.0
"""So old may the count of a large community be that is shown; nobody is told by it."""


@dataclass(frozen=True, slots=True)
class ResidentCount:
    """`homes` that are lived in, `persons` who live there now, and those of them `without_way`: no address that could be tried."""

    homes: int
    persons: int
    without_way: int


async def count_residents(tx: Tx, place_id: int) -> ResidentCount:
    """The residents of a place; of a facility, those whom it serves. Zeros for a place that does not exist."""
    if await tx.value(SQL.is_community, tx.community, place_id):
        return await tx.kept.of(("residents", tx.community), COUNT_HOLDS_SECONDS, lambda: _count_all(tx), is_large=_is_large)
    return await tx.maybe(SQL.count_residents, ResidentCount, tx.community, place_id, tx.now) or ResidentCount(0, 0, 0)


async def _count_all(tx: Tx) -> ResidentCount:
    return await tx.maybe(SQL.count_all_residents, ResidentCount, tx.community, tx.now) or ResidentCount(0, 0, 0)


def _is_large(count: ResidentCount) -> bool:
    return count.persons > MANY_PERSONS
