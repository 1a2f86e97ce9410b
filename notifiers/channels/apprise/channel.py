"""Hands messages to Apprise, in threads of its own, and believes nothing it says but that it was handed over."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from notifiers.channels.apprise.addresses import apprise_address
from notifiers.channels.apprise.settings import AppriseSettings, Service
from notifiers.channels.shape import (
    Abilities,
    ChannelSettings,
    HookReading,
    HookRefusedError,
    HookRequest,
    NotSent,
    Outcome,
    Outgoing,
    Refused,
    Unknown,
)
from notifiers.channels.wire.robots import Mention, robot_text

# The shortest of the services' limits (Discord: 2000 characters), so that no message is split.
_TEXT_BYTES = 1900
_GROUP = Mention("group")
# Their lines would show addresses, which hold the tokens.
_TALKATIVE = ("apprise", "urllib3.connectionpool")


class AppriseChannel:
    """A group of one service. Apprise cannot tell a refusal from silence, so what is not handed over is unknown."""

    def __init__(self, settings: AppriseSettings, secret: str) -> None:
        self._service = settings.service
        self._address = apprise_address(settings.service, secret)
        self._seconds = settings.total_seconds
        self._threads = ThreadPoolExecutor(settings.in_flight, "apprise")
        self._free = asyncio.Semaphore(settings.in_flight)
        self.abilities = Abilities(medium="chat", contact_kinds=("chat",), receipts=False, replies=False, in_flight=settings.in_flight)

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One message to the group for each; Accepted means handed over, unconfirmed."""
        return list(await asyncio.gather(*map(self._send_one, batch)))

    async def _send_one(self, message: Outgoing) -> Outcome:
        if self._address is None:
            return Refused("secret_malformed", "secret_malformed", account=True)
        if message.address != "group":
            return Refused("address_malformed", "address_malformed")
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            return NotSent("unavailable")
        text = robot_text(message, _GROUP, _TEXT_BYTES)
        handing = asyncio.get_running_loop().run_in_executor(self._threads, _hand_over, self._service, self._address, text)
        # A thread cannot be ended: its place is free again when it comes back by itself.
        handing.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(handing)
        except TimeoutError:
            return Unknown("no_answer_in_time")

    def _done(self, handing: "asyncio.Future[Outcome]") -> None:
        self._free.release()
        if not handing.cancelled():
            handing.exception()

    def read_hook(self, request: HookRequest) -> HookReading:
        """Apprise only sends."""
        raise HookRefusedError("nothing calls back")

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _hand_over(service: Service, address: str, text: str) -> Outcome:
    """Runs in a thread, which loads Apprise when it is first needed: that takes a tenth of a second, and most houses have no such group."""
    from notifiers.channels.apprise.plugins import hand_over

    return hand_over(service, address, text)


def _hush() -> None:
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def open_apprise(settings: ChannelSettings, secret: str, hook_url: str = "") -> AppriseChannel:
    """Open the channel; `secret` is the service's tokens with slashes between. Nothing is connected before the first message."""
    _hush()
    return AppriseChannel(AppriseSettings.model_validate(settings), secret)
