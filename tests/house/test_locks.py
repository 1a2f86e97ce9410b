"""What is installed is locked by hashes, from wherever a mirror serves it, under licences that let us ship it."""

import re
import tomllib
from importlib.metadata import metadata

import pytest

from tests.house.tree import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
SHIPPED = LOCKS[:2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ASKED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]

LICENCES = re.compile(
    r"MIT(-0| License)?|Apache(-2\.0| Software License)?|BSD(-[23]-Clause| License)|ISC( License \(ISCL\))?|Zlib|0BSD"
    r"|PSF-2\.0|Python Software Foundation License|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)"
)
"""Permissive ones, and the Mozilla licence, which binds its own files only."""

NO_LICENCES = ("OSI Approved", "DFSG approved")
"""Classifiers that name a shelf of licences and no licence."""

SAID_IN_THE_FILE = {"axe-playwright-python": "MIT"}
"""Packages whose metadata says nothing, with what their licence file says."""


def _pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text("utf-8")
    return {_plain(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)}


def _plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = [entry for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:] if "--hash=sha256:" not in entry]
    assert entries == []
    assert len(_pinned(lock)) > 20


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_download_from(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert (
        re.findall(r"https?:|\bfile://|\bgit\+|--(?:extra-)?index-url|--find-links|--trusted-host|^[\w.-]+ *@ ", text, re.MULTILINE) == []
    )


def test_the_developers_lock_holds_the_same_versions_and_more() -> None:
    product, every = _pinned(LOCKS[0]), _pinned(LOCKS[1])
    assert {name for name, version in product.items() if every.get(name) != version} == set()


@pytest.mark.parametrize("asked", ASKED)
def test_every_dependency_says_from_which_version_it_is_known_to_work(asked: str) -> None:
    found = re.match(r"([\w.-]+)>=([\d.]+)(,<[\d.]+)?(; .*)?$", asked)
    assert found, "name>=version, and nothing of where it comes from"
    assert _numbers(_pinned(LOCKS[1])[_plain(found[1])]) >= _numbers(found[2]), "the lock is older: run `make lock`"


@pytest.mark.parametrize("lock", SHIPPED)
def test_every_licence_lets_us_ship_it(lock: str) -> None:
    wrong = {name: said for name in _pinned(lock) if not _allows(said := _licence(name))}
    assert wrong == {}


def _licence(name: str) -> str:
    """An SPDX expression, or the classifiers joined by OR, or the first line of the licence's text."""
    said = metadata(name).json
    shelves = [one.rpartition(" :: ")[2] for one in said.get("classifier", []) if one.startswith("License ::")]
    named = [one for one in shelves if one not in NO_LICENCES]
    return str(said.get("license_expression") or " OR ".join(named) or SAID_IN_THE_FILE.get(name) or str(said.get("license") or "")[:60])


def _allows(expression: str) -> bool:
    """Every part joined by AND, and of those joined by OR at least one."""
    every = [part.removeprefix("(").removesuffix(")") if part.startswith("(") else part for part in expression.split(" AND ")]
    return all(any(LICENCES.fullmatch(one) for one in part.split(" OR ")) for part in every)


def test_our_own_licence_is_in_the_tree() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert [name for name in PROJECT["license-files"] if not (ROOT / name).read_text("utf-8").strip().startswith("Apache License")] == []


def test_it_can_never_be_published_by_accident() -> None:
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]
