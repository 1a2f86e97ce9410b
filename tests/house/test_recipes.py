"""The recipes of CONTRIBUTING.md are true: every file of a checklist exists, for everything that was ever made by that recipe."""

import re

import pytest

from notifiers.channels.registry import KINDS
from tests.house.documents import faults, paths_and_names
from tests.house.test_chores import run_by_the_list
from tests.house.tree import ROOT, files, shown
from tocsin.base.texts import PACKAGES as WITH_TEXTS

MADE = {
    "channel": sorted(KINDS),
    "playbook": sorted(path.stem for path in (ROOT / "playbooks" / "library").glob("*.yaml")),
    "chore": sorted(module.replace(".", "/") for module in run_by_the_list()),
    "package": sorted(shown(path.parent) for path in files("queries.sql")),
    "errors": sorted(name for name in WITH_TEXTS if (ROOT / name / "errors.py").exists()),
}
"""What there is of each kind that a recipe names."""

RECIPES = {
    title: re.findall(r"^- \[ \] (.+)$", body, re.MULTILINE)
    for title, body in re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
}
STEPS = [(title, step) for title, steps in RECIPES.items() for step in steps]

WANTED = {"channel", "kind of incident", "step", "page", "chore", "statement", "migration", "error"}


def test_there_is_a_recipe_for_what_is_added_most() -> None:
    assert {topic for topic in WANTED if not any(topic in title for title in RECIPES)} == set()
    assert [title for title, steps in RECIPES.items() if not steps] == []


@pytest.mark.parametrize(("title", "step"), STEPS, ids=[f"{title}-{number}" for number, (title, _) in enumerate(STEPS)])
def test_every_file_of_a_recipe_is_there_for_all_that_was_made_by_it(title: str, step: str) -> None:
    assert paths_and_names(step)[0], "a step without a file"
    holes = re.findall(r"<(\w+)>", step)
    assert set(holes) <= set(MADE)
    filled = [{holes[0]: value} for value in MADE[holes[0]]] if holes else [{}]
    assert [fault for one in filled for fault in faults(step, one)] == []
