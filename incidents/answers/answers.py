"""A department's answer, by whatever way it came: recorded, folded, and answered truthfully.

Two at the same instant are ordered by the incident's lock; each is told who else has it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from incidents.actors import Actor
from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.case import Case, open_case, save
from incidents.errors import AlertUnknownError, AnswerWrongError, MessageExpiredError
from notifiers.announcements import confirm as confirm_reach
from notifiers.links import LinkTarget
from playbooks.engine.events import Answered as AnsweredEvent
from playbooks.engine.events import AnswerWord
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
CONDUCTOR_SQL = load_queries("incidents.conductor")

Evidence = Literal["link", "sms", "login", "voice", "by_desk"]
Means = Literal["radio", "phone", "chat_group", "in_person"]
LONGEST_PROMISE_MINUTES = 240
LINK_OUTLIVES = timedelta(hours=24)
"""How long after its message's own time, or its incident's end, a link still takes an answer or shows how it ended."""


@dataclass(frozen=True, slots=True)
class AlertFor:
    """The alert that a message stands for, and whom of its delivery it reached."""

    incident_id: int
    message_id: int
    alert_key: str
    rung: int
    person_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Answering:
    """One answer. `minutes`: how long until they are there. `means` and `written_by`: by the desk for somebody."""

    alert: AlertFor
    kind: AnswerWord
    minutes: int | None
    evidence: Evidence
    actor: Actor
    means: Means | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The truth told back. `others`: who else holds this alert. `repeated`: said before, nothing changed."""

    incident_id: int
    number: int
    code: str
    kind: AnswerWord
    at: datetime
    promised_at: datetime | None
    others: list[str]
    repeated: bool


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What this person last said to this alert."""

    kind: str
    at: datetime
    promised_at: datetime | None


def check_answer(kind: str, minutes: int | None) -> AnswerWord:
    """A known word with sensible minutes; raises AnswerWrongError."""
    for word in get_args(AnswerWord):
        if word == kind:
            if minutes is not None and not 0 < minutes <= LONGEST_PROMISE_MINUTES:
                raise AnswerWrongError(field="/minutes", value=minutes, known=f"1 … {LONGEST_PROMISE_MINUTES}")
            checked: AnswerWord = word
            return checked
    raise AnswerWrongError(field="/kind", value=kind, known=", ".join(get_args(AnswerWord)))


async def answer(tx: Tx, wakeups: Wakeups, answering: Answering) -> Answered:
    """Record and fold one answer; raises IncidentEndedError and, for a link that is too old, MessageExpiredError."""
    alert = answering.alert
    case = await open_case(tx, wakeups, alert.incident_id)
    if answering.evidence == "link" and tx.now > alert.expires_at + LINK_OUTLIVES:
        raise MessageExpiredError()
    said = await tx.maybe(SQL.last_answer, LastAnswer, tx.community, alert.incident_id, alert.alert_key, alert.person_id)
    repeated = said is not None and said.kind == answering.kind and answering.minutes is None
    if said is None or not repeated:
        said = await _fold(case, answering)
        await save(case)
    others = await tx.column(SQL.holders, tx.community, alert.incident_id, alert.alert_key, alert.person_id)
    return Answered(
        case.incident.id, case.incident.number, case.incident.code, answering.kind, said.at, said.promised_at, others, repeated
    )  # fmt: skip


async def _fold(case: Case, answering: Answering) -> LastAnswer:
    tx, alert = case.tx, answering.alert
    event = AnsweredEvent(
        alert=alert.alert_key, rung=alert.rung, person=alert.person_id, answer=answering.kind, minutes=answering.minutes,
        left=await _left_of_rung(tx, alert) if answering.kind == "cannot" else 0,
    )  # fmt: skip
    how: dict[str, object] = {"evidence": answering.evidence}
    if answering.means is not None:
        how["means"] = answering.means
    no = await happen(case, event, Circumstances(actor=answering.actor, more=how))
    said = LastAnswer(answering.kind, max(tx.now, case.ledger.head_at), promised_at(case, answering))
    await tx.run(
        SQL.insert_answer, tx.community, alert.incident_id, alert.alert_key, alert.rung, alert.message_id, alert.person_id,
        said.kind, said.promised_at, said.at, answering.evidence, answering.means,
        answering.actor.name if answering.evidence == "by_desk" else None, no,
    )  # fmt: skip
    await _confirm_everywhere(case, alert)
    return said


async def _left_of_rung(tx: Tx, alert: AlertFor) -> int:
    left: int = await tx.value(CONDUCTOR_SQL.left_of_rung, tx.community, alert.incident_id, alert.alert_key, alert.rung, alert.person_id)
    return left


async def _confirm_everywhere(case: Case, alert: AlertFor) -> None:
    """Who has answered has been reached, by every message of this ladder that names them."""
    tx = case.tx
    messages = await tx.column(SQL.messages_to, tx.community, alert.incident_id, alert.alert_key, alert.person_id)
    for message_id in messages:
        await confirm_reach(tx, message_id, person_id=alert.person_id)


def promised_at(case: Case, answering: Answering) -> datetime | None:
    """The instant this answer promises, as the engine understood it (cut to the step's longest promise)."""
    if answering.kind not in ("received", "on_the_way"):
        return None
    step = case.state.step(answering.alert.alert_key.partition("#")[0])
    for holder in step.holders:
        if holder.person == answering.alert.person_id:
            return holder.promise_due
    return None if answering.minutes is None else case.tx.now + timedelta(minutes=answering.minutes)


async def alert_of(tx: Tx, message_id: int, no: int) -> AlertFor:
    """The alert that this delivery asked about; raises AlertUnknownError when the message was none."""
    found = await tx.maybe(SQL.alert_of_delivery, AlertFor, tx.community, message_id, no)
    if found is None:
        raise AlertUnknownError(value=f"{message_id}-{no}")
    return found


async def answer_link(tx: Tx, wakeups: Wakeups, target: LinkTarget, kind: str, minutes: int | None) -> Answered:
    """Answered on the page behind a link; raises AlertUnknownError, AnswerWrongError, IncidentEndedError, and MessageExpiredError
    a day after the message's own time: until then an answer still counts, however late."""
    word = check_answer(kind, minutes)
    alert = await alert_of(tx, target.message_id, target.no)
    actor = Actor("link", "", person_id=alert.person_id)
    return await answer(tx, wakeups, Answering(alert, word, minutes, "link", actor))


@dataclass(frozen=True, slots=True)
class SaidToDesk:
    """What somebody said by radio or phone, and who of the desk writes it down."""

    incident_id: int
    person_id: int
    kind: str
    minutes: int | None
    means: Means


async def answer_for_somebody(tx: Tx, wakeups: Wakeups, said: SaidToDesk, actor: Actor) -> Answered:
    """The desk answers for somebody whom this incident alerted; raises AlertUnknownError, AnswerWrongError, IncidentEndedError."""
    word = check_answer(said.kind, said.minutes)
    alert = await tx.maybe(SQL.alert_of_person, AlertFor, tx.community, said.incident_id, said.person_id)
    if alert is None:
        raise AlertUnknownError(field="/person", value=said.person_id)
    return await answer(tx, wakeups, Answering(alert, word, said.minutes, "by_desk", actor, said.means))
