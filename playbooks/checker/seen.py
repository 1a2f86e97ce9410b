"""When two explored states are the same: only what the slice can still notice counts, people by what they promised and not by number."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from playbooks.checker.observer import Observed
from playbooks.checker.slices import Slice
from playbooks.engine.state import Holder, State, StepState
from playbooks.language.model import AlertAction

OVER = ("closed", "cancelled")


def forget(part: Slice, state: State) -> State:
    """The state without the promises of people who hold nothing: whoever answers next may be somebody new."""
    changed: dict[str, StepState] = {}
    for name in part.real:
        record = state.steps.get(name)
        if record is None or not record.promises:
            continue
        people = {holder.person for holder in record.holders}
        if not people.issuperset(record.promises):
            kept = {person: count for person, count in record.promises.items() if person in people}
            changed[name] = record.model_copy(update={"promises": kept})
    return state.model_copy(update={"steps": {**state.steps, **changed}}) if changed else state


def key(part: Slice, state: State, observed: Observed, now: datetime) -> Hashable:
    """Equal for states from which the slice behaves alike."""
    if state.status in OVER:
        deadlines = sorted((at - now).total_seconds() for step in state.steps.values() for at in step.deadlines())
        return (state.status, state.drill, observed.told, tuple(deadlines))
    found = part.found
    steps = tuple(_step(part, name, state.steps.get(name), observed, now) for name in part.playbook.steps)
    return (
        state.status,
        state.severity if part.has_severity else None,
        state.place_kind,
        state.drill,
        state.night if part.has_night else None,
        state.broadcast_now,
        _seconds(state.next_news_by, now) if part.has_news else None,
        tuple(sorted(state.facts.items())),
        state.reports if found.reports else 0,
        state.confirmed,
        bool(state.told),
        observed.told,
        steps,
    )


def _step(part: Slice, name: str, record: StepState | None, observed: Observed, now: datetime) -> Hashable:
    if record is None:
        return None
    outcomes = tuple(outcome for outcome in record.outcomes if outcome in part.kept[name])
    is_open = record.phase in ("active", "held")
    if not isinstance(part.playbook.steps[name].action, AlertAction):
        return (
            record.phase,
            outcomes,
            record.task_open,
            tuple(sorted(record.told_of.items())),
            (record.expected, tuple(sorted(record.results.items()))) if is_open else None,
            *(_seconds(at, now) for at in (record.start_at, record.due_at, record.repeat_at, record.remind_at, record.ring_at)),
        )
    holders = sorted(_holder((name, holder.person) in observed.there, holder, record, now) for holder in record.holders)
    return (
        record.phase,
        outcomes,
        record.rung if is_open else None,
        tuple(holders),
        observed.answered(name),
        *(_seconds(at, now) for at in (record.start_at, record.due_at, record.ring_at, record.repeat_at, record.remind_at)),
    )


def _holder(is_there: bool, holder: Holder, record: StepState, now: datetime) -> tuple[bool, bool, float, int]:
    due = holder.promise_due
    length = 0.0 if due is None else (due - now).total_seconds()
    return is_there, due is None, length, record.promises.get(holder.person, 0)


def _seconds(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (at - now).total_seconds()
