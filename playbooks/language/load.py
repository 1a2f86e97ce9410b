"""From a file's text to a checked playbook, or to every problem it has."""

from __future__ import annotations

from playbooks.language import checks, reader
from playbooks.language.conditions import ReportsAtLeast, atoms
from playbooks.language.errors import Problem
from playbooks.language.model import (
    SEVERITIES,
    Aftercare,
    AskSatisfaction,
    CallBack,
    Need,
    Playbook,
    Review,
    Step,
)
from playbooks.language.names import Names, gather
from playbooks.language.read_conditions import condition
from playbooks.language.read_questions import lines, not_an_incident, questions
from playbooks.language.read_steps import steps
from playbooks.language.read_texts import Texts
from playbooks.language.source import Node, Problems, parse
from playbooks.language.strata import strata
from playbooks.language.vocabulary import STANDARD, Vocabulary

REQUIRED = ("playbook", "version", "title", "for", "severity", "greeting", "ask", "closing_words", "words", "steps", "over")
OPTIONAL = ("life_safety", "say", "never_say", "not_an_incident", "quiet_when", "after")
SHARED_TEXTS = ("taken", "stand_down", "correction", "correction_staff")


def load_playbook(text: str, source: str, vocabulary: Vocabulary = STANDARD) -> Playbook:
    """The playbook in `text`; `source` names it in messages. Raises PlaybookErrors with every problem."""
    return load_with_warnings(text, source, vocabulary)[0]


def load_with_warnings(text: str, source: str, vocabulary: Vocabulary = STANDARD) -> tuple[Playbook, tuple[Problem, ...]]:
    """As `load_playbook`, with what is allowed but unwise: texts longer than one SMS, languages that say different things."""
    problems = Problems(source)
    root = parse(text, problems)
    problems.refuse()
    if root is None:
        raise AssertionError("a file without a tree has a problem")
    playbook = _read(root, problems, vocabulary)
    problems.refuse()
    if playbook is None:
        raise AssertionError("a file that cannot be read has a problem")
    checks.lengths(playbook, root, problems)
    return playbook, tuple(problems.warnings)


def _read(root: Node, problems: Problems, vocabulary: Vocabulary) -> Playbook | None:
    names = gather(root, problems, vocabulary)
    top = reader.mapping(root, problems, required=REQUIRED, optional=OPTIONAL)
    name = reader.text(top.get("playbook"), problems) or "playbook"
    if reader.NAME.fullmatch(name) is None:
        problems.error(top["playbook"].at, f"`{name}` cannot be a playbook's name", "Use small letters, digits and underscores.")
    texts = Texts(name, names, problems)
    shared = _shared_texts(top.get("words"), texts, problems)
    found_steps = steps(top.get("steps"), texts, shared)
    severity = reader.one_of(top.get("severity"), problems, SEVERITIES, what="severity")
    kind, place_kinds = _for(top.get("for"), names, problems)
    fields = {
        "name": name,
        "version": reader.integer(top.get("version"), problems, at_least=1),
        "title": reader.words(top.get("title"), problems),
        "kind": kind,
        "place_kinds": place_kinds,
        "severity": severity,
        "life_safety": reader.yes_no(top.get("life_safety"), problems),
        "greeting": reader.words(top.get("greeting"), problems),
        "ask": questions(top.get("ask"), problems),
        "say": lines(top.get("say"), names, problems),
        "never_say": tuple(line.text for line in lines(top.get("never_say"), names, problems)),
        "closing_words": reader.words(top.get("closing_words"), problems),
        "not_an_incident": not_an_incident(top.get("not_an_incident"), names, problems),
        "quiet_when": condition(top.get("quiet_when"), names, problems),
        "steps": found_steps,
        "needs": _needs(top.get("over"), names, problems),
        "after": _after(top.get("after"), names, problems),
        "texts": texts.found,
        "correction_key": shared.get("correction"),
        "correction_staff_key": shared.get("correction_staff"),
        "reports_cap": _reports_cap(found_steps),
    }
    checks.whole(root, found_steps, texts, fields["ask"], problems)
    if problems.errors:
        return None
    return Playbook.model_validate({**fields, "strata": strata(found_steps)})


def _shared_texts(node: Node | None, texts: Texts, problems: Problems) -> dict[str, str]:
    if node is None:
        return {}
    entries = reader.mapping(node, problems, required=SHARED_TEXTS)
    found = {name: texts.read(entry, key=name) for name, entry in entries.items()}
    return {name: key for name, key in found.items() if key is not None}


def _for(node: Node | None, names: Names, problems: Problems) -> tuple[str | None, tuple[str, ...]]:
    if node is None:
        return None, ()
    entries = reader.mapping(node, problems, required=("kind", "place"))
    kind = reader.text(entries.get("kind"), problems)
    places = reader.items(entries["place"], problems) if "place" in entries else ()
    found = [reader.one_of(place, problems, names.vocabulary.place_kinds, what="kind of place") for place in places]
    return kind, tuple(place for place in found if place is not None)


def _needs(node: Node | None, names: Names, problems: Problems) -> dict[str, Need]:
    if node is None:
        return {}
    entries = reader.mapping(node, problems, required=("needs",))
    found = {}
    allowed = (*names.vocabulary.roles, *names.vocabulary.departments)
    for name, entry in reader.named(entries.get("needs"), problems, what="needs").items():
        inner = reader.mapping(entry, problems, required=("title", "by"))
        by = (
            [reader.one_of(item, problems, allowed, what="role or department") for item in reader.items(inner["by"], problems)]
            if "by" in inner
            else []
        )
        title = reader.words(inner.get("title"), problems)
        found[name] = Need(name=name, title=title, by=tuple(one for one in by if one is not None))
    return found


def _after(node: Node | None, names: Names, problems: Problems) -> Aftercare:
    if node is None:
        return Aftercare()
    entries = reader.mapping(node, problems, optional=("call_back", "ask_satisfaction", "review"))
    values: dict[str, object] = {}
    if "call_back" in entries:
        inner = reader.mapping(entries["call_back"], problems, required=("of", "within"), optional=("again_after",))
        again = [reader.duration(item, problems) for item in reader.items(inner["again_after"], problems)] if "again_after" in inner else []
        of = reader.one_of(inner.get("of"), problems, ("reporters",), what="audience of call-backs")
        within = reader.duration(inner.get("within"), problems)
        if of is not None and within is not None:
            values["call_back"] = CallBack(of=of, within=within, repeat_after=tuple(one for one in again if one is not None))
    if "ask_satisfaction" in entries:
        inner = reader.mapping(entries["ask_satisfaction"], problems, required=("of", "after"))
        of = reader.one_of(inner.get("of"), problems, ("reporters",), what="audience of the question")
        after = reader.duration(inner.get("after"), problems)
        if of is not None and after is not None:
            values["ask_satisfaction"] = AskSatisfaction(of=of, after=after)
    if "review" in entries:
        inner = reader.mapping(entries["review"], problems, required=("due", "by"))
        due = reader.duration(inner.get("due"), problems)
        by = reader.one_of(inner.get("by"), problems, names.vocabulary.roles, what="role")
        if due is not None and by is not None:
            values["review"] = Review(due=due, by=by)
    return Aftercare.model_validate(values)


def _reports_cap(found: dict[str, Step]) -> int:
    conditions = [
        condition for step in found.values() for condition in (step.when, step.until, *(choice.when for choice in step.text_choices))
    ]
    bounds = [atom.at_least for one in conditions for atom, _ in atoms(one) if isinstance(atom, ReportsAtLeast)]
    return max(bounds, default=1)
