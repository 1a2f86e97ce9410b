"""Every named statement of every queries.sql, and every place in the code that refers to one."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeGuard

from tests.house.tree import PACKAGES, ROOT, files, module_of, package_of, parsed, python_files, shown
from tocsin.base.queries import Query, parse_queries

BY_OWNER = frozenset({"tocsin.base.applied_migrations", "tocsin.base.record_migration"})
"""Run by `tocsin migrate` as the owner of the schema; everything else runs as the service's role."""

_HEAD = re.compile(r"^-- (name|fills): .*$", re.MULTILINE)


def key_of(query: Query) -> str:
    """How the tests call a statement: notifiers.delivery.claim."""
    return f"{query.package}.{query.name}"


@cache
def statements() -> dict[str, Query]:
    """All statements of the product by their keys."""
    return {
        key_of(query): query for path in files("queries.sql") for query in parse_queries(package_of(path), path.read_text("utf-8")).values()
    }


def sql_of(query: Query) -> str:
    """The statement without its closing semicolon, so that it can be prepared and explained."""
    return query.text.rstrip().rstrip(";")


def why_of(query: Query) -> str:
    """What stands in comments above the statement, without its `fills` line."""
    lines = []
    for line in _HEAD.sub("", query.text).strip().splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


@dataclass(frozen=True, slots=True)
class Use:
    """One place in the code that refers to a statement; `fills` is the dotted name of the type it is read into, when it says one."""

    key: str
    at: str
    reads: bool
    fills: str | None


@cache
def uses() -> tuple[Use, ...]:
    """Every reference to a statement (`SQL.claim`, `work.SQL.next_timer`) in the product and the benchmarks."""
    return tuple(use for path in python_files(*PACKAGES, "benchmarks") for use in _uses_in(path))


def _uses_in(path: Path) -> Iterator[Use]:
    reading = {id(one): node for node in ast.walk(parsed(path)) if _is_reading(node) for one in ast.walk(node.args[0])}
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.Attribute):
            continue
        package = _queries_behind(meant(path, node.value) or "")
        if package is None or not isinstance(node.ctx, ast.Load) or node.attr == "by_name":
            continue
        call = reading.get(id(node))
        fills = None if call is None else meant(path, call.args[1])
        yield Use(f"{package}.{node.attr}", f"{shown(path)}:{node.lineno}", call is not None, fills)


def _is_reading(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether it is tx.rows(statement, type, …) or tx.maybe(statement, type, …)."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("rows", "maybe") and len(node.args) >= 2
    )


def dotted(node: ast.AST) -> str | None:
    """`work.SQL` as it is written, or None for anything that is no chain of names."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            before = dotted(inner)
            return None if before is None else f"{before}.{name}"
    return None


def meant(path: Path, node: ast.AST) -> str | None:
    """What a chain of names in a file stands for, as the dotted name of where it was defined; as it is written when that is elsewhere."""
    written = dotted(node)
    if written is None:
        return None
    first, _, rest = written.partition(".")
    known = names_in(path).get(first, first)
    return f"{known}.{rest}" if rest else known


@cache
def names_in(path: Path) -> dict[str, str]:
    """What each name of a module stands for: what it imports, and what it defines at its top."""
    found: dict[str, str] = {}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
    for top in parsed(path).body:
        if isinstance(top, ast.ClassDef):
            found[top.name] = f"{module_of(path)}.{top.name}"
        elif isinstance(top, ast.Assign) and isinstance(top.targets[0], ast.Name):
            found[top.targets[0].id] = f"{module_of(path)}.{top.targets[0].id}"
    return found


@cache
def _queries_behind(name: str) -> str | None:
    """The package whose statements the name (`tocsin.base.work.SQL`) holds; None when it is something else."""
    module, _, attribute = name.rpartition(".")
    path = ROOT / Path(*module.split(".")).with_suffix(".py") if module else None
    if path is None or not path.is_file():
        return None
    for top in parsed(path).body:
        match top:
            case ast.Assign(targets=[ast.Name(id=known)], value=ast.Call(func=ast.Name(id="load_queries"), args=[argument])) if (
                known == attribute
            ):
                return str(argument.value) if isinstance(argument, ast.Constant) else package_of(path)
    imported = names_in(path).get(attribute, "")
    return _queries_behind(imported) if imported not in ("", name) else None
