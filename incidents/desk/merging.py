"""Two open incidents turn out to be one emergency: one becomes part of the other.

Reports move, with the promises made to callers; so does what is known, calls for help, child incidents, and who has said "mine". Alerts
are not sent again, and nobody is told that it was a false alarm. Those whom the merged incident told count as told by the other one, so
its news, corrections and all-clear find them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.broadcasts import BROADCAST_SECONDS
from incidents.conductor.case import Case, open_case, save
from incidents.conductor.ending import close_case
from incidents.desk.changes import Changed, Desk
from incidents.desk.households import household_knows
from incidents.desk.own_words import set_phrase
from incidents.errors import IncidentUnknownError, MergeIntoRelievedError, MergeUnfitError
from incidents.views.lists import summary
from notifiers.announcements import Announcement, People, To, announce, stop
from notifiers.delivery.reach import lock_messages
from notifiers.delivery.sealing.seals import seal_all_about
from playbooks.engine.events import (
    Answered,
    AnswerWord,
    Cancelled,
    ChildClosed,
    ChildOpened,
    FactsChanged,
    Reported,
    SeverityChanged,
)
from playbooks.language.model import SEVERITIES, AlertAction
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
CONDUCTOR_SQL = load_queries("incidents.conductor")


@dataclass(frozen=True, slots=True)
class MovedReport:
    """A report as it lies in the database, before it moves."""

    no: int
    at: datetime
    source: str
    wish: str
    home_id: int | None
    call_back_due: datetime | None


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """The last word of somebody who was alerted."""

    alert_key: str
    person_id: int
    kind: AnswerWord
    evidence: str
    means: str | None
    written_by: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """`gone` is the incident that became part of the other, cancelled; `into` what that led to there; so many reports moved."""

    gone: Changed
    into: Changed
    reports: int


async def merge(desk: Desk, incident_id: int, into_id: int) -> Merged:
    """Make `incident_id` part of `into_id`. Raises IncidentUnknownError, IncidentEndedError, MergeUnfitError, MergeIntoRelievedError."""
    await summary(desk.tx, incident_id)
    if incident_id == into_id:
        raise MergeUnfitError(field="/into", value=into_id)
    gone, into = await _both(desk, incident_id, into_id)
    _check(gone, into)
    both = [gone.incident.id, into.incident.id]
    await seal_all_about(desk.tx, both)  # from here on they are looked at as one
    await lock_messages(desk.tx, await desk.tx.column(SQL.messages_about, desk.tx.community, both))
    await _move_family(desk, gone, into)
    reports = await _move_reports(gone, into, desk)
    await _move_knowledge(gone, into, desk)
    await desk.tx.run(SQL.move_help, desk.tx.community, gone.incident.id, into.incident.id)
    await _move_answers(gone, into, desk)
    await stop(desk.tx, await desk.tx.column(SQL.open_alerts, desk.tx.community, gone.incident.id))
    await _tell_alerted(gone, into)
    await _end(gone, into, desk, reports)
    await save(gone, into)
    await desk.tx.run(SQL.set_merged, desk.tx.community, gone.incident.id, into.incident.id)
    return Merged(_changed(gone), _changed(into), reports)


def _changed(case: Case) -> Changed:
    return Changed(case.incident.id, case.incident.status, case.ledger.head_no, case.alerted, case.red)


async def _both(desk: Desk, incident_id: int, into_id: int) -> tuple[Case, Case]:
    """Both incidents, locked in the order of their ids, so that no two merges can wait for each other."""
    cases: dict[int, Case] = {}
    for one in sorted((incident_id, into_id)):
        try:
            cases[one] = await open_case(desk.tx, desk.wakeups, one)
        except IncidentUnknownError:
            raise IncidentUnknownError(value=one, **({"field": "/into"} if one == into_id else {})) from None
    return cases[incident_id], cases[into_id]


def _check(gone: Case, into: Case) -> None:
    one, other = gone.incident, into.incident
    family = one.parent_id == other.id or other.parent_id == one.id
    two_parents = one.parent_id is not None and other.parent_id not in (None, one.parent_id)
    if one.kind != other.kind or one.drill != other.drill or family or two_parents:
        raise MergeUnfitError(field="/into", value=other.number)
    if one.status == "open" and other.status != "open":
        raise MergeIntoRelievedError(field="/into", value=other.number)


async def _move_family(desk: Desk, gone: Case, into: Case) -> None:
    """Children wait for the other one now; whoever waited for this one waits for the other."""
    for child in await desk.tx.column(SQL.move_children, desk.tx.community, gone.incident.id, into.incident.id):
        await happen(into, ChildOpened(child=str(child)), desk.how)
    if gone.incident.parent_id is None:
        return
    parent = await open_case(desk.tx, desk.wakeups, gone.incident.parent_id, must_be_open=False)
    if into.incident.parent_id is None:
        into.incident.parent_id = gone.incident.parent_id
        await desk.tx.run(SQL.set_parent, desk.tx.community, into.incident.id, parent.incident.id, gone.incident.parent_step)
        if not parent.ended:
            await happen(parent, ChildOpened(child=str(into.incident.id)), desk.how)
    if not parent.ended:
        await happen(parent, ChildClosed(child=str(gone.incident.id)), desk.how)
    await save(parent)


async def _move_reports(gone: Case, into: Case, desk: Desk) -> int:
    """Each report becomes one of the other incident, under a number of its timeline; how many there were."""
    tx = desk.tx
    reports = await tx.rows(SQL.reports_to_move, MovedReport, tx.community, gone.incident.id)
    numbers = [into.ledger.append(tx.now, "report", "outside", _report_body(gone, one), happened_at=one.at) for one in reports]
    if reports:
        await tx.run(SQL.move_reports, tx.community, gone.incident.id, into.incident.id, [one.no for one in reports], numbers)
    for home in sorted({one.home_id for one in reports if one.home_id is not None}):
        await household_knows(into.tx, into.incident.id, home)
    homes: int = await tx.value(SQL.homes_reported, tx.community, into.incident.id)
    if homes > into.state.reports:
        await happen(into, Reported(homes=homes), desk.how)
    return len(reports)


def _report_body(gone: Case, report: MovedReport) -> dict[str, object]:
    body: dict[str, object] = {"source": report.source, "wish": report.wish, "from": {"incident": gone.incident.id, "no": report.no}}
    if report.home_id is not None:
        body["home"] = report.home_id
    if report.call_back_due is not None:
        body["call_back_due"] = report.call_back_due.isoformat()
    return body


async def _move_knowledge(gone: Case, into: Case, desk: Desk) -> None:
    """What was known there and not here; and the graver of the two severities."""
    asked = into.plan.playbook.ask
    facts = {
        name: value
        for name, value in gone.state.facts.items()
        if value is not None and name in asked and into.state.facts.get(name) is None
    }
    if facts:
        into.incident.facts = {**into.incident.facts, **facts}
        await happen(into, FactsChanged(facts=facts), desk.how)
    graver = max(gone.state.severity, into.state.severity, key=SEVERITIES.index)
    if graver != into.state.severity:
        into.incident.severity = graver
        await happen(into, SeverityChanged(severity=graver), desk.how)


async def _move_answers(gone: Case, into: Case, desk: Desk) -> None:
    """Who has it there has it here: nobody who is already on the way is asked again."""
    held = {(f"{step}#{state.occurrence}", holder.person): holder.promise_due
            for step, state in gone.state.steps.items() for holder in state.holders}  # fmt: skip
    for said in await desk.tx.rows(SQL.last_answers, HeldAnswer, desk.tx.community, gone.incident.id):
        if (said.alert_key, said.person_id) in held:
            await _take_over(into, desk, said, held[said.alert_key, said.person_id])


async def _take_over(into: Case, desk: Desk, said: HeldAnswer, promise_due: datetime | None) -> None:
    tx, name = desk.tx, said.alert_key.partition("#")[0]
    step = into.plan.playbook.steps.get(name)
    state = into.state.step(name)
    if step is None or not isinstance(step.action, AlertAction) or state.phase not in ("active", "held"):
        return
    minutes = None if promise_due is None else ceil((promise_due - tx.now).total_seconds() / 60)
    if any(holder.person == said.person_id for holder in state.holders) or (minutes is not None and minutes <= 0):
        return
    alert, rung = f"{name}#{state.occurrence}", state.rung or 0
    event = Answered(alert=alert, rung=rung, person=said.person_id, answer=said.kind, minutes=minutes)
    no = await happen(into, event, Circumstances(actor=desk.actor, more={"evidence": said.evidence}))
    await tx.run(
        SQL.take_over_answer, tx.community, into.incident.id, alert, rung, said.person_id, said.kind,
        promise_due if said.kind in ("received", "on_the_way") else None, max(tx.now, into.ledger.head_at), said.evidence, said.means,
        said.written_by, no,
    )  # fmt: skip


async def _tell_alerted(gone: Case, into: Case) -> None:
    """Everybody whom the merged incident alerted: its code needs no answer any more, the other one stands."""
    people = await gone.tx.column(CONDUCTOR_SQL.all_alerted_persons, gone.tx.community, gone.incident.id)
    if not people:
        return
    values: Mapping[str, Mapping[str, object]] = {
        language: {"title": gone.plan.playbook.title[language], "code": gone.incident.code, "into_code": into.incident.code}
        for language in gone.community.languages
    }
    announcement = Announcement(
        subject=gone.incident.id, effect_key="merged-staff", kind="notice", lane="correction", means="write", audience_kind="staff",
        to=To(People(tuple(people))), drill=gone.incident.drill, life_safety=gone.plan.playbook.life_safety, code="", link="",
        expires_seconds=BROADCAST_SECONDS, texts=set_phrase(gone, "incident.merged_staff", "merged_staff", values),
    )  # fmt: skip
    await announce(gone.tx, announcement)
    gone.wakeups.after_commit(gone.tx, "correction")


async def _end(gone: Case, into: Case, desk: Desk, reports: int) -> None:
    """One is over without a word to those told; both timelines say so."""
    await happen(gone, Cancelled(reason="merged", corrects=False), desk.how)
    by = {"by": desk.actor.as_ids()}
    detail = {"by_name": desk.actor.name}
    gone.ledger.append(
        desk.tx.now, "merged_into", "outside", {"into": into.incident.id, "number": into.incident.number, **by}, detail=detail
    )
    into.ledger.append(
        desk.tx.now,
        "merged",
        "outside",
        {"incident": gone.incident.id, "number": gone.incident.number, "reports": reports, **by},
        detail=detail,
    )
    await close_case(gone, "cancelled")
