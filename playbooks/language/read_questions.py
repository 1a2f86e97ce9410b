"""The declare form: questions, the lines to say, and the words that make it no incident at all."""

from __future__ import annotations

from playbooks.language import reader
from playbooks.language.model import LANGUAGES, Line, NotAnIncident, Question, QuestionType, Words
from playbooks.language.names import Names
from playbooks.language.read_conditions import condition
from playbooks.language.source import Node, Problems

LEAST_NUMBER = -99
"""Floors below ground are answers too."""
LONGEST_QUOTE = 40
"""Characters: what is quoted must leave room in one SMS of 70 for what is said about it."""
TYPES: tuple[QuestionType, ...] = ("yes_no", "number", "choice", "quoted", "time_of_day")


def questions(node: Node | None, problems: Problems) -> dict[str, Question]:
    return {name: _question(name, entry, problems) for name, entry in reader.named(node, problems, what="questions").items()}


def _question(name: str, node: Node, problems: Problems) -> Question:
    entries = reader.mapping(node, problems, required=("text",), optional=(*TYPES, "hint", "words"))
    types = [key for key in TYPES if key in entries]
    if len(types) != 1:
        way_out = "Write `yes_no: {}`, `number: [1, 30]`, `choice: {…}`, `quoted: {at_most: 12}` or `time_of_day: {}`."
        problems.error(node.at, f"`{name}` needs exactly one type of answer", way_out)
    minimum, maximum = _bounds(entries.get("number"), problems)
    choices = _choices(entries.get("choice"), problems)
    hint = reader.words(entries["hint"], problems) if "hint" in entries else None
    kind = types[0] if types else "yes_no"
    own = {"number": ("one", "number"), "yes_no": ("yes", "no"), "choice": tuple(choices), "quoted": ("other_script",), "time_of_day": ()}
    return Question(
        name=name,
        type=kind,
        text=reader.words(entries.get("text"), problems),
        hint=hint,
        minimum=minimum,
        maximum=maximum,
        longest=_longest(entries.get("quoted"), problems),
        choices=choices,
        words=_answer_words(entries.get("words"), (*own[kind], "unknown"), problems),
    )


def _bounds(node: Node | None, problems: Problems) -> tuple[int | None, int | None]:
    if node is None:
        return None, None
    if node.items is None or len(node.items) != 2:
        problems.error(node.at, "`number` needs its least and greatest value", "Write `number: [1, 30]`.")
        return None, None
    least, most = (reader.integer(item, problems, at_least=LEAST_NUMBER) for item in node.items)
    if least is not None and most is not None and least > most:
        problems.error(node.at, f"the least value {least} is above the greatest {most}", "Swap them.")
    return least, most


def _longest(node: Node | None, problems: Problems) -> int | None:
    if node is None:
        return None
    entries = reader.mapping(node, problems, required=("at_most",))
    most = reader.integer(entries.get("at_most"), problems, at_least=1)
    if most is not None and most > LONGEST_QUOTE:
        problems.error(node.at, f"{most} characters leave no room in a text", f"Write at most `{LONGEST_QUOTE}`.")
    return most


def _choices(node: Node | None, problems: Problems) -> dict[str, Words]:
    if node is None:
        return {}
    found = {name: reader.words(entry, problems) for name, entry in reader.named(node, problems, what="choices").items()}
    for word in ("unknown", "known"):
        if word in found:
            problems.error(node.keys[word], f"`{word}` is a word for every question", "Leave it out of the choices.")
    return found


def _answer_words(node: Node | None, allowed: tuple[str, ...], problems: Problems) -> dict[str, Words]:
    if node is None:
        return {}
    entries = reader.mapping(node, problems, optional=allowed)
    found = {}
    for key, entry in entries.items():
        inner = reader.mapping(entry, problems, optional=LANGUAGES)
        found[key] = reader.languages_of(inner, entry.at, problems, may_be_empty=True)
    return found


def lines(node: Node | None, names: Names, problems: Problems) -> tuple[Line, ...]:
    """Sentences: a text in every language, or `{when: …, text: …}`."""
    if node is None:
        return ()
    found = []
    for item in reader.items(node, problems):
        if item.entries is not None and "text" in item.entries:
            entries = reader.mapping(item, problems, required=("text",), optional=("when",))
            text = reader.words(entries.get("text"), problems)
            found.append(Line(when=condition(entries.get("when"), names, problems), text=text))
        else:
            found.append(Line(text=reader.words(item, problems)))
    return tuple(found)


def not_an_incident(node: Node | None, names: Names, problems: Problems) -> NotAnIncident | None:
    if node is None:
        return None
    entries = reader.mapping(node, problems, required=("when", "hand_to", "text"))
    when = condition(entries.get("when"), names, problems)
    hand_to = reader.text(entries.get("hand_to"), problems)
    words = reader.words(entries.get("text"), problems)
    return None if when is None or hand_to is None else NotAnIncident(when=when, hand_to=hand_to, text=words)
