"""Everything that happens by itself stands in CHORES, in order, and in docs/architecture.md."""

import ast
import re
from typing import get_args

from tests.house.statements import meant
from tests.house.tree import ROOT, module_of, parsed, python_files
from tocsin.app.chores import CHORES
from tocsin.base.work import DELIVERY_LANES, Lane

CHORES_FILE = ROOT / "tocsin" / "app" / "chores.py"


def test_every_chore_has_a_lane_of_its_own() -> None:
    lanes = [chore.lane for chore in CHORES]
    assert len(lanes) == len(set(lanes))
    assert set(lanes) | set(DELIVERY_LANES) == set(get_args(Lane)), "a lane without a chore, or a chore without a lane"


def test_every_module_that_can_run_once_is_in_the_list() -> None:
    able = {
        module_of(path)
        for path in python_files()
        for node in parsed(path).body
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "run_once"
    }
    assert able - run_by_the_list() == set()
    assert len(CHORES) == len(run_by_the_list())


def run_by_the_list() -> set[str]:
    """The modules whose run_once the list's functions call."""
    called = (meant(CHORES_FILE, node.func) for node in ast.walk(parsed(CHORES_FILE)) if isinstance(node, ast.Call))
    return {name.removesuffix(".run_once") for name in called if name is not None and name.endswith(".run_once")}


def test_chores_meet_in_tables_and_never_call_each_other() -> None:
    paths = {name: ROOT / f"{name.replace('.', '/')}.py" for name in run_by_the_list()}
    calling = [
        f"{name} calls {target}"
        for name, path in paths.items()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and (target := meant(path, node.func)) is not None and target.endswith(".run_once")
    ]
    assert calling == []


def test_every_chore_is_in_the_architecture() -> None:
    """As a row of a table: its lane, the module that has run_once, and what it does; in the order of the list."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+) \| `([\w/]+\.py)` \| .{10,} \|$", text, re.MULTILINE)
    assert [lane for lane, _ in rows] == [chore.lane for chore in CHORES]
    assert {path.removesuffix(".py").replace("/", ".") for _, path in rows} == run_by_the_list()
