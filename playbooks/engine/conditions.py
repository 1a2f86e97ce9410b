"""Three-valued conditions (Kleene): True, False, or None while it depends on a fact nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, assert_never

from playbooks.engine.events import FactValue
from playbooks.language.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Confirmed,
    FactIs,
    Not,
    PlaceKindIs,
    ReportsAtLeast,
    SeverityIs,
    StepHas,
    Switch,
)


class View(Protocol):
    """What a condition may look at."""

    @property
    def facts(self) -> Mapping[str, FactValue]: ...
    @property
    def severity(self) -> str: ...
    @property
    def place_kind(self) -> str: ...
    @property
    def reports(self) -> int: ...
    @property
    def night(self) -> bool: ...
    @property
    def broadcast_now(self) -> bool: ...
    def outcomes(self, step: str) -> tuple[str, ...]: ...
    def is_confirmed(self, need: str) -> bool: ...


def holds(condition: Condition | None, view: View) -> bool | None:
    """True, False, or None for unknown; no condition holds always."""
    match condition:
        case None:
            return True
        case FactIs():
            return _fact(condition, view.facts.get(condition.fact))
        case StepHas(step=step, outcomes=wanted):
            had = view.outcomes(step)
            return any(outcome in had for outcome in wanted)
        case Confirmed(need=need):
            return view.is_confirmed(need)
        case SeverityIs(values=values):
            return view.severity in values
        case PlaceKindIs(values=values):
            return view.place_kind in values
        case ReportsAtLeast(at_least=least):
            return view.reports >= least
        case Switch(name=name, on=on):
            return (view.night if name == "night" else view.broadcast_now) is on
        case AllOf(of=parts):
            return _all([holds(part, view) for part in parts])
        case AnyOf(of=parts):
            inverse = _all([_opposite(holds(part, view)) for part in parts])
            return _opposite(inverse)
        case Not(of=inner):
            return _opposite(holds(inner, view))
        case _:
            assert_never(condition)


def _fact(condition: FactIs, value: FactValue) -> bool | None:
    if value is None:
        return True if condition.unknown else None
    if condition.known:
        return True
    for wanted in condition.values:
        if type(wanted) is type(value) and wanted == value:
            return True
    if condition.at_least is None and condition.at_most is None:
        return False
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    above = condition.at_least is None or value >= condition.at_least
    below = condition.at_most is None or value <= condition.at_most
    return above and below


def _all(values: list[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _opposite(value: bool | None) -> bool | None:
    return None if value is None else not value
