"""How many homes were told. The home is the unit that the desk counts: one of its people reached is a home reached."""

from dataclasses import dataclass

from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
REACH = ("confirmed", "handed_over", "trying", "unknown", "unreachable", "opted_out", "excluded")
"""The seven places, in the order of the sentence."""

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class HomesRow:
    """Homes by the best place that any of their people reached; the seven sum to `size`.

    `held` are among the excluded, `no_receipt` among those handed over: no receipt came in time, or none ever does.
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
    no_receipt: int


@dataclass(frozen=True, slots=True)
class HomeNotReached:
    """A home in which nobody was reached, and the reason's code."""

    home_id: int
    home: Words
    reason: str


@dataclass(frozen=True, slots=True)
class ReachPart:
    """One of the seven places; `left` and `width` place it on a bar of 1000."""

    name: str
    count: int
    left: int
    width: int


async def reach_of_homes(tx: Tx, incident_id: int) -> HomesRow:
    """Where the homes stand that this incident's messages concern."""
    found = await tx.maybe(SQL.reach_of_homes, HomesRow, tx.community, incident_id)
    return found or HomesRow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


async def homes_not_reached(tx: Tx, incident_id: int) -> list[HomeNotReached]:
    """The list for the door, at most 200 homes."""
    return await tx.rows(SQL.homes_not_reached, HomeNotReached, tx.community, incident_id, MOST_LISTED)


def reach_parts(reach: HomesRow) -> list[ReachPart]:
    """The seven places; their counts sum to the size."""
    parts, left = [], 0
    for name in REACH:
        count = int(getattr(reach, name))
        width = round(1000 * count / reach.size) if reach.size else 0
        parts.append(ReachPart(name, count, left, width))
        left += width
    return parts
