"""What becomes of each row, and of the whole file."""

from dataclasses import dataclass
from typing import Literal

from people.imports.faults import Fault, Hint

VerdictWord = Literal["new", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: `line` as the spreadsheet counts it in the sheet `sheet` (from 0). `ends`: residences that it ends."""

    sheet: int
    line: int
    verdict: VerdictWord
    faults: tuple[Fault, ...] = ()
    hints: tuple[Hint, ...] = ()
    ends: int = 0


@dataclass(slots=True)
class Counts:
    """Rows by verdict, and what is behind them. `of` residences that hold today, `ends` are ended by the file."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: int = 0
    hints: int = 0
    new_places: int = 0
    new_people: int = 0
    new_addresses: int = 0
    ends: int = 0
    of: int = 0

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged + self.refused

    def add(self, verdict: Verdict) -> None:
        """Count a row."""
        match verdict.verdict:
            case "new":
                self.new += 1
            case "changed":
                self.changed += 1
            case "unchanged":
                self.unchanged += 1
            case "refused":
                self.refused += 1
        self.hints += bool(verdict.hints)
        self.ends += verdict.ends

    @property
    def must_ask(self) -> bool:
        """Whether more than a tenth of all residences would end."""
        return self.ends * 10 > self.of
