"""A call that was promised to a reporter: tried until they are told, or given up as unreachable."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from incidents.conductor.case import open_case, save
from incidents.desk.changes import Desk
from incidents.errors import ReportUnknownError
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

CallBackResult = Literal["told", "no_answer"]
MOST_TRIES = 3
"""After so many calls without an answer the reporter is unreachable."""
AGAIN_AFTER = timedelta(minutes=10)
"""From a call without an answer to the next; the same for each, so that the desk can say it by heart."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """How a promised call stands: `due` is when it is made next, `tries` how often it was made. It ends at one of the two times."""

    due: datetime
    tries: int
    called_back_at: datetime | None
    unreachable_at: datetime | None

    @property
    def state(self) -> Literal["waiting", "told", "unreachable"]:
        return "told" if self.called_back_at else "unreachable" if self.unreachable_at else "waiting"


def after_call(before: CallBack, result: CallBackResult, attempt: int, now: datetime) -> CallBack:
    """How it stands after call number `attempt`, from 1. What has ended, or an attempt written down before, stays as it is."""
    if before.state != "waiting" or attempt <= before.tries:
        return before
    tries = before.tries + 1
    if result == "told":
        return replace(before, tries=tries, called_back_at=now)
    if tries >= MOST_TRIES:
        return replace(before, tries=tries, unreachable_at=now)
    return replace(before, tries=tries, due=now + AGAIN_AFTER)


async def note_call_back(desk: Desk, incident_id: int, report_no: int, result: CallBackResult, attempt: int) -> CallBack:
    """Write down how a promised call went, also after the incident's end. The same `attempt` twice is once.

    Raises IncidentUnknownError, and ReportUnknownError where nothing was promised.
    """
    case = await open_case(desk.tx, desk.wakeups, incident_id, must_be_open=False)
    before = await desk.tx.maybe(SQL.call_back_of, CallBack, desk.tx.community, incident_id, report_no)
    if before is None:
        raise ReportUnknownError(value=report_no)
    after = after_call(before, result, attempt, desk.tx.now)
    if after != before:
        await desk.tx.run(
            SQL.set_call_back, desk.tx.community, incident_id, report_no, after.due, after.tries, after.called_back_at, after.unreachable_at
        )
        body: dict[str, object] = {"report": report_no, "tries": after.tries, "by": desk.actor.as_ids()}
        kind = {"waiting": "call_back_missed", "told": "called_back", "unreachable": "call_back_given_up"}[after.state]
        if after.state == "waiting":
            body["next_at"] = after.due.isoformat()
        case.ledger.append(desk.tx.now, kind, "outside", body, detail={"by_name": desk.actor.name})
    await save(case)
    return after
