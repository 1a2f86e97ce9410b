"""What the pages tell a reader to type exists, and what they point at is there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.docs.pages import blocks
from tests.harness.processes import ROOT
from tocsin.app.cli.commands import app

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def typed(page: Path) -> list[list[str]]:
    """Every `tocsin …` command line of a page's blocks, as words; lines that go on after a backslash are joined."""
    text = page.read_text("utf-8")
    lines = [line for language in ("console", "sh") for block in blocks(text, language) for line in joined(block.text)]
    found = [re.search(r"(?:^|[|$ ])tocsin ([a-z].*)$", line) for line in lines if not line.lstrip().startswith("#")]
    return [shlex.split(match[1], comments=True) for match in found if match is not None and "tocsin/" not in match[0]]


def joined(block: str) -> list[str]:
    return block.replace("\\\n", " ").splitlines()


def command_of(line: list[str]) -> tuple[Any, list[str]]:
    """The command that a line names, and what follows it."""
    here: Any = typer.main.get_command(app)
    rest = list(line)
    while getattr(here, "commands", None) is not None:
        assert rest and rest[0] in here.commands, line
        here = here.commands[rest.pop(0)]
    return here, rest


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_on_the_pages_exist_with_their_options(page: Path) -> None:
    for line in typed(page):
        if line[0] not in getattr(typer.main.get_command(app), "commands", {}):
            continue  # a sentence or a folder, not a command
        command, rest = command_of(line)
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        asked = {word.partition("=")[0] for word in rest if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", word)}
        assert asked <= known, f"{name_of(page)}: tocsin {' '.join(line)}"


def test_there_are_commands_to_look_at() -> None:
    assert sum(len(typed(page)) for page in PAGES) > 30


def anchors(page: Path) -> set[str]:
    """The fragments that the headings of a page can be reached by."""
    headings = _HEADING.findall(re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL))
    return {re.sub(r"[^\w\- ]", "", heading.lower().replace("`", "")).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in _LINK.findall(text):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name_of(page)} points at {target}"
        if fragment:
            assert fragment in anchors(there), f"{name_of(page)} points at {target}"
