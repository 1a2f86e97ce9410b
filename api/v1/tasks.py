"""What somebody must do by a time."""

from datetime import datetime

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import desk_of
from api.v1.shapes import Id, Line, Page
from incidents.desk.tasks import finish_task
from incidents.views.lists import TaskView, every_task, playbook_of, summary, tasks
from playbooks.language.model import Playbook


class TaskShown(Shown):
    """One task; `results` are the answers it can end with."""

    id: Id
    incident: Id
    number: int
    key: str
    title: str
    role: str
    does: dict[str, object]
    results: list[str]
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    result: str | None
    cancelled_at: datetime | None


class TaskList(Shown):
    """Tasks that wait, the one due first at the top; or a page of all there ever were, newest first."""

    items: list[TaskShown]
    next: str | None = None


class TasksWanted(Body):
    """All tasks, or those that wait."""

    open_only: bool = True


class TaskPage(Page):
    """Those that wait, all at once; or a page of all there ever were."""

    open_only: bool = True


class TaskResult(Body):
    """How it ended; one of the task's results where it has some."""

    result: Line | None = Field(None, examples=["everyone_out"])


class TaskDone(Shown):
    """`opened` is the incident that this result opened."""

    task: Id
    opened: Id | None


async def list_incident_tasks(call: Call, query: TasksWanted) -> TaskList:
    """List the incident's tasks."""
    incident_id = call.id_of("incident")
    playbook = await playbook_of(call.tx, await summary(call.tx, incident_id))
    found = await tasks(call.tx, incident_id, open_only=query.open_only)
    return TaskList(items=[_task(one, playbook, call.language) for one in found])


async def list_tasks(call: Call, query: TaskPage) -> TaskList:
    """List the tasks of all incidents."""
    found = await tasks(call.tx) if query.open_only else await _page(call, query)
    playbooks = {one: await playbook_of(call.tx, await summary(call.tx, one)) for one in {task.incident_id for task in found}}
    more = make_cursor(found[-1].id) if not query.open_only and len(found) == query.limit else None
    return TaskList(items=[_task(one, playbooks[one.incident_id], call.language) for one in found], next=more)


async def _page(call: Call, query: TaskPage) -> list[TaskView]:
    before = read_cursor(query.after, 1)[0] if query.after else None
    return await every_task(call.tx, before=before, limit=query.limit)


async def complete_task(call: Call, body: TaskResult) -> TaskDone:
    """Finish a task; its result may open an incident of its own."""
    task_id = call.id_of("task")
    child = await finish_task(desk_of(call), task_id, body.result)
    return TaskDone(task=str(task_id), opened=str(child.incident_id) if child else None)


def _task(one: TaskView, playbook: Playbook, language: str) -> TaskShown:
    step = playbook.steps.get(one.key.partition("#")[0])
    return TaskShown(
        id=str(one.id), incident=str(one.incident_id), number=one.number, key=one.key, title=step.title[language] if step else "",
        role=one.role, does=one.does, results=list(one.does.get("results") or ()), opened_at=one.opened_at, due_at=one.due_at,
        done_at=one.done_at, done_by=one.done_by, result=one.result, cancelled_at=one.cancelled_at,
    )  # fmt: skip
