"""How many people a place means."""

from dataclasses import dataclass

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class ResidentCount:
    """`homes` that are lived in, `persons` who live there now, and those of them `without_way`: no address that could be tried."""

    homes: int
    persons: int
    without_way: int


async def count_residents(tx: Tx, place_id: int) -> ResidentCount:
    """The residents of a place; of a facility, those whom it serves. Zeros for a place that does not exist."""
    if await tx.value(SQL.is_community, tx.community, place_id):
        count = await tx.maybe(SQL.count_all_residents, ResidentCount, tx.community, tx.now)
    else:
        count = await tx.maybe(SQL.count_residents, ResidentCount, tx.community, place_id, tx.now)
    return count or ResidentCount(0, 0, 0)
