"""What steps look at outside themselves: the reason why a step can be explored without the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from playbooks.language.conditions import Condition, Confirmed, FactIs, PlaceKindIs, ReportsAtLeast, SeverityIs, StepHas, Switch, atoms
from playbooks.language.model import ExpectAction, Playbook, Step, TellAction
from playbooks.language.names import OUTCOMES


@dataclass
class Reads:
    """All that the conditions of some steps name."""

    facts: dict[str, list[FactIs]] = field(default_factory=dict)
    outcomes: dict[str, set[str]] = field(default_factory=dict)
    needs: set[str] = field(default_factory=set)
    switches: set[str] = field(default_factory=set)
    reports: set[int] = field(default_factory=set)
    told_again: set[str] = field(default_factory=set)
    severity: bool = False
    place_kind: bool = False


def conditions_of(step: Step) -> tuple[Condition | None, ...]:
    """What moves the step. The choice of a text moves nothing, so it is left out: every wording goes the same way."""
    return (step.when, step.until)


def reads(steps: Iterable[Step], *others: Condition | None) -> Reads:
    """What these steps and the further conditions look at."""
    found = Reads()
    for step in steps:
        if isinstance(step.action, ExpectAction):
            found.outcomes.setdefault(step.action.step, set()).add(step.action.answer)
        if isinstance(step.action, TellAction):
            found.told_again.update(step.action.again_when)
            for fact in step.action.again_when:
                found.facts.setdefault(fact, [])
        for condition in conditions_of(step):
            _gather(condition, found)
    for condition in others:
        _gather(condition, found)
    return found


def _gather(condition: Condition | None, found: Reads) -> None:
    for atom, _ in atoms(condition):
        match atom:
            case FactIs(fact=fact):
                found.facts.setdefault(fact, []).append(atom)
            case StepHas(step=step, outcomes=outcomes):
                found.outcomes.setdefault(step, set()).update(outcomes)
            case Confirmed(need=need):
                found.needs.add(need)
            case Switch(name=name):
                found.switches.add(name)
            case ReportsAtLeast(at_least=least):
                found.reports.add(least)
            case SeverityIs():
                found.severity = True
            case PlaceKindIs():
                found.place_kind = True
            case _:
                pass


def cone(playbook: Playbook, names: Iterable[str]) -> tuple[str, ...]:
    """These steps and every step whose outcomes they depend on, however far, in the order of the file."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [other for other in reads([playbook.steps[name]]).outcomes if other in playbook.steps]
    return tuple(name for name in playbook.steps if name in found)


def contract(step: Step) -> frozenset[str]:
    """Every outcome others may count on this step to have, and no more."""
    results = getattr(step.action, "results", {})
    return frozenset((*OUTCOMES[step.action.kind], *results))
