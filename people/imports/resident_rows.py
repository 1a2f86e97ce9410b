"""A row of a list of homes and residents, read and checked by itself. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from people.imports.dates import read_date
from people.imports.faults import Fault, Hint
from people.imports.heading_words import Group
from people.imports.lines import Line
from people.imports.names import Named, read_named
from people.imports.phones import Phone, each_once, read_phones
from people.imports.place_cells import HomeUse, read_where
from people.imports.records import Occupancy, PersonCells, ProxyCells, ResidenceRole, ResidentRow
from people.imports.row_context import Context, emails_of, names_wrong, phones_of, where_cells
from people.imports.value_words import home_use_of, language_of, occupancy_of, role_of
from people.search.terms import squeeze

ROLE_OF_GROUP: dict[Group, ResidenceRole] = {
    "owner": "owner", "owner2": "owner", "tenant": "tenant", "tenant2": "tenant", "family": "family", "family2": "family",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
_OUT_OF_USE = re.compile("停机|空号|注销|停用|已换|作废|打不通|不是本人")
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][·.\s-]?[A-Z0-9]{5,6}|(?=\w*\d)[A-Z0-9]{4,10}", re.IGNORECASE)
BETWEEN_ALIASES = re.compile(r"[/、,;\n]")


@dataclass
class _Household:
    """Who a row names, as it is found: `relatives` under headings of their own, `noted` numbers with words beside."""

    people: list[PersonCells] = field(default_factory=list)
    relatives: list[ProxyCells] = field(default_factory=list)
    noted: list[Phone] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    occupancy: Occupancy | None = None


def read_resident(line: Line, context: Context, sheet: int = 0) -> ResidentRow:
    """The row as a record; everything wrong with it is in its `faults`."""
    faults = list(line.faults)
    where = read_where(where_cells(line), context.style)
    if isinstance(where, Fault):
        faults.append(context.fault(where))
    household = _people(line, context)
    faults.extend(household.faults)
    since, until = read_date(line.one("since")), read_date(line.one("until"))
    if line.one("since") and since is None:
        faults.append(Fault("date_wrong", context.title("since"), line.one("since")[:40]))
    if line.one("until") and until is None:
        faults.append(Fault("date_wrong", context.title("until"), line.one("until")[:40]))
    if since is not None and until is not None and until <= since:
        faults.append(Fault("until_before_since", context.title("until"), line.one("until")))
    occupancy, moved_out, hints = _occupancy(line, context)
    occupancy = occupancy or (None if moved_out else household.occupancy)
    return ResidentRow(
        line.number, sheet, tuple(faults), (*hints, *household.hints), None if isinstance(where, Fault) else where, tuple(household.people),
        since, until, moved_out, occupancy, _home_use(line), _aliases(line),
    )  # fmt: skip


def _people(line: Line, context: Context) -> _Household:
    """Those of the first name's column, who have whatever stands under no one's heading; then those of the other columns."""
    groups: list[Group] = list(dict.fromkeys(group for field, group in context.titles if field in ("name", "phone", "email") and group))
    main: Group = next((group for field, group in context.titles if field == "name" and group != "relative"), "")
    groups = [main, *(one for one in groups if one != main)]
    found = _Household()
    role, language, found.faults = _role_and_language(line, context)
    found.noted = [one for one in phones_of(line, ["", *groups], context)[0] if one.note] if _has_notes(line) else []
    found.people = _of_group(line, context, main, (main, "") if main else (main,), found, role)
    if found.people and (language or line.has("plate")):
        found.people = [replace(one, language=language) for one in found.people]
        found.people[0] = replace(found.people[0], plates=_plates(line))
    for group in groups[1:]:
        found.people += _of_group(line, context, group, (group,), found)
    if len(found.people) > 1:
        found.people = _each_once(found.people)
    if found.relatives and found.people:
        found.people[0] = replace(found.people[0], proxies=(*found.people[0].proxies, *found.relatives))
    elif found.relatives:
        # Nobody else is named: then they are who can be reached.
        relatives = (("" if one.name == one.relation else one.name, one.phones) for one in found.relatives)
        found.people = [PersonCells(name, phones, role="family") for name, phones in relatives]
    return found


def _of_group(
    line: Line, context: Context, group: Group, own: tuple[Group, ...], found: _Household, role: ResidenceRole | None = None
) -> list[PersonCells]:
    """Whom one group of columns names, with their numbers (of the groups `own`); relatives and what is wrong go to `found`."""
    phones, wrong_phones = phones_of(line, own, context)
    emails, wrong_emails = emails_of(line, own, context)
    named = _without_vacancy(read_named(line.one("name", group)), phones, found)
    found.faults += [*names_wrong([one.name for one in named], group, context), *wrong_phones, *wrong_emails]
    if group == "relative":
        found.relatives += _relatives(named, phones, context)
        return []
    if found.noted:
        phones = [one for one in _in_use(phones, context, found) if one.note not in _named_elsewhere(line, group)]
    # 13800138000(儿子) in the row of an old lady is how she is reached, and not hers.
    proxies = tuple(ProxyCells(one.note, one.note, (one,)) for one in phones if _is_relation(one)) if len(named) == 1 else ()
    phones = [one for one in phones if not proxies or not _is_relation(one)]
    mine = {one.name: _beside(one, group, context, found) for one in named}
    taken = {phone.address for some in mine.values() for phone in some}
    shares, fault = _shared(named, [one for one in phones if one.address not in taken], emails, context, group)
    if fault is not None:
        found.faults.append(fault)
    roles = {one.name: role_of(one.beside) for one in named if one.beside}
    role = role or ROLE_OF_GROUP.get(group)
    return [
        PersonCells(
            name, tuple(each_once([*mine.get(name, ()), *its])) if mine.get(name) else its, mail, roles.get(name) or role, proxies=proxies
        )
        for name, its, mail in shares
    ]


def _each_once(people: Sequence[PersonCells]) -> list[PersonCells]:
    """Who stands in two columns of a row is one, as the first says; a number without a name that somebody in the row has is theirs."""
    found: dict[str, PersonCells] = {}
    for one in people:
        key = squeeze(one.name)
        before = found.get(key)
        found[key] = one if before is None else replace(
            before, phones=tuple(each_once([*before.phones, *one.phones])), emails=tuple(dict.fromkeys([*before.emails, *one.emails])),
            role=before.role or one.role, proxies=(*before.proxies, *one.proxies),
        )  # fmt: skip
    nameless = found.get("")
    known = {phone.address for key, one in found.items() if key for phone in one.phones}
    if nameless and not nameless.emails and all(phone.address in known for phone in nameless.phones):
        del found[""]
    return list(found.values())


def _plates(line: Line) -> tuple[str, ...]:
    said = (one.strip() for text in line.every("plate") for one in BETWEEN_ALIASES.split(text))
    return tuple(one for one in said if one and _PLATE.fullmatch(one))


def _named_elsewhere(line: Line, group: Group) -> set[str]:
    """Who stands in the row's other columns of names."""
    return {one.name for (field, whose), texts in line.values.items() if field == "name" and whose != group for one in read_named(texts[0])}


def _without_vacancy(named: list[Named], phones: Sequence[Phone], found: _Household) -> list[Named]:
    """空置 in the place of a name says how the home is, and names nobody; 空 only where no number contradicts it."""
    meant = {one.name: occupancy_of(one.name) for one in named if not one.name.isascii() and (not phones or len(one.name) > 1)}
    for occupancy in meant.values():
        if occupancy is not None and occupancy != "moved_out":
            found.occupancy = occupancy
    return [one for one in named if meant.get(one.name) in (None, "moved_out") and not (one.name == "空" and phones)]


def _relatives(named: list[Named], phones: list[Phone], context: Context) -> list[ProxyCells]:
    """A relative to call, with all their numbers."""
    phones = each_once([*phones, *(phone for one in named for phone in read_phones(one.numbers, context.area_code)[0])])
    relation = next((one.beside for one in named if one.beside), context.title("name", "relative"))
    return [ProxyCells(" ".join(one.name for one in named) or relation, relation, tuple(phones))] if phones else []


def _in_use(phones: list[Phone], context: Context, found: _Household) -> list[Phone]:
    """Without the numbers of which the list itself says that they are out of use."""
    found.hints += [Hint("number_out_of_use", context.title("phone"), one.address[-4:]) for one in phones if _OUT_OF_USE.search(one.note)]
    return [one for one in phones if not _OUT_OF_USE.search(one.note)]


def _is_relation(phone: Phone) -> bool:
    return role_of(phone.note) == "family"


def _has_notes(line: Line) -> bool:
    texts = (text for (field, _), texts in line.values.items() if field == "phone" for text in texts)
    return any(not text.isdigit() and any(letter.isalpha() for letter in text) for text in texts)


def _beside(one: Named, group: Group, context: Context, found: _Household) -> list[Phone]:
    """The numbers that stand with a name: in its own cell, or under a heading of numbers with the name beside."""
    own, wrong = read_phones(one.numbers, context.area_code, "name") if one.numbers else ([], [])
    found.faults += [context.fault(fault, group) for fault in wrong]
    return [*own, *(phone for phone in found.noted if phone.note == one.name)]


def _shared(
    named: list[Named], phones: list[Phone], emails: list[str], context: Context, group: Group
) -> tuple[list[tuple[str, tuple[Phone, ...], tuple[str, ...]]], Fault | None]:
    """Numbers belong to the one name; to each of several names its own, or the one number to all of them."""
    names = [one.name for one in named]
    if len(names) <= 1:
        return [(name, tuple(phones), tuple(emails)) for name in names or ([""] if phones or emails else [])], None
    if len(phones) > 1 and len(phones) != len(names):
        more = {"names": str(len(names)), "phones": str(len(phones))}
        return [], Fault("names_and_phones", context.title("phone", group), ", ".join(names)[:60], more)
    own = [(phone,) for phone in phones] if len(phones) == len(names) else [tuple(phones)] * len(names)
    return [(name, its, tuple(emails) if name == names[0] else ()) for name, its in zip(names, own, strict=True)], None


def _role_and_language(line: Line, context: Context) -> tuple[ResidenceRole | None, str | None, list[Fault]]:
    faults: list[Fault] = []
    said_role, said_language = line.one("role"), line.one("language")
    role, language = role_of(said_role), language_of(said_language)
    # A column headed 类型 may say what the home is for.
    if said_role and role is None and home_use_of(said_role) is None:
        faults.append(Fault("role_unknown", context.title("role"), said_role[:40]))
    if said_language and language is None:
        faults.append(Fault("language_unknown", context.title("language"), said_language[:40]))
    return role, language, faults


def _occupancy(line: Line, context: Context) -> tuple[Occupancy | None, bool, list[Hint]]:
    said = line.one("occupancy")
    meant = (occupancy_of(said) or occupancy_of(_IN_BRACKETS.sub("", said))) if said else None
    hints = [Hint("occupancy_unknown", context.title("occupancy"), said[:40])] if said.strip("-/\\—") and meant is None else []
    plates = [one for text in line.every("plate") for one in BETWEEN_ALIASES.split(text) if one.strip()]
    hints += [Hint("plate_left_out", context.title("plate"), one[:20]) for one in plates if not _PLATE.fullmatch(one.strip())]
    return (None, True, hints) if meant == "moved_out" else (meant, False, hints)


def _home_use(line: Line) -> HomeUse | None:
    return home_use_of(line.one("home_use")) or home_use_of(line.one("role"))


def _aliases(line: Line) -> tuple[str, ...]:
    texts = [one.strip()[:60] for text in line.every("alias") for one in BETWEEN_ALIASES.split(text)]
    return tuple(dict.fromkeys(one for one in texts if one))
