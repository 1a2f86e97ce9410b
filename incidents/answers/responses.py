"""A resident's answer from the page behind a link: all safe, others still inside, needs help.

"All safe" may come in thousands and is tallied once a second; the other two are events at once, in red, with a task at the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from incidents.answers.help import Cry, call_for_help
from incidents.errors import AlertUnknownError, AnswerWrongError
from notifiers.announcements import confirm as confirm_reach
from notifiers.links import LinkTarget
from tocsin.base import work
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)

ResponseKind = Literal["all_safe", "others_inside", "needs_help"]


@dataclass(frozen=True, slots=True)
class Respondent:
    """One person behind a resident's link."""

    incident_id: int
    message_id: int
    member_no: int
    person_id: int
    home_id: int | None
    drill: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """What was said last from this link."""

    kind: ResponseKind
    at: datetime
    words: str


async def respondents(tx: Tx, target: LinkTarget) -> list[Respondent]:
    """Who stands behind the link; raises AlertUnknownError when the link is no resident's."""
    found = await tx.rows(SQL.members_of_delivery, Respondent, tx.community, target.message_id, target.no)
    if not found:
        raise AlertUnknownError(value=f"{target.message_id}-{target.no}")
    return found


async def given(tx: Tx, people: list[Respondent]) -> Given | None:
    """What they said last about this incident."""
    ids = [one.person_id for one in people]
    return await tx.maybe(SQL.last_responses, Given, tx.community, people[0].incident_id, ids)


def check_kind(kind: str) -> ResponseKind:
    """A known response; raises AnswerWrongError."""
    for known in get_args(ResponseKind):
        if known == kind:
            checked: ResponseKind = known
            return checked
    raise AnswerWrongError(field="/kind", value=kind, known=", ".join(get_args(ResponseKind)))


async def respond(tx: Tx, wakeups: Wakeups, target: LinkTarget, kind: str, words: str = "") -> Given:
    """Record a response of the people behind the link; raises AlertUnknownError, AnswerWrongError, IncidentEndedError."""
    checked = check_kind(kind)
    people = await respondents(tx, target)
    if checked != "all_safe":
        homes = sorted({one.home_id for one in people if one.home_id is not None})
        await call_for_help(tx, wakeups, people[0].incident_id, Cry(checked, homes, [one.person_id for one in people], words))
    members = [(one.message_id, one.member_no, one.person_id, one.home_id) for one in people]
    await note_responses(tx, wakeups, people[0].incident_id, members, checked, words)
    await confirm_reach(tx, target.message_id, delivery_no=target.no)
    return Given(checked, tx.now, words)


async def note_responses(
    tx: Tx, wakeups: Wakeups, incident_id: int, members: Sequence[tuple[int | None, int | None, int, int | None]], kind: ResponseKind,
    words: str,
) -> None:  # fmt: skip
    """Keep what these said, each a (message, member number, person, home); the message None where it was no message that was answered."""
    for message_id, member_no, person_id, home_id in members:
        await tx.value(
            SQL.insert_response, tx.community, incident_id, message_id, member_no, person_id, home_id, kind, words, tx.now
        )  # fmt: skip
    work.lower(tx, "tallies")
    wakeups.after_commit(tx, "tallies")
