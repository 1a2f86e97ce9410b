"""How many homes were told. The home is the unit that the desk counts: one of its people reached is a home reached."""

from dataclasses import dataclass

from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class HomesRow:
    """Homes by the best place that any of their people reached; the seven sum to `size`.

    `held` and `vacant` are among the excluded. Among those handed over are `no_receipt`: no receipt came in time, or none ever does; and
    `by_proxy`: a relative's handset has it, and nobody of the home has said anything.
    """

    size: int
    confirmed: int
    handed_over: int
    trying: int
    unknown: int
    unreachable: int
    opted_out: int
    excluded: int
    held: int
    vacant: int
    no_receipt: int
    by_proxy: int

    @property
    def for_the_door(self) -> int:
        """Homes in which nobody was reached for certain, and nothing more is being tried."""
        return self.unreachable + self.no_receipt + self.by_proxy


@dataclass(frozen=True, slots=True)
class HomeNotReached:
    """A home in which nobody was reached for certain, and the reason's code."""

    home_id: int
    home: Words
    reason: str


async def reach_of_homes(tx: Tx, incident_id: int) -> HomesRow:
    """Where the homes stand that the messages of this incident concern, and of those that became part of it."""
    found = await tx.maybe(SQL.reach_of_homes, HomesRow, tx.community, incident_id)
    return found or HomesRow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


async def homes_not_reached(tx: Tx, incident_id: int) -> list[HomeNotReached]:
    """The list for the door, at most 200 homes."""
    return await tx.rows(SQL.homes_not_reached, HomeNotReached, tx.community, incident_id, MOST_LISTED)
