"""Lists of staff: the whole file at once, as there are never many, so that two of one name are told apart before either is written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from people.bulk import AddressLine, PersonLine, add_people
from people.contact.quality import lacks_phone
from people.imports.department_names import department_key, department_names, names_of_department
from people.imports.faults import Fault, Hint
from people.imports.records import Row, StaffRow
from people.imports.resident_plan import Rules
from people.imports.store import add_addresses
from people.imports.verdicts import Verdict
from people.rosters import add_department, add_post
from people.search.index import reindex_people
from people.search.pinyin import sort_key
from people.search.terms import squeeze
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


NEW = 0
"""The id of somebody who is not stored yet."""


@dataclass(slots=True)
class StaffPerson:
    """Somebody of the staff, stored or NEW. Their department is nowhere but in the note and in shifts."""

    id: int
    name: str
    language: str
    note: str
    addresses: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Change:
    """What a row adds to a person."""

    person: StaffPerson
    addresses: list[AddressLine] = field(default_factory=list)
    language: str | None = None
    note: str | None = None
    post: str | None = None
    certificates: list[tuple[str, Any]] = field(default_factory=list)
    department: tuple[str, dict[str, str]] | None = None

    @property
    def says_something(self) -> bool:
        return bool(self.addresses or self.language or self.note or self.post or self.certificates or self.department)


def _addresses(row: StaffRow) -> set[str]:
    return {phone.address for phone in row.person.phones} | set(row.person.emails)


class StaffBook:
    """All staff by name and by number; used by lists of staff and by rosters."""

    def __init__(self, people: Sequence[StaffPerson]) -> None:
        self.people = list(people)

    def find(self, name: str, addresses: set[str]) -> list[StaffPerson]:
        """Those of this name who have one of the addresses; where none has, all of this name."""
        same = [one for one in self.people if one.name == name or squeeze(one.name) == squeeze(name)]
        return [one for one in same if addresses & set(one.addresses)] or same


async def read_staff_book(tx: Tx) -> StaffBook:
    """Everybody on the staff."""
    return StaffBook(await tx.rows(SQL.staff, StaffPerson, tx.community))


class StaffPlan:
    """See people.imports.kinds.Plan."""

    def __init__(self, tx: Tx, rules: Rules) -> None:
        self.tx, self.rules = tx, rules
        self.book = StaffBook([])
        self.departments: dict[str, dict[str, str]] = {}
        self.changes: list[_Change] = []
        self.added = (0, 0, 0)
        self.taken: Counter[int] = Counter()

    async def open(self) -> int:
        self.book = await read_staff_book(self.tx)
        self.departments = await department_names(self.tx)
        return 0

    async def judge(self, rows: Sequence[Row]) -> list[Verdict]:
        self.changes = []
        staff = cast(Sequence[StaffRow], rows)
        for row in staff:
            # Whoever is known by a number in one row is not meant by another row of the same name with another number.
            for one in self.book.find(row.person.name, _addresses(row)):
                self.taken[id(one)] += bool(_addresses(row) & set(one.addresses))
        return [self._judge(row) for row in staff]

    def _judge(self, row: StaffRow) -> Verdict:
        if row.faults:
            return Verdict(row.sheet, row.line, "refused", row.faults, row.hints)
        addresses = _addresses(row)
        found = self.book.find(row.person.name, addresses)
        # Of one name but with another number, and named by a row of this file before: somebody else.
        found = [one for one in found if not (addresses and self.taken[id(one)] and not addresses & set(one.addresses))]
        if len(found) > 1:
            return Verdict(row.sheet, row.line, "refused", (Fault("person_ambiguous", "name", row.person.name),), row.hints)
        is_new = not found
        person = found[0] if found else StaffPerson(NEW, row.person.name, row.person.language or self.rules.language, "")
        if is_new:
            self.book.people.append(person)
        self.taken[id(person)] += 1
        change = self._change(row, person)
        self._count(change, is_new)
        if is_new or change.says_something:
            self.changes.append(change)
        word = "new" if is_new else "changed" if change.says_something else "unchanged"
        silent = lacks_phone(("mobile" if one.startswith("+") else "email", "unproven") for one in person.addresses)
        hints = (*row.hints, Hint("no_phone", "phone", person.name)) if silent else row.hints
        return Verdict(row.sheet, row.line, word, (), hints)  # type: ignore[arg-type]

    def _change(self, row: StaffRow, person: StaffPerson) -> _Change:
        change = _Change(person)
        lines = [AddressLine(phone.kind, phone.address, consent_source=self.rules.source) for phone in row.person.phones]
        lines += [AddressLine("email", email, consent_source=self.rules.source) for email in row.person.emails]
        for line in lines:
            if line.address not in person.addresses:
                person.addresses.append(line.address)
                change.addresses.append(line)
        if row.person.language and row.person.language != person.language:
            person.language = change.language = row.person.language
        note = " · ".join(part for part in (row.department, row.title) if part)
        if note and not person.note:
            person.note = change.note = note
        if row.post and row.post not in person.posts:
            person.posts.append(row.post)
            change.post = row.post
        for kind in row.certificates:
            expires = str(row.certificate_until)
            if person.certificates.get(kind) != expires:
                person.certificates[kind] = expires
                change.certificates.append((kind, row.certificate_until))
        if row.department:
            key = department_key(row.department, self.departments)
            if key not in self.departments:
                names = names_of_department(key, row.department)
                self.departments[key] = names
                change.department = (key, names)
        return change

    def _count(self, change: _Change, is_new: bool) -> None:
        places, people, addresses = self.added
        self.added = (places, people + is_new, addresses + len(change.addresses))

    async def write(self, *, dry: bool) -> None:
        if not dry:
            await self._write()
        self.changes = []

    async def _write(self) -> None:
        new = list({id(one.person): one.person for one in self.changes if one.person.id == NEW}.values())
        lines = {id(one): [line for change in self.changes if change.person is one for line in change.addresses] for one in new}
        ids = await add_people(self.tx, [PersonLine("staff", one.name, one.language, tuple(lines[id(one)]), note=one.note) for one in new])
        for person, id_ in zip(new, ids, strict=True):
            person.id = id_
        known = [one for one in self.changes if id(one.person) not in lines]
        for change in self.changes:
            if change.department is not None:
                await add_department(self.tx, *change.department)
            if change.post is not None:
                await add_post(self.tx, change.post, change.person.id)
            for kind, expires in change.certificates:
                await self.tx.run(SQL.upsert_certificate, self.tx.community, change.person.id, kind, expires)
        await self._update([one for one in known if one.language or one.note])
        more: dict[int, list[Any]] = {}
        for change in known:
            if change.addresses:
                more.setdefault(change.person.id, []).extend(change.addresses)
        await add_addresses(self.tx, list(more.items()))
        await reindex_people(self.tx, list(more))

    async def _update(self, changes: Sequence[_Change]) -> None:
        people = list({id(one.person): one.person for one in changes}.values())
        if people:
            await self.tx.run(
                SQL.update_persons, self.tx.community, [one.id for one in people], [one.name for one in people],
                [sort_key(one.name) for one in people], [one.language for one in people], [one.note for one in people],
            )  # fmt: skip

    async def end_others(self, *, write: bool) -> int:
        return 0
