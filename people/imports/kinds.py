"""How each kind of file is compared with the directory and written: one shape, four plans."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from people.imports.facilities import FacilityPlan
from people.imports.heading_words import ImportKind
from people.imports.records import Row
from people.imports.resident_plan import Rules
from people.imports.residents import ResidentPlan
from people.imports.rosters import RosterPlan
from people.imports.staff import StaffPlan
from people.imports.verdicts import Verdict
from tocsin.base.database import Tx


class Plan(Protocol):
    """A file's rows against the directory, within one transaction."""

    @property
    def added(self) -> tuple[int, int, int]:
        """How many places, people and addresses the file adds."""
        ...

    async def open(self) -> int:
        """Learn what every row needs; how many stays hold today (0 where the kind ends none)."""
        ...

    async def judge(self, rows: Sequence[Row]) -> list[Verdict]:
        """A verdict for each row, in order."""
        ...

    async def write(self, *, dry: bool) -> None:
        """Write what the rows judged since the last time change, or only take it as written."""
        ...

    async def end_others(self, *, write: bool) -> int:
        """End what stands in no row; how many. Only lists of residents can be whole."""
        ...


PLANS: Mapping[ImportKind, Callable[[Tx, Rules], Plan]] = {
    "residents": ResidentPlan,
    "staff": StaffPlan,
    "rosters": RosterPlan,
    "facilities": FacilityPlan,
}
