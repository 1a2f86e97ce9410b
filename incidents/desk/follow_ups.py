"""A follow-up call after the end: whoever reported is asked whether all is well; tried until they answer, or given up as unreachable."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from incidents.conductor.case import open_case, save
from incidents.desk.call_backs import MOST_TRIES
from incidents.desk.changes import Desk
from incidents.errors import ReportUnknownError
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

FollowUpResult = Literal["satisfied", "not_satisfied", "no_answer"]
AGAIN_AFTER = timedelta(hours=4)
"""From a call without an answer to the next: another part of the day, when somebody may be at home."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a follow-up call stands: `due` is when it is made next, `tries` how often it was made. It ends at one of the two times."""

    due: datetime
    tries: int
    spoken_at: datetime | None
    satisfied: bool | None
    unreachable_at: datetime | None

    @property
    def state(self) -> Literal["waiting", "spoken", "unreachable"]:
        return "spoken" if self.spoken_at else "unreachable" if self.unreachable_at else "waiting"


def after_follow_up(before: FollowUp, result: FollowUpResult, attempt: int, now: datetime) -> FollowUp:
    """How it stands after call number `attempt`, from 1. What has ended, or an attempt written down before, stays as it is."""
    if before.state != "waiting" or attempt <= before.tries:
        return before
    tries = before.tries + 1
    if result != "no_answer":
        return replace(before, tries=tries, spoken_at=now, satisfied=result == "satisfied")
    if tries >= MOST_TRIES:
        return replace(before, tries=tries, unreachable_at=now)
    return replace(before, tries=tries, due=now + AGAIN_AFTER)


async def note_follow_up(desk: Desk, incident_id: int, report_no: int, round_: int, result: FollowUpResult, attempt: int) -> FollowUp:
    """Write down how a follow-up call went. The same `attempt` twice is once.

    Raises IncidentUnknownError, and ReportUnknownError where no such call is on the list.
    """
    case = await open_case(desk.tx, desk.wakeups, incident_id, must_be_open=False)
    before = await desk.tx.maybe(SQL.follow_up_of, FollowUp, desk.tx.community, incident_id, report_no, round_)
    if before is None:
        raise ReportUnknownError(value=report_no)
    after = after_follow_up(before, result, attempt, desk.tx.now)
    if after != before:
        await desk.tx.run(
            SQL.set_follow_up, desk.tx.community, incident_id, report_no, round_, after.due, after.tries, after.spoken_at,
            after.satisfied, after.unreachable_at,
        )  # fmt: skip
        body: dict[str, object] = {"report": report_no, "round": round_, "tries": after.tries, "by": desk.actor.as_ids()}
        kind = {"waiting": "follow_up_missed", "unreachable": "follow_up_given_up"}.get(
            after.state, "followed_up_well" if after.satisfied else "followed_up_unwell"
        )
        case.ledger.append(desk.tx.now, kind, "outside", body, detail={"by_name": desk.actor.name})
    await save(case)
    return after
