"""The gate runs everything: no check is left out of `make check`, no test skips, and `make` alone lists what there is."""

import ast
import re
import subprocess
import tomllib

import pytest

from tests.house.tree import ROOT, TOP_LEVEL, parsed, python_files, shown

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

SKIPPING: dict[str, str] = {
    "tests/stories/faults/test_disk_full.py": "the gate runs as root on Linux; elsewhere where user namespaces are allowed",
}
"""Tests that may be skipped: the file, and where they are run instead."""


def _recipe(target: str) -> str:
    """The commands of a target."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n?)+)", MAKEFILE, re.MULTILINE)
    return found[1] if found else ""


def test_the_gate_runs_the_checks_and_then_the_tests() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if line.startswith("make ")]
    assert lines == ["make lint", "make test"], "the rules of the house are among the tests"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111, "not executable"


@pytest.mark.parametrize("tool", ["ruff format --check .", "ruff check .", "mypy\n", "lint_imports_command()", "pytest tests/house"])
def test_a_check_includes(tool: str) -> None:
    assert tool in _recipe("lint") + _recipe("check") and "check: lint" in MAKEFILE


def test_types_are_checked_strictly_everywhere() -> None:
    assert PROJECT["tool"]["mypy"]["strict"] is True
    assert set(PROJECT["tool"]["mypy"]["packages"]) == set(TOP_LEVEL)
    ignoring = [
        f"{shown(path)}: {line}" for path in python_files() for line in re.findall(r"#\s*mypy:.*|# type: ignore$", path.read_text("utf-8"))
    ]
    assert ignoring == [], "an ignored error names its code"


def test_make_alone_lists_everything_that_can_be_made() -> None:
    said = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make ([a-z-]+)", said, re.MULTILINE) == TARGETS
    assert set(TARGETS) <= set(re.findall(r"[a-z-]+", re.search(r"^\.PHONY:(.*)$", MAKEFILE, re.MULTILINE)[1]))  # type: ignore[index]
    assert {"install", "demo", "test", "check", "bench", "schema", "format", "lock"} <= set(TARGETS)


def test_no_test_is_skipped() -> None:
    """A gate that skips what a machine lacks holds nothing: a missing browser is a failure."""
    skipping = {
        shown(path): node.lineno
        for path in python_files("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "importorskip", "xfail")
    }
    assert set(skipping) == set(SKIPPING)


def test_warnings_are_errors_and_marks_are_known() -> None:
    settings = PROJECT["tool"]["pytest"]
    assert settings["filterwarnings"] == ["error"]
    assert settings["xfail_strict"] is True
    assert {"--strict-markers", "--strict-config"} <= set(settings["addopts"])
