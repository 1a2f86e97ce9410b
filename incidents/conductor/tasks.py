"""Opens and cancels work for a role: one task, or one for each elevator of the place."""

from incidents.conductor.case import Case
from people.places import facilities_within
from playbooks.engine import effects as wanted
from playbooks.engine.events import Event, Expanded
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


async def open_task(case: Case, effect: wanted.Task) -> None:
    """One task on the list of its role."""
    does = {
        "text_key": effect.text_key,
        "call": effect.call,
        "results": list(effect.results),
        "variables": effect.variables,
    }
    await case.tx.run(SQL.insert_task, case.tx.community, case.incident.id, effect.task, effect.role, does, case.tx.now, effect.due_at)
    case.ledger.append(case.tx.now, "task", "effect", effect.model_dump(mode="json", exclude={"kind"}))


async def open_tasks_per_place(case: Case, effect: wanted.OpenChildren) -> list[Event]:
    """A task for each facility of the kind within the incident's place; the engine is told how many."""
    places = await facilities_within(case.tx, case.place.id, effect.for_each)
    for place in places:
        does = {
            "text_key": effect.text_key,
            "call": None,
            "results": list(effect.results),
            "opens": effect.opens,
            "place": place.id,
            "variables": effect.variables,
        }
        await case.tx.run(
            SQL.insert_task, case.tx.community, case.incident.id, f"{effect.task}/{place.id}", effect.role, does, case.tx.now,
            effect.due_at,
        )  # fmt: skip
    body = effect.model_dump(mode="json", exclude={"kind"})
    case.ledger.append(case.tx.now, "open_children", "effect", {**body, "places": [place.id for place in places]})
    return [Expanded(step=effect.task, count=len(places))]


async def cancel_task(case: Case, effect: wanted.TaskCancelled) -> None:
    """The task, or all tasks of a step, no longer matter."""
    await case.tx.run(SQL.cancel_task, case.tx.community, case.incident.id, effect.task, case.tx.now)
    case.ledger.append(case.tx.now, "task_cancelled", "effect", effect.model_dump(mode="json", exclude={"kind"}))
