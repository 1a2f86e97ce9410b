"""What is wrong with a playbook, where, and the way out.

PlaybookError
└── PlaybookErrors   one file's problems, all at once
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class PlaybookError(Exception):
    """Base of everything `playbooks` raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One problem. `line` and `column` count from 1; `path` is the key path, as `steps.engineers.alert[0].within`."""

    file: str
    line: int
    column: int
    path: str
    what: str
    way_out: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        at = f" at {self.path}" if self.path else ""
        return f"{where}:{at} {self.what}. {self.way_out}"


class PlaybookErrors(PlaybookError):
    """A playbook was refused; `problems` lists every reason in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """The way out for a word that is not allowed: the nearest that is, and what is allowed."""
    choices = sorted(allowed)
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    guess = f"Did you mean `{close[0]}`? " if close else ""
    listed = ", ".join(f"`{choice}`" for choice in choices)
    return f"{guess}Allowed here: {listed}." if choices else f"{guess}Nothing is allowed here."
