"""Many incidents moved at one moment: a transaction takes a handful, since beginning and ending one costs more than a fold."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tocsin.base.database import CONNECTION_LOST
from tocsin.base.logs import logger

HANDFUL = 32
AT_ONCE = 2
"""Incidents of one transaction, and transactions side by side: a thousand are moved in some 2 s, so that locks are held for some 130 ms then,
which an answer to one of them may have to wait. (Of 16 in three it was 110 ms, and a tenth more work.)"""
log = logger("handfuls")


@dataclass(frozen=True, slots=True)
class Handfuls:
    """`take_free` moves, in one transaction, those of several incidents that nobody else holds, and says which; `take` moves one, after
    whoever holds it. `lane` and `community_id` are for the log."""

    lane: str
    community_id: int
    take_free: Callable[[Sequence[int]], Awaitable[set[int]]]
    take: Callable[[int], Awaitable[None]]

    async def move(self, incident_ids: Sequence[int]) -> set[int]:
        """Move them all; those that could not be. What fails is logged and stops no other; raises only CONNECTION_LOST."""
        gate = asyncio.Semaphore(AT_ONCE)
        handfuls = [incident_ids[start : start + HANDFUL] for start in range(0, len(incident_ids), HANDFUL)]
        return set[int]().union(*await asyncio.gather(*(self._move_behind(gate, handful) for handful in handfuls)))

    async def _move_behind(self, gate: asyncio.Semaphore, incident_ids: Sequence[int]) -> set[int]:
        """Incidents that somebody else held, or that fail together, are taken one by one."""
        async with gate:
            taken: set[int] = set()
            if len(incident_ids) > 1:
                try:
                    taken = await self.take_free(incident_ids)
                except CONNECTION_LOST:
                    raise
                except Exception:
                    log.exception("handful_failed", lane=self.lane, community=self.community_id)
            return {one for one in incident_ids if one not in taken and not await self._take_fenced(one)}

    async def _take_fenced(self, incident_id: int) -> bool:
        try:
            await self.take(incident_id)
        except CONNECTION_LOST:
            raise
        except Exception:
            log.exception("incident_not_moved", lane=self.lane, community=self.community_id, incident=incident_id)
            return False
        return True
