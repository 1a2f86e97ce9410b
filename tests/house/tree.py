"""The project's own files, found and parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("tocsin", "people", "incidents", "playbooks", "notifiers", "api")
"""The product: what an operator runs."""
TOP_LEVEL = (*PACKAGES, "tests", "benchmarks")


@cache
def files(ending: str, *folders: str) -> tuple[Path, ...]:
    """All files of these folders (of the product when none is named) whose name ends so ("*.py"), in order."""
    return tuple(
        sorted(path for folder in folders or PACKAGES for path in (ROOT / folder).rglob(ending) if "__pycache__" not in path.parts)
    )


def python_files(*folders: str) -> tuple[Path, ...]:
    """All Python files of these folders; of the product when none is named."""
    return files("*.py", *folders)


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def shown(path: Path) -> str:
    """The path as a reader of the repository knows it."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """The dotted name under which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(path: Path) -> str:
    """The dotted name of the folder a file lies in."""
    return ".".join(path.relative_to(ROOT).parent.parts)


@cache
def docstrings(path: Path) -> frozenset[int]:
    """The ids of the constants that are docstrings (of modules, classes, functions and fields) and not values."""
    return frozenset(
        id(node.value)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every piece of text in a file's code with its line; docstrings are none."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings(path):
            yield node.lineno, node.value
