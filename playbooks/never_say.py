"""Finds in somebody's own words what the playbook says never to say. Pure."""

from __future__ import annotations

import re

from playbooks.language.model import Playbook

_REMARK = re.compile(r"[（(][^）)]*[）)]")
_BETWEEN = re.compile(r"\s*/\s*")
_SPACES = re.compile(r"\s+")
SHORTEST = 2
"""A phrase of fewer characters would be found in anything."""


def never_say_in(playbook: Playbook, language: str, text: str) -> str | None:
    """The first phrase that must never be said and stands in `text`; None when there is none.

    An entry may hold several phrases (没事 / 小问题) and a remark in brackets, which is for the reader alone.
    """
    said = _fold(text)
    for words in playbook.never_say:
        for phrase in _BETWEEN.split(_REMARK.sub("", words.get(language, ""))):
            wanted = _fold(phrase)
            if len(wanted) >= SHORTEST and _stands_in(wanted, said):
                return phrase.strip()
    return None


def _fold(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\u2019", "'")).strip(" .。!！,，").casefold()


def _stands_in(phrase: str, text: str) -> bool:
    """Whole words where words are divided by spaces."""
    return re.search(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])", text) is not None
