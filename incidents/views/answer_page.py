"""What stands on the page behind an alert's link."""

from dataclasses import dataclass
from datetime import datetime

from incidents.answers.answers import LINK_OUTLIVES
from incidents.errors import AlertUnknownError, MessageExpiredError
from incidents.views.lists import IncidentView, incident
from incidents.views.room import AlertedPerson, room
from notifiers.links import LinkTarget
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The alert behind the link, and the person it was for."""

    incident_id: int
    alert_key: str
    rung: int
    person_id: int
    name: str
    language: str
    text: str | None
    expires_at: datetime
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """`colleagues`: the others on this ladder. `mine`: what this person last said. `over`: answering changes nothing any more."""

    row: AnswerRow
    view: IncidentView
    mine: AlertedPerson | None
    colleagues: list[AlertedPerson]
    over: bool
    now: datetime


async def answer_page(tx: Tx, target: LinkTarget) -> AnswerPage:
    """Read the page; raises AlertUnknownError where the link is none of an alert, MessageExpiredError a day after the end."""
    row = await tx.maybe(SQL.answer_page, AnswerRow, tx.community, target.message_id, target.no)
    if row is None:
        raise AlertUnknownError(value=f"{target.message_id}-{target.no}")
    view = await incident(tx, row.incident_id)
    must_not_be_long_over(view, tx.now)
    ladder = [one for one in (await room(tx, row.incident_id)).ladders if one.alert_key == row.alert_key]
    people = {person.person_id: person for one in ladder for person in one.people}
    return AnswerPage(
        row=row,
        view=view,
        mine=people.get(row.person_id),
        colleagues=[person for person in people.values() if person.person_id != row.person_id],
        over=view.summary.status in ("closed", "cancelled"),
        now=tx.now,
    )


def must_not_be_long_over(view: IncidentView, now: datetime) -> None:
    """Raise MessageExpiredError when the incident ended longer ago than its links outlive it."""
    ended = view.summary.closed_at
    if ended is not None and now - ended > LINK_OUTLIVES:
        raise MessageExpiredError()
