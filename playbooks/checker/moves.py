"""What may happen next in an exploration, said without run numbers so that the same move can be made on the whole playbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from playbooks.engine import events as happens
from playbooks.engine.events import AnswerWord, Event
from playbooks.engine.state import State


@dataclass(frozen=True, slots=True)
class Waits:
    """Nobody does anything until the next instant of the grid."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class Happens:
    """An event that names no turn of a step."""

    event: Event


@dataclass(frozen=True, slots=True)
class Answers:
    """A person answers the rung of the step that is out (or was, `earlier` rungs before)."""

    step: str
    person: int
    answer: AnswerWord
    minutes: int | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class FallsSilent:
    """The rung that is out has nobody on duty, or every way to them failed."""

    step: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Works:
    """A task comes back; `item` numbers it inside a `for_each`."""

    step: str
    result: str | None
    item: str = ""


@dataclass(frozen=True, slots=True)
class Expands:
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class SendsNews:
    """News goes out that promises the next one so much later (None: promises none)."""

    next_in: timedelta | None


@dataclass(frozen=True, slots=True)
class Assumes:
    """A stub has this outcome now; `at_once` in the same batch as the deadlines of this instant."""

    step: str
    outcome: str
    at_once: bool = False


Move = Waits | Happens | Answers | FallsSilent | Works | Expands | SendsNews | Assumes

TICK = Happens(happens.Tick())


def event_of(move: Move, state: State, now: datetime) -> Event | None:
    """The move as an event for this state; None for a move that is none (waiting)."""
    match move:
        case Waits():
            return None
        case Happens(event=event):
            return event
        case Answers():
            record = state.step(move.step)
            return happens.Answered(
                alert=f"{move.step}#{record.occurrence}",
                rung=record.rung or 0,
                person=move.person,
                answer=move.answer,
                minutes=move.minutes,
                left=move.left,
            )
        case FallsSilent():
            record = state.step(move.step)
            kind = happens.AllWaysFailed if move.failed else happens.NobodyOnDuty
            return kind(alert=f"{move.step}#{record.occurrence}", rung=record.rung or 0)
        case Works():
            item = f"/{move.item}" if move.item else ""
            return happens.TaskDone(task=f"{move.step}#{state.step(move.step).occurrence}{item}", result=move.result)
        case Expands():
            return happens.Expanded(step=move.step, count=move.count)
        case SendsNews():
            return happens.UpdateSent(next_by=None if move.next_in is None else now + move.next_in)
        case Assumes():
            return happens.Tick() if move.at_once else happens.Reported(homes=state.reports)
        case _:
            assert_never(move)
