"""What people do: answer alerts, finish tasks, send news."""

from __future__ import annotations

from typing import assert_never

from playbooks.engine import actions, ladder
from playbooks.engine.events import AllWaysFailed, Answered, Expanded, NobodyOnDuty, TaskDone, UpdateSent
from playbooks.engine.working import Working
from playbooks.language.model import AlertAction, ForEachAction, NewsAction, Step, TaskAction


def take_answer(run: Working, event: Answered | NobodyOnDuty | AllWaysFailed) -> None:
    """An answer, or silence that came early. One that meets no open alert is noted and moves nothing."""
    step = _current(run, event.alert)
    record = None if step is None else run.step(step.name)
    is_open = record is not None and record.phase in ("active", "held")
    if step is None or record is None or not is_open or not isinstance(step.action, AlertAction):
        run.note("answer_came_late", alert=event.alert, event=event.kind)
        return
    if not 0 <= event.rung <= (record.rung or 0):
        run.note("rung_not_alerted", alert=event.alert, rung=event.rung)
        return
    match event:
        case Answered():
            ladder.answer(run, step, step.action, event)
        case NobodyOnDuty() | AllWaysFailed():
            ladder.early_silence(run, step, step.action, rung=event.rung, key=event.kind)
        case _:
            assert_never(event)


def take_work(run: Working, event: TaskDone | Expanded | UpdateSent) -> None:
    match event:
        case TaskDone():
            _task_done(run, event)
        case Expanded():
            _expanded(run, event)
        case UpdateSent(next_by=next_by):
            run.next_news_by = next_by
            for step in run.playbook.steps.values():
                if isinstance(step.action, NewsAction) and run.step(step.name).phase == "active":
                    actions.news_sent(run, step, step.action)
        case _:
            assert_never(event)


def _current(run: Working, identity: str) -> Step | None:
    """The step whose present occurrence has this identity."""
    step = run.playbook.steps.get(identity.partition("#")[0])
    return step if step is not None and run.identity(step) == identity else None


def _task_done(run: Working, event: TaskDone) -> None:
    identity, _, item = event.task.partition("/")
    step = _current(run, identity)
    record = None if step is None else run.step(step.name)
    if step is None or record is None or record.phase != "active" or not record.task_open:
        run.note("task_not_open", task=event.task)
        return
    match step.action:
        case TaskAction(results=results):
            if item or (event.result is not None and event.result not in results):
                run.note("result_refused", task=event.task, result=event.result)
                return
            _finished(run, step, event.result)
        case ForEachAction(results=results):
            if not item or event.result not in results:
                run.note("result_refused", task=event.task, result=event.result)
                return
            run.change(step.name, results={**record.results, item: event.result})
            run.happened(step.name, event.result)
            _all_back(run, step)
        case NewsAction():
            run.change(step.name, task_open=False)
            run.note("news_task_done", task=event.task)
        case _:
            run.note("task_not_open", task=event.task)


def _finished(run: Working, step: Step, result: str | None) -> None:
    run.happened(step.name, "done", *(() if result is None else (result,)))
    if step.every is None:
        run.change(step.name, phase="done", task_open=False, due_at=None)
    else:
        run.change(step.name, task_open=False, due_at=None)


def _expanded(run: Working, event: Expanded) -> None:
    step = run.playbook.steps.get(event.step.partition("#")[0])
    if step is None or not isinstance(step.action, ForEachAction) or run.step(step.name).phase != "active":
        run.note("not_applicable", event=event.kind, step=event.step)
        return
    run.change(step.name, expected=max(0, event.count))
    _all_back(run, step)


def _all_back(run: Working, step: Step) -> None:
    record = run.step(step.name)
    if record.expected is not None and len(record.results) >= record.expected:
        run.change(step.name, task_open=False)
        actions.end(run, step, "done")
