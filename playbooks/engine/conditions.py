"""Three-valued conditions (Kleene): True, False, or None while it depends on a fact nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

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
    return True if condition is None else _HOLDS[type(condition)](condition, view)


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


def _has(condition: StepHas, view: View) -> bool:
    had = view.outcomes(condition.step)
    return bool(had) and any(outcome in had for outcome in condition.outcomes)


def _all_hold(condition: AllOf, view: View) -> bool | None:
    return _all([holds(part, view) for part in condition.of])


def _any_holds(condition: AnyOf, view: View) -> bool | None:
    return _opposite(_all([_opposite(holds(part, view)) for part in condition.of]))


_HOLDS: Mapping[type[Condition], Callable[[Any, View], bool | None]] = {
    FactIs: lambda condition, view: _fact(condition, view.facts.get(condition.fact)),
    StepHas: _has,
    Confirmed: lambda condition, view: view.is_confirmed(condition.need),
    SeverityIs: lambda condition, view: view.severity in condition.values,
    PlaceKindIs: lambda condition, view: view.place_kind in condition.values,
    ReportsAtLeast: lambda condition, view: view.reports >= condition.at_least,
    Switch: lambda condition, view: (view.night if condition.name == "night" else view.broadcast_now) is condition.on,
    AllOf: _all_hold,
    AnyOf: _any_holds,
    Not: lambda condition, view: _opposite(holds(condition.of, view)),
}
"""By a condition's type: asked one after the other, as `match` does, pydantic's types take most of a decision's time."""
