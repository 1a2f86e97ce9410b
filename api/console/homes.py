"""The homes as the room shows them: the seven places on a bar, and one building from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from incidents.views.elevation import Staircase, homes_of_buildings, staircases
from incidents.views.standings import KEPT_SECONDS, UNCHANGED_SECONDS, Concerned, Reach
from tocsin.base.database import Database, Tx

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
    """The buildings concerned, the one that is shown and its staircases; None where no home stands in a building. `is_current`: nothing has
    changed since they were looked up; else `rests` says in how many seconds they may be looked up anew."""

    buildings: Sequence[Concerned]
    building: Concerned | None
    staircases: Sequence[Staircase]
    is_current: bool = True
    rests: float = 0.0


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a picture of very many is looked up while nobody waits; `heard_at`: when the community last changed (monotonic)."""

    database: Database
    heard_at: float


async def see_building(tx: Tx, incident_id: int, found: Sequence[Concerned], asked: str, beside: Beside | None = None) -> SeenBuilding:
    """The building that the address asks for, else the one with the most doors left. `beside`: what was found lately is shown meanwhile."""
    if not found:
        return SeenBuilding((), None, ())
    shown = next((one for one in found if str(one.place_id) == asked), max(found, key=lambda one: one.for_the_door))
    if beside is None:
        return SeenBuilding(found, shown, await _staircases(tx, incident_id, shown.place_id))
    database, community_id = beside.database, tx.community

    async def look() -> tuple[float, Sequence[Staircase]]:
        looked_at = monotonic()
        async with database.community(community_id) as own:
            return looked_at, await _staircases(own, incident_id, shown.place_id)

    key = ("building", community_id, incident_id, shown.place_id)
    looked_at, picture = await tx.kept.meanwhile(
        key, KEPT_SECONDS, look,
        still=lambda one: one[0] > beside.heard_at, still_seconds=UNCHANGED_SECONDS,
    )  # fmt: skip
    return SeenBuilding(found, shown, picture, looked_at > beside.heard_at, tx.kept.rests(key, KEPT_SECONDS))


async def _staircases(tx: Tx, incident_id: int, building_id: int) -> Sequence[Staircase]:
    return staircases((await homes_of_buildings(tx, incident_id, [building_id]))[building_id])
