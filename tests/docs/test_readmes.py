"""The two READMEs say the same, begin with the two commands, and show pictures that open on a bad line."""

import re

import pytest

from tests.docs.pages import blocks, read_page
from tests.harness.processes import ROOT

ENGLISH, CHINESE = read_page("README.md"), read_page("README.zh-CN.md")
PICTURE = re.compile(r"docs/pictures/(\w+)\.(?:en|zh-CN)\.png")


def targets(page: str) -> list[str]:
    """What its links and pictures lead to, without the language."""
    found = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", page)
    return [re.sub(r"\.(?:en|zh-CN)\.png$", "", one or other) for one, other in found if "README" not in one]


def test_both_lead_to_the_same_pages_in_the_same_order() -> None:
    assert targets(ENGLISH) == targets(CHINESE)
    assert [line[:2] for line in ENGLISH.splitlines() if line.startswith("#")] == [
        line[:2] for line in CHINESE.splitlines() if line.startswith("#")
    ]
    assert sum(line.startswith("- ") for line in ENGLISH.splitlines()) == sum(line.startswith("- ") for line in CHINESE.splitlines())


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
def test_the_two_commands_come_first(page: str) -> None:
    assert blocks(page, "console")[0].text == "make demo\nmake test\n"
    assert page.index("make demo") < page.index("docs/pictures/")


@pytest.mark.parametrize(("page", "language"), [(ENGLISH, "en"), (CHINESE, "zh-CN")])
def test_pictures_are_of_the_readers_language_and_not_large(page: str, language: str) -> None:
    shown = [ROOT / match[0] for match in PICTURE.finditer(page)]
    assert len(shown) == 4
    for picture in shown:
        assert picture.name.endswith(f".{language}.png") and picture.stat().st_size <= 250_000
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_readmes_count_the_playbooks_that_ship() -> None:
    shipped = len(list((ROOT / "playbooks" / "library").glob("*.yaml")))
    words = {5: ("Five", "五个"), 6: ("Six", "六个"), 7: ("Seven", "七个"), 8: ("Eight", "八个")}[shipped]
    assert f"{words[0]} playbooks" in ENGLISH and f"{words[1]}预案" in CHINESE
