"""The page of the gateways: how each channel does now, and what was set apart because it stopped its sender."""

from dataclasses import dataclass
from typing import get_args

from aiohttp import web

from api.console.caller import whole_number
from api.console.page import see_other
from api.console.visit import Visit
from api.console.words import speaker
from api.errors import NotFoundError
from incidents.desk.set_apart import decide
from incidents.views.lists import summary
from notifiers.channel_health import channels_health
from notifiers.delivery.quarantine import Apart, EndedHow, set_apart

SIGNS = {
    "off": ("cancelled", "–"), "set_aside": ("life_threatening", "!"), "failing": ("life_threatening", "!"), "pauses": ("urgent", "…"),
    "working": ("relieved", "✓"), "idle": ("minor", "○"),
}  # fmt: skip
"""Of each state the colour and the sign, which says the same without it."""


@dataclass(frozen=True, slots=True)
class ShownApart:
    """Something set apart, with its incident's number where it has one."""

    one: Apart
    number: int | None


async def show_gateways(visit: Visit) -> web.Response:
    """GET /gateways"""
    return visit.page(
        "gateways.html",
        channels=await channels_health(visit.tx),
        signs=SIGNS,
        speak=speaker(visit.language, visit.community, ()),
        apart=[await _shown(visit, one) for one in await set_apart(visit.tx)],
        may_decide=visit.session.may("steer"),
    )


async def _shown(visit: Visit, one: Apart) -> ShownApart:
    number = (await summary(visit.tx, one.incident)).number if one.incident is not None else None
    return ShownApart(one, number)


async def do_decide(visit: Visit) -> web.Response:
    """POST /gateways/apart: try it again, or give it up."""
    how = next((one for one in get_args(EndedHow) if one == visit.field("how")), None)
    if how is None:
        raise NotFoundError(value=visit.field("how"))
    await decide(visit.desk, whole_number(visit.field("message")), whole_number(visit.field("delivery")), how)
    return see_other("/gateways")
