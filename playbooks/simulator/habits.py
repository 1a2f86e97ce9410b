"""How people behave in a simulation: who answers, how soon, how well promises are kept. Read from YAML, or from what is assumed here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from playbooks.language import reader
from playbooks.language.errors import did_you_mean
from playbooks.language.model import AlertAction, Playbook
from playbooks.language.source import Node, Problems, parse

NINTH_DECILE = 1.2816
"""Of the standard normal distribution."""
SPREAD = 3.0
"""Nine of ten have answered by so many times the median: delays are log-normal, a few very long."""


@dataclass(frozen=True)
class Habit:
    """One tier or role. `answers` is the chance at each alert; `after` the median delay; `there_in` what is promised."""

    answers: float = 0.8
    after: timedelta = timedelta(seconds=45)
    cannot: float = 0.05
    there_in: timedelta = timedelta(minutes=8)
    keeps_promise: float = 0.9


@dataclass(frozen=True)
class Habits:
    """Everybody. `nobody`: tiers with nobody on duty; `unreachable`: tiers whom no way reaches. `task_done` is the chance that a task is
    finished, `task_after` its median; the danger is over `solved_after` (median) from when somebody is on scene."""

    default: Habit = Habit()
    by_who: dict[str, Habit] = field(default_factory=dict)
    nobody: frozenset[str] = frozenset()
    unreachable: frozenset[str] = frozenset()
    task_done: float = 0.9
    task_after: timedelta = timedelta(minutes=2)
    solved_after: timedelta = timedelta(minutes=20)

    def of(self, who: str) -> Habit:
        """The habit of a tier or role (`engineering/duty`, `manager`)."""
        return self.by_who.get(who, self.default)


def delay(rng: Random, median: timedelta) -> timedelta:
    """A log-normal delay with this median, in whole seconds, at least one."""
    factor = math.exp(rng.gauss(0, math.log(SPREAD) / NINTH_DECILE))
    return timedelta(seconds=max(1, round(median.total_seconds() * factor)))


def tiers_of(playbook: Playbook) -> tuple[str, ...]:
    """Every tier and role that the playbook alerts, in its order."""
    found: dict[str, None] = {}
    for step in playbook.steps.values():
        if isinstance(step.action, AlertAction):
            for rung in step.action.rungs:
                found.update({who.role or f"{who.department}/{who.tier}": None for who in rung.who})
    return tuple(found)


def read_habits(text: str, file: str, playbook: Playbook) -> Habits:
    """The habits in a YAML file; raises PlaybookErrors naming file, line and column of everything wrong.

    `{people: {default: {answers: 80%, after: 45s, cannot: 5%, there_in: 8m, keeps_promise: 90%}, manager: {…}}, nobody: […],
    unreachable: […], tasks: {done: 90%, after: 2m}, solved_after: 20m}`; whatever is left out is assumed as above.
    """
    problems = Problems(file)
    root = parse(text, problems)
    habits = Habits()
    if root is not None:
        habits = _read(root, problems, playbook)
    problems.refuse()
    return habits


def _read(root: Node, problems: Problems, playbook: Playbook) -> Habits:
    entries = reader.mapping(root, problems, optional=("people", "nobody", "unreachable", "tasks", "solved_after"))
    known = tiers_of(playbook)
    people = _people(entries.get("people"), problems, known)
    assumed = Habits()
    tasks = reader.mapping(entries["tasks"], problems, optional=("done", "after")) if "tasks" in entries else {}
    default = people.pop("default", Habit())
    return Habits(
        default=default,
        by_who=people,
        nobody=frozenset(tiers(entries.get("nobody"), problems, known)),
        unreachable=frozenset(tiers(entries.get("unreachable"), problems, known)),
        task_done=chance(tasks.get("done"), problems, assumed.task_done),
        task_after=reader.duration(tasks.get("after"), problems) or assumed.task_after,
        solved_after=reader.duration(entries.get("solved_after"), problems) or assumed.solved_after,
    )


def _people(node: Node | None, problems: Problems, known: tuple[str, ...]) -> dict[str, Habit]:
    if node is None:
        return {}
    found: dict[str, Habit] = {}
    entries = node.entries or {}
    if node.entries is None:
        problems.error(node.at, f"{node.shape} stands where people belong", "Write `engineering/duty: {answers: 70%}`, one a tier.")
    default = _habit(entries["default"], problems, Habit()) if "default" in entries else Habit()
    for name, one in entries.items():
        if name == "default":
            found[name] = default
        elif name in known:
            found[name] = _habit(one, problems, default)
        else:
            problems.error(node.keys[name], f"the playbook alerts no `{name}`", did_you_mean(name, (*known, "default")))
    return found


def _habit(node: Node, problems: Problems, otherwise: Habit) -> Habit:
    entries = reader.mapping(node, problems, optional=("answers", "after", "cannot", "there_in", "keeps_promise"))
    return Habit(
        answers=chance(entries.get("answers"), problems, otherwise.answers),
        after=reader.duration(entries.get("after"), problems) or otherwise.after,
        cannot=chance(entries.get("cannot"), problems, otherwise.cannot),
        there_in=reader.duration(entries.get("there_in"), problems) or otherwise.there_in,
        keeps_promise=chance(entries.get("keeps_promise"), problems, otherwise.keeps_promise),
    )


def chance(node: Node | None, problems: Problems, otherwise: float) -> float:
    """A chance as `80%` or `0.8`; `otherwise` where nothing is said."""
    word = reader.text(node, problems)
    if word is None or node is None:
        return otherwise
    value = parse_chance(word)
    if value is None:
        problems.error(node.at, f"`{word}` is not a chance", "Write a percentage from `0%` to `100%`, or a number from `0` to `1`.")
        return otherwise
    return value


def parse_chance(text: str) -> float | None:
    """0 to 1 of `80%` or `0.8`; None if it is neither."""
    number, percent = text.strip().removesuffix("%"), text.strip().endswith("%")
    try:
        value = float(number) / (100 if percent else 1)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def tiers(node: Node | None, problems: Problems, known: tuple[str, ...]) -> list[str]:
    """A list of tiers that the playbook alerts."""
    if node is None:
        return []
    return [name for one in reader.items(node, problems) if (name := reader.one_of(one, problems, known, what="tier")) is not None]
