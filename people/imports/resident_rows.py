"""A row of a list of homes and residents, read and checked by itself. Pure."""

import re

from people.imports.dates import read_date
from people.imports.faults import Fault, Hint
from people.imports.heading_words import Group
from people.imports.lines import Line
from people.imports.names import read_names
from people.imports.phones import Phone
from people.imports.place_cells import HomeUse, read_where
from people.imports.records import Occupancy, PersonCells, ProxyCells, ResidenceRole, ResidentRow
from people.imports.row_context import Context, emails_of, names_wrong, phones_of, where_cells
from people.imports.value_words import home_use_of, language_of, occupancy_of, role_of

_ROLE_OF_GROUP: dict[Group, ResidenceRole] = {"owner": "owner", "tenant": "tenant", "family": "family"}
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][·.\s-]?[A-Z0-9]{5,6}|(?=\w*\d)[A-Z0-9]{4,10}", re.IGNORECASE)
BETWEEN_ALIASES = re.compile(r"[/、,;\n]")


def read_resident(line: Line, context: Context, sheet: int = 0) -> ResidentRow:
    """The row as a record; everything wrong with it is in its `faults`."""
    faults = list(line.faults)
    where = read_where(where_cells(line), context.style)
    if isinstance(where, Fault):
        faults.append(context.fault(where))
    people, proxies, wrong = _people(line, context)
    faults.extend(wrong)
    since, until = read_date(line.one("since")), read_date(line.one("until"))
    if line.one("since") and since is None:
        faults.append(Fault("date_wrong", context.title("since"), line.one("since")[:40]))
    if line.one("until") and until is None:
        faults.append(Fault("date_wrong", context.title("until"), line.one("until")[:40]))
    if since is not None and until is not None and until <= since:
        faults.append(Fault("until_before_since", context.title("until"), line.one("until")))
    occupancy, moved_out, hints = _occupancy(line, context)
    return ResidentRow(
        line.number, sheet, tuple(faults), tuple(hints), None if isinstance(where, Fault) else where, tuple(people), tuple(proxies),
        since, until, moved_out, occupancy, _home_use(line), _aliases(line),
    )  # fmt: skip


def _people(line: Line, context: Context) -> tuple[list[PersonCells], list[ProxyCells], list[Fault]]:
    """Those of the first name's column, who have whatever stands under no one's heading; then the tenant's and the family's columns."""
    groups: list[Group] = list(dict.fromkeys(group for field, group in context.titles if field in ("name", "phone", "email") and group))
    main: Group = next((group for field, group in context.titles if field == "name" and group != "relative"), "")
    role, language, faults = _role_and_language(line, context)
    plates = tuple(
        plate for text in line.every("plate") for one in BETWEEN_ALIASES.split(text) if (plate := one.strip()) and _PLATE.fullmatch(plate)
    )
    people: list[PersonCells] = []
    proxies: list[ProxyCells] = []
    for group in [main, *(one for one in groups if one != main)]:
        own: tuple[Group, ...] = (group, "") if group == main and group else (group,)
        names = read_names(line.one("name", group))
        phones, wrong_phones = phones_of(line, own, context)
        emails, wrong_emails = emails_of(line, own, context)
        faults += [*names_wrong(names, group, context), *wrong_phones, *wrong_emails]
        if group == "relative":
            if phones:
                relation = context.title("name", group)
                proxies.append(ProxyCells(" ".join(names) or relation, relation, tuple(phones)))
            continue
        own_role = _ROLE_OF_GROUP.get(group) if group != main or role is None else role
        found, fault = _shared(names, phones, emails, own_role, context, group)
        if fault is not None:
            faults.append(fault)
        is_main = group == main
        people += [
            PersonCells(
                one.name, one.phones, one.emails, one.role, language if is_main else None, plates if is_main and one is found[0] else ()
            )
            for one in found
        ]
    if not people and proxies:
        # Nobody else is named: then they are who can be reached.
        people, proxies = [PersonCells("" if one.name == one.relation else one.name, one.phones, role="family") for one in proxies], []
    return people, proxies, faults


def _shared(
    names: list[str], phones: list[Phone], emails: list[str], role: ResidenceRole | None, context: Context, group: Group
) -> tuple[list[PersonCells], Fault | None]:
    """Numbers belong to the one name; to each of several names its own, or the one number to all of them."""
    if len(names) <= 1:
        known = names or ([""] if phones or emails else [])
        return [PersonCells(name, tuple(phones), tuple(emails), role) for name in known], None
    if len(phones) <= 1:
        return [PersonCells(name, tuple(phones), tuple(emails) if name == names[0] else (), role) for name in names], None
    if len(phones) == len(names):
        pairs = zip(names, phones, strict=True)
        return [PersonCells(name, (phone,), tuple(emails) if name == names[0] else (), role) for name, phone in pairs], None
    more = {"names": str(len(names)), "phones": str(len(phones))}
    return [], Fault("names_and_phones", context.title("phone", group), ", ".join(names)[:60], more)


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
    meant = occupancy_of(said) if said else None
    hints = [Hint("occupancy_unknown", context.title("occupancy"), said[:40])] if said.strip("-/\\—") and meant is None else []
    plates = [one for text in line.every("plate") for one in BETWEEN_ALIASES.split(text) if one.strip()]
    hints += [Hint("plate_left_out", context.title("plate"), one[:20]) for one in plates if not _PLATE.fullmatch(one.strip())]
    return (None, True, hints) if meant == "moved_out" else (meant, False, hints)


def _home_use(line: Line) -> HomeUse | None:
    return home_use_of(line.one("home_use")) or home_use_of(line.one("role"))


def _aliases(line: Line) -> tuple[str, ...]:
    texts = [one.strip()[:60] for text in line.every("alias") for one in BETWEEN_ALIASES.split(text)]
    return tuple(dict.fromkeys(one for one in texts if one))
