"""YAML 1.2 as a tree of nodes that know their line, column and key path. Every scalar stays text: `on` and `12:30` mean what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from playbooks.language.errors import PlaybookErrors, Problem

LONGEST_FILE = 400_000
"""Characters; a playbook is read aloud, so one that is longer is not a playbook."""


@dataclass(frozen=True)
class Place:
    line: int
    column: int
    path: str


@dataclass(frozen=True)
class Node:
    """A scalar (`text`), a list (`items`) or a mapping (`entries`); `keys` are the places of a mapping's keys."""

    at: Place
    text: str | None = None
    items: tuple[Node, ...] | None = None
    entries: dict[str, Node] | None = None
    keys: dict[str, Place] = field(default_factory=dict)

    @property
    def shape(self) -> str:
        if self.entries is not None:
            return "a mapping"
        return "a list" if self.items is not None else "a text"


class Problems:
    """Gathers every problem of one file, so that the author sees all of them at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(self, at: Place, what: str, way_out: str) -> None:
        self.errors.append(Problem(self.file, at.line, at.column, at.path, what, way_out))

    def warning(self, at: Place, what: str, way_out: str) -> None:
        self.warnings.append(Problem(self.file, at.line, at.column, at.path, what, way_out))

    def refuse(self) -> None:
        """Raise PlaybookErrors if there is any error."""
        if self.errors:
            raise PlaybookErrors(sorted(set(self.errors), key=lambda problem: (problem.line, problem.column)))


def parse(text: str, problems: Problems) -> Node | None:
    """The file as a tree; None (and a problem) where it is not YAML at all."""
    start = Place(1, 1, "")
    if len(text) > LONGEST_FILE:
        problems.error(start, f"the file has {len(text)} characters", f"A playbook has at most {LONGEST_FILE}.")
        return None
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Place(mark.line + 1, mark.column + 1, "") if mark is not None else start
        problems.error(at, f"this is not YAML: {error.problem or 'it cannot be read'}", "Check indentation, quotes and braces here.")
        return None
    except (YAMLError, RecursionError, ValueError) as error:
        problems.error(start, f"this is not YAML: {error}", "Check indentation, quotes and braces.")
        return None
    if root is None:
        problems.error(start, "the file is empty", "Begin with `playbook: name`.")
        return None
    return _convert(root, "", problems)


def _convert(node: Any, path: str, problems: Problems) -> Node:
    at = Place(node.start_mark.line + 1, node.start_mark.column + 1, path)
    if node.anchor is not None:
        problems.error(at, f"anchor `&{node.anchor}`", "Write it out: a playbook is read aloud, top to bottom.")
        return Node(at, text="")
    match node:
        case ScalarNode():
            return Node(at, text=str(node.value))
        case SequenceNode():
            items = tuple(_convert(item, f"{path}[{index}]", problems) for index, item in enumerate(node.value))
            return Node(at, items=items)
        case MappingNode():
            return _convert_mapping(node, at, problems)
        case _:
            problems.error(at, "this cannot be read", "Use texts, lists and mappings.")
            return Node(at, text="")


def _convert_mapping(node: Any, at: Place, problems: Problems) -> Node:
    entries: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
        path = f"{at.path}.{key}" if at.path else key
        place = Place(key_node.start_mark.line + 1, key_node.start_mark.column + 1, path)
        if key in entries:
            problems.error(place, f"`{key}` stands twice", f"It stands already on line {keys[key].line}; keep one.")
            continue
        keys[key] = place
        entries[key] = _convert(value_node, path, problems)
    return Node(at, entries=entries, keys=keys)
