"""Everything that may happen at one instant of an exploration: people, the world, the run's life, and time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import lcm

from playbooks.checker.moves import TICK, Answers, Assumes, Expands, FallsSilent, Happens, Move, SendsNews, Waits, Works
from playbooks.checker.observer import Observed
from playbooks.checker.slices import MINUTE, Slice
from playbooks.engine import events as happens
from playbooks.engine.events import Event
from playbooks.engine.state import State, wake_at
from playbooks.language.model import SEVERITIES, AlertAction, ForEachAction, NewsAction, Step, TaskAction

ITEMS = ("1", "2")
"""Places of one `for_each`; more of them differ in number only."""


def silent_move(part: Slice, state: State, now: datetime, *, jump: bool = False) -> Move | None:
    """What happens when nobody does anything: a tick if one is due, else a step of time (with `jump` to the next deadline)."""
    at = wake_at(state)
    if at is None:
        return None
    if at <= now:
        return TICK
    return Waits(at - now if jump else min(part.grain, at - now))


def choices(part: Slice, state: State, observed: Observed, *, now: datetime, holders: int) -> Iterator[Move]:
    """Every move but silence. `holders` is how many people may hold one ladder at a time."""
    for step in part.steps():
        yield from _people(part, step, state, observed=observed, holders=holders)
    yield from _assumptions(part, state, now)
    for event in _world(part, state):
        yield Happens(event)
    for event in (happens.Resolved(), happens.Reopened(), happens.CloseRequested(), happens.Cancelled(reason="check")):
        yield Happens(event)


def _people(part: Slice, step: Step, state: State, *, observed: Observed, holders: int) -> Iterator[Move]:
    record = state.step(step.name)
    match step.action:
        case AlertAction() as action if record.phase in ("active", "held"):
            yield from _answers(part, step, action, state, observed=observed, holders=holders)
        case AlertAction():
            yield Answers(step.name, observed.next_person, "received")
        case TaskAction(results=results) if record.task_open:
            yield from (Works(step.name, result) for result in (None, *results))
        case TaskAction():
            yield Works(step.name, None)
        case ForEachAction(results=results):
            yield from (Expands(step.name, count) for count in range(len(ITEMS) + 1))
            yield from (Works(step.name, result, item) for item in ITEMS for result in results)
        case NewsAction():
            yield Works(step.name, None)
            yield from (SendsNews(length) for length in (None, part.grain, step.within))
        case _:
            return


def _answers(part: Slice, step: Step, action: AlertAction, state: State, *, observed: Observed, holders: int) -> Iterator[Move]:
    held_by = [holder.person for holder in state.step(step.name).holders]
    lengths = _promises(part, action)
    if len(held_by) < holders:
        person = observed.next_person
        yield Answers(step.name, person, "received")
        yield from (Answers(step.name, person, "on_the_way", minutes) for minutes in lengths)
        yield Answers(step.name, person, "on_scene")
        yield Answers(step.name, person, "done")
        yield Answers(step.name, person, "cannot", left=1)
    yield Answers(step.name, observed.next_person, "cannot")
    for person in held_by:
        yield from (Answers(step.name, person, "on_the_way", minutes) for minutes in lengths)
        for word in ("on_scene", "done", "cannot", "withdrawn"):
            yield Answers(step.name, person, word)
    yield FallsSilent(step.name, failed=False)
    yield FallsSilent(step.name, failed=True)


def _promises(part: Slice, action: AlertAction) -> tuple[int | None, ...]:
    """None at all (the step's longest), no minutes, and the shortest length on the grid that is a promise of whole minutes."""
    short = lcm(MINUTE, int(part.grain.total_seconds())) // MINUTE
    return (None, 0, short) if timedelta(minutes=short) < action.promise else (None, 0)


def _assumptions(part: Slice, state: State, now: datetime) -> Iterator[Move]:
    at = wake_at(state)
    is_due = at is not None and at <= now
    for name, outcomes in part.assumed.items():
        for outcome in outcomes:
            if outcome not in state.step(name).outcomes:
                yield Assumes(name, outcome)
                if is_due:
                    yield Assumes(name, outcome, at_once=True)


def _world(part: Slice, state: State) -> Iterator[Event]:
    found = part.found
    every_fact = dict.fromkeys(found.facts)
    for assignment in part.facts:
        if any(state.facts.get(name) != value for name, value in assignment.items()):
            yield happens.FactsChanged(facts={**every_fact, **assignment})
    if found.severity:
        yield from (happens.SeverityChanged(severity=severity) for severity in SEVERITIES if severity != state.severity)
    if found.reports and state.reports < max(found.reports):
        following = min(least for least in found.reports if least > state.reports)
        yield happens.Reported(homes=following)
    if found.reports and state.reports:
        yield happens.Reported(homes=0)
    if part.has_night:
        yield happens.NightChanged(night=not state.night)
    if (part.has_night or "broadcast_now" in found.switches) and not state.broadcast_now:
        yield happens.BroadcastNow()
    for need in part.playbook.needs:
        if need in state.confirmed:
            yield happens.ConfirmationWithdrawn(name=need)
        else:
            yield happens.WasConfirmed(name=need)
