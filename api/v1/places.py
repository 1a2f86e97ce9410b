"""Finding a place, and counting who would be told there."""

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Id, PlaceText, find_place
from people.audiences import count_residents
from people.places import Place, find_places, name_of


class PlaceQuery(Body):
    """What was typed: 3-2-1502, 3栋2单元1502, 1号梯, a rescue code."""

    q: str = Field(min_length=1, max_length=60)
    kind: str | None = Field(None, max_length=30)
    facility_kind: str | None = Field(None, max_length=30)
    limit: int = Field(8, ge=1, le=50)


class PlaceShown(Shown):
    """A place that fits."""

    id: Id
    code: str
    name: str
    kind: str
    facility_kind: str | None


class PlaceList(Shown):
    """Places, the best first."""

    items: list[PlaceShown]


class AudienceBody(Body):
    """Whose residents are meant."""

    place: PlaceText


class AudiencePreview(Shown):
    """Whom a message to the residents of this place would concern."""

    place: Id
    place_name: str
    homes: int
    persons: int
    without_way: int = Field(description="Persons without any address that could be used")


async def search_places(call: Call, query: PlaceQuery) -> PlaceList:
    """Find places by what a caller says or a clerk types."""
    found = await find_places(call.tx, query.q, kind=query.kind, facility_kind=query.facility_kind, limit=query.limit)
    return PlaceList(items=[_place(one, call.language) for one in found])


async def preview_audience(call: Call, body: AudienceBody) -> AudiencePreview:
    """Count whom a message to the residents of a place would concern; nothing is written."""
    place = await find_place(call.tx, body.place, "/place")
    count = await count_residents(call.tx, place.id)
    return AudiencePreview(
        place=str(place.id), place_name=name_of(place, call.language), homes=count.homes, persons=count.persons,
        without_way=count.without_way,
    )  # fmt: skip


def _place(place: Place, language: str) -> PlaceShown:
    return PlaceShown(id=str(place.id), code=place.code, name=name_of(place, language), kind=place.kind, facility_kind=place.facility_kind)
