"""Whom a message outside of the plan is meant for, and foreseeing what sending it would do."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Id, Insist, Language, PlaceText, SaidText, find_place
from incidents.desk.telling import Foreseen, Night, Telling, Whom, foresee_telling
from incidents.errors import AudienceEmptyError, IncidentUnknownError
from people.places import Place, name_of
from tocsin.base.database import Tx

Places = Annotated[list[PlaceText], Field(max_length=500)]
NightChoice = Annotated[
    Night | None,
    Field(description="At night it waits for the morning, unless lives are at stake or this says send; null: as the severity says"),
]
AsksSafety = Annotated[bool, Field(description="Where the plan is about lives, neither a missing consent nor an opt-out holds it back")]


class AudienceBody(Body):
    """The union of these, each person and home once."""

    residents_of: Places = Field(default_factory=list, description="Whoever lives within these places", examples=[["3-2", "5"]])
    homes_served_by: Places = Field(default_factory=list, description="Whoever lives where these facilities serve")
    priority_in: Places = Field(default_factory=list, description="Whoever needs help first within these places")
    homes: Places = Field(default_factory=list, description="Whoever lives in these homes")
    told: bool = Field(False, description="Whom the incident has told already")
    except_told: bool = Field(False, description="But not those")


class AudiencePreviewBody(Body):
    """What would be sent to whom; `place` is short for whoever lives there, or is served by it."""

    incident: Id | None = Field(None, description="The incident it is about; needed for told and except_told")
    place: PlaceText | None = Field(None, examples=["3-2"])
    audience: AudienceBody | None = None
    texts: Annotated[dict[Language, SaidText], Field(default_factory=dict, description="By language; may still be missing")]
    night: NightChoice = None
    asks_safety: AsksSafety = False
    insist: Insist = False


class ChannelShown(Shown):
    """What one channel would carry."""

    medium: Literal["sms", "email", "chat"]
    gateway: str
    messages: int
    segments: int = Field(description="SMS segments of all of them; 0 for other media and while there is no text")
    seconds: float = Field(description="Until its gateway has taken the last one, at its rate and behind what already waits")


class AudiencePreview(Shown):
    """Whom it would concern, counted as it would be sealed; nothing is written."""

    place: Id | None
    place_name: str | None
    homes: int = Field(description="This figure comes back as confirmed_homes")
    persons: int
    told_before: int = Field(description="Persons left out because they were told")
    without_way: int = Field(description="Persons whom no channel can reach")
    homes_without_way: int = Field(description="Homes in which nobody can be reached: for the door")
    channels: list[ChannelShown]
    segments: dict[str, int] = Field(description="SMS segments of one message, by language")
    last_household_at: datetime = Field(description="When the gateways would have taken the last household's message")
    night: bool
    held_until: datetime | None = Field(description="When it would leave, where it waits for the morning")
    must_confirm: bool = Field(description="Whether confirmed_homes has to be sent")
    homes_at_once: int = Field(description="Of those held for the morning, told all the same: callers and those who need help first")
    second_person: bool = Field(description="Whether a second person has to approve it (POST /api/v1/broadcast-requests)")


async def preview_audience(call: Call, body: AudiencePreviewBody) -> AudiencePreview:
    """Count whom a message would reach, how, at what cost and by when; nothing is written."""
    place = await find_place(call.tx, body.place, "/place") if body.place is not None else None
    whom = _at(place) if place is not None else await whom_of(call.tx, body.audience or AudienceBody(), "/audience")
    if place is not None and body.audience is not None:
        raise BodyInvalidError([FieldFault("/place", "field.one_of_two", {"other": "audience"}, body.place)])
    if body.incident is None and (whom.told or whom.except_told):
        raise BodyInvalidError([FieldFault("/incident", "field.missing", {"name": "incident"})])
    words = {str(language): text for language, text in body.texts.items()}
    telling = Telling(whom, words, body.night, body.asks_safety, insist=body.insist)
    try:
        seen = await foresee_telling(call.tx, int(body.incident) if body.incident is not None else None, telling)
    except IncidentUnknownError as problem:
        raise IncidentUnknownError(field="/incident", **problem.values) from None
    return _shown(call, place, seen)


def _at(place: Place) -> Whom:
    return Whom(homes_served_by=(place.id,)) if place.kind == "facility" else Whom(residents_of=(place.id,))


async def whom_of(tx: Tx, body: AudienceBody, field: str) -> Whom:
    """The places that are named; raises PlaceUnknownError, BodyInvalidError for one of the wrong kind, AudienceEmptyError for none."""
    residents_of = await _places(tx, body.residents_of, f"{field}/residents_of")
    served_by = await _places(tx, body.homes_served_by, f"{field}/homes_served_by", kind="facility")
    priority_in = await _places(tx, body.priority_in, f"{field}/priority_in")
    homes = await _places(tx, body.homes, f"{field}/homes", kind="home")
    if not (residents_of or served_by or priority_in or homes or body.told):
        raise AudienceEmptyError(field=field)
    return Whom(residents_of, served_by, priority_in, homes, body.told, body.except_told)


async def _places(tx: Tx, named: list[str], field: str, *, kind: Literal["home", "facility"] | None = None) -> tuple[int, ...]:
    found = []
    for number, one in enumerate(named):
        place = await find_place(tx, one, f"{field}/{number}")
        if kind is not None and place.kind != kind:
            text = "field.not_a_home" if kind == "home" else "field.not_a_facility"
            raise BodyInvalidError([FieldFault(f"{field}/{number}", text, {}, one)])
        found.append(place.id)
    return tuple(dict.fromkeys(found))


def _shown(call: Call, place: Place | None, seen: Foreseen) -> AudiencePreview:
    forecast = seen.forecast
    leaves = seen.held_until or call.tx.now
    return AudiencePreview(
        place=str(place.id) if place else None,
        place_name=name_of(place, call.language) if place else None,
        homes=forecast.homes,
        persons=forecast.persons,
        told_before=forecast.told_before,
        without_way=forecast.persons_without_way,
        homes_without_way=forecast.homes_without_way,
        channels=[
            ChannelShown.model_validate(
                {"medium": one.medium, "gateway": one.gateway, "messages": one.deliveries, "segments": one.segments, "seconds": one.seconds}
            )
            for one in forecast.channels
        ],
        segments=dict(forecast.segments_by_language),
        last_household_at=leaves + timedelta(seconds=forecast.last_seconds),
        night=seen.night,
        held_until=seen.held_until,
        must_confirm=seen.must_confirm,
        homes_at_once=seen.homes_at_once,
        second_person=seen.second_person,
    )
