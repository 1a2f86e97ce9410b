"""What stands on an incident's own page, for whoever reads its code in the lobby: no names, no home, only what many were told."""

from dataclasses import dataclass, replace
from datetime import datetime

from incidents.incident_links import IncidentTarget
from incidents.views.answer_page import must_not_be_long_over
from incidents.views.lists import IncidentView, incident
from incidents.views.resident_page import News
from people.communities import Community, get_community
from people.places import Place, ancestor_of_kind, ancestors, get_place, name_of
from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """`view` with a place that is no home; `over`: the incident has ended."""

    view: IncidentView
    community: Community
    news: list[News]
    over: bool
    now: datetime


async def open_page(tx: Tx, target: IncidentTarget, language: str) -> OpenPage:
    """Read the page; raises IncidentUnknownError, and MessageExpiredError a day after the end. Of an incident that became part of another:
    the other."""
    view = await incident(tx, target.incident_id)
    if view.summary.merged_into is not None:
        view = await incident(tx, view.summary.merged_into)
    must_not_be_long_over(view, tx.now)
    around = await building_or_place(tx, view.summary.place_id)
    shown = replace(view, place=await place_without_home(tx, view.summary.place_id))
    news = await tx.rows(SQL.open_news, News, tx.community, view.summary.id, language, around.id)
    return OpenPage(
        view=shown,
        community=await get_community(tx, tx.community),
        news=[replace(one, text=one.text.replace(view.place[language], shown.place[language])) for one in news],
        over=view.summary.status in ("closed", "cancelled"),
        now=tx.now,
    )


async def building_or_place(tx: Tx, place_id: int) -> Place:
    """The building around a place; where it stands in none the place itself, or, of a home, what is around it."""
    place = await get_place(tx, place_id)
    building = await ancestor_of_kind(tx, place_id, "building")
    if building is None and place.kind == "home":
        return (await ancestors(tx, place_id))[0]
    return place if building is None else building


async def place_without_home(tx: Tx, place_id: int) -> Words:
    """How a place is called where everybody reads it: of a home the building around it."""
    place = await get_place(tx, place_id)
    return names_of(await building_or_place(tx, place_id) if place.kind == "home" else place)


def names_of(place: Place) -> Words:
    """A place's whole names in the languages of the pages."""
    return {language: name_of(place, language) for language in ("zh-CN", "en")}
