"""A resident's answer from the page behind a link: all safe, others still inside, needs help.

"All safe" may come in thousands and is tallied once a second; the other two are events at once, in red, with a task at the desk.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from incidents.answers.answers import LINK_OUTLIVES
from incidents.answers.help import Cry, call_for_help
from incidents.conductor.case import ENDED
from incidents.errors import AlertUnknownError, AnswerWrongError, IncidentEndedError, MessageExpiredError
from notifiers.announcements import confirm_deliveries
from notifiers.links import LinkTarget
from tocsin.base import work
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)

ResponseKind = Literal["all_safe", "others_inside", "needs_help"]


@dataclass(frozen=True, slots=True)
class Respondent:
    """One person behind a resident's link, and how their incident stands."""

    delivery_no: int
    incident_id: int
    incident_number: int
    incident_status: str
    incident_closed_at: datetime | None
    message_id: int
    member_no: int
    person_id: int
    home_id: int | None
    drill: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was said behind the link of one delivery of a message."""

    no: int
    kind: ResponseKind
    words: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What counts as said by one person of a home; the message None where it was no message that was answered."""

    message_id: int | None
    member_no: int | None
    person_id: int
    home_id: int | None
    kind: ResponseKind
    words: str


@dataclass(frozen=True, slots=True)
class Given:
    """What was said last from this link."""

    kind: ResponseKind
    at: datetime
    words: str


async def respondents(tx: Tx, target: LinkTarget) -> list[Respondent]:
    """Who stands behind the link; raises AlertUnknownError when the link is no resident's."""
    found = await tx.rows(SQL.members_of_deliveries, Respondent, tx.community, target.message_id, [target.no])
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


async def respond(tx: Tx, wakeups: Wakeups, target: LinkTarget, kind: str, words: str = "") -> None:
    """Record a response of the people behind one link.

    Raises AlertUnknownError, AnswerWrongError, IncidentEndedError, MessageExpiredError.
    """
    (refused,) = await respond_all(tx, wakeups, target.message_id, [Pressed(target.no, check_kind(kind), words)])
    if refused is not None:
        raise refused


async def respond_all(tx: Tx, wakeups: Wakeups, message_id: int, pressed: Sequence[Pressed]) -> list[Exception | None]:
    """Record what was said behind these links of one message, in this order; for each why it does not count, or None."""
    behind: dict[int, list[Respondent]] = defaultdict(list)
    numbers = sorted({one.no for one in pressed})
    for person in await tx.rows(SQL.members_of_deliveries, Respondent, tx.community, message_id, numbers):
        behind[person.delivery_no].append(person)
    refused = [_refused(tx, message_id, one, behind.get(one.no, ())) for one in pressed]
    counting = [one for one, why in zip(pressed, refused, strict=True) if why is None]
    if counting:
        await _record(tx, wakeups, message_id, [(one, behind[one.no]) for one in counting])
    return refused


def _refused(tx: Tx, message_id: int, one: Pressed, people: Sequence[Respondent]) -> Exception | None:
    if not people:
        return AlertUnknownError(value=f"{message_id}-{one.no}")
    ended = people[0].incident_closed_at
    if ended is not None and tx.now - ended > LINK_OUTLIVES:
        return MessageExpiredError()
    if people[0].incident_status in ENDED:
        return IncidentEndedError(number=people[0].incident_number, status=people[0].incident_status)
    return None


async def _record(tx: Tx, wakeups: Wakeups, message_id: int, counting: Sequence[tuple[Pressed, Sequence[Respondent]]]) -> None:
    """All of one message, and so of one incident. Its lock before the message's, as everywhere."""
    incident_id = counting[0][1][0].incident_id
    cries = [
        Cry(one.kind, sorted({each.home_id for each in people if each.home_id is not None}), [each.person_id for each in people], one.words)
        for one, people in counting
        if one.kind != "all_safe"
    ]
    if cries:
        await call_for_help(tx, wakeups, incident_id, cries)
    said = [
        Said(each.message_id, each.member_no, each.person_id, each.home_id, one.kind, one.words)
        for one, people in counting
        for each in people
    ]
    await note_responses(tx, incident_id, said)
    await confirm_deliveries(tx, message_id, sorted({one.no for one, _ in counting}))


async def note_responses(tx: Tx, incident_id: int, said: Sequence[Said]) -> None:
    """Keep what these people said, in this order. The poll of each second finds it to be tallied: a hint would cost whoever waits for the answer."""
    await tx.run(
        SQL.insert_responses, tx.community, incident_id, [one.message_id for one in said], [one.member_no for one in said],
        [one.person_id for one in said], [one.home_id for one in said], [one.kind for one in said], [one.words for one in said], tx.now,
    )  # fmt: skip
    work.lower(tx, "tallies")
