"""Shapes that several operations share. Ids are strings, times RFC 3339 in UTC, words in the caller's language."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from incidents.conductor.case import Alerted
from incidents.desk.callers import Caller, homes_of, who_calls
from incidents.desk.changes import Changed
from incidents.desk.reports import Reporter, Source, Wish
from incidents.errors import CallerHomeAmbiguousError
from people.errors import PersonUnknownError, PlaceAmbiguousError, PlaceUnknownError
from people.persons import person_by_phone, persons
from people.places import Place, match_places, resolve_place
from tocsin.base.database import Tx
from tocsin.base.logs import mask_phone


def _text_of_id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, Field(pattern=r"^[0-9]{1,18}$", description="Opaque", examples=["41"])]
PlaceText = Annotated[
    str,
    BeforeValidator(_text_of_id),
    Field(
        min_length=1, max_length=60, description="A place's id, its code, its rescue code, an alias, or what people say",
        examples=["3-2-1502", "3-2-L1"],
    ),
]  # fmt: skip
MOST_CANDIDATES = 6
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
    home: PlaceText | None = Field(
        None, description="From which home; left out: the one of `phone`, which must have only one; null: from none that is known"
    )
    person: Id | None = None
    source: Source = "phone"
    happened_at: Moment | None = Field(None, description="When they called, where it is written down afterwards")
    words: Words = ""
    wish: Wish = "inform"
    call_back_minutes: int | None = Field(None, ge=1, le=1440)
    owner: Line | None = Field(None, description="Who answers for a complaint; null: whoever writes it down")
    answer_minutes: int | None = Field(None, ge=1, le=10080, description="By when a complaint is answered; null: within a day")


class AlertedShown(Shown):
    """Somebody who is being alerted."""

    person: Id
    name: str
    department: str | None
    tier: str | None
    role: str | None
    ring: bool = Field(description="By telephone call instead of by text")


Red = Annotated[list[str], Field(description="What a human must see now, such as nobody_on_duty")]


class Led(Shown):
    """What somebody did, and what it led to at once."""

    incident: Id
    alerted: list[AlertedShown] = Field(description="Whom this alerted; their alerts are on disk")
    red: Red


class Done(Led):
    """Done, on the record, and passed on."""

    status: Literal["open", "relieved", "closed", "cancelled"]
    head: int = Field(description="Number of the newest event of the timeline")


class Links(Shown):
    """Where to go on; `self` is what was made, or its event on the timeline."""

    self: str
    incident: str


def links_of(incident_id: int, no: int) -> Links:
    """The links of something that stands on the timeline under this number."""
    address = incident_address(incident_id)
    return Links(self=f"{address}/timeline?after={no - 1}&limit=1", incident=address)


def incident_address(incident_id: int) -> str:
    """Where the interface shows this incident."""
    return f"/api/v1/incidents/{incident_id}"


def message_address(message_id: int) -> str:
    """Where the interface shows this message."""
    return f"/api/v1/messages/{message_id}"


def show_alerted(alerted: Sequence[Alerted]) -> list[AlertedShown]:
    """Whom something alerted."""
    return [
        AlertedShown(person=str(one.person_id), name=one.name, department=one.department, tier=one.tier, role=one.role, ring=one.ring)
        for one in alerted
    ]


def done(changed: Changed) -> Done:
    """What came of a change to an incident."""
    return Done.model_validate(
        {
            "incident": str(changed.incident_id),
            "alerted": show_alerted(changed.alerted),
            "red": changed.red,
            "status": changed.status,
            "head": changed.head_no,
        }
    )


async def find_place(tx: Tx, value: str, field: str) -> Place:
    """The place that an id, a code, a rescue code, an alias or a way of saying it names.

    Nothing is guessed: raises PlaceAmbiguousError where it may be several, or only part of one's name; PlaceUnknownError where it is none. Both
    name `field`.
    """
    try:
        return await resolve_place(tx, value)
    except PlaceUnknownError as problem:
        found = await match_places(tx, value, limit=MOST_CANDIDATES)
        whole = [place for place, match in found if match == "whole"]
        if len(whole) == 1:
            return whole[0]
        if found:
            candidates = ", ".join(place.code for place in whole or [place for place, _ in found])
            raise PlaceAmbiguousError(field=field, candidates=candidates, **problem.values) from None
        raise PlaceUnknownError(field=field, **problem.values) from None


async def reporter_of(tx: Tx, body: ReporterBody | None, field: str, *, may_be_unsure: bool = False) -> Reporter | None:
    """What the desk knows of the caller; raises PlaceUnknownError, BodyInvalidError for a home or person that is not there, and
    CallerHomeAmbiguousError for a number with several homes, unless that may be asked later."""
    if body is None:
        return None
    home = await find_place(tx, body.home, f"{field}/home") if body.home is not None else None
    if home is not None and home.kind != "home":
        raise BodyInvalidError([FieldFault(f"{field}/home", "field.not_a_home", {}, body.home)])
    person = int(body.person) if body.person is not None else None
    if person is not None and person not in await persons(tx, [person]):
        raise PersonUnknownError(field=f"{field}/person", value=body.person)
    if body.happened_at is not None and body.happened_at > tx.now:
        raise BodyInvalidError([FieldFault(f"{field}/happened_at", "field.in_the_future", {}, body.happened_at.isoformat())])
    caller = await _caller(tx, body, home.id if home else None, f"{field}/home", may_be_unsure)
    return Reporter(
        name=body.name or caller.name,
        phone=body.phone,
        home_id=home.id if home else caller.home_id,
        person_id=person or caller.person_id,
        source=body.source,
        words=body.words,
        wish=body.wish,
        call_back_minutes=body.call_back_minutes,
        owner=body.owner,
        answer_minutes=body.answer_minutes,
        home_unsure=caller.unsure,
        happened_at=body.happened_at,
    )


async def _caller(tx: Tx, body: ReporterBody, home_id: int | None, field: str, may_be_unsure: bool) -> Caller:
    """Whoever rings from this number, where no person was named."""
    if body.person is not None or not body.phone:
        return Caller()
    found = await person_by_phone(tx, body.phone)
    caller = who_calls(found, home_id, not_listed="home" in body.model_fields_set and home_id is None)
    if caller.unsure and not may_be_unsure:
        codes = [one.code for one in homes_of(found)]
        more = ", …" if len(codes) > MOST_CANDIDATES else ""
        raise CallerHomeAmbiguousError(field=field, count=len(codes), candidates=", ".join(codes[:MOST_CANDIDATES]) + more)
    return caller


def masked(address: str) -> str:
    """138****1234 or w***@example.org."""
    mailbox, at, host = address.partition("@")
    return f"{mailbox[:1]}***@{host}" if at else mask_phone(address)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


SaidText = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_not_blank)]
Texts = Annotated[
    dict[Language, SaidText],
    Field(min_length=1, description="By language", examples=[{"zh-CN": "预计19:30恢复供电。", "en": "Power by 19:30."}]),
]
Insist = Annotated[bool, Field(description="Say it although the plan says never to say it; noted on the record")]
