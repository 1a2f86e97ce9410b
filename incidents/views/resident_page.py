"""What stands on a resident's page of an incident: no other home, no names, only what residents were told."""

from dataclasses import dataclass
from datetime import datetime

from incidents.answers.responses import Given, given, respondents
from incidents.views.answer_page import must_not_be_long_over
from incidents.views.lists import IncidentView, incident
from notifiers.links import LinkTarget
from people.communities import Community, get_community
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class News:
    """One message that residents were sent, by its text but for the slots of the last mile."""

    message_id: int
    posted_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ResidentPage:
    """`given`: what this home said last. `over`: the incident has ended."""

    view: IncidentView
    community: Community
    news: list[News]
    given: Given | None
    over: bool
    now: datetime


async def resident_page(tx: Tx, target: LinkTarget, language: str) -> ResidentPage:
    """Read the page; raises AlertUnknownError where the link is no resident's, MessageExpiredError a day after the end."""
    people = await respondents(tx, target)
    view = await incident(tx, people[0].incident_id)
    must_not_be_long_over(view, tx.now)
    return ResidentPage(
        view=view,
        community=await get_community(tx, tx.community),
        news=await tx.rows(SQL.public_news, News, tx.community, people[0].incident_id, language, [one.person_id for one in people]),
        given=await given(tx, people),
        over=view.summary.status in ("closed", "cancelled"),
        now=tx.now,
    )
