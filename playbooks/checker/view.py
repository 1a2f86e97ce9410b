"""A stored state as conditions look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playbooks.engine.conditions import holds
from playbooks.engine.events import FactValue
from playbooks.engine.state import State
from playbooks.language.conditions import Condition
from playbooks.language.model import Playbook, Step


@dataclass(frozen=True, slots=True)
class StateView:
    state: State

    @property
    def facts(self) -> Mapping[str, FactValue]:
        return self.state.facts

    @property
    def severity(self) -> str:
        return self.state.severity

    @property
    def place_kind(self) -> str:
        return self.state.place_kind

    @property
    def reports(self) -> int:
        return self.state.reports

    @property
    def night(self) -> bool:
        return self.state.night

    @property
    def broadcast_now(self) -> bool:
        return self.state.broadcast_now

    def outcomes(self, step: str) -> tuple[str, ...]:
        return self.state.step(step).outcomes

    def is_confirmed(self, need: str) -> bool:
        return need in self.state.confirmed


def is_true(condition: Condition | None, state: State) -> bool:
    """Whether the condition holds for certain in this state."""
    return holds(condition, StateView(state)) is True


def is_quiet(playbook: Playbook, state: State) -> bool:
    """Whether the author says that nobody need be alerted here."""
    return playbook.quiet_when is not None and is_true(playbook.quiet_when, state)


def is_wanted(step: Step, state: State) -> bool:
    """Whether the state calls for this step."""
    return step.during == state.status and is_true(step.when, state)
