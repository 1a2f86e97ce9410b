"""The longest a text can become: what the loader warns of and the checker prints."""

from __future__ import annotations

from playbooks.language.model import Playbook, Question
from playbooks.texts import LAST_MILE_SLOTS, render, say_answer

SIGNATURE = {"zh-CN": "【安居物业】", "en": "[Anju PM] "}
LONGEST_PLACE = {"zh-CN": "云栖花园二期12栋3单元2号客梯", "en": "Bldg 12 unit 3, passenger lift 2"}
LONGEST_PHONE = {"zh-CN": "88001234", "en": "0571-88001234"}
LONGEST_LAST_MILE = {
    "link": {"zh-CN": "", "en": ""},
    "code": {"zh-CN": "K77", "en": "K77"},
    "name": {"zh-CN": "欧阳明轩", "en": "Bartholomew Li"},
}
"""Links are counted apart: a gateway without room for them leaves them out."""


def longest(playbook: Playbook, text_key: str, language: str) -> str:
    """The text with a signature and the longest value in every slot, the link left out."""
    variables: dict[str, object] = {
        "place": LONGEST_PLACE[language],
        "phone": LONGEST_PHONE[language],
        **dict.fromkeys(("began", "now", "next_by", "resolved_at"), "2026-11-24T02:06:00Z"),
    }
    variables.update({name: _longest_answer(question, language) for name, question in playbook.ask.items()})
    text = render(playbook, text_key, language, variables)
    for slot in LAST_MILE_SLOTS:
        text = text.replace(f"{{{slot}}}", LONGEST_LAST_MILE[slot][language])
    return SIGNATURE[language] + text.rstrip()


def _longest_answer(question: Question, language: str) -> object:
    return max(_answers(question), key=lambda value: len(say_answer(question, value, language)))


def _answers(question: Question) -> list[object]:
    values: list[object] = [None]
    match question.type:
        case "yes_no":
            values += [True, False]
        case "choice":
            values += list(question.choices)
        case "number":
            values += [1, question.maximum if question.maximum is not None else 999]
        case "quoted":
            values += [letter * (question.longest or 0) for letter in ("字", "x")]
        case "time_of_day":
            values.append("22:22")
    return values


def values_of(playbook: Playbook, slot: str, language: str) -> tuple[str, ...]:
    """The forms that a slot's value takes in a text of this language, the longest among them; "" where it may say nothing."""
    question = playbook.ask.get(slot)
    if question is not None:
        return tuple(say_answer(question, value, language) for value in _answers(question))
    if slot in LONGEST_LAST_MILE:
        return (LONGEST_LAST_MILE[slot][language],)
    places = {"place": LONGEST_PLACE[language], "phone": LONGEST_PHONE[language]}
    return (places.get(slot, "22:06"),)
