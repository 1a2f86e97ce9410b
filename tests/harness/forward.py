"""Lets a story go on: to each instant at which something is due, running every chore there, and no further than asked."""

from dataclasses import dataclass
from datetime import timedelta

from notifiers.delivery.worker import Sender
from tests.harness.clock import StoryClock
from tocsin.app.worker import Worker
from tocsin.base import work
from tocsin.base.database import Database

MOST_PASSES = 50


@dataclass(frozen=True, slots=True)
class Story:
    """A service that works only when the story lets it: one worker and one sender, run by hand."""

    clock: StoryClock
    database: Database
    worker: Worker
    sender: Sender

    async def settle(self) -> None:
        """Run every chore until none finds anything to do."""
        for _ in range(MOST_PASSES):
            done = await self.worker.run_once() + await self.sender.run_once()
            if done == 0:
                return
        raise AssertionError("the chores never come to rest")

    async def forward(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Story time goes on by so much, stopping at each instant at which a timer is due."""
        await self.settle()
        until = await self.clock.now() + timedelta(minutes=minutes, seconds=seconds)
        while (due := await work.next_story_due(self.database)) is not None and due <= until:
            if due > await self.clock.now():
                await self.clock.set_clock(due)
            await self.settle()
        await self.clock.set_clock(until)
        await self.settle()
