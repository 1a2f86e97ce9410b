"""One search box for people and places."""

from typing import Annotated, Literal

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.records import in_language, masked_address, masked_name
from api.v1.shapes import Id
from people.places import name_of
from people.search.box import FoundPerson, Hit, search


class SearchQuery(Body):
    """What was typed: a name or a piece of it, pinyin, initials, a piece of a number, a plate, a code in any spelling, a rescue code."""

    q: Annotated[str, Field(min_length=1, max_length=80)]
    limit: int = Field(12, ge=1, le=50)


class HomeFound(Shown):
    """A home somebody lives in now."""

    id: Id
    code: str
    name: str
    role: str


class HitShown(Shown):
    """One thing that fits; what does not apply to its type is null or empty."""

    type: Literal[
        "community", "building", "unit", "floor", "home", "facility", "resident", "former_resident", "staff", "department",
        "outside_number",
    ]  # fmt: skip
    id: Id
    name: str
    matched: str = Field(description="What it was found by: name, pinyin, phone, plate, code, alias, rescue_code, …")
    code: str | None = Field(None, description="Of places")
    facility_kind: str | None = None
    homes: list[HomeFound] = []
    teams: list[str] = []
    number: str | None = Field(None, description="Masked; of numbers outside the company whole")
    language: str | None = None
    preferred_means: str | None = None


class SearchAnswer(Shown):
    """What may be meant, the likeliest first."""

    items: list[HitShown]


async def search_everything(call: Call, query: SearchQuery) -> SearchAnswer:
    """Find people, places, departments and outside numbers by whatever was typed."""
    may_see = call.caller.may("desk")
    hits = await search(call.tx, query.q, numbers=may_see and call.caller.may("reveal"), limit=query.limit)
    return SearchAnswer(items=[_hit(one, call.language, names=may_see) for one in hits])


def _hit(hit: Hit, language: str, *, names: bool) -> HitShown:
    if hit.place is not None:
        place = hit.place
        return HitShown(
            type=hit.type, id=str(place.id), name=name_of(place, language), matched=hit.matched, code=place.code,
            facility_kind=place.facility_kind,
        )  # fmt: skip
    if hit.person is not None:
        return _person(hit, hit.person, language, names=names)
    assert hit.named is not None
    named = hit.named
    return HitShown(
        type=hit.type, id=str(named.id), name=in_language(named.names, language), matched=hit.matched, number=named.number
    )  # fmt: skip


def _person(hit: Hit, person: FoundPerson, language: str, *, names: bool) -> HitShown:
    shown = names or person.kind == "staff"
    return HitShown(
        type=hit.type, id=str(person.id), name=person.name if shown else masked_name(person.name), matched=hit.matched,
        homes=[HomeFound.model_validate({**home, "name": in_language(dict(home["names"]), language)}) for home in person.homes],  # type: ignore[call-overload]
        teams=[in_language(team, language) for team in person.teams],
        number=masked_address(person.address) if shown and person.address else None,
        language=person.language, preferred_means=person.preferred_means,
    )  # fmt: skip
