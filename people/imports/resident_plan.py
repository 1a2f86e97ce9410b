"""What a row of a list of homes changes in the directory. Pure: reads and updates what is known, and notes in a batch what to write.

Who is who: in a home, those of one name are one; in the community, those of one name and one number are one. Somebody without a name is
known by their number in that home. What a row does not say stays as it is; what two rows of one file say differently, the first one says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from people.bulk import AddressLine
from people.contact.quality import lacks_phone
from people.imports.directory import Batch, Directory, KnownPerson, KnownResidence
from people.imports.faults import Fault, Hint
from people.imports.home_plan import Homes, add_missing, plan_homes
from people.imports.records import PersonCells, ResidentRow
from people.imports.verdicts import Verdict
from people.search.terms import alias_key, plate_key, squeeze


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for a whole run: today's date in the community, the name of people without one, its language and zone, whence consent comes."""

    today: date
    nameless: str
    language: str
    zone: str = "Asia/Shanghai"
    source: str = ""


def plan_resident(row: ResidentRow, directory: Directory, batch: Batch, rules: Rules) -> Verdict:
    """Judge a row and, unless it is refused, take it over."""
    if row.faults or row.where is None:
        return Verdict(row.sheet, row.line, "refused", row.faults, row.hints)
    occupancy = row.occupancy
    homes = plan_homes(row.where, directory, occupancy)
    if isinstance(homes, Fault):
        return Verdict(row.sheet, row.line, "refused", (homes,), row.hints)
    homes = _with_use(homes, row)
    if row.moved_out or (row.until is not None and row.until <= rules.today):
        return _leave(row, homes, directory, batch, rules)
    known = _known_all(row.people, homes, directory, rules)
    fault = _dates_wrong(row, homes, known)
    if fault is not None:
        return Verdict(row.sheet, row.line, "refused", (fault,), row.hints)
    return _take(row, homes, known, directory, batch, rules)


def _take(row: ResidentRow, homes: Homes, known: list[KnownPerson | None], directory: Directory, batch: Batch, rules: Rules) -> Verdict:
    is_new = bool(homes.missing)
    add_missing(homes, directory, batch)
    changed, hints = _places(row, homes, directory, batch)
    made: dict[str, KnownPerson] = {}
    for cells, found in zip(row.people, known, strict=True):
        person = found or made.get(squeeze(cells.name))
        if person is None:
            if all(_has_left(row, cells, code, directory) for code in homes.codes):
                hints.append(Hint("not_living_there", "name", cells.name))
                continue
            hints += _same_number(cells, homes, directory)
            person = directory.newcomer(cells.name or rules.nameless, cells.language or rules.language)
            is_new = True
            if cells.name:
                made[squeeze(cells.name)] = person
        did, more = _update(row, cells, person, homes, directory, rules)
        if did:
            batch.touch(person)
        changed, hints = changed or did, [*hints, *more]
    word = "new" if is_new else "changed" if changed else "unchanged"
    return Verdict(row.sheet, row.line, word, (), tuple(dict.fromkeys((*row.hints, *hints))))  # type: ignore[arg-type]


def _with_use(homes: Homes, row: ResidentRow) -> Homes:
    """A new home is for what the list says, where the door itself did not."""
    if row.home_use is None:
        return homes
    use = row.home_use
    return replace(
        homes,
        missing=tuple(replace(one, home_use=use) if one.kind == "home" and one.home_use == "dwelling" else one for one in homes.missing),
    )


def _places(row: ResidentRow, homes: Homes, directory: Directory, batch: Batch) -> tuple[bool, list[Hint]]:
    """What the row says of its homes: how they are used, and what else their building is called."""
    changed, hints = False, []
    for code in homes.codes:
        place = directory.places[code]
        if row.occupancy is None:
            continue
        if place.said and place.occupancy != row.occupancy:
            hints.append(Hint("occupancy_differs", "occupancy", code))
        elif place.occupancy != row.occupancy:
            place.occupancy = row.occupancy
            batch.occupancies[code] = row.occupancy
            changed = True
        place.said = True
    named = homes.building or homes.codes[0]
    for alias in row.aliases:
        key = (named, alias_key(alias))
        if key[1] and key not in directory.aliases:
            directory.aliases.add(key)
            batch.aliases.append((named, alias))
            if homes.building:
                directory.buildings.setdefault(key[1], set()).add(homes.building)
            changed = True
    return changed, hints


def _known_all(people: tuple[PersonCells, ...], homes: Homes, directory: Directory, rules: Rules) -> list[KnownPerson | None]:
    """Who each of a row's people is; two names in it are two people, also where a number would make them one.

    Names come first: a number without a name may well be that of somebody whom the row names.
    """
    known: dict[int, KnownPerson | None] = {}
    for number, cells in sorted(enumerate(people), key=lambda one: not one[1].name):
        others = [one for one in known.values() if one is not None] if cells.name else []
        known[number] = _known(cells, homes, directory, rules, others)
    return [known[number] for number in range(len(people))]


def _known(cells: PersonCells, homes: Homes, directory: Directory, rules: Rules, others: Sequence[KnownPerson] = ()) -> KnownPerson | None:
    """Who this is, if the directory knows them; none of `others`."""
    addresses = _addresses_of(cells)
    here = [person for code in homes.codes for person in directory.at_home.get(code, ()) if person not in others]
    name = cells.name or rules.nameless
    same = [person for person in here if _is_called(person, name)]
    shared = [person for person in same if not addresses.isdisjoint(person.addresses)]
    if not cells.name:
        # Without a name, a number is all there is to know somebody by; whoever has it here, name or none, is meant.
        return _first(shared) or _first([person for person in here if not addresses.isdisjoint(person.addresses)])
    if same:
        return _first(shared or same)
    nameless = [person for person in here if person.name == rules.nameless and not addresses.isdisjoint(person.addresses)]
    found = (one for address in addresses for one in directory.by_address.get(address, ()))
    return _first(nameless) or _first([one for one in found if one not in others and _is_called(one, name)])


def _first(people: list[KnownPerson]) -> KnownPerson | None:
    """Whoever has been known longest, whatever the order in which they were met: the next time it is the same one."""
    return min(people, key=lambda person: person.order, default=None)


def _addresses_of(cells: PersonCells) -> set[str]:
    return {phone.address for phone in cells.phones} | set(cells.emails)


def _has_left(row: ResidentRow, cells: PersonCells, code: str, directory: Directory) -> bool:
    """Whether a row above says that they left this home, and this row does not say that they came later."""
    marks = {squeeze(cells.name)} if cells.name else _addresses_of(cells)
    left = [until for mark in marks if (until := directory.left.get((code, mark))) is not None]
    return bool(left) and (row.since is None or row.since < max(left))


def _is_called(person: KnownPerson, name: str) -> bool:
    # Two different names in Chinese are two; only names with spaces and marks may be one all the same.
    return person.name == name or (_may_be_same(person.name, name) and squeeze(person.name) == squeeze(name))


def _may_be_same(one: str, other: str) -> bool:
    return not (one.isalpha() and other.isalpha() and not one.isascii() and not other.isascii())


def _update(
    row: ResidentRow, cells: PersonCells, person: KnownPerson, homes: Homes, directory: Directory, rules: Rules
) -> tuple[bool, list[Hint]]:
    """What the row adds to somebody: whether anything, and what is worth a look."""
    hints: list[Hint] = []
    changed = _name_and_language(cells, person, rules)
    for code in homes.codes:
        stay = person.residences.get(code)
        if stay is None and _has_left(row, cells, code, directory):
            hints.append(Hint("not_living_there", "name", cells.name))
            continue
        if stay is None:
            person.residences[code] = KnownResidence(cells.role or "owner", row.since, row.until, fresh=True, said=True, seen=True)
            directory.at_home.setdefault(code, []).append(person)
            changed = True
            continue
        stay.seen = True
        did, more = _stay(row, cells, stay, code, rules)
        changed, hints = changed or did, hints + more
    added = _addresses(cells, person, hints, rules)
    for address in added:
        directory.by_address.setdefault(address, []).append(person)
    plates = [key for plate in cells.plates if (key := plate_key(plate)) and key not in person.plates]
    person.plates.update(plates)
    person.new_plates.extend(plates)
    return changed or bool(added) or bool(plates), hints


def _name_and_language(cells: PersonCells, person: KnownPerson, rules: Rules) -> bool:
    changed = False
    if cells.name and person.name == rules.nameless:
        person.name = person.new_name = cells.name
        changed = True
    if cells.language and not person.said_language:
        if cells.language != person.language:
            person.language = person.new_language = cells.language
            changed = True
        person.said_language = True
    return changed


def _stay(row: ResidentRow, cells: PersonCells, stay: KnownResidence, code: str, rules: Rules) -> tuple[bool, list[Hint]]:
    """What the row says of a stay that is known. One that is over begins again only by a later date."""
    over = stay.is_over(rules.today)
    if over and (row.since is None or stay.until is None or row.since < stay.until):
        return False, [Hint("moved_out_before", "name", f"{code} {stay.until}")]
    if stay.said and not over:
        return False, []
    before = (stay.role, stay.since, stay.until)
    if stay.is_over(rules.today):
        stay.until = None
    stay.role = cells.role or stay.role
    stay.since = row.since or stay.since
    stay.until = row.until or stay.until
    stay.said = True
    changed = before != (stay.role, stay.since, stay.until)
    stay.changed = stay.changed or (changed and not stay.fresh)
    return changed, []


def _addresses(cells: PersonCells, person: KnownPerson, hints: list[Hint], rules: Rules) -> list[str]:
    lines = [AddressLine(phone.kind, phone.address, consent_source=rules.source) for phone in cells.phones]
    lines += [AddressLine("email", email, consent_source=rules.source) for email in cells.emails]
    lines += [
        AddressLine(phone.kind, phone.address, proxy_name=proxy.name, proxy_relation=proxy.relation, consent_source=rules.source)
        for proxy in cells.proxies
        for phone in proxy.phones
    ]
    added = []
    for line in lines:
        if line.address not in person.addresses:
            person.addresses[line.address] = "unproven"
            person.new_addresses.append(line)
            added.append(line.address)
        elif person.addresses[line.address] == "wrong":
            hints.append(Hint("number_known_wrong", "phone", line.address[-4:]))
    if lacks_phone(("mobile" if one.startswith("+") else "email", quality) for one, quality in person.addresses.items()):
        hints.append(Hint("no_phone", "phone", cells.name))
    return added


def _same_number(cells: PersonCells, homes: Homes, directory: Directory) -> list[Hint]:
    """A new name in a home with a number that another one there has: a family, or a name written differently."""
    numbers = {phone.address for phone in cells.phones}
    others = [person.name for code in homes.codes for person in directory.at_home.get(code, ()) if numbers & set(person.addresses)]
    return [Hint("same_phone_other_name", "name", others[0])] if others else []


def _dates_wrong(row: ResidentRow, homes: Homes, known: list[KnownPerson | None]) -> Fault | None:
    """A stay ends after it begins, also where the list has one of the dates and the directory the other."""
    for person in known:
        for code in homes.codes if person else ():
            stay = person.residences.get(code) if person else None
            since = row.since or (stay.since if stay else None)
            until = row.until or (stay.until if stay and not row.since else None)
            if since is not None and until is not None and until <= since:
                return Fault("until_before_since", "until", str(until))
    return None


def _note_left(cells: PersonCells, homes: Homes, until: date, directory: Directory) -> None:
    for code in homes.codes:
        for mark in (squeeze(cells.name), *_addresses_of(cells)):
            directory.left.setdefault((code, mark), until)


def _leave(row: ResidentRow, homes: Homes, directory: Directory, batch: Batch, rules: Rules) -> Verdict:
    """Those in the row have left the home. Nobody is added for having left, and only who is named can leave."""
    if not row.people or not all(one.name for one in row.people):
        return Verdict(row.sheet, row.line, "refused", (Fault("name_missing", "name", ""),), row.hints)
    until = row.until or rules.today
    leaving: list[tuple[KnownPerson, KnownResidence]] = []
    hints = list(row.hints)
    for cells, person in zip(row.people, _known_all(row.people, homes, directory, rules), strict=True):
        stays = [stay for code in homes.codes if person and (stay := person.residences.get(code))]
        if person is None or not stays:
            hints.append(Hint("not_living_there", "name", cells.name))
            _note_left(cells, homes, until, directory)
            continue
        for stay in stays:
            stay.seen = True
            if stay.since is not None and until <= stay.since:
                hints.append(Hint("earlier_stay", "name", cells.name))
            elif stay.said:
                hints.append(Hint("left_differs", "name", cells.name))
            elif stay.until is None or stay.until > until:
                leaving.append((person, stay))
    ends = 0
    for person, stay in leaving:
        ends += not stay.is_over(rules.today) and not stay.fresh
        stay.until = until
        stay.changed = not stay.fresh
        stay.said = True
        batch.touch(person)
    return Verdict(row.sheet, row.line, "changed" if leaving else "unchanged", (), tuple(hints), ends)
