"""Functions and files stay small enough to be read: at most 70 lines a function and 500 a file, without exception."""

import ast

from tests.house.tree import TOP_LEVEL, files, parsed, python_files, shown

LONGEST_FUNCTION = 70
LONGEST_FILE = 500


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{shown(path)}:{node.lineno}: {node.name} has {lines} lines"
        for path in python_files(*TOP_LEVEL, ".ci")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := _lines(node)) > LONGEST_FUNCTION
    ]
    assert long == []


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_can_be_held_in_mind() -> None:
    """Statements, catalogues and playbooks are lists of short pieces and are let off."""
    every = [*python_files(*TOP_LEVEL, ".ci"), *files("*.js"), *files("*.css"), *files("*.html")]
    long = [f"{shown(path)} has {lines} lines" for path in every if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE]
    assert long == []
