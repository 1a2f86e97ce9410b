"""What a check found: data only, keys and values; whoever shows it has the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args

from playbooks.checker.limits import Limits
from playbooks.checker.properties import Property, Violation

Status = Literal["failed", "not_finished", "seen", "proved_under_contracts"]
"""Worst first. `seen`: so on every state that was explored. `proved_under_contracts`: on all of them, whatever the triggers do."""


@dataclass(frozen=True)
class Moment:
    """One line of a story: so long after the declaration, what happened, and its values (names of steps, tiers, codes)."""

    at: timedelta
    key: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A counter-example, shortest in what people do. `happens`: replayed on the whole playbook it came true there too."""

    violation: Violation
    story: tuple[Moment, ...]
    happens: bool


@dataclass(frozen=True)
class Result:
    """One property of one step (or of the whole, `step` None)."""

    property: Property
    step: str | None
    status: Status
    states: int
    finding: Finding | None = None


@dataclass(frozen=True)
class FirstAlert:
    """When silence first alerts this tier or role, by which step: the latest of all openings. In `never_in` of them it is never alerted."""

    who: str
    step: str
    after: timedelta
    openings: int
    never_in: int


@dataclass(frozen=True)
class Silence:
    """The whole playbook with nobody answering: `gap` is the longest time without an alert being out, `circles` whether each run came
    round to a state it had been in (then nothing new can follow).
    """

    openings: int
    states: int
    gap: timedelta
    longest_pause: timedelta
    circles: bool
    first_alerts: tuple[FirstAlert, ...]


@dataclass(frozen=True)
class Row:
    """One property over all steps: its worst status, the number of steps and of states, and the steps that have it."""

    property: Property
    status: Status
    steps: int
    states: int
    worst: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    playbook: str
    version: int
    limits: Limits
    results: tuple[Result, ...]
    silence: Silence
    guards: tuple[str, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether nothing failed. What was not finished is no failure, and no proof either: see `unfinished`."""
        return not self.failed

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.status == "failed")

    @property
    def unfinished(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.status == "not_finished")

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(result.finding for result in self.results if result.finding is not None)

    def of(self, name: Property, step: str | None = None) -> Result:
        """The result of one property of one step."""
        return next(result for result in self.results if (result.property, result.step) == (name, step))


def table(report: Report) -> tuple[Row, ...]:
    """One row for each property that was looked at."""
    return tuple(_row(name, some) for name in get_args(Property) if (some := [one for one in report.results if one.property == name]))


def _row(name: Property, results: Iterable[Result]) -> Row:
    some = list(results)
    order = get_args(Status)
    status: Status = min((one.status for one in some), key=order.index)
    worst = tuple(one.step for one in some if one.status == status and one.step is not None)
    is_mixed = len(worst) < len(some)
    return Row(name, status, len(some), sum(one.states for one in some), worst if is_mixed or status == "failed" else ())
