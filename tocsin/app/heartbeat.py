"""Tells an outside watcher each minute that all is well, and says nothing when it is not: silence is what the watcher raises the alarm for.

One of all workers looks and beats. What it found stands in the database, for `tocsin status` and the log.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic_core import PydanticCustomError

from api.service_state import service_state
from notifiers.channels.shape import NotSent, Unknown
from notifiers.channels.wire.calls import Caller
from notifiers.channels.wire.settings import CallSettings, check_url
from tocsin.app import audit
from tocsin.base.away import fenced, has_room
from tocsin.base.database import Database, Tx
from tocsin.base.errors import SettingsError
from tocsin.base.logs import logger
from tocsin.base.queries import load_queries
from tocsin.base.settings import Settings

SQL = load_queries(__package__)
log = logger("heartbeat")
EVERY_SECONDS = 60.0
LOOK_SECONDS = 5.0
FIRST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class LastBeat:
    """How the heartbeat stands; machine time. `withheld`: what the last audit found; `problem`: why the watcher did not take the last beat."""

    looked_at: datetime | None
    sent_at: datetime | None
    withheld: Sequence[str]
    problem: str | None
    verified_at: datetime | None


async def last_beat(tx: Tx) -> LastBeat:
    """The last look of all workers."""
    found = await tx.maybe(SQL.last_beat, LastBeat)
    return found or LastBeat(None, None, (), None, None)


class Heartbeat:
    """Looks and beats until cancelled, where the settings name a watcher. Raises SettingsError where that may not be called."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._folder = Path(settings.data_dir)
        self._url = settings.heartbeat_url.get_secret_value() if settings.heartbeat_url is not None else ""
        hosts = settings.heartbeat_hosts
        try:
            if self._url:
                check_url("heartbeat_url", self._url, hosts)
        except PydanticCustomError as problem:
            raise SettingsError(
                name="TOCSIN_HEARTBEAT_URL", reason=f"{problem.message()}; or name its host in TOCSIN_HEARTBEAT_ALLOW_PRIVATE"
            ) from None
        # The same rules as for gateways: judged addresses, no redirects, no proxies, bounded in time and size.
        self._caller = Caller(CallSettings(total_seconds=10, in_flight=1, allow_private_addresses=hosts))

    async def run(self) -> None:
        """Look every few seconds whether a beat is due. Returns at once where no watcher is named."""
        try:
            # Not before this process's own first report.
            await asyncio.sleep(FIRST_SECONDS)
            while self._url:
                with fenced(log, "heartbeat"):
                    await self.beat_once()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connection to the watcher."""
        await self._caller.close()

    async def beat_once(self) -> bool:
        """Where a beat is due and no other worker took it: look, and beat if all is well. Whether the watcher took one."""
        async with self._database.floor() as tx:
            verified_at: datetime | None = await tx.value(SQL.take_beat, EVERY_SECONDS)
            now = tx.machine_now
        if verified_at is None:
            return False
        if now - verified_at > audit.VERIFY_EVERY and await self._verify():
            verified_at = now
        found = await self._look(verified_at)
        problem = None if found else await self._call()
        if found:
            log.error("heartbeat_withheld", found=found)
        elif problem is not None:
            log.warning("heartbeat_not_taken", problem=problem)
        taken = not found and problem is None
        async with self._database.floor() as tx:
            await tx.run(SQL.note_beat, found, tx.machine_now if taken else None, problem)
        return taken

    async def _verify(self) -> bool:
        broken = await audit.broken_timelines(self._database)
        for community, incident in broken:
            log.error("timeline_broken", community=community, incident=incident)
        if not broken:
            async with self._database.floor() as tx:
                await tx.run(SQL.note_verified)
        return not broken

    async def _look(self, verified_at: datetime) -> list[str]:
        state = await service_state(self._database)
        async with self._database.floor() as tx:
            late, news, durable, now = (
                await audit.timers_late_seconds(tx),
                await audit.news_late_seconds(tx),
                await audit.is_durable(tx),
                tx.machine_now,
            )
        free = audit.free_bytes(self._folder) if await has_room(self._database) else 0
        return audit.findings(audit.Looked(state, late, news, durable, free, verified_at, now))

    async def _call(self) -> str | None:
        """Call the watcher; why it did not take it, or None."""
        said = await self._caller.get(self._url)
        if isinstance(said, NotSent | Unknown):
            return said.reason
        return None if 200 <= said.status < 300 else f"http_{said.status}"
