"""What a gateway says of its own accord: receipts and replies, signed and posted to the service's hooks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
import orjson

from notifiers.channels.wire.signatures import sign
from tocsin.base.logs import logger

log = logger("demo_hooks")
RECEIPTS_A_POST = 300
AGAIN_SECONDS = 1.0
GATHER_SECONDS = 0.05
"""Receipts that come within so long of each other are posted together, as gateways do."""
Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HookAccess:
    """Where one gateway's hooks are: `url` is <public address>/hooks/<hook key>; `secret` signs."""

    url: str
    secret: str = field(repr=False)


class HookPoster:
    """Posts for one gateway. Receipts wait in a queue until the service takes them; replies are posted at once."""

    def __init__(self) -> None:
        self.access: HookAccess | None = None
        self._waiting: list[Entry] = []
        self._session: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._more = asyncio.Event()

    def start(self) -> None:
        """Begin to post receipts."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        self._task = asyncio.create_task(self._post_receipts())

    def receipt(self, entry: Entry) -> None:
        """Have a receipt posted, now or when the service is there again."""
        self._waiting.append(entry)
        self._more.set()

    @property
    def owes(self) -> int:
        """How many receipts the service has not taken yet."""
        return len(self._waiting)

    async def reply(self, entry: Entry) -> bool:
        """Post a reply; whether the service took it."""
        return await self._post("replies", [entry])

    async def close(self) -> None:
        """Stop posting; what was not taken is posted after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _post_receipts(self) -> None:
        while True:
            await self._more.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._more.clear()
            while self._waiting:
                page = self._waiting[:RECEIPTS_A_POST]
                if await self._post("receipts", page):
                    del self._waiting[: len(page)]
                else:
                    await asyncio.sleep(AGAIN_SECONDS)

    async def _post(self, what: str, entries: list[Entry]) -> bool:
        if self.access is None or self._session is None:
            return False
        body = orjson.dumps({what: entries})
        headers = {"Content-Type": "application/json", **sign(self.access.secret, what, body)}
        try:
            async with self._session.post(f"{self.access.url}/{what}", data=body, headers=headers) as answer:
                taken = answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            log.info("service_away", what=what, problem=type(problem).__name__)
            return False
        if not taken:
            log.warning("hook_refused", what=what, status=answer.status)
        return taken
