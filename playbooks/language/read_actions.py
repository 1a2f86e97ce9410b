"""What a step does: one reader per kind of action."""

from __future__ import annotations

from dataclasses import dataclass

from playbooks.language import reader
from playbooks.language.errors import did_you_mean
from playbooks.language.model import (
    SEVERITIES,
    Action,
    AlertAction,
    Audience,
    ExpectAction,
    ForEachAction,
    NewsAction,
    Rung,
    SeverityAction,
    TaskAction,
    TellAction,
    Who,
    Words,
)
from playbooks.language.names import Names
from playbooks.language.read_texts import Texts
from playbooks.language.source import Node, Problems
from playbooks.language.vocabulary import TIERS

AREAS = ("building", "unit", "floor", "home", "community", "place")
NIGHTS = ("send", "hold", "morning")
PHASES = ("first", "update", "restore", "all_clear")
ANSWERS = ("acknowledged", "on_the_way", "on_scene", "done")


@dataclass(frozen=True)
class Context:
    """All that reading one step needs to know of the rest of the file."""

    step: str
    names: Names
    texts: Texts
    problems: Problems
    text_key: str | None
    named_texts: dict[str, str]
    shared: dict[str, str]


def action(kind: str, entries: dict[str, Node], context: Context) -> Action | None:
    """The action of this kind; None where it cannot be read."""
    node = entries[kind]
    match kind:
        case "alert":
            return _alert(node, entries, context)
        case "task":
            return _task(node, context)
        case "tell":
            return _tell(node, entries, context)
        case "expect":
            return _expect(node, context)
        case "severity":
            to = reader.one_of(node, context.problems, (*SEVERITIES, "raise"), what="severity")
            return None if to is None else SeverityAction(to=to)
        case "for_each":
            return _for_each(node, entries, context)
        case _:
            return _news(node, context)


def _alert(node: Node, entries: dict[str, Node], context: Context) -> AlertAction | None:
    problems = context.problems
    rungs = reader.items(node, problems)
    if not rungs:
        problems.error(node.at, "a ladder without rungs alerts nobody", "Write `- {who: engineering/duty, within: 2m}` and so on.")
        return None
    found = [_rung(rung, context, is_last=index == len(rungs) - 1) for index, rung in enumerate(rungs)]
    promise = reader.duration(entries.get("promise"), problems)
    if "promise" not in entries:
        problems.error(node.at, "the ladder says no `promise`", "Add `promise: 10m`: the longest time an answer may silence it.")
    good = [rung for rung in found if rung is not None]
    if promise is None or len(good) != len(found):
        return None
    own = context.named_texts
    return AlertAction(
        rungs=tuple(good),
        promise=promise,
        taken_key=own.get("taken", context.shared.get("taken", "")),
        stand_down_key=own.get("stand_down", context.shared.get("stand_down", "")),
    )


def _rung(node: Node, context: Context, *, is_last: bool) -> Rung | None:
    problems = context.problems
    entries = reader.mapping(node, problems, required=("who",), optional=("within", "every", "ring_after", "ring", "text"))
    who = [_who(item, context) for item in reader.items(entries["who"], problems)] if "who" in entries else []
    within = reader.duration(entries.get("within"), problems)
    every = reader.duration(entries.get("every"), problems)
    ring_after = reader.duration(entries.get("ring_after"), problems)
    _rung_times(node, entries, problems, is_last=is_last)
    length = within or every
    if ring_after is not None and length is not None and ring_after >= length:
        problems.error(entries["ring_after"].at, "the call would come after the rung is over", "Make `ring_after` shorter than the rung.")
    ring = reader.one_of(entries.get("ring"), problems, ("first",), what="way to ring") == "first"
    key = context.text_key
    if "text" in entries:
        name = reader.one_of(entries["text"], problems, tuple(context.named_texts), what="text of this step")
        key = context.named_texts.get(name) if name is not None else None
    if key is None or length is None or any(one is None for one in who):
        return None
    people = tuple(one for one in who if one is not None)
    return Rung(who=people, within=within, every=every, ring_after=ring_after, ring_first=ring, text_key=key)


def _rung_times(node: Node, entries: dict[str, Node], problems: Problems, *, is_last: bool) -> None:
    if is_last and "every" not in entries:
        way_out = "Give it `every: 2m` instead of `within`: silence must never end with nobody being alerted."
        problems.error(node.at, "the last rung gives up", way_out)
    if is_last and "within" in entries and "every" in entries:
        problems.error(entries["within"].at, "the last rung has `within` and `every`", "Keep `every`.")
    if not is_last and "every" in entries:
        problems.error(entries["every"].at, "`every` stands before the last rung, which would never be reached", "Use `within` here.")
    if not is_last and "within" not in entries and "every" not in entries:
        problems.error(node.at, "the rung does not say what silence does", "Add `within: 2m`.")


def _who(node: Node, context: Context) -> Who | None:
    problems, vocabulary = context.problems, context.names.vocabulary
    word = reader.text(node, problems)
    if word is None:
        return None
    department, slash, tier = word.partition("/")
    if slash:
        if department not in vocabulary.departments:
            problems.error(node.at, f"unknown department `{department}`", did_you_mean(department, vocabulary.departments))
            return None
        if tier not in TIERS:
            problems.error(node.at, f"unknown tier `{tier}`", did_you_mean(tier, TIERS))
            return None
        return Who(department=department, tier=tier)
    if word not in vocabulary.roles:
        allowed = (*vocabulary.roles, *(f"{one}/duty" for one in vocabulary.departments))
        problems.error(node.at, f"unknown role `{word}`", did_you_mean(word, allowed))
        return None
    return Who(role=word)


def _role(node: Node | None, context: Context) -> str | None:
    vocabulary = context.names.vocabulary
    return reader.one_of(node, context.problems, (*vocabulary.roles, *vocabulary.departments), what="role or department")


def _results(node: Node | None, problems: Problems) -> dict[str, Words]:
    return {name: reader.words(entry, problems) for name, entry in reader.named(node, problems, what="results").items()}


def _task(node: Node, context: Context) -> TaskAction | None:
    entries = reader.mapping(node, context.problems, required=("for",), optional=("call", "results"))
    role = _role(entries.get("for"), context)
    call = reader.one_of(entries.get("call"), context.problems, context.names.vocabulary.numbers, what="number")
    if context.text_key is None:
        context.problems.error(node.at, "the task has no words", "Add `text:`, what to do or what to say on the phone.")
    results = _results(entries.get("results"), context.problems)
    return None if role is None else TaskAction(role=role, call=call, results=results)


def _tell(node: Node, entries: dict[str, Node], context: Context) -> TellAction | None:
    problems = context.problems
    audience = _audience(node, context)
    if context.text_key is None:
        problems.error(node.at, "the broadcast has no text", "Add `text:` in every language.")
    for key in ("night", "phase"):
        if key not in entries:
            allowed = NIGHTS if key == "night" else PHASES
            problems.error(node.at, f"the broadcast does not say its `{key}`", f"Add `{key}:`, one of {', '.join(allowed)}.")
    night = reader.one_of(entries.get("night"), problems, NIGHTS, what="night rule")
    phase = reader.one_of(entries.get("phase"), problems, PHASES, what="phase")
    if audience is None or night is None or phase is None:
        return None
    return TellAction.model_validate(
        {
            "audience": audience,
            "night": night,
            "phase": phase,
            "asks_safety": reader.yes_no(entries.get("asks_safety"), problems),
            "next_news": reader.duration(entries.get("next_news"), problems),
            "again_when": _facts(entries.get("again_when"), context),
        }
    )


def _facts(node: Node | None, context: Context) -> tuple[str, ...]:
    if node is None:
        return ()
    found = [
        reader.one_of(item, context.problems, tuple(context.names.facts), what="fact") for item in reader.items(node, context.problems)
    ]
    return tuple(name for name in found if name is not None)


def _audience(node: Node, context: Context) -> Audience | None:
    problems, names = context.problems, context.names
    keys = ("residents_of", "homes_served_by", "told_by", "held_by", "reporters", "priority", "except_told")
    entries = reader.mapping(node, problems, optional=keys)
    tells = tuple(name for name, kind in names.kinds.items() if kind == "tell")
    found = Audience(
        residents_of=reader.one_of(entries.get("residents_of"), problems, AREAS, what="area"),
        homes_served_by=reader.one_of(entries.get("homes_served_by"), problems, ("place",), what="facility"),
        told_by=reader.one_of(entries.get("told_by"), problems, (*tells, "all"), what="step that tells"),
        held_by=reader.one_of(entries.get("held_by"), problems, tells, what="step that tells"),
        reporters=reader.yes_no(entries.get("reporters"), problems),
        priority=reader.yes_no(entries.get("priority"), problems),
        except_told=reader.yes_no(entries.get("except_told"), problems),
    )
    if not entries or found == Audience(except_told=found.except_told):
        problems.error(node.at, "the broadcast has no audience", "Write `tell: {residents_of: building}` or another audience.")
        return None
    return found


def _expect(node: Node, context: Context) -> ExpectAction | None:
    problems = context.problems
    entries = reader.mapping(node, problems, required=("from", "answer"))
    alerts = tuple(name for name, kind in context.names.kinds.items() if kind == "alert")
    step = reader.one_of(entries.get("from"), problems, alerts, what="alert")
    answer = reader.one_of(entries.get("answer"), problems, ANSWERS, what="answer")
    return None if step is None or answer is None else ExpectAction(step=step, answer=answer)


def _for_each(node: Node, entries: dict[str, Node], context: Context) -> ForEachAction | None:
    problems = context.problems
    kind = reader.one_of(node, problems, context.names.vocabulary.place_kinds, what="kind of place")
    if "task" not in entries:
        problems.error(node.at, "`for_each` does not say what to do at each", "Add `task: {for: security, results: {…}}`.")
        return None
    task = reader.mapping(entries["task"], problems, required=("for", "results"))
    role = _role(task.get("for"), context)
    results = _results(task.get("results"), problems)
    opens = _opens(entries.get("opens"), results, problems)
    if context.text_key is None:
        problems.error(node.at, "the tasks have no words", "Add `text:`, what to do at each.")
    return None if kind is None or role is None else ForEachAction(place_kind=kind, role=role, results=results, opens=opens)


def _opens(node: Node | None, results: dict[str, Words], problems: Problems) -> dict[str, str]:
    found: dict[str, str] = {}
    if node is None:
        return found
    for result, value in (node.entries or {}).items():
        if result not in results:
            problems.error(node.keys[result], f"`{result}` is no result of the task", did_you_mean(result, results))
        word = reader.text(value, problems)
        if word is not None and reader.NAME.fullmatch(word) is None:
            problems.error(value.at, f"`{word}` is no kind of incident", "Kinds are written like `elevator_entrapment`.")
        elif word is not None:
            found[result] = word
    return found


def _news(node: Node, context: Context) -> NewsAction | None:
    problems = context.problems
    entries = reader.mapping(node, problems, required=("for", "remind_before"))
    role = _role(entries.get("for"), context)
    before = reader.duration(entries.get("remind_before"), problems)
    return None if role is None or before is None else NewsAction(role=role, remind_before=before)
