"""How each channel does now, and what was set apart because it stopped its sender."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import desk_of
from api.v1.shapes import Id
from incidents.desk.set_apart import decide
from notifiers.channel_health import ChannelHealth, channels_health
from notifiers.delivery.quarantine import Apart, set_apart


class ChannelHealthShown(Shown):
    """One channel, in the order in which ways are tried. `due` is the community's; the gateway's numbers are the company's."""

    channel: Id
    gateway: str
    kind: str
    medium: str
    state: Literal["off", "set_aside", "pauses", "failing", "working", "idle"]
    set_aside_at: datetime | None
    set_aside_why: str | None
    due: int = Field(description="Deliveries that wait to leave by it now")
    oldest_seconds: float = Field(description="For how long the oldest of them has been due")
    on_wire: int
    per_second: float = Field(description="Messages a second that the gateway takes now")
    rate_per_second: float
    permits_used: float = Field(description="Of its rate, how much is in use at this moment, 0 to 1")
    accepted_in_last_minute: int
    failed_in_last_minute: int
    last_accepted_at: datetime | None


class ApartShown(Shown):
    """What stopped its sender five times. `delivery` 0: all that waits of the message."""

    message: Id
    delivery: int
    incident: Id | None
    at: datetime
    text_key: str
    gateway: str
    waiting: int


class GatewayList(Shown):
    """All channels of the community, and what is set apart and waits for somebody."""

    items: list[ChannelHealthShown]
    set_apart: list[ApartShown]


class DecideBody(Body):
    """What becomes of something that was set apart: tried again under its own key, or given up. `delivery` 0: all that waits of the message."""

    delivery: int = Field(ge=0, le=2**31)
    how: Literal["released", "given_up"]


class Decided(Shown):
    """What was decided."""

    message: Id
    delivery: int
    how: Literal["released", "given_up"]


async def list_gateways(call: Call) -> GatewayList:
    """List the community's channels with how each does now, and what was set apart because it stopped its sender."""
    return GatewayList(
        items=[_shown(one) for one in await channels_health(call.tx)], set_apart=[_apart(one) for one in await set_apart(call.tx)]
    )  # fmt: skip


async def decide_on_set_apart(call: Call, body: DecideBody) -> Decided:
    """Try again what was set apart, or give it up."""
    message_id = call.id_of("message")
    await decide(desk_of(call), message_id, body.delivery, body.how)
    return Decided(message=str(message_id), delivery=body.delivery, how=body.how)


def _shown(one: ChannelHealth) -> ChannelHealthShown:
    gateway = one.gateway
    return ChannelHealthShown(
        channel=str(one.channel.id), gateway=gateway.name, kind=gateway.kind, medium=one.channel.kind, state=one.state,
        set_aside_at=gateway.set_aside_at, set_aside_why=gateway.set_aside_why, due=one.due, oldest_seconds=round(one.oldest_seconds, 3),
        on_wire=gateway.on_wire, per_second=round(gateway.per_second, 2), rate_per_second=gateway.rate_per_second,
        permits_used=round(gateway.permits_used, 3), accepted_in_last_minute=gateway.recent_accepted,
        failed_in_last_minute=gateway.recent_failed, last_accepted_at=gateway.last_accepted_at,
    )  # fmt: skip


def _apart(one: Apart) -> ApartShown:
    return ApartShown(
        message=str(one.message_id), delivery=one.no, incident=str(one.incident) if one.incident is not None else None, at=one.at,
        text_key=one.text_key, gateway=one.gateway, waiting=one.waiting,
    )  # fmt: skip
