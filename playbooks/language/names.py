"""The names of one file, gathered before anything is read: facts, steps and needs share one namespace."""

from __future__ import annotations

from dataclasses import dataclass, field

from playbooks.language import reader
from playbooks.language.source import Node, Problems
from playbooks.language.vocabulary import RESERVED_NAMES, STANDARD, Vocabulary

ACTIONS = ("alert", "task", "tell", "expect", "severity", "for_each", "news")

OUTCOMES: dict[str, tuple[str, ...]] = {
    "alert": ("started", "acknowledged", "on_the_way", "on_scene", "done", "declined", "overdue", "silent", "stood_down"),
    "task": ("started", "done", "late", "stood_down"),
    "tell": ("started", "sent", "held", "done", "stood_down"),
    "expect": ("started", "met", "late", "done", "stood_down"),
    "severity": ("started", "done"),
    "for_each": ("started", "done", "late", "stood_down"),
    "news": ("started", "late", "met", "done", "stood_down"),
}


@dataclass(frozen=True)
class Fact:
    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """What conditions and slots may name. `steps` maps to the outcomes each may have."""

    vocabulary: Vocabulary = STANDARD
    facts: dict[str, Fact] = field(default_factory=dict)
    steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def gather(root: Node, problems: Problems, vocabulary: Vocabulary) -> Names:
    """Look ahead through the tree for every name; clashes and reserved words are problems."""
    top = root.entries or {}
    over = top.get("over")
    needs_node = (over.entries or {}).get("needs") if over is not None else None
    groups = {"question": top.get("ask"), "step": top.get("steps"), "need": needs_node}
    seen: dict[str, str] = {}
    for what, node in groups.items():
        if node is None or node.entries is None:
            continue
        for name in node.entries:
            if name in RESERVED_NAMES:
                problems.error(node.keys[name], f"`{name}` is a word of the language", "Choose another name.")
            elif name in seen:
                problems.error(
                    node.keys[name],
                    f"`{name}` names a {what} and a {seen[name]}",
                    "Facts, steps and needs share one namespace; rename one.",
                )
            seen.setdefault(name, what)
    steps = reader.named(top.get("steps"), problems, what="steps")
    return Names(
        vocabulary=vocabulary,
        facts={name: _fact(node) for name, node in reader.named(top.get("ask"), problems, what="questions").items()},
        steps={name: _outcomes(node) for name, node in steps.items()},
        kinds={name: _kind(node) for name, node in steps.items()},
        needs=tuple(reader.named(needs_node, problems, what="needs")),
    )


def _fact(node: Node) -> Fact:
    entries = node.entries or {}
    if "choice" in entries:
        return Fact("choice", tuple((entries["choice"].entries or {}).keys()))
    plain = next((kind for kind in ("number", "quoted", "time_of_day") if kind in entries), None)
    return Fact(plain) if plain is not None else Fact("yes_no", ("yes", "no"))


def _kind(node: Node) -> str:
    entries = node.entries or {}
    if "for_each" in entries:
        return "for_each"
    return next((action for action in ACTIONS if action in entries), "task")


def _outcomes(node: Node) -> tuple[str, ...]:
    task = (node.entries or {}).get("task")
    results = (task.entries or {}).get("results") if task is not None else None
    own = tuple((results.entries or {}).keys()) if results is not None else ()
    return (*OUTCOMES[_kind(node)], *own)
