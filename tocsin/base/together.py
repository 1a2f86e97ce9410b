"""What is asked at one moment is done together: one transaction takes all that gathered while the one before it was at work.

A transaction costs many times what one more row in it does. Nobody is answered before what they asked for is committed; what fails
together is tried again one by one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from tocsin.base.database import CONNECTION_LOST
from tocsin.base.errors import TocsinError
from tocsin.base.logs import logger
from tocsin.base.patience import CLIENT_SECONDS, PATIENCE

Key = TypeVar("Key", bound=Hashable)
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
log = logger("together")


class Together(Generic[Key, Asked, Answer]):
    """Gathers for one process what is asked under the same key. `take` commits before it returns, for each asked its answer or why there is none;
    at most `most` at a time."""

    def __init__(self, take: Callable[[Key, Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]], most: int) -> None:
        self._take = take
        self._most = most
        self._waiting: dict[Key, list[tuple[Asked, asyncio.Future[Answer]]]] = defaultdict(list)
        self._at_work: dict[Key, asyncio.Task[None]] = {}

    async def ask(self, key: Key, asked: Asked) -> Answer:
        """The answer, once it is committed; raises what `take` said or raised."""
        return await self.join(key, asked)

    def join(self, key: Key, asked: Asked) -> asyncio.Future[Answer]:
        """What `ask` waits for."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[key].append((asked, answered))
        if key not in self._at_work:
            self._at_work[key] = asyncio.create_task(self._take_all(key))
        return answered

    async def _take_all(self, key: Key) -> None:
        PATIENCE.set(CLIENT_SECONDS)
        try:
            while gathered := self._waiting.pop(key, None):
                for start in range(0, len(gathered), self._most):
                    await self._take_some(key, gathered[start : start + self._most])
                await _until_they_are_told()
        finally:
            del self._at_work[key]

    async def _take_some(self, key: Key, gathered: Sequence[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        outcomes: Sequence[Answer | Exception]
        try:
            outcomes = await self._take(key, [asked for asked, _ in gathered])
        except Exception as problem:
            if len(gathered) > 1 and not isinstance(problem, (TocsinError, *CONNECTION_LOST)):
                log.exception("failed_together", of=key, count=len(gathered))
                for one in gathered:
                    await self._take_some(key, [one])
                return
            outcomes = [problem] * len(gathered)
        for (_, answered), outcome in zip(gathered, outcomes, strict=True):
            if answered.done():
                continue
            if isinstance(outcome, Exception):
                answered.set_exception(outcome)
            else:
                answered.set_result(outcome)


async def _until_they_are_told() -> None:
    """Let the loop pass on what was just committed, and read what has come in since: whoever presses at that moment is in the next transaction.

    Begun before, it would hold only those who came during the last one, and half as many cost nearly as much.
    """
    for _ in range(2):
        await asyncio.sleep(0)
