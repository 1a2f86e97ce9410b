"""Numbers outside the company, with the day on which somebody last rang them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.fields import Body, Shown, Versioned
from api.route import Call
from api.v1.changes import Empty
from api.v1.records import Key, Names, Removed, in_language, today, unless_stale
from api.v1.shapes import Id, PlaceText, find_place
from people import outside
from people.outside import NewOutsideNumber, OutsideNumber


class OutsideNumberBody(Body):
    """A number as it is dialled; without a place it is for the whole community."""

    what: Key = Field(examples=["maintenance_company"])
    place: PlaceText | None = None
    names: Names
    number: Annotated[str, Field(pattern=r"^[0-9+()\s-]{2,30}$", examples=["0571-88005501"])]
    last_checked: date | None = Field(None, description="When somebody last rang it; left out: today")
    note: Annotated[str, Field(max_length=300)] = ""


class OutsideNumberRecord(Versioned):
    """A number outside the company."""

    id: Id
    what: str
    place: Id | None
    name: str
    names: dict[str, str]
    number: str
    last_checked: date
    note: str


class OutsideNumberList(Shown):
    """All of them, by what they are for."""

    items: list[OutsideNumberRecord]


async def list_outside_numbers(call: Call) -> OutsideNumberList:
    """List the numbers outside the company."""
    return OutsideNumberList(items=[show_number(one, call.language) for one in await outside.outside_numbers(call.tx)])


async def create_outside_number(call: Call, body: OutsideNumberBody) -> OutsideNumberRecord:
    """Add a number outside the company."""
    return await shown_number(call, await outside.add_outside_number(call.tx, await _new(call, body)))


async def change_outside_number(call: Call, body: OutsideNumberBody) -> OutsideNumberRecord:
    """Change a number outside the company."""
    number_id = call.id_of("number")
    change = outside.change_outside_number(call.tx, number_id, call.version_seen(), await _new(call, body))
    await unless_stale(call, change, shown_number, number_id)
    return await shown_number(call, number_id)


async def check_outside_number(call: Call, body: Empty) -> OutsideNumberRecord:
    """Note that somebody rang the number today and it is right."""
    number_id = call.id_of("number")
    await outside.outside_number_was_rung(call.tx, number_id, await today(call.tx))
    return await shown_number(call, number_id)


async def remove_outside_number(call: Call) -> Removed:
    """Remove a number outside the company."""
    number_id = call.id_of("number")
    await unless_stale(call, outside.remove_outside_number(call.tx, number_id, call.version_seen()), shown_number, number_id)
    return Removed(id=str(number_id))


async def shown_number(call: Call, number_id: int) -> OutsideNumberRecord:
    """A number as the interface shows it; raises OutsideNumberUnknownError."""
    return show_number(await outside.outside_number(call.tx, number_id), call.language)


def show_number(one: OutsideNumber, language: str) -> OutsideNumberRecord:
    """A number in the caller's language."""
    return OutsideNumberRecord(
        id=str(one.id), what=one.what, place=str(one.place_id) if one.place_id is not None else None,
        name=in_language(one.names, language), names=one.names, number=one.number, last_checked=one.last_checked, note=one.note,
        version=one.version,
    )  # fmt: skip


async def _new(call: Call, body: OutsideNumberBody) -> NewOutsideNumber:
    place = await find_place(call.tx, body.place, "/place") if body.place is not None else None
    checked = body.last_checked or await today(call.tx)
    return NewOutsideNumber(body.what, place.id if place else None, dict(body.names), body.number, checked, body.note)
