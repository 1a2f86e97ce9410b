"""Facts cut at the constants that conditions use: one assignment for each way in which the conditions can turn out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from itertools import product

from playbooks.checker.reads import Reads
from playbooks.checker.view import StateView
from playbooks.engine.conditions import holds
from playbooks.engine.events import FactValue
from playbooks.engine.facts import fits
from playbooks.engine.state import State
from playbooks.language.conditions import AllOf, AnyOf, Condition, FactIs, Not
from playbooks.language.model import Playbook, Question

Assignment = Mapping[str, FactValue]
MOST_ASSIGNMENTS = 2_000


def values(question: Question, atoms: Iterable[FactIs], *, is_told_again: bool = False) -> tuple[FactValue, ...]:
    """Unknown and every value that some condition tells from the others; two of them where the change itself is told."""
    found: list[FactValue] = [None]
    match question.type:
        case "yes_no":
            found += [True, False]
        case "choice":
            found += list(question.choices)
        case "number":
            named: set[int] = {question.minimum or 0, question.maximum if question.maximum is not None else 999}
            for atom in atoms:
                bounds = [bound for bound in (atom.at_least, atom.at_most) if bound is not None]
                named.update(near for bound in bounds for near in (bound - 1, bound, bound + 1))
                named.update(near for value in atom.values if type(value) is int for near in (value - 1, value, value + 1))
            found += sorted(number for number in named if fits(question, number))
        case "quoted":
            found += ["a", "b"] if is_told_again else ["a"]
        case "time_of_day":
            found += ["00:00", "00:01"] if is_told_again else ["00:00"]
    return tuple(found)


def every_assignment(playbook: Playbook, found: Reads) -> tuple[Assignment, ...]:
    """Every combination of the values that matter, all unknown first; one fact at a time where there are too many."""
    choices = {
        name: values(playbook.ask[name], atoms, is_told_again=name in found.told_again)
        for name, atoms in found.facts.items() if name in playbook.ask
    }  # fmt: skip
    count = 1
    for some in choices.values():
        count *= len(some)
    if count > MOST_ASSIGNMENTS:
        return ({}, *({name: value} for name, some in choices.items() for value in some if value is not None))
    return tuple(dict(zip(choices, combination, strict=True)) for combination in product(*choices.values()))


def representatives(
    assignments: Iterable[Assignment], conditions: Iterable[Condition | None], told_again: Iterable[str], empty: State
) -> tuple[Assignment, ...]:
    """One assignment for each set of conditions that remain once the facts are put in, and each value of a fact that is told again: the
    others of its class behave alike.
    """
    told = tuple(sorted(told_again))
    wanted = tuple(conditions)
    found: dict[Hashable, Assignment] = {}
    for assignment in assignments:
        view = StateView(empty.model_copy(update={"facts": {name: value for name, value in assignment.items() if value is not None}}))
        news = tuple(assignment.get(name) for name in told)
        found.setdefault((news, tuple(_remaining(condition, view) for condition in wanted)), assignment)
    return tuple(found.values())


def _remaining(condition: Condition | None, view: StateView) -> Hashable:
    match condition:
        case None:
            return True
        case FactIs():
            return holds(condition, view)
        case AllOf(of=parts):
            return _combined("all", [_remaining(part, view) for part in parts], decides=False)
        case AnyOf(of=parts):
            return _combined("any", [_remaining(part, view) for part in parts], decides=True)
        case Not(of=inner):
            rest = _remaining(inner, view)
            return not rest if isinstance(rest, bool) else rest if rest is None else ("not", rest)
        case _:
            return condition


def _combined(word: str, parts: list[Hashable], *, decides: bool) -> Hashable:
    """What is left of `all` (False decides) or `any` (True decides)."""
    if any(part is decides for part in parts):
        return decides
    open_parts = sorted(dict.fromkeys(part for part in parts if part is not (not decides)), key=lambda part: part is not None)
    if not open_parts:
        return not decides
    if all(part is None for part in open_parts):
        return None
    return (word, *open_parts)
