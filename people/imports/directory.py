"""What the directory is known to hold while a file is compared with it, what the file has added so far included. Plain data."""

from dataclasses import dataclass, field
from datetime import date

from people.bulk import AddressLine, PlaceLine
from people.imports.records import Occupancy, ResidenceRole

_AFTER_ALL = 2**62
"""Greater than any id there will be."""


@dataclass(slots=True)
class KnownPlace:
    """A place by its code; `said` once a row of the file has said how the home is used."""

    code: str
    kind: str
    names: dict[str, str]
    occupancy: str = "occupied"
    id: int | None = None
    said: bool = False


@dataclass(slots=True)
class KnownResidence:
    """Somebody's stay in a home; `until` is the first day on which it is over. `fresh`: not stored yet; `changed`: not as it
    is stored; `said`: a row has said how it is; `seen`: a row has named it."""

    role: ResidenceRole
    since: date | None
    until: date | None
    fresh: bool = False
    changed: bool = False
    said: bool = False
    seen: bool = False

    def is_over(self, today: date) -> bool:
        return self.until is not None and self.until <= today


@dataclass(slots=True, eq=False)
class KnownPerson:
    """Somebody of the directory (`id`), or new. What a row adds waits in the lists that begin with `new_` until it is written."""

    id: int | None
    name: str
    language: str
    residences: dict[str, KnownResidence] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    plates: set[str] = field(default_factory=set)
    new_addresses: list[AddressLine] = field(default_factory=list)
    new_plates: list[str] = field(default_factory=list)
    new_name: str | None = None
    new_language: str | None = None
    said_language: bool = False
    is_new: bool = False
    order: int = 0


@dataclass(slots=True)
class Batch:
    """What some rows change: to be written together, places first."""

    places: list[PlaceLine] = field(default_factory=list)
    aliases: list[tuple[str, str]] = field(default_factory=list)
    occupancies: dict[str, Occupancy] = field(default_factory=dict)
    people: dict[int, KnownPerson] = field(default_factory=dict)

    def touch(self, person: KnownPerson) -> None:
        """Have the person's changes written."""
        self.people[id(person)] = person

    def settle(self) -> None:
        """What waited is written, or in a dry run taken as written."""
        for person in self.people.values():
            person.new_addresses, person.new_plates, person.new_name, person.new_language = [], [], None, None
            person.is_new = False
            for stay in person.residences.values():
                stay.fresh = stay.changed = False


@dataclass(slots=True)
class Directory:
    """`buildings` by every word for them (a folded name, alias or code), each with the codes it may mean. `by_end`: homes of a building,
    in whichever unit, by the last part of their code. `left`: when those left a
    home whom we never knew there, by the home and a name or number.
    """

    places: dict[str, KnownPlace] = field(default_factory=dict)
    buildings: dict[str, set[str]] = field(default_factory=dict)
    aliases: set[tuple[str, str]] = field(default_factory=set)
    at_home: dict[str, list[KnownPerson]] = field(default_factory=dict)
    by_address: dict[str, list[KnownPerson]] = field(default_factory=dict)
    by_end: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    people: dict[int, KnownPerson] = field(default_factory=dict)
    left: dict[tuple[str, str], date] = field(default_factory=dict)
    newcomers: int = 0

    def newcomer(self, name: str, language: str) -> KnownPerson:
        """Somebody who is not stored yet; they come after all who are, in the order in which they appear."""
        self.newcomers += 1
        return KnownPerson(None, name, language, is_new=True, order=_AFTER_ALL + self.newcomers)

    def know(self, person: KnownPerson) -> None:
        """Let the person be found by their homes and addresses."""
        if person.id is not None:
            self.people[person.id] = person
        for code in person.residences:
            self.at_home.setdefault(code, []).append(person)
        for address in person.addresses:
            self.by_address.setdefault(address, []).append(person)
