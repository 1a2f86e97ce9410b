"""A worker says every few seconds how it is and what it sent; how late its own loop runs is measured meanwhile."""

import asyncio
import os
import secrets
import socket
from collections import deque
from dataclasses import dataclass, field
from time import monotonic

from notifiers.delivery.reports import GatewayUse, OwnReport, report, take_leave
from notifiers.delivery.tally import Counts
from notifiers.delivery.worker import Sender
from tocsin.base.away import fenced
from tocsin.base.database import CONNECTION_LOST, Database
from tocsin.base.logs import logger

log = logger("worker")
EVERY_SECONDS = 5.0
LOOK_SECONDS = 0.25
RECENT_SECONDS = 60.0
SPEED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Was:
    """What a gateway's counts were at an instant of the monotonic clock."""

    at: float
    accepted: int
    failed: int


@dataclass
class Reporter:
    """Reports one worker's sender until cancelled."""

    database: Database
    sender: Sender
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}")
    _was: dict[int, deque[_Was]] = field(default_factory=dict)
    _loop_lag: float = 0.0
    _pool_used: int = 0

    async def run(self) -> None:
        """Report every few seconds; a database that is away hears the next one."""
        try:
            while True:
                await self._look(EVERY_SECONDS)
                with fenced(log, "reports"):
                    await self.report_once()
        finally:
            await asyncio.shield(self._leave())

    async def report_once(self) -> None:
        """Say how it is now."""
        on_wire, pool = self.sender.on_wire(), self.database.pool
        uses = [self._use(gateway, counts, on_wire[gateway]) for gateway, counts in self.sender.tally.gateways.items()]
        own = OwnReport(
            self.worker, on_wire.total(), self._loop_lag, self.sender.tally.take_settle_lag(), pool.get_max_size(), self._pool_used
        )  # fmt: skip
        self._loop_lag, self._pool_used = 0.0, 0
        await report(self.database, own, uses)

    async def _look(self, seconds: float) -> None:
        """Watch the loop and the pool for so long."""
        until = monotonic() + seconds
        while (now := monotonic()) < until:
            await asyncio.sleep(LOOK_SECONDS)
            self._loop_lag = max(self._loop_lag, monotonic() - now - LOOK_SECONDS)
            pool = self.database.pool
            self._pool_used = max(self._pool_used, pool.get_size() - pool.get_idle_size())

    def _use(self, gateway_id: int, counts: Counts, on_wire: int) -> GatewayUse:
        now = monotonic()
        was = self._was.setdefault(gateway_id, deque([_Was(now - EVERY_SECONDS, 0, 0)]))
        was.append(_Was(now, counts.accepted, counts.failed))
        while len(was) > 2 and was[1].at <= now - RECENT_SECONDS:
            was.popleft()
        lately = next(one for one in was if one.at >= now - SPEED_SECONDS or one is was[-1])
        seconds = max(now - lately.at, EVERY_SECONDS)
        ago = None if counts.last_accepted is None else now - counts.last_accepted
        return GatewayUse(
            gateway_id, on_wire, counts.accepted, counts.not_sent, counts.refused, counts.unknown, counts.repeats,
            counts.accepted - was[0].accepted, counts.failed - was[0].failed, (counts.accepted - lately.accepted) / seconds, ago,
        )  # fmt: skip

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(2):
                await take_leave(self.database, self.worker)
        except CONNECTION_LOST:
            return
