"""The tree is what docs/architecture.md says: our names are ours, imports run one way, every package has the files of its kind."""

import importlib
import sys
import tomllib

import pytest

from tests.house.tree import PACKAGES, ROOT, TOP_LEVEL, files, python_files, shown
from tocsin.base.texts import PACKAGES as WITH_TEXTS

FOLDERS = {*TOP_LEVEL, "migrations", "docs", ".ci", ".git", ".venv"}
"""What stands at the top; tools keep caches beside it, which git leaves out."""


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_each_top_level_name_is_ours(name: str) -> None:
    """`api` is everybody's name and `notifiers` stands on an index: an import must never find another's."""
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert module.__file__ == str(ROOT / name / "__init__.py")
    assert name not in sys.stdlib_module_names


def test_nothing_else_stands_at_the_top() -> None:
    ignored = {line.strip().rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert folders - FOLDERS - ignored == set()


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in python_files(*TOP_LEVEL)}
    assert sorted(shown(folder) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_every_module_says_in_its_first_line_what_is_in_it() -> None:
    assert [shown(path) for path in python_files() if path.name != "__main__.py" and not path.read_text("utf-8").startswith('"""')] == []


def test_every_package_with_texts_is_known_to_the_catalogues() -> None:
    found = {".".join(path.relative_to(ROOT).parent.parent.parts) for path in files("zh_CN.po")}
    assert found == set(WITH_TEXTS)


def test_the_gate_holds_the_direction_of_imports_for_every_package() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = linter["contracts"][0]["layers"]
    assert set(linter["root_packages"]) == set(PACKAGES)
    assert layers == ["tocsin.app", "api", "incidents", "playbooks | notifiers", "people", "tocsin.base"]


def test_only_api_and_the_demos_servers_know_http_answers() -> None:
    """Errors carry a code and no status: what a refusal is in HTTP is api's to say."""
    knowing = {
        shown(path) for path in python_files() if "aiohttp.web" in (text := path.read_text("utf-8")) or "from aiohttp import web" in text
    }
    assert {path for path in knowing if not path.startswith(("api/", "tocsin/app/demo/"))} == {"tocsin/app/web.py"}
