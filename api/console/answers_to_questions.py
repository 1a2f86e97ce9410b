"""A playbook's questions as a form asks them, and the form's answers as facts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from api.console.caller import fold
from api.console.timeline_words import plain_answer
from api.console.words import Speaker
from incidents.desk.facts import expected
from incidents.errors import FactWrongError
from playbooks.language.conditions import FactIs, atoms
from playbooks.language.model import Playbook, Question

UNKNOWN = "unknown"
MOST_NUMBER_KEYS = 5
MOST_DIGITS = 6
TIME_TYPED = re.compile(r"([0-9]{1,2})[:.]?([0-9]{2})")
"""1730, 17:30 and 17.30, as hands on a number pad write it."""


@dataclass(frozen=True, slots=True)
class Button:
    """One answer to press: what the form sends, what it says, its digit."""

    value: str
    word: str
    key: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A box for what no button says: its label, what a telephone's keyboard shows for it, and an example of what may stand in it."""

    label: str
    inputmode: Literal["numeric", "text"]
    longest: int
    example: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its buttons and what is known. `typed`: the box beside them, if there is one."""

    name: str
    text: str
    hint: str
    buttons: tuple[Button, ...]
    typed: Typed | None
    answer: str
    value: str
    is_known: bool


def ask(speak: Speaker, question: Question, facts: Mapping[str, object]) -> Asked:
    """The question as the desk asks it."""
    value = facts.get(question.name)
    known = question.name in facts and value is not None
    return Asked(
        name=question.name,
        text=question.text[speak.language],
        hint=question.hint[speak.language] if question.hint else "",
        buttons=_buttons(speak, question),
        typed=_typed(speak, question),
        answer=_word(speak, question, value) if known else "",
        value=_sent(question, value) if known else "",
        is_known=known,
    )


def ask_all(speak: Speaker, playbook: Playbook, facts: Mapping[str, object]) -> list[Asked]:
    """Every question of the playbook, in its order."""
    return [ask(speak, question, facts) for question in playbook.ask.values()]


def _buttons(speak: Speaker, question: Question) -> tuple[Button, ...]:
    unknown = Button(UNKNOWN, speak.say("console.unknown"), "0")
    match question.type:
        case "yes_no":
            return (Button("yes", speak.say("console.yes"), "1"), Button("no", speak.say("console.no"), "2"), unknown)
        case "choice":
            words = [words[speak.language] for words in question.choices.values()]
            pairs = zip(question.choices, words, strict=True)
            return (*(Button(code, word, str(place)) for place, (code, word) in enumerate(pairs, start=1)), unknown)
        case "number":
            lowest = question.minimum if question.minimum is not None else 1
            if lowest < 0:
                return (Button(UNKNOWN, speak.say("console.unknown"), ""),)
            few = range(max(1, lowest), max(1, lowest) + MOST_NUMBER_KEYS)
            return (*(Button(str(number), str(number), str(number)) for number in few), unknown)
        case "quoted" | "time_of_day":
            return (Button(UNKNOWN, speak.say("console.unknown"), ""),)


def _typed(speak: Speaker, question: Question) -> Typed | None:
    match question.type:
        case "number":
            label = "console.question.other" if (question.minimum or 0) >= 0 else "console.question.number"
            return Typed(speak.say(label), "numeric", MOST_DIGITS, f"{question.minimum} … {question.maximum}")
        case "quoted":
            return Typed(speak.say("console.question.quoted"), "text", question.longest or 0, "")
        case "time_of_day":
            return Typed(speak.say("console.question.time"), "numeric", len("17:30"), "17:30")
        case _:
            return None


def _word(speak: Speaker, question: Question, value: object) -> str:
    if question.type == "choice" and isinstance(value, str) and value in question.choices:
        return question.choices[value][speak.language]
    return plain_answer(speak, question.type, value) or str(value)


def _sent(question: Question, value: object) -> str:
    return ("yes" if value else "no") if question.type == "yes_no" else str(value)


def read_answer(question: Question, sent: str) -> bool | int | str | None:
    """What the form sent as a fact; nothing and `unknown` are None. Raises FactWrongError for a number or a time that is none.

    What is quoted stays as it was typed: folding would change other people's words.
    """
    text = fold(sent)
    if text in ("", UNKNOWN):
        return None
    if question.type == "yes_no" and text in ("yes", "no"):
        return text == "yes"
    if question.type == "number":
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
            raise FactWrongError(field=f"/facts/{question.name}", value=sent, expected=expected(question))
        return int(text)
    if question.type == "time_of_day":
        time = TIME_TYPED.fullmatch(text)
        if time is None:
            raise FactWrongError(field=f"/facts/{question.name}", value=sent, expected=expected(question))
        return f"{time[1]:0>2}:{time[2]}"
    return sent.strip() if question.type == "quoted" else text


def first_question(playbook: Playbook) -> Question | None:
    """The question that decides whether it is an incident at all; it alone is asked before the button."""
    if playbook.not_an_incident is None:
        return None
    names = [atom.fact for atom, _ in atoms(playbook.not_an_incident.when) if isinstance(atom, FactIs)]
    return playbook.ask.get(names[0]) if names else None
