"""The stage on which one seed after another is played, and the judge of all stories at the end of each."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import pytest

from notifiers.delivery import breaker, fan_out, line, open_channels, retry_budget, sending, wire
from notifiers.delivery.sealing import seals
from people.bulk import AddressLine, PersonLine, PlaceLine, add_people, add_places
from tests.harness.filled import add_bare_community
from tests.harness.oracle import wrongs
from tests.harness.small_town import SmallTown, build_small_town
from tests.simulation.database import CLOCKS
from tests.simulation.gateway import Gateway
from tests.simulation.scheduler import Simulation
from tests.simulation.world import World
from tocsin.base import deadlines
from tocsin.base.database import Database, connect
from tocsin.base.work import Wakeups

DIES = (0.002, 0.01, 0.03)
"""At each commit and each send. Where everybody dies all the time, little happens in between."""
RANGES = ((1, 4), (1, 100), (2, 2), (1000, 1000))
"""From how many deliveries on, and by how many at most, news wait as ranges: what many have, few have here; or none."""
MANY = (seals.MANY, 1)
"""From how many on news may be sealed later: in some seeds all are."""
NEIGHBOURS = 12
_MORNING_THERE = """
UPDATE community SET zone = (SELECT 'Etc/GMT' || to_char((extract(hour FROM at AT TIME ZONE 'UTC')::int + 26) % 24 - 12, 'SGFM99') FROM sim.clock)
WHERE id = $1"""
"""It is ten o'clock where a seed begins, whenever it is played: no night falls in the middle of one."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a seed: all that must not be, and how it went."""

    wrongs: list[str]
    steps: list[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """A database on which one seed after another is played, each in a town of its own. `owner` sees all; `gateways`: of all towns."""

    database: Database
    owner: "asyncpg.Connection[asyncpg.Record]"
    gateways: list[Gateway] = field(default_factory=list)

    async def play(self, seed: int) -> Run:
        """What comes of one seed."""
        sim = Simulation(seed)
        sim.dies = sim.chance.choice(DIES)
        ranges, many = sim.chance.choice(RANGES), sim.chance.choice(MANY)
        community = await add_bare_community(self.owner)
        await self.owner.execute(_MORNING_THERE, community)
        town = await build_small_town(self.database, community)
        await _more_residents(self.database, town)
        random.seed(seed)
        world = World(sim, town, self.database, self.owner)
        with pytest.MonkeyPatch.context() as patch:
            for module in (sending, line, wire, breaker, retry_budget, open_channels, deadlines):
                patch.setattr(module, "monotonic", sim.monotonic)
            patch.setattr(open_channels, "open_channel", world.open)
            patch.setattr(fan_out, "RANGE_FROM", ranges[0])
            patch.setattr(fan_out, "RANGE", ranges[1])
            patch.setattr(seals, "MANY", many)
            patch.setattr(Wakeups, "hint", _unheard)
            try:
                return Run(await self._play(world), sim.steps)
            finally:
                await world.end()
                # What this town has still to do is not done in the next one's time.
                await self.owner.execute("DELETE FROM work; DELETE FROM timer")

    async def _play(self, world: World) -> list[str]:
        await world.add_gateways()
        self.gateways.extend(world.gateways.values())
        for _ in range(2):
            world.worker()
        world.desk()
        try:
            await world.goes_on()
        except AssertionError as problem:
            return [str(problem)]
        return await wrongs(self.owner, self.database, self.gateways)


async def _unheard(_wakeups: Wakeups, _topic: str) -> None:
    """Hints are sent by real time, and nobody hears them here: what wakes a process is time that passes."""


async def _more_residents(database: Database, town: SmallTown) -> None:
    """Neighbours enough that a broadcast is several calls, some of whom share a telephone."""
    async with database.community(town.community_id) as tx:
        labels = [f"{floor}01" for floor in range(4, 4 + NEIGHBOURS)]
        await add_places(tx, [PlaceLine("home", "3-2", f"3-2-{label}", {"en": f"3-2-{label}"}, label, 1) for label in labels])
        lines = [
            PersonLine("resident", f"邻居{label}", addresses=(AddressLine("mobile", f"+86139111{number % 9:05d}", quality="good"),),
                       home_codes=(f"3-2-{label}",))
            for number, label in enumerate(labels)
        ]  # fmt: skip
        await add_people(tx, lines)


@asynccontextmanager
async def stage(url: str) -> AsyncIterator[Stage]:
    """A stage in the migrated database at `url` (the owner's), in which nothing else happens."""
    maker = await asyncpg.connect(url)
    await maker.execute(CLOCKS)
    await maker.close()
    # A session of its own: the one that made the clocks goes on by the machine's, and so would the judge.
    owner = await asyncpg.connect(url)
    database = await connect(url, size=2)
    try:
        yield Stage(database, owner)
    finally:
        await database.close()
        await owner.close()
