"""Where persons and homes stand whom an incident's messages concern: the sentence that always adds up, and the same by building.

The home is the unit that the desk counts: one of its people reached is a home reached.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from playbooks.language.model import Words
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
Standing = Literal[
    "confirmed", "handed_over", "by_proxy", "no_receipt", "trying", "unknown", "unreachable", "opted_out", "held", "excluded", "vacant"
]  # fmt: skip
"""The seven places, with what is counted among those handed over and among the excluded. The best comes first."""
LARGE = 2000
"""Persons of whom standings are kept for a moment."""
KEPT_SECONDS = 1.0
UNCHANGED_SECONDS = 10.0
"""How long they are kept while no message of the incident has changed; that a receipt is no longer waited for changes none."""
FOR_THE_DOOR: frozenset[Standing] = frozenset({"unreachable", "no_receipt", "by_proxy"})


@dataclass(frozen=True, slots=True)
class Reach:
    """How many stand where; the seven places sum to `size`.

    `held` (until the morning) and `vacant` are among the excluded. Among those handed over are `no_receipt`: no receipt came in time, or none
    ever does; and `by_proxy`: a relative's handset has it, and nobody of the home has said anything.
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
        """Of homes: those in which nobody was reached for certain, and nothing more is being tried."""
        return self.unreachable + self.no_receipt + self.by_proxy


@dataclass(frozen=True, slots=True)
class Concerned:
    """A building with homes that messages of the incident concern, and how many of them are left for the door."""

    place_id: int
    names: Words
    homes: int
    for_the_door: int


@dataclass(frozen=True, slots=True)
class Standings:
    """Persons at home, homes, and the buildings in their order (empty where they were not asked for)."""

    persons: Reach
    homes: Reach
    buildings: tuple[Concerned, ...]


@dataclass(frozen=True, slots=True)
class Lately:
    """Standings that may be a moment old. `is_current`: nothing has changed since they were looked up; else `rests` says in how many seconds
    they may be looked up anew."""

    standings: Standings
    is_current: bool = True
    rests: float = 0.0


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How many persons, or homes of one building (None: of none), stand in one place."""

    what: Literal["person", "home"]
    building_id: int | None
    building: Words | None
    standing: Standing
    count: int


async def standings(tx: Tx, incident_id: int, *, by_building: bool = False) -> Standings:
    """Where everybody stands whom messages of this incident concern, and of those that became part of it."""
    rows = await tx.rows(SQL.standings, StandingRow, tx.community, incident_id, by_building, True)
    homes = [row for row in rows if row.what == "home"]
    return Standings(_reach([row for row in rows if row.what == "person"]), _reach(homes), _buildings(homes))


async def standings_lately(tx: Tx, incident_id: int, *, told: int, beside: Database | None = None) -> Lately:
    """The same with the buildings, for pages that many look at: where very many were `told`, one look a second serves all of them.

    `beside`: nobody waits for a look; it goes on in a transaction of its own, and what was found before is shown meanwhile.
    """
    if told < LARGE:
        return Lately(await standings(tx, incident_id, by_building=True))
    key, version = ("standings", tx.community, incident_id), await tx.value(SQL.version_of_standings, tx.community, incident_id)

    async def look() -> tuple[str, Standings]:
        return version, await standings(tx, incident_id, by_building=True)

    async def look_beside(database: Database, community_id: int) -> tuple[str, Standings]:
        async with database.community(community_id) as own:
            now: str = await own.value(SQL.version_of_standings, community_id, incident_id)
            return now, await standings(own, incident_id, by_building=True)

    def still(one: tuple[str, Standings]) -> bool:
        return bool(one[0] == version)

    if beside is None:
        seen, found = await tx.kept.of(key, KEPT_SECONDS, look, still=still, still_seconds=UNCHANGED_SECONDS)
    else:
        apart = partial(look_beside, beside, tx.community)
        seen, found = await tx.kept.meanwhile(key, KEPT_SECONDS, apart, still=still, still_seconds=UNCHANGED_SECONDS)
    return Lately(found, seen == version, tx.kept.rests(key, KEPT_SECONDS) if beside is not None else 0.0)


async def homes_lately(tx: Tx, incident_id: int, *, told: int) -> tuple[Reach, bool]:
    """Where the homes stand, for lists of incidents; and whether that is so now."""
    if told < LARGE:
        return await homes_standing(tx, incident_id), True
    lately = await standings_lately(tx, incident_id, told=told)
    return lately.standings.homes, lately.is_current


def comes_again(*are_current: bool, rests: float = 0.0) -> int | None:
    """After how many milliseconds a page is to be read once more, because of what it shows something is from before a change; None: it is not.
    For `rests` seconds nothing newer will be known."""
    return None if all(are_current) else round(max(KEPT_SECONDS, rests) * 1000)


async def homes_standing(tx: Tx, incident_id: int) -> Reach:
    """Where the homes stand, and nothing more, in half the time."""
    return _reach(await tx.rows(SQL.standings, StandingRow, tx.community, incident_id, False, False))


async def met_at_the_door(tx: Tx, incident_id: int) -> int:
    """Of the confirmed persons, those whose home was visited and somebody met."""
    found: int = await tx.value(SQL.met_at_the_door, tx.community, incident_id)
    return found


def _reach(rows: Sequence[StandingRow]) -> Reach:
    count = Counter[Standing]()
    for row in rows:
        count[row.standing] += row.count
    return Reach(
        size=sum(count.values()),
        confirmed=count["confirmed"],
        handed_over=count["handed_over"] + count["by_proxy"] + count["no_receipt"],
        trying=count["trying"],
        unknown=count["unknown"],
        unreachable=count["unreachable"],
        opted_out=count["opted_out"],
        excluded=count["held"] + count["excluded"] + count["vacant"],
        held=count["held"],
        vacant=count["vacant"],
        no_receipt=count["no_receipt"],
        by_proxy=count["by_proxy"],
    )


def _buildings(rows: Sequence[StandingRow]) -> tuple[Concerned, ...]:
    found: dict[int, tuple[Words, int, int]] = {}
    for row in rows:
        if row.building_id is not None and row.building is not None:
            _, homes, doors = found.get(row.building_id, (row.building, 0, 0))
            found[row.building_id] = (row.building, homes + row.count, doors + (row.count if row.standing in FOR_THE_DOOR else 0))
    return tuple(Concerned(place_id, *known) for place_id, known in found.items())
