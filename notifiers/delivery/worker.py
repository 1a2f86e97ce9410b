"""The sender: two lines of deliveries, so that a broadcast never stands before an alert."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from notifiers.delivery.breaker import Breaker
from notifiers.delivery.line import Line
from notifiers.delivery.open_channels import OpenChannels
from notifiers.delivery.retry_budget import RetryBudget
from notifiers.delivery.tally import Tally
from notifiers.delivery.wire import Bench
from tocsin.base.away import say_away
from tocsin.base.database import CONNECTION_LOST, Database
from tocsin.base.logs import logger
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Lane, Wakeups

log = logger("sender")
LINES: tuple[tuple[Lane, ...], ...] = (("alert",), ("correction", "urgent", "notice"))
LAST_WORDS_SECONDS = 15.0
"""After a stop: for what is on the wire to come back and be settled. What is left is judged when its lease runs out."""


class Sender:
    """Claims, sends and settles deliveries of all communities, beside any number of others."""

    def __init__(self, database: Database, secrets: Secrets, wakeups: Wakeups, settings: Settings) -> None:
        self._channels = OpenChannels(database, secrets, settings.public_url)
        self._wakeups = wakeups
        self.tally = Tally()
        bench = Bench(
            database, secrets, wakeups, self._channels, Breaker(database), RetryBudget(), self.tally, settings.public_url,
            float(settings.lease_seconds),
        )  # fmt: skip
        self.lines = [Line(bench, lanes) for lanes in LINES]

    def on_wire(self) -> Counter[int]:
        """How many deliveries are on the wire, by gateway."""
        return sum((Counter(line.wire.held) for line in self.lines), Counter())

    async def run(self) -> None:
        """Send until cancelled; then claim nothing more, bring home what is on the wire, settle it, and close the channels."""
        unsubscribe = self._wakeups.subscribe(self._hear)
        loops = [asyncio.create_task(loop) for line in self.lines for loop in (self._claims(line), self._settles(line))]
        try:
            await asyncio.wait(loops)
        finally:
            self.stop()
            unsubscribe()
            await asyncio.wait(loops, timeout=LAST_WORDS_SECONDS)
            for loop in loops:
                loop.cancel()
            await self._channels.close()

    def stop(self) -> None:
        """Claim nothing more from this instant; `run` ends when everything on the wire is settled."""
        for line in self.lines:
            line.stopping = True
            line.wake()

    async def run_once(self) -> int:
        """Claim, send and settle everything that is due and permitted now; how many sends came back. For tests and single shots."""
        before = sum(line.sent for line in self.lines)
        while True:
            sent = sum(line.sent for line in self.lines)
            for line in self.lines:
                await line.turn()
                await line.drain()
                await line.turn()
                await line.drain()
            if sum(line.sent for line in self.lines) == sent and all(line.is_idle for line in self.lines):
                return sent - before

    async def close(self) -> None:
        """Close the channels, after `run_once`."""
        await self._channels.close()

    def _hear(self, topic: str) -> None:
        for line in self.lines:
            if topic in line.lanes:
                line.wake()

    async def _claims(self, line: Line) -> None:
        while not line.stopping:
            await line.until_claims(await _fenced(line, line.claim))

    async def _settles(self, line: Line) -> None:
        while not (line.stopping and line.is_idle):
            await line.until_results(await _fenced(line, line.settle))


async def _fenced(line: Line, turn: Callable[[], Awaitable[float]]) -> float:
    """A turn that never raises, and rests where it failed; after how many seconds to look again when nothing wakes the line."""
    try:
        return await turn()
    except CONNECTION_LOST as problem:
        say_away(log, problem)
        await asyncio.sleep(random.uniform(0.2, 0.6))
    except Exception:
        log.exception("turn_failed", lanes=line.lanes)
        await asyncio.sleep(random.uniform(0.5, 1.5))
    return 0.0
