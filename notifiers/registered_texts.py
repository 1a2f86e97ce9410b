"""What is missing or too long in a channel's mapping to registered texts, said before it is needed. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from notifiers.channels.shape import TemplateRules

DRILL = "drill:"
"""Before the key of a text stands this in a drill: a registered text has to say itself that it is one."""
What = Literal["no_signature", "unmapped", "code_wrong", "slot_unknown", "link", "too_long", "may_be_empty", "not_needed"]
STOPS: frozenset[What] = frozenset({"no_signature", "unmapped", "code_wrong", "slot_unknown", "link"})
"""With these the gateway takes no such message at all; the others depend on the values of the day or on the account."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A text that may be sent in a language, and the forms that each of its slots may take.

    `grave`: an answer or somebody's safety depends on it. `rings`: it may be spoken in a call.
    """

    key: str
    language: str
    slots: Mapping[str, Sequence[str]]
    grave: bool = True
    rings: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a text's template. `longest` and `limit` are characters, where they matter."""

    what: What
    key: str
    language: str
    grave: bool
    slot: str = ""
    longest: int = 0
    limit: int = 0

    @property
    def stops(self) -> bool:
        """Whether a text that matters cannot be sent."""
        return self.grave and self.what in STOPS


def check_templates(
    needed: Iterable[Needed], templates: Mapping[str, object], rules: TemplateRules, *, signature: str = ""
) -> list[Finding]:  # fmt: skip
    """Everything wrong with a channel's `templates` (and `signature`) for these texts, and what it maps that nobody sends."""
    wanted = list(needed)
    found = [Finding("no_signature", "", "", grave=True)] if rules.needs_signature and not signature.strip() else []
    found += [finding for text in wanted for finding in _check(text, templates.get(text.key), rules)]
    known = {text.key for text in wanted}
    return found + [Finding("not_needed", key, "", grave=False) for key in sorted(templates) if key not in known]


def _check(text: Needed, mapping: object, rules: TemplateRules) -> list[Finding]:
    if isinstance(mapping, Mapping) and "code" not in mapping:
        mapping = mapping.get(text.language)
    if not isinstance(mapping, Mapping) or "code" not in mapping:
        return [Finding("unmapped", text.key, text.language, text.grave)]
    found = []
    if not re.fullmatch(rules.code_pattern, str(mapping["code"])):
        found.append(Finding("code_wrong", text.key, text.language, text.grave))
    variables = mapping.get("variables", [])
    for slot in variables.values() if isinstance(variables, Mapping) else variables:
        found += _check_slot(text, str(slot), rules)
    return found


def _check_slot(text: Needed, slot: str, rules: TemplateRules) -> list[Finding]:
    if slot == "link" and not rules.links_in_variables:
        return [Finding("link", text.key, text.language, text.grave, slot)]
    if slot not in text.slots:
        return [Finding("slot_unknown", text.key, text.language, text.grave, slot)]
    values = text.slots[slot]
    longest, found = max((len(value) for value in values), default=0), []
    if rules.variable_length is not None and longest > rules.variable_length:
        found.append(Finding("too_long", text.key, text.language, text.grave, slot, longest, rules.variable_length))
    if "" in values:
        found.append(Finding("may_be_empty", text.key, text.language, text.grave, slot))
    return found
