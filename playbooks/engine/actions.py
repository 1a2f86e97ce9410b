"""How each kind of step begins, repeats and ends. Alerts have their own module, `ladder`."""

from __future__ import annotations

from typing import assert_never

from playbooks.engine import conditions, ladder
from playbooks.engine import effects as does
from playbooks.engine.working import Working, instant
from playbooks.language.model import (
    SEVERITIES,
    AlertAction,
    Audience,
    ExpectAction,
    ForEachAction,
    NewsAction,
    Severity,
    SeverityAction,
    Step,
    TaskAction,
    TellAction,
)


def begin(run: Working, step: Step) -> None:
    """Start a new occurrence of the step."""
    occurrence = run.step(step.name).occurrence + 1
    run.change(step.name, phase="active", occurrence=occurrence, start_at=None, repeat=0, task_open=False, results={}, expected=None)
    run.happened(step.name, "started")
    if step.every is not None:
        run.change(step.name, repeat_at=run.now + step.every)
    match step.action:
        case AlertAction() as action:
            ladder.begin(run, step, action)
        case TaskAction() as action:
            _open_task(run, step, action)
        case TellAction() as action:
            tell(run, step, action)
        case ExpectAction():
            _start_clock(run, step)
        case SeverityAction() as action:
            _raise(run, step, action)
        case ForEachAction() as action:
            _open_children(run, step, action)
        case NewsAction() as action:
            news_promised(run, step, action)
        case _:
            assert_never(step.action)


def _start_clock(run: Working, step: Step) -> None:
    run.change(step.name, due_at=None if step.within is None else run.now + step.within)


def chosen_text(run: Working, step: Step) -> str | None:
    """The key of the first text whose condition holds now, else the step's own."""
    for choice in step.text_choices:
        if conditions.holds(choice.when, run) is True:
            return choice.key
    return step.text_key


def _open_task(run: Working, step: Step, action: TaskAction) -> None:
    _start_clock(run, step)
    run.change(step.name, task_open=True)
    key = chosen_text(run, step)
    variables = run.variables(key)
    if run.drill and action.call is not None:
        variables = {**variables, "drill_call": action.call}
    run.emit(
        does.Task(
            id=run.identity(step),
            task=run.identity(step),
            role=action.role,
            text_key=key,
            call=None if run.drill else action.call,
            results=tuple(action.results),
            variables=variables,
            due_at=run.step(step.name).due_at,
        )
    )


def _open_children(run: Working, step: Step, action: ForEachAction) -> None:
    _start_clock(run, step)
    run.change(step.name, task_open=True)
    run.emit(
        does.OpenChildren(
            id=run.identity(step),
            step=step.name,
            task=run.identity(step),
            for_each=action.place_kind,
            role=action.role,
            text_key=step.text_key,
            results=tuple(action.results),
            opens=action.opens,
            variables=run.variables(step.text_key),
            due_at=run.step(step.name).due_at,
        )
    )


def tell(run: Working, step: Step, action: TellAction) -> None:
    """Send the step's broadcast, or note it in a drill; at night one that may wait is held.

    Its text is chosen before it counts as sent, so that one told again can say what is new: `text_when: [{when: {step: sent}, …}]`.
    """
    night: str = action.night if run.night and not run.broadcast_now else "send"
    if action.again_when:
        run.change(step.name, told_of={name: run.facts.get(name) for name in action.again_when})
    key = chosen_text(run, step)
    if night == "hold":
        run.happened(step.name, "held")
        _broadcast(run, step, action, key, night="hold", suffix="", audience=action.audience)
    else:
        _promise_news(run, action)
        run.happened(step.name, "sent")
        _broadcast(run, step, action, key, night=night, suffix="", audience=action.audience)
    if step.every is None:
        run.happened(step.name, "done")
        run.change(step.name, phase="done")


def release(run: Working, step: Step, action: TellAction) -> None:
    """Morning came, or somebody pressed "now": tell the homes that were held, with what is true now."""
    key = chosen_text(run, step)
    _promise_news(run, action)
    run.happened(step.name, "sent")
    _broadcast(run, step, action, key, night="send", suffix="/released", audience=Audience(held_by=step.name))


def _promise_news(run: Working, action: TellAction) -> None:
    if action.next_news is not None:
        run.next_news_by = run.now + action.next_news


def _broadcast(
    run: Working, step: Step, action: TellAction, key: str | None, *, night: str, suffix: str, audience: Audience
) -> None:  # fmt: skip
    if key is None:
        return
    if run.drill:
        run.note("drill_broadcast", step=step.name, text_key=key)
        return
    run.told.add(step.name)
    run.emit(
        does.Broadcast.model_validate(
            {
                "id": f"{run.identity(step)}{suffix}",
                "step": step.name,
                "audience": audience,
                "text_key": key,
                "variables": run.variables(key),
                "night": night,
                "asks_safety": action.asks_safety,
                "phase": action.phase,
            }
        )
    )


def _raise(run: Working, step: Step, action: SeverityAction) -> None:
    position = SEVERITIES.index(run.severity)
    to: Severity = SEVERITIES[min(position + 1, len(SEVERITIES) - 1)]
    if action.to != "raise":
        to = next(severity for severity in SEVERITIES if severity == action.to)
    run.happened(step.name, "done")
    run.change(step.name, phase="done")
    if to != run.severity:
        run.severity = to
        run.emit(does.SeverityTo(id=run.identity(step), to=to))


def news_promised(run: Working, step: Step, action: NewsAction) -> None:
    """Wind the clock of the next news: from the time promised, or the step's own length."""
    within = step.within if step.within is not None else action.remind_before
    promised = run.next_news_by
    due = promised if promised is not None and promised > run.now else run.now + within
    run.next_news_by = due
    run.change(step.name, due_at=due, remind_at=max(run.now, due - action.remind_before))


def remind_of_news(run: Working, step: Step, action: NewsAction) -> None:
    """Ask for the news before the promise lapses."""
    run.change(step.name, remind_at=None)
    if run.step(step.name).task_open:
        run.note("still_not_done", task=run.identity(step))
        return
    run.change(step.name, task_open=True)
    run.emit(
        does.Task(
            id=run.identity(step),
            task=run.identity(step),
            role=action.role,
            text_key=step.text_key,
            call=None,
            results=(),
            variables=run.variables(step.text_key),
            due_at=run.step(step.name).due_at,
        )
    )


def news_lapsed(run: Working, step: Step, action: NewsAction) -> None:
    """The promised time passed without news: record it, and ask again at the next interval."""
    run.red("news_overdue", step=step.name, next_by=instant(run.next_news_by))
    run.next_news_by = None
    news_promised(run, step, action)


def news_sent(run: Working, step: Step, action: NewsAction) -> None:
    """News went out: the task is done and the clock starts anew under a new occurrence."""
    run.happened(step.name, "met")
    cancel_task(run, step)
    run.change(step.name, occurrence=run.step(step.name).occurrence + 1)
    news_promised(run, step, action)


def again(run: Working, step: Step) -> None:
    """A repeat falls due. One that is still undone gets a note, never a second task."""
    if step.every is None:
        return
    record = run.change(step.name, repeat_at=run.now + step.every)
    match step.action:
        case TaskAction() as action:
            if record.task_open:
                run.note("still_not_done", task=run.identity(step))
                return
            run.change(step.name, occurrence=record.occurrence + 1)
            _open_task(run, step, action)
        case TellAction() as action:
            run.change(step.name, occurrence=record.occurrence + 1)
            tell(run, step, action)
        case _:
            return


def cancel_task(run: Working, step: Step) -> None:
    if run.step(step.name).task_open:
        run.change(step.name, task_open=False)
        run.emit(does.TaskCancelled(id=f"{run.identity(step)}/cancelled", task=run.identity(step)))


def end(run: Working, step: Step, outcome: str) -> None:
    """The step is over by itself: every clock of it stops."""
    run.happened(step.name, outcome)
    cancel_task(run, step)
    run.change(step.name, phase="done", **NO_CLOCKS)


def stand_down(run: Working, step: Step) -> None:
    """The step is moot: stop its clocks and tell those who were alerted."""
    run.happened(step.name, "stood_down")
    cancel_task(run, step)
    if isinstance(step.action, AlertAction):
        run.emit(
            does.StandDown(
                id=f"{run.identity(step)}/stand_down",
                alert=run.identity(step),
                text_key=step.action.stand_down_key,
                variables=run.variables(step.action.stand_down_key),
            )
        )
    run.change(step.name, phase="stood_down", **NO_CLOCKS)


NO_CLOCKS: dict[str, object] = {
    "start_at": None,
    "due_at": None,
    "ring_at": None,
    "repeat_at": None,
    "remind_at": None,
    "holders": (),
}
