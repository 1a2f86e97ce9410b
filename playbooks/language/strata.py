"""The order of settling: a step that says `not` of another's outcome comes after it, so that there is one answer."""

from __future__ import annotations

from playbooks.language.conditions import StepHas, atoms
from playbooks.language.model import ExpectAction, Step

Needs = dict[str, list[tuple[str, bool]]]


def strata(steps: dict[str, Step]) -> tuple[tuple[str, ...], ...]:
    """Groups of step names, each in file order; the steps must have no cycle through `not`."""
    needs = {name: _needs(step) for name, step in steps.items()}
    level = dict.fromkeys(steps, 0)
    for _ in range(len(steps) + 1):
        for name, others in needs.items():
            level[name] = max([level[name], *(level.get(other, 0) + negated for other, negated in others)])
    return tuple(tuple(name for name in level if level[name] == number) for number in sorted(set(level.values())))


def cycle_through_not(steps: dict[str, Step]) -> tuple[str, str] | None:
    """Two steps, the first of which says `not` of the second while that depends on the first; None where there is one answer."""
    needs = {name: _needs(step) for name, step in steps.items()}
    for name, others in needs.items():
        for other, negated in others:
            if negated and name in _reached(other, needs):
                return name, other
    return None


def _reached(start: str, needs: Needs) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [other for other, _ in needs.get(name, [])]
    return seen


def _needs(step: Step) -> list[tuple[str, bool]]:
    found = [(step.action.step, False)] if isinstance(step.action, ExpectAction) else []
    for condition in (step.when, step.until):
        found += [(atom.step, negated) for atom, negated in atoms(condition) if isinstance(atom, StepHas)]
    return found
