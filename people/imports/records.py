"""What the process that parses sends: one record a row, clean and checked by itself, not yet compared with the directory."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from people.imports.faults import Fault, Hint
from people.imports.heading_words import ImportKind
from people.imports.phones import Phone
from people.imports.place_cells import HomeUse, Where

ResidenceRole = Literal["owner", "tenant", "family"]
Occupancy = Literal["occupied", "let", "vacant", "not_moved_in"]
Tier = Literal["duty", "backup", "lead"]
FacilityKind = Literal["elevator", "pump_room", "garage", "substation", "gate", "other"]


@dataclass(frozen=True, slots=True)
class ProxyCells:
    """Somebody else by whom somebody is told: a relative."""

    name: str
    relation: str
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class PersonCells:
    """Somebody in a row. `name` is "" where a home has a number but no name. `language` None: the file does not say."""

    name: str
    phones: tuple[Phone, ...] = ()
    emails: tuple[str, ...] = ()
    role: ResidenceRole | None = None
    language: str | None = None
    plates: tuple[str, ...] = ()
    proxies: tuple[ProxyCells, ...] = ()


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """A row of a list of homes. `moved_out`: those in it left, on `until` or, without it, today."""

    line: int
    sheet: int = 0
    faults: tuple[Fault, ...] = ()
    hints: tuple[Hint, ...] = ()
    where: Where | None = None
    people: tuple[PersonCells, ...] = ()
    since: date | None = None
    until: date | None = None
    moved_out: bool = False
    occupancy: Occupancy | None = None
    home_use: HomeUse | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A row of a list of staff; `departments` as they are written, `post` the playbooks' word for the title, if it is one."""

    line: int
    sheet: int = 0
    faults: tuple[Fault, ...] = ()
    hints: tuple[Hint, ...] = ()
    person: PersonCells = field(default_factory=lambda: PersonCells(""))
    department: str = ""
    title: str = ""
    post: str | None = None
    certificates: tuple[str, ...] = ()
    certificate_until: date | None = None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody named in a roster's row."""

    tier: Tier
    name: str
    phones: tuple[Phone, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A shift: wall-clock times of the community."""

    line: int
    sheet: int = 0
    faults: tuple[Fault, ...] = ()
    hints: tuple[Hint, ...] = ()
    department: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    people: tuple[OnDuty, ...] = ()


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """A facility: where it is (segments of a code), its number there, and what it serves as it is written."""

    line: int
    sheet: int = 0
    faults: tuple[Fault, ...] = ()
    hints: tuple[Hint, ...] = ()
    kind: FacilityKind = "other"
    number: str = ""
    label: str = ""
    building: str | None = None
    said: str = ""
    unit: str | None = None
    rescue_code: str | None = None
    serves: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


Row = ResidentRow | StaffRow | RosterRow | FacilityRow


@dataclass(frozen=True, slots=True)
class TakenColumn:
    """One column and what it was taken for; `letter` as the spreadsheet shows it, `samples` of its first texts."""

    letter: str
    heading: str
    field: str
    group: str
    sure: bool
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet that was read; `heading_line` from 1."""

    name: str
    heading_line: int
    columns: tuple[TakenColumn, ...]
    left_out: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Understood:
    """What a file was taken for."""

    kind: ImportKind
    format: str
    encoding: str | None
    sheets: tuple[Sheet, ...]
    other_sheets: tuple[str, ...] = ()
    shift_words: dict[str, str] = field(default_factory=dict)
