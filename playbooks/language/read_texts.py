"""Message texts: every language, named slots, the place, and what the text claims."""

from __future__ import annotations

import re

from playbooks.language import reader
from playbooks.language.errors import did_you_mean
from playbooks.language.model import LANGUAGES, TextDef
from playbooks.language.names import Names
from playbooks.language.read_conditions import condition
from playbooks.language.source import Node, Place, Problems
from playbooks.language.vocabulary import DIRECTORY_SLOTS, INSTANT_SLOTS, LAST_MILE_SLOTS

SLOT = re.compile(r"\{([^{}]*)\}")


class Texts:
    """Gathers the texts of one playbook under their stable keys, with the place of each for later checks."""

    def __init__(self, playbook: str, names: Names, problems: Problems) -> None:
        self.playbook = playbook
        self.names = names
        self.problems = problems
        self.found: dict[str, TextDef] = {}
        self.places: dict[str, Place] = {}

    def read(self, node: Node | None, *, key: str) -> str | None:
        """Read a text with optional `claims`; returns its full key, None where there is no text."""
        if node is None:
            return None
        full = f"{self.playbook}.{key}"
        entries = reader.mapping(node, self.problems, optional=(*LANGUAGES, "claims"))
        by_language = reader.languages_of(entries, node.at, self.problems) if node.entries is not None else {}
        slots = self._slots(entries)
        claims = condition(entries.get("claims"), self.names, self.problems)
        self._unclaimed(node, by_language, has_claims=claims is not None)
        self.found[full] = TextDef(key=full, by_language=by_language, slots=slots, claims=claims)
        self.places[full] = node.at
        return full

    def _slots(self, entries: dict[str, Node]) -> tuple[str, ...]:
        allowed = (*self.names.facts, *DIRECTORY_SLOTS, *INSTANT_SLOTS, *LAST_MILE_SLOTS)
        by_language: dict[str, set[str]] = {}
        for language in LANGUAGES:
            node = entries.get(language)
            if node is None or node.text is None:
                continue
            by_language[language] = set(SLOT.findall(node.text))
            for slot in sorted(by_language[language].difference(allowed)):
                self.problems.error(node.at, f"unknown slot `{{{slot}}}`", did_you_mean(slot, allowed))
            if re.search(r"[{}]", SLOT.sub("", node.text)):
                self.problems.error(node.at, "a brace stands alone", "Write slots as `{place}`; a text has no other braces.")
        sets = list(by_language.values())
        if len(sets) == len(LANGUAGES) and any(slots != sets[0] for slots in sets):
            at = next(iter(entries.values())).at
            self.problems.warning(
                at, "the languages use different slots", "A reader of one language learns less than the other; use the same slots."
            )
        return tuple(sorted(set().union(*sets).intersection(allowed))) if sets else ()

    def _unclaimed(self, node: Node, by_language: dict[str, str], *, has_claims: bool) -> None:
        if has_claims:
            return
        for outcome, phrases in self.names.vocabulary.claim_phrases.items():
            for text in by_language.values():
                phrase = next((phrase for phrase in phrases if phrase in text.lower()), None)
                if phrase is not None:
                    way_out = f"Add `claims: {{step: {outcome}}}`, or say what has been done instead (asked, called)."
                    self.problems.error(node.at, f"the text says `{phrase}` without saying which step makes it true", way_out)
                    return

    def must_have(self, key: str | None, *slots: str, why: str) -> None:
        """Problem unless every language of the text has one of these slots."""
        if key is None or key not in self.found:
            return
        for language, text in self.found[key].by_language.items():
            if not any(f"{{{slot}}}" in text for slot in slots):
                wanted = " or ".join(f"`{{{slot}}}`" for slot in slots)
                self.problems.error(self.places[key], f"the text in `{language}` {why}", f"Use {wanted} in it.")
