"""Each kind of gateway has a page, and the page explains every setting of its kind and no other."""

import re
from pathlib import Path

import pytest

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import ChannelKind
from tests.docs.pages import code
from tests.harness.processes import ROOT

PAGES = sorted((ROOT / "docs" / "gateways").glob("*.md"))


def page_of(kind: ChannelKind) -> Path:
    """The page whose first line names the kind."""
    found = [page for page in PAGES if f"`{kind.name}`" in page.read_text("utf-8").splitlines()[0]]
    assert len(found) == 1, f"{kind.name}: {[page.name for page in found]}"
    return found[0]


def settings_of(page: str) -> str:
    """The page's part about settings; all of it where it has no such part."""
    part = re.search(r"^## Settings.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return page if part is None else part[0]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_setting_of_a_kind_stands_on_its_page(kind: ChannelKind) -> None:
    said = set(re.findall(r"\w+", " ".join(code(settings_of(page_of(kind).read_text("utf-8"))))))
    assert set(kind.settings.model_fields) <= said, sorted(set(kind.settings.model_fields) - said)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_table_of_settings_names_no_setting_that_does_not_exist(kind: ChannelKind) -> None:
    part = settings_of(page_of(kind).read_text("utf-8"))
    for table in re.findall(r"^\| setting \|.*\n\|[-| ]+\|\n((?:\|.*\n?)+)", part, re.MULTILINE):
        named = {word for row in table.splitlines() for word in code(row.split("|")[1])}
        assert named <= set(kind.settings.model_fields), sorted(named - set(kind.settings.model_fields))
