"""Opens and cancels work for a role: one task, or one for each elevator of the place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.conductor.case import Case
from people.places import facilities_within
from playbooks.engine import effects as wanted
from playbooks.engine.events import Event, Expanded
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task of an incident by its key; `does` is what there is to do, as the pages read it."""

    incident_id: int
    key: str
    role: str
    does: dict[str, object]
    due_at: datetime | None


async def add_tasks(tx: Tx, tasks: Sequence[NewTask]) -> None:
    """Put tasks on the lists of their roles; one that stands there by its key stays as it is."""
    if tasks:
        await tx.run(
            SQL.insert_tasks, tx.community, [one.incident_id for one in tasks], [one.key for one in tasks], [one.role for one in tasks],
            [one.does for one in tasks], tx.now, [one.due_at for one in tasks],
        )  # fmt: skip


def open_task(case: Case, effect: wanted.Task) -> NewTask:
    """Write one task on the record; it is the caller's to add."""
    case.ledger.append(case.tx.now, "task", "effect", effect.model_dump(mode="json", exclude={"kind"}))
    does: dict[str, object] = {
        "text_key": effect.text_key,
        "call": effect.call,
        "results": list(effect.results),
        "variables": effect.variables,
    }
    return NewTask(case.incident.id, effect.task, effect.role, does, effect.due_at)


async def open_tasks_per_place(case: Case, effect: wanted.OpenChildren) -> tuple[list[NewTask], list[Event]]:
    """A task for each facility of the kind within the incident's place, for the caller to add; the engine is told how many."""
    places = await facilities_within(case.tx, case.place.id, effect.for_each)
    body = effect.model_dump(mode="json", exclude={"kind"})
    case.ledger.append(case.tx.now, "open_children", "effect", {**body, "places": [place.id for place in places]})
    tasks = [
        NewTask(
            case.incident.id,
            f"{effect.task}/{place.id}",
            effect.role,
            {
                "text_key": effect.text_key,
                "call": None,
                "results": list(effect.results),
                "opens": effect.opens,
                "place": place.id,
                "variables": effect.variables,
            },
            effect.due_at,
        )
        for place in places
    ]
    return tasks, [Expanded(step=effect.task, count=len(places))]


async def cancel_task(case: Case, effect: wanted.TaskCancelled) -> None:
    """The task, or all tasks of a step, no longer matter."""
    await case.tx.run(SQL.cancel_task, case.tx.community, case.incident.id, effect.task, case.tx.now)
    case.ledger.append(case.tx.now, "task_cancelled", "effect", effect.model_dump(mode="json", exclude={"kind"}))
