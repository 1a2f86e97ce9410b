"""Doors that were knocked on. Somebody met at the door has been told; a note left has told nobody; who needs help becomes a task in red."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from incidents.conductor.case import Case, open_case
from incidents.conductor.tasks import NewTask, add_tasks
from incidents.desk.changes import Changed, Desk, finish_change
from incidents.desk.households import household_knows, nobody_lives_there
from people.errors import PersonUnknownError
from people.persons import Person, persons
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
VisitResult = Literal["seen", "no_answer", "note_left", "needs_help", "vacant"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One knock. `home_code` as it stands on the sheet. `visitor_id`: the member of staff who knocked, where it was not the one who writes it down; `at` not in the future."""

    home_id: int
    home_code: str
    result: VisitResult
    visitor_id: int | None = None
    at: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class VisitNoted:
    """The visit's number on the timeline; `messages`: so many messages count this household as told at the door."""

    no: int
    messages: int
    changed: Changed


async def note_visit(desk: Desk, incident_id: int, visit: Visit) -> VisitNoted:
    """Write a visit down, also after the end, when the sheets come back. Raises IncidentUnknownError, PersonUnknownError for a visitor
    who is not on the staff."""
    visitor = await _staff(desk, visit.visitor_id)
    case = await open_case(desk.tx, desk.wakeups, incident_id, must_be_open=False)
    body: dict[str, object] = {"home": visit.home_id, "home_code": visit.home_code, "result": visit.result, "by": desk.actor.as_ids()}
    detail = {"by_name": desk.actor.name}
    if visitor is not None:
        body["visitor"] = visitor.id
        detail["visitor"] = visitor.name
    if visit.words:
        detail["words"] = visit.words
    no = case.ledger.append(desk.tx.now, "visit", "outside", body, detail=detail, happened_at=visit.at)
    visited_at = visit.at or desk.tx.now
    await desk.tx.run(SQL.insert_visit, desk.tx.community, incident_id, no, visit.home_id, visit.result, visited_at, visit.visitor_id)
    messages = await _count(case, visit)
    if visit.result == "needs_help":
        await _call_for_help(case, visit, no)
    return VisitNoted(no, messages, await finish_change(case))


async def _staff(desk: Desk, person_id: int | None) -> Person | None:
    if person_id is None:
        return None
    person = (await persons(desk.tx, [person_id])).get(person_id)
    if person is None or person.kind != "staff":
        raise PersonUnknownError(field="/visitor", value=person_id)
    return person


async def _count(case: Case, visit: Visit) -> int:
    if visit.result in ("seen", "needs_help"):
        return await household_knows(case.tx, case.incident.id, visit.home_id)
    if visit.result == "vacant":
        await nobody_lives_there(case, visit.home_id)
    return 0


async def _call_for_help(case: Case, visit: Visit, no: int) -> None:
    does: dict[str, object] = {
        "text_key": None, "call": None, "results": ["helped", "no_answer"], "help": "needs_help", "homes": [visit.home_id],
        "persons": [], "variables": {},
    }  # fmt: skip
    await add_tasks(case.tx, [NewTask(case.incident.id, f"help#{no}", "front_desk", does, None)])
    case.red.append("needs_help")
