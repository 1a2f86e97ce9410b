"""Rosters: shifts in wall-clock time for staff who are known by name or number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from people.bulk import WallShift, add_wall_shifts
from people.imports.department_names import department_key, department_names
from people.imports.faults import Fault
from people.imports.records import OnDuty, RosterRow, Row, Tier
from people.imports.resident_plan import Rules
from people.imports.staff import StaffBook, read_staff_book
from people.imports.verdicts import Verdict
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class KnownShift:
    """A shift by the clock on the wall."""

    department: str
    tier: str
    person_id: int
    starts_local: datetime
    ends_local: datetime


class RosterPlan:
    """See people.imports.kinds.Plan. A shift that is known is unchanged; one that overlaps another of the same person is refused."""

    def __init__(self, tx: Tx, rules: Rules) -> None:
        self.tx, self.rules = tx, rules
        self.book = StaffBook([])
        self.departments: dict[str, dict[str, str]] = {}
        self.known: dict[tuple[str, int], list[KnownShift]] = {}
        self.fresh: list[KnownShift] = []
        self.added = (0, 0, 0)

    async def open(self) -> int:
        self.book = await read_staff_book(self.tx)
        self.departments = await department_names(self.tx)
        return 0

    async def judge(self, rows: Sequence[Row]) -> list[Verdict]:
        rosters = cast(Sequence[RosterRow], rows)
        await self._learn(rosters)
        self.fresh = []
        return [self._judge(row) for row in rosters]

    async def _learn(self, rows: Sequence[RosterRow]) -> None:
        starts = [row.starts for row in rows if row.starts]
        ends = [row.ends for row in rows if row.ends]
        if not starts or not ends:
            return
        for shift in await self.tx.rows(SQL.shifts_between, KnownShift, self.tx.community, min(starts), max(ends)):
            known = self.known.setdefault((shift.department, shift.person_id), [])
            if shift not in known:
                known.append(shift)

    def _judge(self, row: RosterRow) -> Verdict:
        faults = list(row.faults)
        department = department_key(row.department, self.departments) if row.department else self._only_department()
        if not row.department and not department:
            faults.append(Fault("department_missing", "department", ""))
        elif department not in self.departments:
            faults.append(Fault("department_unknown", "department", row.department, {"known": self._names()}))
        people = [self._person(one) for one in row.people] if not faults else []
        faults += [one for one in people if isinstance(one, Fault)]
        if faults or row.starts is None or row.ends is None:
            return Verdict(row.sheet, row.line, "refused", tuple(faults), row.hints)
        wanted = [
            KnownShift(department, one.tier, person, row.starts, row.ends)
            for one, person in zip(row.people, people, strict=True)
            if isinstance(person, int)
        ]
        fresh = [one for one in dict.fromkeys(wanted) if one not in self.known.get((one.department, one.person_id), ())]
        clash = next((one for one in fresh if self._overlaps(one, fresh)), None)
        if clash is not None:
            who = next(one.name for one, person in zip(row.people, people, strict=True) if person == clash.person_id)
            return Verdict(row.sheet, row.line, "refused", (Fault("shift_overlaps", "name", who),), row.hints)
        for one in fresh:
            self.known.setdefault((one.department, one.person_id), []).append(one)
        self.fresh += fresh
        return Verdict(row.sheet, row.line, "new" if fresh else "unchanged", (), row.hints)

    def _overlaps(self, shift: KnownShift, fresh: Sequence[KnownShift]) -> bool:
        others = [*self.known.get((shift.department, shift.person_id), ()), *(one for one in fresh if one is not shift)]
        return any(
            one.person_id == shift.person_id and one.starts_local < shift.ends_local and shift.starts_local < one.ends_local
            for one in others
        )

    def _person(self, said: OnDuty) -> int | Fault:
        found = self.book.find(said.name, {phone.address for phone in said.phones})
        if len(found) == 1:
            return found[0].id
        return Fault("person_ambiguous" if found else "person_unknown", "name", said.name)

    def _only_department(self) -> str:
        return next(iter(self.departments)) if len(self.departments) == 1 else ""

    def _names(self) -> str:
        return ", ".join(sorted(names.get(self.rules.language) or key for key, names in self.departments.items()))[:200]

    async def write(self, *, dry: bool) -> None:
        if self.fresh and not dry:
            await add_wall_shifts(
                self.tx, self.rules.zone,
                [
                    WallShift(one.department, cast(Tier, one.tier), one.person_id, one.starts_local.date(), one.starts_local.time(),
                              one.ends_local.time())
                    for one in self.fresh
                ],
            )  # fmt: skip
        self.fresh = []

    async def end_others(self, *, write: bool) -> int:
        return 0
