"""The channels this process has open, one a gateway; opened again when the gateway's settings change."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from notifiers.channels.shape import Abilities, Channel, HookReading, HookRequest, NotSent, Outcome, Outgoing
from notifiers.gateways import Gateway, get_gateway, open_channel
from tocsin.base.database import Database
from tocsin.base.logs import logger
from tocsin.base.secrets import Secrets

log = logger("channels")
LOOK_AGAIN_SECONDS = 10.0


@dataclass(slots=True)
class BrokenChannel:
    """Stands in for a gateway that cannot be opened: its deliveries are not sent, and go on to their next way in time."""

    reason: str
    abilities: Abilities = field(default_factory=lambda: Abilities("sms", (), receipts=False, replies=False))

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """Nothing is sent."""
        return [NotSent(self.reason) for _ in batch]

    def read_hook(self, request: HookRequest) -> HookReading:
        """A gateway that cannot be opened says nothing."""
        return HookReading()

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class _Open:
    gateway: Gateway
    channel: Channel
    looked_at: float


class OpenChannels:
    """Opens gateways when they are first needed, and keeps them."""

    def __init__(self, database: Database, secrets: Secrets, public_url: str = "") -> None:
        self._database = database
        self._secrets = secrets
        self._public_url = public_url
        self._open: dict[int, _Open] = {}
        self._retired: list[Channel] = []

    async def of(self, gateway_id: int) -> Channel:
        """The open channel of a gateway; a BrokenChannel where it cannot be opened."""
        known = self._open.get(gateway_id)
        if known is not None and monotonic() - known.looked_at < LOOK_AGAIN_SECONDS:
            return known.channel
        async with self._database.floor() as tx:
            gateway = await get_gateway(tx, gateway_id)
        # Both lines may have asked at once: what the other opened meanwhile is the gateway's, and must not be lost unclosed.
        known = self._open.get(gateway_id)
        if known is not None and known.gateway == gateway:
            known.looked_at = monotonic()
            return known.channel
        if known is not None:
            self._retired.append(known.channel)
        channel = self._try(gateway)
        self._open[gateway_id] = _Open(gateway, channel, monotonic())
        return channel

    def _try(self, gateway: Gateway) -> Channel:
        try:
            return open_channel(gateway, self._secrets, self._public_url)
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with one gateway must not stop the others
            log.error("gateway_not_opened", gateway=gateway.id, problem=type(problem).__name__)
            return BrokenChannel(f"gateway_not_opened: {type(problem).__name__}")

    async def close_retired(self) -> None:
        """Close what was replaced; call when nothing is on the wire."""
        while self._retired:
            await self._retired.pop().close()

    async def close(self) -> None:
        """Close all."""
        await self.close_retired()
        for known in self._open.values():
            await known.channel.close()
        self._open.clear()
