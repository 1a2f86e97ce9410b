"""What the desk shows beside a run: whether it is an incident at all, what to say, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from playbooks.engine.actions import chosen_text
from playbooks.engine.conditions import holds
from playbooks.engine.effects import Variables
from playbooks.engine.events import FactValue
from playbooks.engine.state import State
from playbooks.engine.working import Working
from playbooks.language.conditions import AllOf, AnyOf, Condition, PlaceKindIs
from playbooks.language.model import AlertAction, Line, Playbook


@dataclass(frozen=True)
class Upcoming:
    """One thing the run does by itself at `at` unless a human is faster. `rung` is the ladder's next one."""

    step: str
    what: Literal["start", "climb", "again", "ring", "late", "promise", "repeat", "remind"]
    at: datetime
    rung: int | None = None


@dataclass(frozen=True)
class _Known:
    facts: Mapping[str, FactValue]
    severity: str
    place_kind: str = ""
    reports: int = 0
    night: bool = False
    broadcast_now: bool = False

    def outcomes(self, step: str) -> tuple[str, ...]:
        return ()

    def is_confirmed(self, need: str) -> bool:
        return False


def not_an_incident(playbook: Playbook, facts: Mapping[str, FactValue]) -> bool:
    """Whether these answers mean that the desk hands it on instead of declaring it. Unknown facts never do."""
    way_out = playbook.not_an_incident
    return way_out is not None and holds(way_out.when, _Known(facts, playbook.severity)) is True


def never_at(place_kind: str, condition: Condition | None) -> bool:
    """Whether a condition cannot become true at such a place, whatever else happens."""
    match condition:
        case PlaceKindIs(values=values):
            return place_kind not in values
        case AllOf(of=parts):
            return any(never_at(place_kind, part) for part in parts)
        case AnyOf(of=parts):
            return all(never_at(place_kind, part) for part in parts)
        case _:
            return False


def lines_to_say(playbook: Playbook, facts: Mapping[str, FactValue]) -> tuple[Line, ...]:
    """The sentences for the caller that these answers call for, in order."""
    return tuple(line for line in playbook.say if holds(line.when, _Known(facts, playbook.severity)) is True)


def variables_now(playbook: Playbook, state: State, text_key: str, now: datetime) -> Variables:
    """What the slots of a text would say if it were sent at `now`, frozen as a decision freezes them."""
    return Working(playbook, state, now).variables(text_key)


def text_to_send(playbook: Playbook, state: State, step: str, now: datetime) -> str | None:
    """The text that this step would send if somebody took it upon themselves now; None where what it says is not so, or not known."""
    run = Working(playbook, state.model_copy(update={"broadcast_now": True}), now)
    return chosen_text(run, playbook.steps[step]) if holds(playbook.steps[step].when, run) is True else None


def upcoming(playbook: Playbook, state: State) -> tuple[Upcoming, ...]:
    """Everything with a clock, soonest first."""
    found: list[Upcoming] = []
    if state.status in ("closed", "cancelled"):
        return ()
    for name, record in state.steps.items():
        step = playbook.steps[name]
        if record.start_at is not None:
            found.append(Upcoming(name, "start", record.start_at))
        if record.ring_at is not None:
            found.append(Upcoming(name, "ring", record.ring_at, record.rung))
        if record.repeat_at is not None:
            found.append(Upcoming(name, "repeat", record.repeat_at))
        if record.remind_at is not None:
            found.append(Upcoming(name, "remind", record.remind_at))
        found += [Upcoming(name, "promise", holder.promise_due) for holder in record.holders if holder.promise_due is not None]
        if record.due_at is None:
            continue
        match step.action:
            case AlertAction(rungs=rungs) if record.rung is not None:
                last = record.rung == len(rungs) - 1
                found.append(Upcoming(name, "again" if last else "climb", record.due_at, record.rung if last else record.rung + 1))
            case _:
                found.append(Upcoming(name, "late", record.due_at))
    return tuple(sorted(found, key=lambda one: (one.at, one.step)))
