"""One seed's world: the small town, its workers, a desk, gateways that fail, and time."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg

from notifiers.channels.shape import Abilities, Channel
from notifiers.delivery import incoming, line
from notifiers.delivery.worker import Sender
from notifiers.gateways import Gateway as GatewayRow
from notifiers.gateways import open_channel
from tests.harness.oracle import STILL, is_quiet
from tests.harness.small_town import SmallTown
from tests.simulation.clerk import Clerk
from tests.simulation.database import SimulatedDatabase
from tests.simulation.gateway import Gateway, SimulatedChannel
from tests.simulation.scheduler import JUMPS, Died, Process, Simulation
from tocsin.app.chores import CHORES, Hands
from tocsin.base import work
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

SECRETS = Secrets("a key that only the simulation uses, long enough")
SETTINGS = Settings(public_url="http://10.0.0.7:8080", lease_seconds=60)
STEPS = 300
MOST_WORKERS = 3
MOST_STEPS = 6000
MOST_JUMPS = 200
LEAST_JUMP = 120.0
"""When nothing fails any more, deadlines that fall together are looked at together; at the end each alone, so that what waits is done between them."""
GOES_ON_FOR = 600.0
"""In ten minutes every ladder of these plans is climbed."""
PROCESS: ContextVar[Process] = ContextVar("process")
_NEXT_DUE = "SELECT extract(epoch FROM min(work.due_at - clock.at))::float8 FROM work, sim.clock AS clock WHERE work.due_at > clock.at"
CHORE_LANES = {chore.lane: chore for chore in CHORES if chore.every_seconds is None}


@dataclass
class World:
    """Everything of one run."""

    sim: Simulation
    town: SmallTown
    database: Database
    owner: "asyncpg.Connection[asyncpg.Record]"
    gateways: dict[int, Gateway] = field(default_factory=dict)
    workers: list[Process] = field(default_factory=list)
    others: list[Process] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _born: int = 0

    async def add_gateways(self) -> None:
        """Two for SMS, one of which may not know a message again, and the desk's telephone."""
        chance = self.sim.chance
        for rank, kind in enumerate(("http_sms", "http_sms", "by_hand")):
            row = await self.owner.fetchrow(
                "INSERT INTO gateway (company_id, kind, name, settings, hook_key, sink, rate_per_second, burst, created_at)"
                " SELECT company_id, $2, $3, '{}', $3, true, 1000, 1000, story_now() FROM community WHERE id = $1 RETURNING id",
                self.town.community_id, kind, f"{kind} {rank} of {self.town.community_id}",
            )  # fmt: skip
            assert row is not None
            await self.owner.execute(
                "INSERT INTO channel (community_id, gateway_id, kind, rank, sink) VALUES ($1, $2, $3, $4, true)",
                self.town.community_id, row["id"], "by_hand" if kind == "by_hand" else "sms", rank,
            )  # fmt: skip
            if kind == "http_sms":
                abilities = Abilities(
                    "sms", ("mobile",), receipts=True, replies=True, tells_repeats_apart=chance.random() < 0.5,
                    batch_size=chance.choice((1, 3)), in_flight=chance.choice((2, 8)),
                )  # fmt: skip
                self.gateways[row["id"]] = Gateway(self.sim, row["id"], abilities)

    def open(self, row: GatewayRow, secrets: Secrets, public_url: str) -> Channel:
        """What OpenChannels opens here: a simulated channel of whichever process asks."""
        known = self.gateways.get(row.id)
        return open_channel(row, secrets, public_url) if known is None else SimulatedChannel(PROCESS.get(), known, known.abilities)

    def worker(self) -> None:
        """A new worker process: the chores and the two lines of a sender, each at its own pace."""
        self._born += 1
        process = Process(self.sim, f"worker {self._born}")
        database = SimulatedDatabase(self.database.pool, self.database.url, process)
        wakeups = Wakeups(database)
        sender = Sender(database, SECRETS, wakeups, SETTINGS)
        self.workers.append(process)
        self._start(process, lambda: _chores(process, Hands(database, wakeups, SECRETS, SETTINGS)))
        for one in sender.lines:
            self._start(process, lambda one=one: _claims(process, one))  # type: ignore[misc]
            self._start(process, lambda one=one: _settles(process, one))  # type: ignore[misc]

    def desk(self) -> None:
        """The clerk, who declares, tells, stops, resumes, answers for others and ends; and the gateways' receipts that come in."""
        process = Process(self.sim, "desk")
        clerk = Clerk(process, self.town, SimulatedDatabase(self.database.pool, self.database.url, process))
        self._start(process, clerk.live)
        post = Process(self.sim, "post")
        self.others += [process, post]
        self._start(post, lambda: self._receipts(post, SimulatedDatabase(self.database.pool, self.database.url, post)))

    def _start(self, process: Process, life: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def live() -> None:
            PROCESS.set(process)
            with suppress(Died):
                await life()

        self._tasks.append(asyncio.create_task(live()))

    async def _receipts(self, process: Process, database: Database) -> None:
        """Receipts come when the seed says: before the answer to the call, much later, twice."""
        while True:
            due = [gateway for gateway in self.gateways.values() if gateway.due]
            if not due:
                await process.rest("waits for receipts")
                continue
            await process.turn("brings receipts")
            gateway = self.sim.chance.choice(due)
            some = gateway.due[: self.sim.chance.randint(1, 3)]
            with suppress(Died):
                await incoming.take_receipts(database, Wakeups(database), gateway.id, some)
                del gateway.due[: len(some)]
            process.dead = False

    async def goes_on(self) -> None:
        """With faults for STEPS, and then without any until nothing is left to do."""
        while len(self.sim.steps) < STEPS:
            await self._step()
        self.sim.faults = False
        self.sim.note("from here on nothing fails")
        for one in self.others:
            one.frozen_until = 0.0
        for one in self.workers:
            if one.frozen_until <= self.sim.now:
                one.die("with all workers but those that are frozen")
        self.worker()
        await self.sim.until_quiet()
        ends_at = self.sim.now + GOES_ON_FOR
        for _ in range(MOST_JUMPS):
            await self._until_all_rest()
            if self.sim.now > ends_at and await is_quiet(self.owner):
                return
            await self._until_something_is_due(LEAST_JUMP if self.sim.now < ends_at else 1.0)
        raise AssertionError(f"it never comes to rest: {await self._unquiet()}")

    async def _until_all_rest(self) -> None:
        while True:
            while await self.sim.step():
                if len(self.sim.steps) > MOST_STEPS:
                    raise AssertionError(f"it never comes to rest: {await self._unquiet()}")
            if not any(gateway.due for gateway in self.gateways.values()):
                return
            self.sim.wake_all()
            await self.sim.until_quiet()

    async def _unquiet(self) -> list[str]:
        return [f"{name}: {dict(row)}" for name, rule in STILL.items() for row in await self.owner.fetch(rule)]

    async def _step(self) -> None:
        living = sum(not one.dead for one in self.workers)
        if living == 0 or (living < MOST_WORKERS and self.sim.chance.random() < 0.02):
            self.worker()
            await self.sim.until_quiet()
        if not await self.sim.step() or self.sim.chance.random() < 0.01:
            await self._jump(self.sim.chance.choice(JUMPS))

    async def _jump(self, seconds: float) -> None:
        self.sim.now += seconds
        self.sim.note(f"{seconds} seconds pass")
        await self.owner.execute("UPDATE sim.clock SET at = at + $1", timedelta(seconds=seconds))
        self.sim.wake_all()
        await self.sim.until_quiet()

    async def _until_something_is_due(self, least: float) -> None:
        due = await self.owner.fetchval(_NEXT_DUE)
        await self._jump(min(600.0, max(least, due or 60.0)))

    async def end(self) -> None:
        """Kill everybody who is left."""
        for task in self._tasks:
            task.cancel()
        for waiter in [*self.sim.waiting, *self.sim.resting]:
            waiter.process.dead = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        everybody = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in everybody:
            task.cancel()
        await asyncio.gather(*everybody, return_exceptions=True)


async def _chores(process: Process, hands: Hands) -> None:
    """As Worker.run_once, with a rest where nothing is due."""
    while True:
        done = 0
        for waiting in await work.due(hands.database):
            chore = CHORE_LANES.get(waiting.lane)  # type: ignore[call-overload]
            if chore is not None:
                did = await chore.run_once(hands, waiting.community_id)
                process.sim.note(f"{process.name}: {chore.lane} did {did}")
                done += did
        if not done:
            await process.rest("chores rest")


async def _claims(process: Process, one: line.Line) -> None:
    """As Sender.run: claim after claim, with a rest where there is no reason for another."""
    while True:
        wait_seconds = await one.claim()
        process.sim.note(f"{process.name}: {one.lanes[0]} line waits {wait_seconds:.2f}")
        if wait_seconds > 0 and not one.has_reason_to_claim:
            await process.rest(f"{one.lanes[0]} line rests")


async def _settles(process: Process, one: line.Line) -> None:
    """Beside it: what came back is settled, together with whatever else came by then."""
    while True:
        await process.turn(f"{one.lanes[0]} line looks for results")
        if one.is_settled:
            await process.rest(f"{one.lanes[0]} line has no results")
        else:
            await one.settle()
