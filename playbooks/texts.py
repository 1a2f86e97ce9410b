"""Texts of messages: filling their slots, and counting what they cost as SMS. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from playbooks.language.errors import PlaybookError
from playbooks.language.model import Playbook, Question

LAST_MILE_SLOTS = ("link", "code", "name")
DRILL_MARK = {"zh-CN": "【演练】", "en": "[DRILL] "}
UNKNOWN = {"zh-CN": "不详", "en": "unknown"}
YES_NO = {"yes": {"zh-CN": "是", "en": "yes"}, "no": {"zh-CN": "否", "en": "no"}}
SEVERITY = {
    "minor": {"zh-CN": "一般", "en": "minor"},
    "urgent": {"zh-CN": "紧急", "en": "urgent"},
    "life_threatening": {"zh-CN": "危及生命", "en": "life-threatening"},
}
SLOT = re.compile(r"\{([a-z0-9_]+)\}")

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM 03.38 basic set; each of GSM_EXTENDED costs two."""
GSM_EXTENDED = frozenset("^{}\\[~]|€")


class UnknownText(PlaybookError):
    """The playbook has no text of this key, or not in this language."""


def render(
    playbook: Playbook,
    text_key: str,
    language: str,
    variables: Mapping[str, object],
    *,
    drill: bool = False,
    zone: tzinfo = UTC,
) -> str:
    """The text as people read it, but for `{link}`, `{code}` and `{name}`, which stay for the last mile.

    A fact that is absent or None reads as its words for unknown. Instants are ISO 8601 UTC and become HH:MM in `zone`.
    A drill's text begins with its mark. Raises UnknownText for a key or language that the playbook does not have.
    """
    definition = playbook.texts.get(text_key)
    if definition is None or language not in definition.by_language:
        raise UnknownText(f"{playbook.name} has no text {text_key!r} in {language!r}")

    def fill(match: re.Match[str]) -> str:
        slot = match.group(1)
        if slot in LAST_MILE_SLOTS:
            return match.group(0)
        return say_value(playbook, slot, variables.get(slot), language, zone)

    text = SLOT.sub(fill, definition.by_language[language])
    return f"{DRILL_MARK[language]}{text}" if drill else text


def say_value(playbook: Playbook, slot: str, value: object, language: str, zone: tzinfo = UTC) -> str:
    """How one value reads inside a text of this language."""
    question = playbook.ask.get(slot)
    if question is not None:
        return say_answer(question, value, language)
    if slot == "severity" and isinstance(value, str) and value in SEVERITY:
        return SEVERITY[value][language]
    if value is None:
        return UNKNOWN[language]
    if slot in ("began", "now", "next_by", "resolved_at"):
        return _clock_time(str(value), zone)
    return str(value)


def say_answer(question: Question, value: object, language: str) -> str:
    """How the answer to a question reads; None is its word for unknown."""
    words = question.words
    if value is None:
        return words["unknown"][language] if "unknown" in words else UNKNOWN[language]
    if question.type == "yes_no":
        key = "yes" if value else "no"
        return words.get(key, YES_NO[key])[language]
    if question.type == "choice":
        code = str(value)
        by_language = words.get(code) or question.choices.get(code)
        return by_language[language] if by_language else code
    if question.type == "quoted" and "other_script" in words and language == "en" and not is_gsm(str(value)):
        return words["other_script"][language]
    if value == 1 and "one" in words:
        return words["one"][language]
    return words["number"][language].replace("{n}", str(value)) if "number" in words else str(value)


def _clock_time(value: str, zone: tzinfo) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone).strftime("%H:%M")


def is_gsm(text: str) -> bool:
    """Whether an SMS can carry the text in the GSM-7 alphabet, at 160 characters instead of 70."""
    return all(character in GSM_BASIC or character in GSM_EXTENDED for character in text)


def units(text: str) -> tuple[int, bool]:
    """How many SMS units the text takes and whether it fits the GSM-7 alphabet (else UTF-16 code units are counted)."""
    if is_gsm(text):
        return sum(2 if character in GSM_EXTENDED else 1 for character in text), True
    return len(text.encode("utf-16-be")) // 2, False


def segments(text: str) -> int:
    """How many SMS segments the text costs: 160 then 153 GSM-7 units, or 70 then 67 UCS-2 units."""
    count, is_gsm = units(text)
    single, several = (160, 153) if is_gsm else (70, 67)
    return 1 if count <= single else -(-count // several)
