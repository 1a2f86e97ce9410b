"""Lists of facilities: elevators with their rescue codes, pump rooms, substations, and what each of them serves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from people.bulk import AddedPlace, PlaceLine, add_places, add_served_by_codes
from people.imports.directory import Directory
from people.imports.faults import Fault
from people.imports.place_cells import read_building
from people.imports.place_names import facility_names
from people.imports.records import FacilityRow, Row
from people.imports.resident_plan import Rules
from people.imports.store import open_directory
from people.imports.verdicts import Verdict
from people.place_words import COMMUNITY_CODE, FACILITY_LETTERS, normalise_code, read_place_words
from people.places import add_aliases
from people.search.index import reindex_places
from people.search.terms import alias_key
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
_OTHER = "X"
_RANGE = re.compile(r"(\d{1,3})\s*(?:号楼|栋|幢|座|#)?\s*(?:-|~|～|至|到)\s*(\d{1,3})\s*(?:号楼|栋|幢|座|楼|#)?")
_WHOLE = frozenset({"全区", "全小区", "整个小区", "小区", "全部", "所有楼栋", "all", "whole community"})


@dataclass(slots=True)
class KnownFacility:
    """A facility; `aliases` are folded, `serves` codes."""

    code: str
    facility_kind: str | None
    rescue_code: str | None
    aliases: list[str]
    serves: list[str]


class FacilityPlan:
    """See people.imports.kinds.Plan."""

    def __init__(self, tx: Tx, rules: Rules) -> None:
        self.tx, self.rules = tx, rules
        self.directory = Directory()
        self.known: dict[str, KnownFacility] = {}
        self.lines: list[PlaceLine] = []
        self.rescue_codes: dict[str, str] = {}
        self.served: dict[str, list[str]] = {}
        self.aliases: list[tuple[str, str]] = []
        self.added = (0, 0, 0)

    async def open(self) -> int:
        self.directory = await open_directory(self.tx)
        self.known = {one.code: one for one in await self.tx.rows(SQL.facilities, KnownFacility, self.tx.community)}
        return 0

    async def judge(self, rows: Sequence[Row]) -> list[Verdict]:
        return [self._judge(row) for row in cast(Sequence[FacilityRow], rows)]

    def _judge(self, row: FacilityRow) -> Verdict:
        parent = self._parent(row)
        served = [self._served(said) for said in row.serves]
        faults = [*row.faults, *(one for one in (parent, *served) if isinstance(one, Fault))]
        if faults or isinstance(parent, Fault):
            return Verdict(row.sheet, row.line, "refused", tuple(faults), row.hints)
        by_rescue = next((one for one in self.known.values() if row.rescue_code and one.rescue_code == row.rescue_code), None)
        code = self._code(row, parent, by_rescue)
        if isinstance(code, Fault):
            return Verdict(row.sheet, row.line, "refused", (code,), row.hints)
        if by_rescue is not None and by_rescue.code != code:
            return Verdict(
                row.sheet, row.line, "refused",
                (Fault("rescue_code_taken", "rescue_code", row.rescue_code or "", {"code": by_rescue.code}),), row.hints,
            )  # fmt: skip
        is_new = code not in self.known
        if is_new:
            self._add(row, code, parent)
        changed = self._update(row, self.known[code], [one for some in served if isinstance(some, list) for one in some])
        return Verdict(row.sheet, row.line, "new" if is_new else "changed" if changed else "unchanged", (), row.hints)

    def _parent(self, row: FacilityRow) -> str | Fault:
        if not row.said or row.said.lower() in _WHOLE:
            return COMMUNITY_CODE
        known = self.directory.buildings.get(alias_key(row.said), set())
        building = next(iter(known)) if len(known) == 1 else row.building
        code = "-".join(part for part in (building, row.unit) if part)
        if building is None or code not in self.directory.places:
            shown = row.said if row.unit is None else f"{row.said} {row.unit}"
            return Fault("building_unclear", "building", shown, {"known": ", ".join(sorted(known))})
        return code

    def _code(self, row: FacilityRow, parent: str, by_rescue: KnownFacility | None) -> str | Fault:
        letter = FACILITY_LETTERS.get(row.kind, _OTHER)
        around = "" if parent == COMMUNITY_CODE else f"{parent}-"
        if row.number:
            return normalise_code(f"{around}{letter}{row.number}")
        if by_rescue is not None:
            return by_rescue.code
        here = [one for one in self.known.values() if one.facility_kind == row.kind and one.code.rpartition("-")[0] == around.rstrip("-")]
        if not here:
            return normalise_code(f"{around}{letter}1")
        if len(here) == 1 and not row.rescue_code:
            return here[0].code
        return Fault("facility_number", "facility_name", row.label)

    def _add(self, row: FacilityRow, code: str, parent: str) -> None:
        around = self.directory.places[parent].names if parent != COMMUNITY_CODE else {}
        number = re.sub(r"\D", "", code.rpartition("-")[2]) or "1"
        names = facility_names(around, row.kind, number, row.label)
        line = PlaceLine("facility", parent, code, names, row.label or names[self.rules.language], int(number), row.kind, row.rescue_code)
        self.lines.append(line)
        self.known[code] = KnownFacility(code, row.kind, row.rescue_code, [], [])
        self.added = (self.added[0] + 1, 0, 0)

    def _update(self, row: FacilityRow, facility: KnownFacility, served: list[str]) -> bool:
        changed = False
        if row.rescue_code and row.rescue_code != facility.rescue_code:
            facility.rescue_code = self.rescue_codes[facility.code] = row.rescue_code
            changed = True
        fresh = [code for code in dict.fromkeys(served) if code not in facility.serves]
        if fresh:
            facility.serves += fresh
            self.served.setdefault(facility.code, []).extend(fresh)
            changed = True
        for alias in row.aliases:
            key = alias_key(alias)
            if key and key not in facility.aliases:
                facility.aliases.append(key)
                self.aliases.append((facility.code, alias))
                changed = True
        return changed

    def _served(self, said: str) -> list[str] | Fault:
        """The codes of the places that words mean: 1-3栋, 5栋2单元, 全小区."""
        if said.lower() in _WHOLE:
            return [COMMUNITY_CODE]
        several = _RANGE.fullmatch(said)
        if several is not None and int(several[1]) < int(several[2]):
            codes = [str(number) for number in range(int(several[1]), int(several[2]) + 1)]
        else:
            known = self.directory.buildings.get(alias_key(said), set())
            building, unit = read_building(said)
            one = next(iter(known)) if len(known) == 1 else building
            codes = ["-".join(part for part in (one, unit) if part)] if one else list(read_place_words(said).codes[:1])
        codes = [code for code in codes if code in self.directory.places]
        return codes or Fault("served_unclear", "serves", said[:40])

    async def write(self, *, dry: bool) -> None:
        if not dry:
            await add_places(self.tx, self.lines)
            known = {code: one for code, one in self.rescue_codes.items() if code not in {line.code for line in self.lines}}
            await self.tx.run(SQL.set_rescue_codes, self.tx.community, list(known), list(known.values()))
            for code, places in self.served.items():
                await add_served_by_codes(self.tx, code, places)
            touched = {*known, *(code for code, _ in self.aliases)}
            ids = {one.code: one.id for one in await self.tx.rows(SQL.ids_of_codes, AddedPlace, self.tx.community, list(touched))}
            await add_aliases(self.tx, [(ids[code], alias) for code, alias in self.aliases])
            await reindex_places(self.tx, list(ids.values()))
        self.lines, self.rescue_codes, self.served, self.aliases = [], {}, {}, []

    async def end_others(self, *, write: bool) -> int:
        return 0
