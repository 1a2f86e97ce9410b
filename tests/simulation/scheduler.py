"""Lets one task act at a time, in an order that a seed decides: processes that die at every step, freeze for minutes, and time that jumps.

A task acts from `turn` to the next: one transaction, or what lies between two sends. So nothing but the seed decides what comes before what,
and the same seed gives the same run, step by step.
"""

import asyncio
from dataclasses import dataclass, field
from random import Random

QUIET_CYCLES = 12
"""Turns of the event loop without a statement under way after which whoever acted has come to rest: more than any chain of tasks here needs."""
FREEZES = 0.003
FREEZES_ON_THE_WIRE = 0.05
"""Between a call and its answer it matters most."""
ON_THE_WIRE = "hear what came of it"
FROZEN_SECONDS = (20.0, 40.0, 60.0, 60.0, 60.0, 300.0)
"""Below the share of the lease after which a claim is not sent, below the lease, as long as it, so that both wake at once, and beyond it."""
JUMPS = (0.05, 0.5, 3.0, 20.0, 70.0)


class Died(asyncio.CancelledError):
    """The process of this task was killed: nothing that catches errors catches it."""


@dataclass
class Waiter:
    """A task that waits to act, or rests until it is woken."""

    process: "Process"
    what: str
    go: asyncio.Future[None]


@dataclass(eq=False)
class Process:
    """A process of the simulation: all its tasks die and freeze together."""

    sim: "Simulation"
    name: str
    dead: bool = False
    frozen_until: float = 0.0
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def turn(self, what: str) -> None:
        """Wait until this task is to act; raises Died where its process was killed."""
        await self._wait(what, self.sim.waiting)

    async def rest(self, what: str) -> None:
        """Nothing to do: wait for time to pass."""
        await self._wait(what, self.sim.resting)

    def may_die(self, where: str) -> None:
        """A point at which the process may be killed."""
        if self.dead or (self.sim.faults and self.sim.chance.random() < self.sim.dies):
            self.die(where)
            raise Died

    def die(self, where: str) -> None:
        """Killed: whatever it holds in memory is lost, and whoever waits for its turn will not act again."""
        if not self.dead:
            self.dead = True
            self.sim.note(f"{self.name} dies {where}")
            for waiter in [*self.sim.waiting, *self.sim.resting]:
                if waiter.process is self and not waiter.go.done():
                    waiter.go.set_exception(Died())

    async def _wait(self, what: str, among: list[Waiter]) -> None:
        if self.dead:
            raise Died
        waiter = Waiter(self, what, asyncio.get_running_loop().create_future())
        among.append(waiter)
        self.sim.came_back()
        try:
            await waiter.go
        finally:
            if waiter in among:
                among.remove(waiter)


@dataclass
class Simulation:
    """Whose turn it is. `dies`: the chance at each point where a process may be killed. `now`: seconds since the beginning, by every clock."""

    seed: int
    dies: float = 0.03
    faults: bool = True
    now: float = 0.0
    waiting: list[Waiter] = field(default_factory=list)
    resting: list[Waiter] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    _changed: int = 0
    _busy: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    def note(self, step: str) -> None:
        """Keep it for whoever reads how it went."""
        self.steps.append(f"{self.now:9.2f} {step}")

    def came_back(self) -> None:
        """A task waits again, or something else moved."""
        self._changed += 1

    def monotonic(self) -> float:
        """The clock of every process."""
        return self.now

    async def step(self) -> bool:
        """One task acts; False where all rest and time has to pass."""
        ready = [one for one in self.waiting if not one.go.done() and one.process.frozen_until <= self.now]
        if not ready:
            return False
        chosen = self.chance.choice(ready)
        if self.faults and self.chance.random() < (FREEZES_ON_THE_WIRE if chosen.what == ON_THE_WIRE else FREEZES):
            chosen.process.frozen_until = self.now + self.chance.choice(FROZEN_SECONDS)
            self.note(f"{chosen.process.name} freezes until {chosen.process.frozen_until:.2f}")
            return True
        self.note(f"{chosen.process.name}: {chosen.what}")
        chosen.go.set_result(None)
        await self.until_quiet()
        return True

    def wake_all(self) -> None:
        """Time passed: everybody looks again."""
        for waiter in list(self.resting):
            if not waiter.go.done():
                waiter.go.set_result(None)

    def begins(self) -> None:
        """A statement is under way."""
        self._busy += 1
        self._idle.clear()

    def ends(self) -> None:
        """It came back."""
        self._busy -= 1
        self._changed += 1
        if not self._busy:
            self._idle.set()

    async def until_quiet(self) -> None:
        """Until whoever acts waits again, has ended, or waits for another task that waits."""
        quiet, seen = 0, self._changed
        while quiet < QUIET_CYCLES:
            await (asyncio.sleep(0) if not self._busy else self._idle.wait())
            quiet, seen = quiet + 1 if seen == self._changed else 0, self._changed
