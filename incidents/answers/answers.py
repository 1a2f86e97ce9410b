"""A department's answer, by whatever way it came: recorded, folded, and answered truthfully.

Two at the same instant are ordered by the incident's lock; each is told who else has it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from incidents.actors import Actor
from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.case import Case, IncidentRow, open_case, save
from incidents.errors import AlertUnknownError, AnswerWrongError, MessageExpiredError
from notifiers.announcements import confirm_persons
from playbooks.engine.events import Answered as AnsweredEvent
from playbooks.engine.events import AnswerWord
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
CONDUCTOR_SQL = load_queries("incidents.conductor")

Evidence = Literal["link", "sms", "login", "voice", "chat", "by_desk"]
Means = Literal["radio", "phone", "chat_group", "in_person"]
LONGEST_PROMISE_MINUTES = 240
LINK_OUTLIVES = timedelta(hours=24)
"""How long after its message's own time, or its incident's end, a link still takes an answer or shows how it ended."""


@dataclass(frozen=True, slots=True)
class AlertFor:
    """The alert that a message stands for, and whom of its delivery it reached; without a delivery: whom somebody speaks for."""

    incident_id: int
    message_id: int
    delivery_no: int | None
    alert_key: str
    rung: int
    person_id: int
    expires_at: datetime


@dataclass(slots=True)
class AlertedIncident(IncidentRow):
    """An incident, locked, and what one of its deliveries asked."""

    message_id: int
    delivery_no: int
    alert_key: str
    rung: int
    person_id: int
    expires_at: datetime

    @property
    def alert(self) -> AlertFor:
        """What was asked."""
        return AlertFor(self.id, self.message_id, self.delivery_no, self.alert_key, self.rung, self.person_id, self.expires_at)


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
class Said:
    """What a person last said to an alert; None: nothing yet."""

    alert_key: str
    person_id: int
    name: str
    kind: str | None
    at: datetime | None
    promised_at: datetime | None

    @property
    def holds(self) -> bool:
        """Whether they have it, and have not taken it back."""
        return self.kind not in (None, "cannot", "withdrawn")


@dataclass(frozen=True, slots=True)
class Named:
    """A message that names a person."""

    message_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class _Row:
    answering: Answering
    said: Said
    no: int


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
    case = await open_case(tx, wakeups, answering.alert.incident_id)
    must_not_be_old(tx, answering)
    return (await answer_all(case, [answering]))[0]


def must_not_be_old(tx: Tx, answering: Answering) -> None:
    """Raise MessageExpiredError a day after the message's own time: until then an answer by its link still counts, however late."""
    if answering.evidence == "link" and tx.now > answering.alert.expires_at + LINK_OUTLIVES:
        raise MessageExpiredError()


async def answer_all(case: Case, answerings: Sequence[Answering]) -> list[Answered]:
    """Record and fold answers to one open incident in their order, and save it; each is told who has it when all are folded."""
    last = await _said_so_far(case, answerings)
    told: list[tuple[Answering, Said, bool]] = []
    unwritten: list[_Row] = []
    for one in answerings:
        who = (one.alert.alert_key, one.alert.person_id)
        said = last[who]
        repeated = said.kind == one.kind and one.minutes is None
        if not repeated:
            if one.kind == "cannot":  # how many are left is read from what was written
                await _write(case, unwritten)
            row = await _fold(case, one, said.name)
            unwritten.append(row)
            said = last[who] = row.said
        told.append((one, said, repeated))
    await _write(case, unwritten)
    if not all(repeated for _, _, repeated in told):
        await save(case)
    return [_answered(case, one, said, repeated, last.values()) for one, said, repeated in told]


def _answered(case: Case, one: Answering, said: Said, repeated: bool, last: Iterable[Said]) -> Answered:
    alert, incident = one.alert, case.incident
    others = [other.name for other in last if other.holds and other.alert_key == alert.alert_key and other.person_id != alert.person_id]
    assert said.at is not None, "whoever answers has said something"
    return Answered(incident.id, incident.number, incident.code, one.kind, said.at, said.promised_at, others, repeated)


async def _said_so_far(case: Case, answerings: Sequence[Answering]) -> dict[tuple[str, int], Said]:
    """By alert and person, in the order of names."""
    keys = {(one.alert.alert_key, one.alert.person_id) for one in answerings}
    rows = await case.tx.rows(
        SQL.said_so_far, Said, case.tx.community, case.incident.id, [key for key, _ in keys], [person for _, person in keys]
    )
    return {(row.alert_key, row.person_id): row for row in rows}


async def _fold(case: Case, answering: Answering, name: str) -> _Row:
    tx, alert = case.tx, answering.alert
    event = AnsweredEvent(
        alert=alert.alert_key, rung=alert.rung, person=alert.person_id, answer=answering.kind, minutes=answering.minutes,
        left=await _left_of_rung(tx, alert) if answering.kind == "cannot" else 0,
    )  # fmt: skip
    how: dict[str, object] = {"evidence": answering.evidence}
    if answering.means is not None:
        how["means"] = answering.means
    no = await happen(case, event, Circumstances(actor=answering.actor, more=how))
    at = max(tx.now, case.ledger.head_at)
    return _Row(answering, Said(alert.alert_key, alert.person_id, name, answering.kind, at, promised_at(case, answering)), no)


async def _left_of_rung(tx: Tx, alert: AlertFor) -> int:
    left: int = await tx.value(CONDUCTOR_SQL.left_of_rung, tx.community, alert.incident_id, alert.alert_key, alert.rung, alert.person_id)
    return left


async def _write(case: Case, rows: list[_Row]) -> None:
    """Write answers down, and that whoever answered has been reached, by every message of the ladder that names them."""
    if not rows:
        return
    tx, given = case.tx, [row.answering for row in rows]
    unknowing = await tx.rows(
        SQL.insert_answers, Named, tx.community, case.incident.id,
        [one.alert.alert_key for one in given], [one.alert.rung for one in given], [one.alert.message_id for one in given],
        [one.alert.person_id for one in given], [one.kind for one in given], [row.said.promised_at for row in rows],
        [row.said.at for row in rows], [one.evidence for one in given], [one.means for one in given],
        [one.actor.name if one.evidence == "by_desk" else None for one in given], [row.no for row in rows],
    )  # fmt: skip
    await confirm_persons(tx, [(one.message_id, one.person_id) for one in unknowing])
    rows.clear()


def promised_at(case: Case, answering: Answering) -> datetime | None:
    """The instant this answer promises, as the engine understood it (cut to the step's longest promise)."""
    if answering.kind not in ("received", "on_the_way"):
        return None
    step = case.state.step(answering.alert.alert_key.partition("#")[0])
    for holder in step.holders:
        if holder.person == answering.alert.person_id:
            return holder.promise_due
    return None if answering.minutes is None else case.tx.now + timedelta(minutes=answering.minutes)


async def alerts_of(tx: Tx, message_id: int, nos: Sequence[int]) -> tuple[dict[int, AlertFor], IncidentRow | None]:
    """The alerts that these deliveries of a message asked about, by number; those that asked about none are absent. And their incident, locked,
    unless none of them is settled."""
    settled = await tx.rows(SQL.lock_alerted, AlertedIncident, tx.community, message_id, list(nos))
    found = {one.delivery_no: one.alert for one in settled}
    if others := [no for no in nos if no not in found]:
        under_way = await tx.rows(SQL.alerts_of_deliveries, AlertFor, tx.community, message_id, others)
        found |= {one.delivery_no: one for one in under_way if one.delivery_no is not None}
    return found, settled[0] if settled else None


async def alert_of(tx: Tx, message_id: int, no: int) -> AlertFor:
    """The alert that this delivery asked about; raises AlertUnknownError when the message was none."""
    alerts, _ = await alerts_of(tx, message_id, [no])
    if no not in alerts:
        raise AlertUnknownError(value=f"{message_id}-{no}")
    return alerts[no]


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
