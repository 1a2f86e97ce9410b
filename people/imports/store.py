"""Reads what the directory holds of a file's rows, and writes what they change: a few statements for some thousand rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from people.bulk import AddedPlace, PersonLine, add_people, add_places
from people.imports.directory import Batch, Directory, KnownPerson, KnownPlace, KnownResidence
from people.imports.home_plan import building_key
from people.imports.place_cells import Where
from people.imports.records import ResidenceRole, ResidentRow
from people.places import add_aliases
from people.search.index import reindex_people, reindex_places
from people.search.pinyin import sort_key
from people.search.terms import alias_key
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
PEOPLE = load_queries("people")


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place; `aliases` are folded."""

    id: int
    code: str
    kind: str
    names: dict[str, str]
    occupancy: str
    aliases: list[str]


@dataclass(frozen=True, slots=True)
class HomeByEnd:
    """A home of a building whose code ends so."""

    building: str
    ending: str
    code: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody whom a row may mean."""

    id: int
    kind: str
    name: str
    language: str
    merged: bool


@dataclass(frozen=True, slots=True)
class StayRow:
    """Where somebody lives or lived."""

    person_id: int
    code: str
    role: ResidenceRole
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address of somebody."""

    person_id: int
    address: str
    quality: str


@dataclass(frozen=True, slots=True)
class PlateRow:
    """A vehicle of somebody."""

    person_id: int
    plate: str


async def open_directory(tx: Tx) -> Directory:
    """A directory that knows the community's buildings and units, and no homes or people yet."""
    directory = Directory()
    for row in await tx.rows(SQL.wide_places, PlaceRow, tx.community):
        directory.places[row.code] = KnownPlace(row.code, row.kind, row.names, row.occupancy, row.id)
        directory.aliases.update((row.code, key) for key in row.aliases)
        if row.kind == "building":
            for word in (row.code, *row.names.values()):
                directory.buildings.setdefault(alias_key(word), set()).add(row.code)
            for key in row.aliases:
                directory.buildings.setdefault(key, set()).add(row.code)
    return directory


async def learn_residents(tx: Tx, directory: Directory, rows: Sequence[ResidentRow]) -> None:
    """Let the directory know every home and person that these rows may mean."""
    doors = [(one.where, directory) for one in rows if one.where is not None and not one.faults]
    codes: set[str] = set()
    ends: set[tuple[str, str]] = set()
    for where, _ in doors:
        for building in _may_be(where, directory):
            around = "-".join(part for part in (building, where.unit) if part)
            codes.update(_codes(around, where))
            if building and where.unit is None:
                ends.update((building, door.segment) for door in where.doors)
    if ends:
        found = await tx.rows(SQL.homes_by_end, HomeByEnd, tx.community, [one for one, _ in ends], [one for _, one in ends])
        for home in found:
            known = directory.by_end.setdefault((home.building, home.ending), [])
            if home.code not in known:
                known.append(home.code)
            codes.add(home.code)
    missing = [code for code in codes if code not in directory.places]
    for row in await tx.rows(SQL.places_of_codes, PlaceRow, tx.community, missing):
        directory.places[row.code] = KnownPlace(row.code, row.kind, row.names, row.occupancy, row.id)
    addresses = {address for row in rows for one in row.people for address in (*(p.address for p in one.phones), *one.emails)}
    ids = {
        *await tx.column(SQL.residents_at, tx.community, list(codes)),
        *await tx.column(SQL.owners_of_addresses, tx.community, list(addresses)),
    }
    await _learn_people(tx, directory, sorted(ids - directory.people.keys()))


async def _learn_people(tx: Tx, directory: Directory, ids: list[int]) -> None:
    if not ids:
        return
    rows = await tx.rows(SQL.persons_known, PersonRow, tx.community, ids)
    found = {row.id: KnownPerson(row.id, row.name, row.language, order=row.id) for row in rows if not row.merged}
    for stay in await tx.rows(SQL.stays_of, StayRow, tx.community, list(found)):
        found[stay.person_id].residences[stay.code] = KnownResidence(stay.role, stay.since, stay.until)
    # Who works here is known to a list of residents where they live here as well.
    staff = {row.id for row in rows if row.kind == "staff"}
    found = {id_: person for id_, person in found.items() if id_ not in staff or person.residences}
    ids = list(found)
    for one in await tx.rows(SQL.addresses_of, AddressRow, tx.community, ids):
        found[one.person_id].addresses[one.address] = one.quality
    for vehicle in await tx.rows(SQL.plates_of, PlateRow, tx.community, ids):
        found[vehicle.person_id].plates.add(vehicle.plate)
    for person in found.values():
        directory.know(person)


def _may_be(where: Where, directory: Directory) -> set[str | None]:
    found: set[str | None] = set(directory.buildings.get(building_key(where.said), ())) if where.said else set()
    return found | {where.building}


def _codes(around: str, where: Where) -> set[str]:
    codes = {f"{around}-{door.segment}" if around else door.segment for door in where.doors}
    floors = {where.floor} if where.floor else {door.segment[:-2] for door in where.doors if len(door.segment) in (3, 4)}
    return codes | {f"{around}-{floor}" for floor in floors if around}


async def write_residents(tx: Tx, batch: Batch, directory: Directory) -> None:
    """Write what rows changed; new places and people have their ids afterwards. The batch is the caller's to settle."""
    await add_places(tx, batch.places)
    await _learn_ids(tx, directory, [line.code for line in batch.places if line.kind == "home"])
    if batch.aliases:
        named = await tx.rows(SQL.ids_of_codes, AddedPlace, tx.community, list({code for code, _ in batch.aliases}))
        ids = {place.code: place.id for place in named}
        await add_aliases(tx, [(ids[code], alias) for code, alias in batch.aliases])
        await reindex_places(tx, list(ids.values()))
    if batch.occupancies:
        homes = [directory.places[code].id for code in batch.occupancies]
        await tx.run(SQL.set_occupancies, tx.community, homes, list(batch.occupancies.values()))
    touched = list(batch.people.values())
    old = [person for person in touched if person.id is not None]
    await _add_new(tx, [person for person in touched if person.id is None])
    directory.people.update({person.id: person for person in touched if person.id is not None})
    await _stays(tx, touched, directory)
    await _add_to_known(tx, old)


async def _learn_ids(tx: Tx, directory: Directory, codes: Sequence[str]) -> None:
    if codes:
        for place in await tx.rows(SQL.ids_of_codes, AddedPlace, tx.community, list(codes)):
            directory.places[place.code].id = place.id


async def _add_new(tx: Tx, people: Sequence[KnownPerson]) -> None:
    lines = [PersonLine("resident", one.name, one.language, tuple(one.new_addresses), plates=tuple(one.new_plates)) for one in people]
    for person, id_ in zip(people, await add_people(tx, lines) if lines else [], strict=True):
        person.id = id_


async def _stays(tx: Tx, people: Sequence[KnownPerson], directory: Directory) -> None:
    for query, wanted in ((SQL.insert_stays, "fresh"), (SQL.update_stays, "changed")):
        stays = [(one.id, code, stay) for one in people for code, stay in one.residences.items() if getattr(stay, wanted)]
        if stays:
            await tx.run(
                query, tx.community, [id_ for id_, _, _ in stays], [directory.places[code].id for _, code, _ in stays],
                [stay.role for _, _, stay in stays], [stay.since for _, _, stay in stays], [stay.until for _, _, stay in stays],
            )  # fmt: skip


async def _add_to_known(tx: Tx, people: Sequence[KnownPerson]) -> None:
    renamed = [one for one in people if one.new_name or one.new_language]
    if renamed:
        await tx.run(
            SQL.update_persons, tx.community, [one.id for one in renamed], [one.name for one in renamed],
            [sort_key(one.name) for one in renamed], [one.language for one in renamed], [""] * len(renamed),
        )  # fmt: skip
    await add_addresses(tx, [(one.id or 0, list(one.new_addresses)) for one in people if one.new_addresses])
    plates = [(one.id, plate) for one in people for plate in one.new_plates]
    if plates:
        await tx.run(PEOPLE.insert_vehicles, tx.community, [one for one, _ in plates], [plate for _, plate in plates])
    await reindex_people(tx, [one.id for one in people if one.id and (one.new_name or one.new_addresses or one.new_plates)])


async def add_addresses(tx: Tx, wanted: Sequence[tuple[int, list[Any]]]) -> None:
    """Give people (ids) further addresses, in order and before those they have."""
    if not wanted:
        return
    await tx.run(SQL.make_room, tx.community, [person for person, _ in wanted], [len(lines) for _, lines in wanted])
    rows = [{"person_id": person, "rank": rank, **asdict(line)} for person, lines in wanted for rank, line in enumerate(lines)]
    await tx.run(SQL.insert_more_addresses, tx.community, rows)
