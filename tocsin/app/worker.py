"""The worker: one loop that looks where work waits, one lane of chores beside another, the sender, its reports, and the anchors."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from pathlib import Path
from time import monotonic

from incidents.timeline.anchors import anchor_file, write_anchors
from notifiers.delivery.worker import Sender
from people.communities import all_community_ids
from people.sending.permission import held_communities
from tocsin.app.chores import CHORES, Chore, Hands
from tocsin.app.heartbeat import Heartbeat
from tocsin.app.reporting import Reporter
from tocsin.base import work
from tocsin.base.away import fenced
from tocsin.base.database import Database
from tocsin.base.logs import logger
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

POLL_SECONDS = 1.0
LEAST_REST_SECONDS = 0.05
ANCHOR_SECONDS = 60.0
FIRST_REST_SECONDS = 60.0
CLOCK_STEP_SECONDS = 5.0
LOOKS_AFTER_STEP = 10
"""So many looks in a row: a transaction that read the clock before it was put may commit after the first."""
log = logger("worker")


@dataclass
class Worker:
    """All background work of one process. Any number of workers may run; none leads."""

    database: Database
    wakeups: Wakeups
    secrets: Secrets
    settings: Settings
    _awake: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: set[tuple[str, int]] = field(default_factory=set)
    _begun: dict[tuple[str, int], float] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _clock_seen: tuple[datetime, float] | None = None
    _looks_after_step: int = 0

    @property
    def _chores(self) -> dict[str, Chore]:
        return {chore.lane: chore for chore in CHORES}

    async def run(self) -> None:
        """Work until cancelled; what is on the wire is then finished first."""
        sender = Sender(self.database, self.secrets, self.wakeups, self.settings)
        heartbeat = Heartbeat(self.database, self.settings)
        unsubscribe = self.wakeups.subscribe(lambda _topic: self._awake.set())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.wakeups.listen())
                group.create_task(sender.run())
                group.create_task(self._look_for_work())
                group.create_task(self._anchor())
                group.create_task(heartbeat.run())
                group.create_task(Reporter(self.database, sender).run())
                for chore in CHORES:
                    if chore.every_seconds is not None:
                        group.create_task(self._by_the_clock(chore, chore.every_seconds))
        finally:
            unsubscribe()

    async def run_once(self) -> int:
        """Run every chore where work is due now, once; how much was done. For tests and for stepping through a story."""
        done = 0
        for chore in CHORES:
            for waiting in await work.due(self.database):
                if waiting.lane == chore.lane:
                    done += await chore.run_once(Hands(self.database, self.wakeups, self.secrets, self.settings), waiting.community_id)
        return done

    async def _look_for_work(self) -> None:
        by_lane = {lane: chore for lane, chore in self._chores.items() if chore.every_seconds is None}
        rest_seconds = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(rest_seconds):
                    await self._awake.wait()
            self._awake.clear()
            rest_seconds = POLL_SECONDS / 2
            # A worker that ends here would take every timer and every alert with it.
            with fenced(log, "work"):
                for waiting in await work.due(self.database):
                    chore = by_lane.get(waiting.lane)
                    if chore is not None:
                        self._start(chore, waiting.community_id)
                rest_seconds = await self._seconds_to_next_timer()

    async def _seconds_to_next_timer(self) -> float:
        """How long to rest: until the next deadline, at most until the next poll, and never so short that the loop spins."""
        async with self.database.floor() as tx:
            earliest: datetime | None = await tx.value(work.SQL.next_timer)
            remaining = POLL_SECONDS if earliest is None else (earliest - tx.now).total_seconds()
            stepped = self._clock_stepped(tx.machine_now)
            communities = await all_community_ids(tx) if stepped else []
        for community_id in communities:
            self._start(self._chores["clock_steps"], community_id)
        return min(POLL_SECONDS, max(LEAST_REST_SECONDS, remaining))

    def _clock_stepped(self, machine_now: datetime) -> bool:
        """Whether the database's clock was put, at this look or one shortly before, by more than this process's own says has passed."""
        before, self._clock_seen = self._clock_seen, (machine_now, monotonic())
        if before is not None:
            step_seconds = (machine_now - before[0]).total_seconds() - (self._clock_seen[1] - before[1])
            if abs(step_seconds) >= CLOCK_STEP_SECONDS:
                log.error("clock_stepped", seconds=round(step_seconds, 1))
                self._looks_after_step = LOOKS_AFTER_STEP
        self._looks_after_step -= self._looks_after_step > 0
        return self._looks_after_step > 0

    def _start(self, chore: Chore, community_id: int) -> None:
        key = (chore.lane, community_id)
        if key in self._busy or monotonic() < self._begun.get(key, -inf) + chore.rest_seconds:
            return  # the next look finds it still due
        self._busy.add(key)
        self._begun[key] = monotonic()
        task = asyncio.create_task(self._fenced(chore, community_id))
        self._running.add(task)
        task.add_done_callback(lambda done: self._finished(key, done))

    def _finished(self, key: tuple[str, int], task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._busy.discard(key)

    async def _fenced(self, chore: Chore, community_id: int) -> None:
        with fenced(log, chore.lane, community=community_id):
            async with asyncio.timeout(chore.limit_seconds):
                done = await chore.run_once(Hands(self.database, self.wakeups, self.secrets, self.settings), community_id)
            if done:
                log.info("chore", lane=chore.lane, community=community_id, done=done)

    async def _by_the_clock(self, chore: Chore, every_seconds: float) -> None:
        """Run a chore in every community, again and again. Not all workers begin at once, and none so late that it never does."""
        await asyncio.sleep(random.uniform(0, min(every_seconds, FIRST_REST_SECONDS)))
        while True:
            communities: list[int] = []
            with fenced(log, chore.lane):
                async with self.database.floor() as tx:
                    communities = await all_community_ids(tx)
            for community_id in communities:
                await self._fenced(chore, community_id)
            await asyncio.sleep(every_seconds)

    async def _anchor(self) -> None:
        since: datetime | None = None
        path = anchor_file(Path(self.settings.data_dir))
        while True:
            with fenced(log, "anchors"):
                async with self.database.floor() as tx:
                    now, communities, held = tx.now, await all_community_ids(tx), await held_communities(tx)
                if held:
                    log.error("sending_held", communities=held, allow="tocsin sending allow")
                try:
                    await write_anchors(self.database, self.secrets, path, communities, since)
                    since = now
                except OSError as problem:
                    if problem.filename is None:
                        raise
                    log.error("anchors_not_written", path=str(path), problem=problem.strerror)
            await asyncio.sleep(ANCHOR_SECONDS)
