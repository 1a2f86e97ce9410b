"""The state of a run: plain data, every deadline absolute or None, small enough to be read and written with each event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from playbooks.engine.effects import Effect
from playbooks.engine.events import FactValue
from playbooks.language.model import Severity

STATE_VERSION = 1
ENGINE_VERSION = "1"
"""Changes whenever the same events could give other effects, so that replay can tell a changed engine from a tampered record."""

Phase = Literal["waiting", "delayed", "active", "held", "done", "stood_down"]
Status = Literal["open", "resolved", "closed", "cancelled"]


class StateModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Holder(StateModel):
    """Somebody who said "mine". `promise_due` None: on scene, so no clock."""

    person: int
    promise_due: datetime | None = None


class StepState(StateModel):
    """One step. `phase` says what now, `outcomes` (sorted, only growing in a round) what has happened; `occurrence` never goes back."""

    phase: Phase = "waiting"
    outcomes: tuple[str, ...] = ()
    occurrence: int = 0
    rung: int | None = None
    repeat: int = 0
    holders: tuple[Holder, ...] = ()
    promises: dict[int, int] = {}
    task_open: bool = False
    expected: int | None = None
    results: dict[str, str] = {}
    start_at: datetime | None = None
    due_at: datetime | None = None
    ring_at: datetime | None = None
    repeat_at: datetime | None = None
    remind_at: datetime | None = None
    told_of: dict[str, FactValue] = {}
    """Of a broadcast that is told again when facts change: what they were when it was told last."""

    def deadlines(self) -> Iterator[datetime]:
        """Every instant at which this step acts by itself."""
        for at in (self.start_at, self.due_at, self.ring_at, self.repeat_at, self.remind_at):
            if at is not None:
                yield at
        for holder in self.holders:
            if holder.promise_due is not None:
                yield holder.promise_due


class State(StateModel):
    """One run. `steps` holds those that have left `waiting`; `told` the steps whose messages went to people; `serial` numbers notes."""

    state_version: int
    engine_version: str
    playbook: str
    playbook_version: int
    status: Status = "open"
    severity: Severity
    place_kind: str
    drill: bool = False
    night: bool = False
    broadcast_now: bool = False
    began: datetime
    clock: datetime
    resolved_at: datetime | None = None
    next_news_by: datetime | None = None
    facts: dict[str, FactValue] = {}
    reports: int = 0
    steps: dict[str, StepState] = {}
    confirmed: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    serial: int = 0

    def step(self, name: str) -> StepState:
        """The step's record; one that has not moved yet is `waiting`."""
        return self.steps.get(name, NOT_STARTED)

    def to_json(self) -> str:
        """As short as it goes: what has its default is left out. `State.model_validate_json` reads it back."""
        return self.model_dump_json(exclude_defaults=True)


NOT_STARTED = StepState()


class Opening(StateModel):
    """What is known when the incident is declared; a fact that is absent or None is unknown."""

    facts: dict[str, FactValue] = {}
    severity: Severity
    place_kind: str
    drill: bool = False
    night: bool = False


class Decision(StateModel):
    state: State
    effects: tuple[Effect, ...]


def wake_at(state: State) -> datetime | None:
    """The earliest instant at which the run wants a tick, None if only people can move it."""
    if state.status in ("closed", "cancelled"):
        return None
    return min((at for step in state.steps.values() for at in step.deadlines()), default=None)
