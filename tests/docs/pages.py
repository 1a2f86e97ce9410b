"""Reads the pages of docs/ as their readers do: fenced blocks, and tables with the mark that stands before them."""

import re
from dataclasses import dataclass

from tests.harness.processes import ROOT

_FENCE = re.compile(r"(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)```\n", re.DOTALL)
_TABLE = re.compile(r"<!-- (?P<mark>[^\n]*?) -->\n(?P<rows>(?:\|[^\n]*\n)+)")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block, its language, and the mark in the comment right before it (empty where there is none)."""

    mark: str
    language: str
    text: str


def read_page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text("utf-8")


def blocks(page: str, language: str) -> list[Block]:
    """Every fenced block of this language, in order."""
    found = [Block(match["mark"] or "", match["language"], match["text"]) for match in _FENCE.finditer(page)]
    return [block for block in found if block.language == language]


def table(page: str, mark: str) -> list[list[str]]:
    """The cells of the rows below the head of the table that `mark` stands before."""
    for match in _TABLE.finditer(page):
        if match["mark"] == mark:
            rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in match["rows"].splitlines()]
            return rows[2:]
    raise AssertionError(f"no table is marked <!-- {mark} -->")


def code(cell: str) -> list[str]:
    """What stands between backticks in a cell, in order."""
    return _CODE.findall(cell)


def marks(page: str) -> list[str]:
    """The marks of all tables."""
    return [match["mark"] for match in _TABLE.finditer(page)]
