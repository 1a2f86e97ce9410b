"""Finding a place."""

from pydantic import Field

from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Id
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


async def search_places(call: Call, query: PlaceQuery) -> PlaceList:
    """Find places by what a caller says or a clerk types."""
    found = await find_places(call.tx, query.q, kind=query.kind, facility_kind=query.facility_kind, limit=query.limit)
    return PlaceList(items=[_place(one, call.language) for one in found])


def _place(place: Place, language: str) -> PlaceShown:
    return PlaceShown(id=str(place.id), code=place.code, name=name_of(place, language), kind=place.kind, facility_kind=place.facility_kind)
