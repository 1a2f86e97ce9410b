"""The demo's gateways as one: SMS and calls over HTTP, mail over SMTP, and what the phones page reads. Loopback only."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tocsin.app.demo.caught import CatchBook, Caught
from tocsin.app.demo.handsets import Handsets, Owner
from tocsin.app.demo.hooks import HookAccess
from tocsin.app.demo.mailbox import Mailbox
from tocsin.app.demo.sms_gateway import SmsGateway
from tocsin.app.demo.voice_gateway import VoiceGateway

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class CatcherSettings:
    """How the catchers behave. `folder` keeps what was caught; port 0: any free one; `token` lets the service in."""

    folder: Path
    token: str = field(repr=False)
    http_port: int = 0
    smtp_port: int = 0
    tells_repeats_apart: bool = True
    receipt_seconds: float = 0.8
    ring_seconds: float = 25.0


class Catchers:
    """Real servers that catch what would go to phones and mailboxes."""

    def __init__(self, settings: CatcherSettings, *, after_catch: Callable[[Caught], Awaitable[None]] | None = None) -> None:
        self.settings = settings
        self.book = CatchBook(settings.folder / "caught.jsonl")
        self.sms = SmsGateway(
            self.book,
            settings.token,
            tells_repeats_apart=settings.tells_repeats_apart,
            receipt_seconds=settings.receipt_seconds,
            after_catch=after_catch,
        )
        self.voice = VoiceGateway(
            self.book, settings.token, tells_repeats_apart=settings.tells_repeats_apart, ring_seconds=settings.ring_seconds
        )
        self.mailbox = Mailbox(self.book)
        self.handsets = Handsets(self.book, self.sms, self.voice)
        self.http_port = settings.http_port
        self.smtp_port = settings.smtp_port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; afterwards `http_port` and `smtp_port` are the real ones. Raises OSError when a port is taken."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.add_routes([*self.sms.routes(), *self.voice.routes(), *self.handsets.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.settings.http_port).start()
        self.http_port = int(self._runner.addresses[0][1])
        self.smtp_port = await self.mailbox.start(self.settings.smtp_port)
        self.sms.start()
        self.voice.start()

    def connect(self, *, sms: HookAccess, voice: HookAccess, owners: Mapping[str, Owner]) -> None:
        """Tell the gateways where the service's hooks are, and whose handsets there are."""
        self.sms.hooks.access = sms
        self.voice.hooks.access = voice
        self.handsets.owners = owners

    async def all_told(self, patience_seconds: float) -> None:
        """Return when every text message is confirmed and the service has heard so, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                while self.book.unconfirmed or self.sms.hooks.owes or self.voice.hooks.owes:
                    await asyncio.sleep(0.01)

    @property
    def url(self) -> str:
        """The base of the phones page's API."""
        return f"http://{HOST}:{self.http_port}"

    async def close(self) -> None:
        """Stop listening and posting; what was caught stays in its file."""
        if self._runner is not None:
            await self._runner.cleanup()
        await self.mailbox.close()
        await self.sms.hooks.close()
        await self.voice.hooks.close()
        self.book.close()
