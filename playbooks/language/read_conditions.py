"""Conditions: a mapping is "all of these"; `any`, `all` and `not` combine; everything named must exist."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from playbooks.language import reader
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
from playbooks.language.errors import did_you_mean
from playbooks.language.model import SEVERITIES
from playbooks.language.names import Names
from playbooks.language.source import Node, Place, Problems

COMBINERS = ("any", "all", "not")
WORLD = ("severity", "place_kind", "reports", "night", "broadcast_now")


@dataclass(frozen=True)
class _Reading:
    names: Names
    problems: Problems
    negated: bool = False
    """Whether an odd number of `not` stands around what is read."""


def condition(node: Node | None, names: Names, problems: Problems) -> Condition | None:
    """The condition, or None where there is none or it cannot be read."""
    return None if node is None else _condition(node, _Reading(names, problems))


def _condition(node: Node, reading: _Reading) -> Condition | None:
    if node.entries is None or not node.entries:
        reading.problems.error(node.at, "a condition must be a mapping", "Write `{fact: value}`, `{step: outcome}` or `any: [...]`.")
        return None
    parts = [_entry(key, value, node.keys[key], reading) for key, value in node.entries.items()]
    good = tuple(part for part in parts if part is not None)
    if len(good) == 1:
        return good[0]
    return AllOf(of=good) if good else None


def _entry(key: str, value: Node, at: Place, reading: _Reading) -> Condition | None:
    names, problems = reading.names, reading.problems
    if key in COMBINERS:
        return _combined(key, value, reading)
    if key in WORLD:
        return _world(key, value, names, problems)
    if key in names.facts:
        return _fact(key, value, reading)
    if key in names.steps:
        return _step(key, value, names, problems)
    if key in names.needs:
        reader.one_of(value, problems, ("confirmed",), what="state of a need")
        return Confirmed(need=key)
    allowed = (*COMBINERS, *WORLD, *names.facts, *names.steps, *names.needs)
    problems.error(at, f"`{key}` is no fact, step or need of this playbook", did_you_mean(key, allowed))
    return None


def _combined(key: str, value: Node, reading: _Reading) -> Condition | None:
    if key == "not":
        inner = _condition(value, replace(reading, negated=not reading.negated))
        return None if inner is None else Not(of=inner)
    if value.items is None or not value.items:
        reading.problems.error(value.at, f"`{key}` needs a list of conditions", f"Write `{key}: [{{…}}, {{…}}]`.")
        return None
    parts = tuple(part for item in value.items if (part := _condition(item, reading)) is not None)
    if not parts:
        return None
    return AnyOf(of=parts) if key == "any" else AllOf(of=parts)


def _world(key: str, value: Node, names: Names, problems: Problems) -> Condition | None:
    match key:
        case "severity":
            return _severity(value, problems)
        case "place_kind":
            kinds = names.vocabulary.place_kinds
            found = [reader.one_of(item, problems, kinds, what="kind of place") for item in reader.items(value, problems)]
            return PlaceKindIs(values=tuple(kind for kind in found if kind is not None))
        case "reports":
            entries = reader.mapping(value, problems, required=("at_least",))
            least = reader.integer(entries.get("at_least"), problems, at_least=1)
            return None if least is None else ReportsAtLeast(at_least=least)
        case "night":
            return Switch(name="night", on=reader.yes_no(value, problems))
        case _:
            return Switch(name="broadcast_now", on=reader.yes_no(value, problems))


def _severity(value: Node, problems: Problems) -> Condition:
    if value.entries is not None:
        entries = reader.mapping(value, problems, required=("at_least",))
        least = reader.one_of(entries.get("at_least"), problems, SEVERITIES, what="severity")
        start = SEVERITIES.index(next((severity for severity in SEVERITIES if severity == least), SEVERITIES[0]))
        return SeverityIs(values=SEVERITIES[start:])
    found = [reader.one_of(item, problems, SEVERITIES, what="severity") for item in reader.items(value, problems)]
    return SeverityIs(values=tuple(severity for severity in found if severity is not None))


def _fact(key: str, value: Node, reading: _Reading) -> Condition | None:
    fact, problems = reading.names.facts[key], reading.problems
    has_bounds = value.entries is not None
    result = _bounds(key, value, fact.type, problems) if has_bounds else _values(key, value, reading.names, problems)
    if reading.negated and result is not None and not result.unknown:
        way_out = f"Say what unknown does: list it inside, as `not: {{{key}: [yes, unknown]}}`, or name the values you want."
        problems.error(value.at, f"`not` over `{key}`, which may be unknown, would be neither true nor false", way_out)
    return result


def _bounds(key: str, value: Node, type_: str, problems: Problems) -> FactIs | None:
    entries = reader.mapping(value, problems, optional=("at_least", "at_most", "or_unknown"))
    if type_ != "number":
        problems.error(value.at, f"`{key}` is not a number", "Bounds are for numbers; name the values instead.")
        return None
    return FactIs(
        fact=key,
        unknown=reader.yes_no(entries.get("or_unknown"), problems),
        at_least=reader.integer(entries.get("at_least"), problems),
        at_most=reader.integer(entries.get("at_most"), problems),
    )


def _values(key: str, value: Node, names: Names, problems: Problems) -> FactIs:
    fact = names.facts[key]
    values: list[bool | int | str] = []
    unknown, known = False, False
    for item in reader.items(value, problems):
        word = reader.text(item, problems)
        if word is None:
            continue
        if word == "unknown":
            unknown = True
        elif word == "known":
            known = True
        elif fact.type == "number" and re.fullmatch(r"-?\d{1,9}", word):
            values.append(int(word))
        elif word in fact.values:
            values.append(word == "yes" if fact.type == "yes_no" else word)
        else:
            allowed = (*fact.values, "known", "unknown")
            problems.error(item.at, f"`{word}` is no answer to `{key}`", did_you_mean(word, allowed))
    return FactIs(fact=key, values=tuple(values), unknown=unknown, known=known)


def _step(key: str, value: Node, names: Names, problems: Problems) -> Condition:
    outcomes = names.steps[key]
    found = [reader.one_of(item, problems, outcomes, what=f"outcome of `{key}`") for item in reader.items(value, problems)]
    return StepHas(step=key, outcomes=tuple(outcome for outcome in found if outcome is not None))
