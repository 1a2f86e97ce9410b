"""The homes as the room shows them: the seven places on a bar, and one building from outside."""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.views.elevation import Staircase, homes_of_buildings, staircases
from incidents.views.standings import Concerned, Reach
from tocsin.base.database import Tx

REACH = ("confirmed", "handed_over", "trying", "unknown", "unreachable", "opted_out", "excluded")
"""The seven places, in the order of the sentence."""


@dataclass(frozen=True, slots=True)
class ReachPart:
    """One of the seven places; `left` and `width` place it on a bar of 1000."""

    name: str
    count: int
    left: int
    width: int


def reach_parts(reach: Reach) -> list[ReachPart]:
    """The seven places; their counts sum to the size."""
    parts, left = [], 0
    for name in REACH:
        count = int(getattr(reach, name))
        width = round(1000 * count / reach.size) if reach.size else 0
        parts.append(ReachPart(name, count, left, width))
        left += width
    return parts


@dataclass(frozen=True, slots=True)
class SeenBuilding:
    """The buildings concerned, the one that is shown and its staircases; None where no home stands in a building."""

    buildings: Sequence[Concerned]
    building: Concerned | None
    staircases: Sequence[Staircase]


async def see_building(tx: Tx, incident_id: int, found: Sequence[Concerned], asked: str) -> SeenBuilding:
    """The building that the address asks for, else the one with the most doors left."""
    if not found:
        return SeenBuilding((), None, ())
    shown = next((one for one in found if str(one.place_id) == asked), max(found, key=lambda one: one.for_the_door))
    return SeenBuilding(found, shown, staircases((await homes_of_buildings(tx, incident_id, [shown.place_id]))[shown.place_id]))
