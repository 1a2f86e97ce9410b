"""Deadlines: all that are due fire as one batch; at one instant outcomes come first, then what they make start or repeat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from playbooks.engine import actions, ladder
from playbooks.engine.conditions import holds
from playbooks.engine.settle import settle
from playbooks.engine.state import StepState
from playbooks.engine.working import Working
from playbooks.language.model import AlertAction, ExpectAction, ForEachAction, NewsAction, Step, TaskAction


def fire(run: Working, *, including_now: bool) -> None:
    """Fire every deadline before `run.now` (with `including_now` also those at it) as one batch, and settle."""
    if run.status in ("closed", "cancelled"):
        return

    def due(at: datetime | None) -> bool:
        return at is not None and (at < run.now or (including_now and at == run.now))

    ripe = {name: record for name, record in run.steps.items() if any(due(at) for at in record.deadlines())}
    if not ripe:
        return
    names = [name for name in run.playbook.steps if name in ripe]
    for name in names:
        _outcomes(run, run.playbook.steps[name], due)
    settle(run)
    for name in names:
        _moves(run, run.playbook.steps[name], ripe[name], due)
    settle(run)


Due = Callable[[datetime | None], bool]


def _outcomes(run: Working, step: Step, due: Due) -> None:
    record = run.step(step.name)
    if due(record.due_at):
        match step.action:
            case AlertAction():
                run.happened(step.name, "silent")
            case TaskAction() | ExpectAction() | ForEachAction():
                run.happened(step.name, "late")
                run.change(step.name, due_at=None)
                run.red("late", step=step.name, task=run.identity(step))
            case NewsAction():
                run.happened(step.name, "late")
            case _:
                pass
    if any(due(holder.promise_due) for holder in record.holders):
        ladder.lapse(run, step)


def _moves(run: Working, step: Step, ripe: StepState, due: Due) -> None:
    """Starts, climbs, rings and repeats of a step that was ripe and has not been stood down or restarted meanwhile."""
    record = run.step(step.name)
    if record.occurrence != ripe.occurrence:
        return
    match record.phase:
        case "delayed":
            if due(record.start_at):
                _start_late(run, step)
        case "active" | "held":
            _move_open(run, step, record, due)
        case _:
            return


def _start_late(run: Working, step: Step) -> None:
    over = step.until is not None and holds(step.until, run) is True
    if over:
        run.change(step.name, phase="waiting", start_at=None)
    else:
        actions.begin(run, step)


def _move_open(run: Working, step: Step, record: StepState, due: Due) -> None:
    match step.action:
        case AlertAction() as action:
            abandoned = record.phase == "held" and not record.holders
            if abandoned or due(record.due_at):
                ladder.climb(run, step, action)
            elif due(record.ring_at):
                ladder.ring(run, step, action)
        case NewsAction() as action:
            if due(record.remind_at):
                actions.remind_of_news(run, step, action)
            if due(record.due_at):
                actions.news_lapsed(run, step, action)
        case _:
            if due(record.repeat_at):
                actions.again(run, step)
