"""Shapes and manners of everything that can be changed: names by language, versions, and what is masked for whom."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.errors import StaleError
from api.fields import Body, Shown, Versioned
from api.route import Call
from api.v1.shapes import masked
from people.communities import get_community
from people.directory.access import Looker
from people.errors import ChangedMeanwhileError
from people.persons import mask
from people.wall_clock import wall_time
from tocsin.base.database import Tx

Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Names = Annotated[
    dict[Tag, Annotated[str, Field(min_length=1, max_length=120)]],
    Field(min_length=1, max_length=20, description="By language (BCP 47)", examples=[{"en": "Building 3"}]),
]
Key = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", max_length=60)]
Short = Annotated[str, Field(max_length=120)]


class Removed(Shown):
    """It is gone."""

    id: str


class WhyBody(Body):
    """What for; it is kept with who looked."""

    why: Annotated[str, Field(min_length=2, max_length=200, examples=["caller asks to be called back"])]


async def unless_stale(call: Call, act: Awaitable[object], show: Callable[[Call, int], Awaitable[Versioned]], id_: int) -> None:
    """Await `act`; where somebody changed the record since it was read, refuse with what it is now."""
    try:
        await act
    except ChangedMeanwhileError:
        current = await show(call, id_)
        raise StaleError(current.model_dump(mode="json"), current.version) from None


def looker(call: Call) -> Looker:
    """Who asks, for the log of looks."""
    return Looker(call.caller.actor.kind, call.caller.actor.name, call.caller.actor.account_id)


def in_language(names: dict[str, str], language: str) -> str:
    """The name in this language, else in any."""
    return names.get(language) or next(iter(names.values()), "")


def masked_address(address: str) -> str:
    """138****1234, or w***@example.org."""
    return masked(address) if "@" in address else mask(address)


def masked_name(name: str) -> str:
    """王*, E*: what is shown of a resident to whom no whole name is due."""
    return f"{name[:1]}*"


async def zone_of(tx: Tx) -> str:
    """The community's IANA time zone."""
    return (await get_community(tx, tx.community)).zone


async def today(tx: Tx) -> date:
    """The date on the community's wall."""
    return wall_time(tx.now, await zone_of(tx)).date()


LocalTime = Annotated[datetime, Field(description="By the community's clock on the wall, without an offset", examples=["2026-11-27T20:00"])]
