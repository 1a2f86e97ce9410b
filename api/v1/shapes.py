"""Shapes that several operations share. Ids are strings, times RFC 3339 in UTC, words in the caller's language."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from incidents.desk.reports import Reporter, Source, Wish
from people.errors import PersonUnknownError, PlaceUnknownError
from people.persons import persons
from people.places import Place, resolve_place
from tocsin.base.database import Tx
from tocsin.base.logs import mask_phone


def _text_of_id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, Field(pattern=r"^[0-9]{1,18}$", description="Opaque", examples=["41"])]
PlaceText = Annotated[
    str,
    BeforeValidator(_text_of_id),
    Field(min_length=1, max_length=60, description="A place's id or its code", examples=["3-2-1502", "3-2-L1"]),
]
Moment = AwareDatetime
Words = Annotated[str, Field(max_length=2000)]
Line = Annotated[str, Field(max_length=200)]
Language = Literal["zh-CN", "en"]


class Page(Body):
    """How much of a list; `after` is the `next` of the page before."""

    limit: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, max_length=200)


class ReporterBody(Body):
    """Who called or wrote, and what was promised to them. Everything may be missing."""

    name: Line | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    home: PlaceText | None = None
    person: Id | None = None
    source: Source = "phone"
    words: Words = ""
    wish: Wish = "inform"
    call_back_minutes: int | None = Field(None, ge=1, le=1440)


class Done(Shown):
    """Done, on the record, and passed on."""

    incident: Id
    head: int = Field(description="Number of the newest event of the timeline")


async def find_place(tx: Tx, value: str, field: str) -> Place:
    """The place; raises PlaceUnknownError that names `field`."""
    try:
        return await resolve_place(tx, value)
    except PlaceUnknownError as problem:
        raise PlaceUnknownError(field=field, **problem.values) from None


async def reporter_of(tx: Tx, body: ReporterBody | None, field: str) -> Reporter | None:
    """What the desk knows of the caller; raises PlaceUnknownError, BodyInvalidError for a home or person that is not there."""
    if body is None:
        return None
    home = await find_place(tx, body.home, f"{field}/home") if body.home is not None else None
    if home is not None and home.kind != "home":
        raise BodyInvalidError([FieldFault(f"{field}/home", "field.not_a_home", {}, body.home)])
    person = int(body.person) if body.person is not None else None
    if person is not None and person not in await persons(tx, [person]):
        raise PersonUnknownError(field=f"{field}/person", value=body.person)
    return Reporter(
        name=body.name,
        phone=body.phone,
        home_id=home.id if home else None,
        person_id=person,
        source=body.source,
        words=body.words,
        wish=body.wish,
        call_back_minutes=body.call_back_minutes,
    )


def masked(address: str) -> str:
    """138****1234 or w***@example.org."""
    mailbox, at, host = address.partition("@")
    return f"{mailbox[:1]}***@{host}" if at else mask_phone(address)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


SaidText = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_not_blank)]
