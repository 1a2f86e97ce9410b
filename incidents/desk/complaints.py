"""A complaint about an incident: somebody answers for it, by a time, with an outcome."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from incidents.conductor.case import Case, open_case, save
from incidents.desk.changes import Desk
from incidents.errors import ComplaintEndedError, ReportUnknownError
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

Outcome = Literal["resolved", "explained", "not_accepted"]
"""Put right; explained, and accepted so; answered, and the caller disagrees."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """How a complaint stands; `owner` is '' where nobody had one in earlier times."""

    owner: str
    due: datetime
    answered_at: datetime | None
    outcome: Outcome | None


async def hand_complaint_on(desk: Desk, incident_id: int, report_no: int, owner: str) -> Complaint:
    """Somebody else answers for it from now on; the time stays. Raises ReportUnknownError, ComplaintEndedError."""
    case, before = await _open_complaint(desk, incident_id, report_no)
    if before.answered_at is not None:
        raise ComplaintEndedError(value=report_no)
    if owner != before.owner:
        await desk.tx.run(SQL.set_complaint_owner, desk.tx.community, incident_id, report_no, owner)
        _note(case, desk, "complaint_handed_on", {"report": report_no}, {"owner": owner})
    await save(case)
    return Complaint(owner, before.due, None, None)


async def answer_complaint(desk: Desk, incident_id: int, report_no: int, outcome: Outcome, words: str = "") -> Complaint:
    """The caller was answered; `words`: what they were told. The same outcome twice is once.

    Raises ReportUnknownError, and ComplaintEndedError where it ended otherwise.
    """
    case, before = await _open_complaint(desk, incident_id, report_no)
    if before.answered_at is not None and before.outcome != outcome:
        raise ComplaintEndedError(value=report_no)
    after = before
    if before.answered_at is None:
        after = Complaint(before.owner, before.due, desk.tx.now, outcome)
        await desk.tx.run(SQL.end_complaint, desk.tx.community, incident_id, report_no, desk.tx.now, outcome)
        _note(case, desk, "complaint_answered", {"report": report_no, "outcome": outcome}, {"words": words} if words else {})
    await save(case)
    return after


async def _open_complaint(desk: Desk, incident_id: int, report_no: int) -> tuple[Case, Complaint]:
    case = await open_case(desk.tx, desk.wakeups, incident_id, must_be_open=False)
    found = await desk.tx.maybe(SQL.complaint_of, Complaint, desk.tx.community, incident_id, report_no)
    if found is None:
        raise ReportUnknownError(value=report_no)
    return case, found


def _note(case: Case, desk: Desk, kind: str, body: dict[str, object], detail: dict[str, object]) -> None:
    case.ledger.append(desk.tx.now, kind, "outside", body | {"by": desk.actor.as_ids()}, detail={"by_name": desk.actor.name, **detail})
