"""The homes in which nobody was reached, one by one."""

from dataclasses import dataclass

from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class HomeNotReached:
    """A home in which nobody was reached for certain, and the reason's code."""

    home_id: int
    home: Words
    reason: str


async def homes_not_reached(tx: Tx, incident_id: int) -> list[HomeNotReached]:
    """The list for the door, at most 200 homes."""
    return await tx.rows(SQL.homes_not_reached, HomeNotReached, tx.community, incident_id, MOST_LISTED)
