"""Every refusal has its words and its place in the tree at the head of its package's errors.py; every such text has its refusal."""

import ast
from importlib import import_module

import pytest

from tests.house.catalogues import words_in_code
from tests.house.tree import PACKAGES, files, module_of, parsed, python_files, shown
from tocsin.base.errors import TocsinError
from tocsin.base.texts import catalogue

FAMILIES = {"import_": "ImportRefusedError puts together which of its refusals it is"}
"""How codes begin that an error makes of a word of its own."""


@pytest.fixture(scope="module")
def errors() -> set[type[TocsinError]]:
    """Every class of refusal there is, in all the product."""
    for path in python_files(*PACKAGES):
        if path.name != "__main__.py":
            import_module(module_of(path))
    found: set[type[TocsinError]] = set()
    waiting = [TocsinError]
    while waiting:
        one = waiting.pop()
        if one.__module__.partition(".")[0] in PACKAGES:
            found.add(one)
            waiting += one.__subclasses__()
    return found


def test_every_error_has_its_words_and_every_words_their_error(errors: set[type[TocsinError]]) -> None:
    codes = {one.code for one in errors}
    worded = {key.removeprefix("error.") for key in catalogue("zh-CN") if key.startswith("error.")}
    assert codes - worded == set(), "no text error.<code>"
    spoken = {code for code in worded - codes if code.startswith(tuple(FAMILIES)) or {code, f"error.{code}"} & words_in_code()}
    assert worded - codes - spoken == set(), "nothing has this code"


def test_every_error_says_which_case_it_is(errors: set[type[TocsinError]]) -> None:
    """Its name ends in Error, and its docstring or its base's says when it comes and with which values."""
    assert sorted(one.__qualname__ for one in errors if not one.__name__.endswith("Error") or not one.__doc__) == []


def test_every_errors_file_begins_with_the_tree_of_its_errors() -> None:
    missing = [
        f"{shown(path)}: {node.name}"
        for path in files("errors.py")
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error") and node.name not in (ast.get_docstring(parsed(path)) or "")
    ]
    assert missing == []
