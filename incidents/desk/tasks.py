"""Finishes a task. Its result may open a child incident (an elevator checked during a power cut has somebody in it)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.case import Case, open_case, save
from incidents.desk.changes import Desk
from incidents.desk.declare import Declaration, Declared, Parent, declare
from incidents.errors import ResultUnknownError, TaskEndedError, TaskUnknownError
from playbooks.engine.events import ChildOpened, TaskDone
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
CONDUCTOR_SQL = load_queries("incidents.conductor")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it lies in the database; `does` is {text_key, call, results, variables} and for a task per place {place, opens}."""

    id: int
    incident_id: int
    key: str
    role: str
    does: dict[str, Any]
    done_at: datetime | None
    cancelled_at: datetime | None


async def finish_task(desk: Desk, task_id: int, result: str | None) -> Declared | None:
    """The task is done. Raises TaskUnknownError, TaskEndedError, ResultUnknownError. The child incident that this opened, if any."""
    row = await desk.tx.maybe(SQL.lock_task, TaskRow, desk.tx.community, task_id)
    if row is None:
        raise TaskUnknownError(value=task_id)
    known = row.does["results"]
    if known and result not in known:
        raise ResultUnknownError(field="/result", value=result, known=", ".join(known))
    case = await open_case(desk.tx, desk.wakeups, row.incident_id)
    done = await desk.tx.run(SQL.finish_task, desk.tx.community, task_id, desk.tx.now, desk.actor.name, result)
    if not done:
        raise TaskEndedError(value=task_id)
    await happen(case, TaskDone(task=row.key, result=result), Circumstances(actor=desk.actor, more={"task_id": task_id}))
    opens = row.does.get("opens", {}).get(result)
    child = await _open_child(desk, case, row, opens) if opens else None
    await save(case)
    return child


async def _open_child(desk: Desk, case: Case, row: TaskRow, kind: str) -> Declared | None:
    place_id = int(row.does["place"])
    existing = await desk.tx.value(CONDUCTOR_SQL.open_at, desk.tx.community, kind, place_id, case.incident.drill)
    if existing is not None:
        await happen(case, ChildOpened(child=str(existing)), Circumstances(actor=desk.actor, more={"joined": True}))
        return None
    declaration = Declaration(kind=kind, place_id=place_id, drill=case.incident.drill)
    child = await declare(desk.tx, desk.wakeups, declaration, desk.actor, Parent(case.incident.id, row.key))
    await happen(case, ChildOpened(child=str(child.incident_id)), Circumstances(actor=desk.actor))
    return child
