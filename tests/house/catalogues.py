"""Which texts the code asks the catalogues for: by a whole key, by a key with a part left open, or by the prefix of a family."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2
from jinja2 import nodes

from tests.house.tree import files, parsed, python_files, shown, strings

_KEYLIKE = re.compile(r"^[a-z_]+(\.[a-z_0-9]*)+$")
_OPEN = r"[\w.-]+"


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that says a text by its whole key: where, and the slots it fills (None where it passes them on)."""

    at: str
    key: str
    slots: frozenset[str] | None


@cache
def words_in_code() -> frozenset[str]:
    """Every piece of text in code and templates: a key that is used stands among them, alone or as a family's prefix."""
    found = {text.lstrip("=") for path in python_files() for _, text in strings(path)}
    for path in files("*.html"):
        found |= {node.value for node in template(path).find_all(nodes.Const) if isinstance(node.value, str)}
    for path in files("*.js"):
        found |= set(re.findall(r"[\"'`]([a-z_]+\.[a-z_0-9.]+)[\"'`]", path.read_text("utf-8")))
    return frozenset(found)


@cache
def open_keys() -> tuple[re.Pattern[str], ...]:
    """Keys that are put together: f"problem.{status}", "console.reach." + place."""
    found = {pattern for path in python_files() for pattern in _put_together(path)}
    for path in files("*.html"):
        firsts = [one.left for one in template(path).find_all(nodes.Add)] + [one.nodes[0] for one in template(path).find_all(nodes.Concat)]
        for first in firsts:
            if isinstance(first, nodes.Const) and isinstance(first.value, str) and _KEYLIKE.match(first.value):
                found.add(re.escape(first.value) + _OPEN)
    return tuple(re.compile(pattern) for pattern in sorted(found))


def _put_together(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(head)), *rest]) if _KEYLIKE.match(head):
                yield re.escape(head) + "".join(re.escape(str(one.value)) if isinstance(one, ast.Constant) else _OPEN for one in rest)
            case ast.BinOp(op=ast.Add(), left=ast.Constant(value=str(head))) if _KEYLIKE.match(head):
                yield re.escape(head) + _OPEN


def asked() -> Iterator[Asked]:
    """Every call `say("key", slot=…)`, `t("key", slot=…)` or the like whose key is written out."""
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and _name(node.func) in ("say", "tell", "complain_in_words"):
                keys = [one.value for one in node.args[:2] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                names = [one.arg for one in node.keywords]
                for key in filter(_KEYLIKE.match, keys):
                    yield Asked(f"{shown(path)}:{node.lineno}", key, None if None in names else frozenset(map(str, names)))
    for path in files("*.html"):
        for call in template(path).find_all(nodes.Call):
            first = call.args[0] if call.args else None
            if isinstance(call.node, nodes.Name) and call.node.name in ("t", "say") and isinstance(first, nodes.Const):
                yield Asked(f"{shown(path)}:{call.lineno}", str(first.value), frozenset(str(one.key) for one in call.kwargs))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@cache
def template(path: Path) -> nodes.Template:
    """The syntax tree of a page."""
    return jinja2.Environment().parse(path.read_text("utf-8"))


def shown_words(path: Path) -> str:
    """What a template says by itself, tags and everything that code fills in left out."""
    outputs = template(path).find_all(nodes.Output)
    text = "".join(one.data if isinstance(one, nodes.TemplateData) else "\0" for output in outputs for one in output.nodes)
    labels = re.findall(r"\b(?:title|alt|placeholder|aria-label)=\"([^\"]*)\"", text)
    return " ".join([*labels, re.sub(r"<[^>]*>", " ", re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL))])
