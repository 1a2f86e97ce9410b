"""Reading single values out of the tree: each returns the value, or records a problem and returns None."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from playbooks.language.durations import parse_duration
from playbooks.language.errors import did_you_mean
from playbooks.language.model import LANGUAGES, Words
from playbooks.language.source import Node, Place, Problems

NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")


def mapping(node: Node, problems: Problems, *, required: Collection[str] = (), optional: Collection[str] = ()) -> dict[str, Node]:
    """The entries of a mapping with just these keys; unknown and missing ones are problems."""
    if node.entries is None:
        known = ", ".join(f"`{key}`" for key in (*required, *optional))
        problems.error(node.at, f"{node.shape} stands where a mapping belongs", f"Write `key: value` lines. Known here: {known}.")
        return {}
    allowed = {*required, *optional}
    for key in node.entries:
        if key not in allowed:
            problems.error(node.keys[key], f"unknown key `{key}`", did_you_mean(key, allowed))
    for key in required:
        if key not in node.entries:
            problems.error(node.at, f"`{key}` is missing", f"Add `{key}:` here.")
    return {key: value for key, value in node.entries.items() if key in allowed}


def named(node: Node | None, problems: Problems, *, what: str) -> dict[str, Node]:
    """The entries of a mapping whose keys are names of the author's own."""
    if node is None:
        return {}
    if node.entries is None:
        problems.error(node.at, f"{node.shape} stands where named {what} belong", f"Write `name: …`, one per {what}.")
        return {}
    for key in node.entries:
        if NAME.fullmatch(key) is None:
            way_out = "Use small letters, digits and underscores, a letter first, at most 48."
            problems.error(node.keys[key], f"`{key}` cannot be a name", way_out)
    return node.entries


def items(node: Node, problems: Problems) -> tuple[Node, ...]:
    """The items of a list; a single value is a list of one."""
    return (node,) if node.items is None else node.items


def text(node: Node | None, problems: Problems) -> str | None:
    if node is None:
        return None
    if node.text is None:
        problems.error(node.at, f"{node.shape} stands where a word belongs", "Write one word or text.")
        return None
    return node.text.strip()


def one_of(node: Node | None, problems: Problems, allowed: Collection[str], *, what: str) -> str | None:
    word = text(node, problems)
    if word is None or node is None:
        return None
    if word not in allowed:
        problems.error(node.at, f"unknown {what} `{word}`", did_you_mean(word, allowed))
        return None
    return word


def yes_no(node: Node | None, problems: Problems, *, default: bool = False) -> bool:
    if node is None:
        return default
    return one_of(node, problems, ("yes", "no"), what="answer") == "yes"


def integer(node: Node | None, problems: Problems, *, at_least: int = 0) -> int | None:
    word = text(node, problems)
    if word is None or node is None:
        return None
    if re.fullmatch(r"-?\d{1,9}", word) is None or int(word) < at_least:
        problems.error(node.at, f"`{word}` is not a whole number from {at_least} on", f"Write a number such as `{max(at_least, 3)}`.")
        return None
    return int(word)


def duration(node: Node | None, problems: Problems) -> timedelta | None:
    word = text(node, problems)
    if word is None or node is None:
        return None
    length = parse_duration(word)
    if length is None:
        problems.error(node.at, f"`{word}` is not a duration", "Write a number and a unit, as `90s`, `2m`, `1h30m`, `3d` or `2分钟`.")
    return length


def words(node: Node | None, problems: Problems, *, where: Place | None = None) -> Words:
    """One text in every language; a missing or empty language is a problem."""
    if node is None:
        return {}
    if node.entries is None:
        problems.error(node.at, f"{node.shape} stands where a text in every language belongs", "Write `{zh-CN: …, en: …}`.")
        return {}
    entries = mapping(node, problems, optional=LANGUAGES)
    return languages_of(entries, node.at, problems)


def languages_of(entries: dict[str, Node], at: Place, problems: Problems, *, may_be_empty: bool = False) -> Words:
    """The languages among these entries, all of them or a problem."""
    found: Words = {}
    for language in LANGUAGES:
        value = text(entries.get(language), problems)
        if value is None or (value == "" and not may_be_empty):
            problems.error(
                at, f"the text is missing in `{language}`", f"Add `{language}: …`; every text stands in {' and '.join(LANGUAGES)}."
            )
        else:
            found[language] = value
    return found
