"""How each channel of a community does at this moment: its gateway, what all workers say of that, and what waits here."""

from dataclasses import dataclass
from typing import Literal

from notifiers.delivery.queue_state import queues
from notifiers.delivery.reports import GatewayHealth, gateways_health
from notifiers.gateways import ChannelRow, list_channels
from tocsin.base.database import Tx

ChannelState = Literal["off", "set_aside", "pauses", "failing", "working", "idle"]
FAILING = 5
"""Failures of a minute from which on, if they are most of it, a gateway is shown as failing: fewer may be one wrong number."""


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """One channel; `due` deliveries of this community wait for it, the oldest for so long. Its gateway's numbers are the company's."""

    channel: ChannelRow
    gateway: GatewayHealth
    due: int
    oldest_seconds: float

    @property
    def state(self) -> ChannelState:
        """In one word, the gravest first."""
        one = self.gateway
        if not self.channel.enabled:
            return "off"
        if one.set_aside_at is not None:
            return "set_aside"
        if one.recent_failed >= FAILING and one.recent_failed > one.recent_accepted:
            return "failing"
        if one.pause_seconds > 0:
            return "pauses"
        return "working" if one.on_wire or one.recent_accepted or self.due else "idle"


async def channels_health(tx: Tx) -> list[ChannelHealth]:
    """All channels of the transaction's community, in the order in which ways are tried."""
    gateways = {one.id: one for one in await gateways_health(tx)}
    waiting = await queues(tx)
    return [
        ChannelHealth(
            channel, gateways[channel.gateway_id], sum(one.due for one in waiting if one.channel_id == channel.id),
            max((one.oldest_seconds for one in waiting if one.channel_id == channel.id), default=0.0),
        )
        for channel in await list_channels(tx)
    ]  # fmt: skip
