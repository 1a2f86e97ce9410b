"""A script for a simulation: what happens at which time, line by line, in place of people who answer by chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

from playbooks.engine import events as happens
from playbooks.engine.events import AnswerWord, Event, FactValue
from playbooks.engine.facts import fits
from playbooks.language import reader
from playbooks.language.errors import did_you_mean
from playbooks.language.model import SEVERITIES, AlertAction, ForEachAction, Playbook, Question, TaskAction
from playbooks.language.source import Node, Problems, parse
from playbooks.simulator.habits import tiers, tiers_of

WHAT = ("who", "task", "facts", "confirm", "withdraw", "severity", "reports", "tell", "news", "resolve", "reopen", "close", "cancel")
PLAIN: dict[str, Event] = {
    "tell": happens.BroadcastNow(),
    "resolve": happens.Resolved(),
    "reopen": happens.Reopened(),
    "close": happens.CloseRequested(),
    "cancel": happens.Cancelled(),
}


@dataclass(frozen=True)
class Says:
    """Somebody answers, of every ladder that has alerted them or of one `step`."""

    who: str
    answer: AnswerWord
    minutes: int | None = None
    step: str | None = None


@dataclass(frozen=True)
class Finishes:
    """A task of a step is done; `item` numbers the places of a task for each."""

    step: str
    result: str | None
    item: int | None = None


@dataclass(frozen=True)
class SendsNews:
    """News go to those told, with the next promised after `next_in` (None: no time)."""

    next_in: timedelta | None


Deed = Says | Finishes | SendsNews | Event


@dataclass(frozen=True)
class Line:
    """So long after the declaration, this happens."""

    at: timedelta
    deed: Deed


@dataclass(frozen=True)
class Script:
    """What is known at the declaration, which tiers nobody answers for, and what happens then, in order of time."""

    facts: dict[str, FactValue] = field(default_factory=dict)
    nobody: frozenset[str] = frozenset()
    unreachable: frozenset[str] = frozenset()
    lines: tuple[Line, ...] = ()


def read_script(text: str, file: str, playbook: Playbook) -> Script:
    """The script in a YAML file; raises PlaybookErrors naming file, line and column of everything wrong.

    `{facts: {people_inside: 2}, nobody: […], unreachable: […], then: [{at: 1m20s, who: engineering/duty, answer: on_the_way,
    minutes: 8}, {at: 3m, task: maintenance_call, result: called}, {at: 30m, confirm: everyone_out}, {at: 31m, resolve: yes}]}`
    """
    problems = Problems(file)
    root = parse(text, problems)
    script = Script()
    if root is not None:
        entries = reader.mapping(root, problems, required=("then",), optional=("facts", "nobody", "unreachable"))
        known = tiers_of(playbook)
        lines = (
            [line for node in reader.items(entries["then"], problems) if (line := _line(node, problems, playbook)) is not None]
            if ("then" in entries)
            else []
        )
        script = Script(
            facts=_facts(entries.get("facts"), problems, playbook),
            nobody=frozenset(tiers(entries.get("nobody"), problems, known)),
            unreachable=frozenset(tiers(entries.get("unreachable"), problems, known)),
            lines=tuple(sorted(lines, key=lambda line: line.at)),
        )
    problems.refuse()
    return script


def _line(node: Node, problems: Problems, playbook: Playbook) -> Line | None:
    entries = reader.mapping(node, problems, required=("at",), optional=(*WHAT, "answer", "minutes", "step", "result"))
    said = [name for name in WHAT if name in entries]
    at = timedelta(0) if reader.text(entries.get("at"), problems) == "0" else reader.duration(entries.get("at"), problems)
    if len(said) != 1:
        way_out = f"Say exactly one of {', '.join(f'`{name}`' for name in WHAT)}."
        problems.error(node.at, "a line says one thing" if said else "this line says nothing", way_out)
        return None
    deed = _deed(said[0], entries, problems, playbook)
    return None if deed is None or at is None else Line(at, deed)


def _deed(what: str, entries: dict[str, Node], problems: Problems, playbook: Playbook) -> Deed | None:
    node = entries[what]
    match what:
        case "who":
            return _says(entries, problems, playbook)
        case "task":
            return _finishes(entries, problems, playbook)
        case "facts":
            return happens.FactsChanged(facts=_facts(node, problems, playbook))
        case "confirm" | "withdraw":
            name = reader.one_of(node, problems, tuple(playbook.needs), what="confirmation")
            event = happens.WasConfirmed if what == "confirm" else happens.ConfirmationWithdrawn
            return None if name is None else event(name=name)
        case "severity":
            word = reader.one_of(node, problems, SEVERITIES, what="severity")
            return next((happens.SeverityChanged(severity=one) for one in SEVERITIES if one == word), None)
        case "reports":
            homes = reader.integer(node, problems)
            return None if homes is None else happens.Reported(homes=homes)
        case "news":
            return SendsNews(None if reader.text(node, problems) == "yes" else reader.duration(node, problems))
        case _:
            return PLAIN[what] if reader.one_of(node, problems, ("yes",), what="answer") else None


def _says(entries: dict[str, Node], problems: Problems, playbook: Playbook) -> Says | None:
    who = reader.one_of(entries["who"], problems, tiers_of(playbook), what="tier")
    if "answer" not in entries:
        problems.error(entries["who"].at, "`answer` is missing", f"Add `answer: …`, one of {', '.join(get_args(AnswerWord))}.")
        return None
    word = reader.one_of(entries["answer"], problems, get_args(AnswerWord), what="answer")
    ladders = tuple(name for name, step in playbook.steps.items() if isinstance(step.action, AlertAction))
    step = reader.one_of(entries.get("step"), problems, ladders, what="ladder")
    minutes = reader.integer(entries["minutes"], problems, at_least=1) if "minutes" in entries else None
    answer: AnswerWord | None = next((one for one in get_args(AnswerWord) if one == word), None)
    return None if who is None or answer is None else Says(who, answer, minutes, step)


def _finishes(entries: dict[str, Node], problems: Problems, playbook: Playbook) -> Finishes | None:
    node = entries["task"]
    name, _, item = (reader.text(node, problems) or "").partition("/")
    tasks = {name: step.action for name, step in playbook.steps.items() if isinstance(step.action, TaskAction | ForEachAction)}
    if name not in tasks:
        problems.error(node.at, f"unknown task `{name}`", did_you_mean(name, tuple(tasks)))
        return None
    results = tuple(tasks[name].results)
    result = reader.one_of(entries.get("result"), problems, results, what="result") if results else None
    if results and "result" not in entries:
        problems.error(node.at, f"`{name}` ends with a result", f"Add `result: …`, one of {', '.join(results)}.")
    if item and not item.isdecimal():
        problems.error(node.at, f"`{item}` is no number of a place", f"Write `task: {name}/1`.")
        return None
    return Finishes(name, result, int(item) if item else None)


def _facts(node: Node | None, problems: Problems, playbook: Playbook) -> dict[str, FactValue]:
    if node is None:
        return {}
    found: dict[str, FactValue] = {}
    for name, value in reader.mapping(node, problems, optional=tuple(playbook.ask)).items():
        word = reader.text(value, problems)
        fact = parse_fact(playbook.ask[name], word or "")
        if isinstance(fact, Wrong):
            problems.error(value.at, f"`{word}` is no answer to `{name}`", f"Write {fact.expected}.")
        else:
            found[name] = fact
    return found


@dataclass(frozen=True)
class Wrong:
    """A word that is no answer; `expected` says what would be."""

    expected: str


def parse_fact(question: Question, word: str) -> FactValue | Wrong:
    """The answer to a question as somebody types it: yes, no, a number, a choice, unknown."""
    if word == "unknown":
        return None
    match question.type:
        case "yes_no":
            return {"yes": True, "no": False}.get(word, Wrong("`yes`, `no` or `unknown`"))
        case "number":
            low, high = question.minimum or 0, question.maximum if question.maximum is not None else 10**6
            is_number = word.removeprefix("-").isdecimal() and fits(question, int(word))
            return int(word) if is_number else Wrong(f"a number from {low} to {high}, or `unknown`")
        case "choice":
            return word if fits(question, word) else Wrong(f"one of {', '.join(question.choices)}, or `unknown`")
        case "quoted":
            return word if fits(question, word) else Wrong(f"one line of at most {question.longest} characters, or `unknown`")
        case "time_of_day":
            return word if fits(question, word) else Wrong("a time such as `17:30`, or `unknown`")
