"""A row of a list of staff, read and checked by itself. Pure."""

import re

from people.imports.dates import read_date
from people.imports.faults import Fault, Hint
from people.imports.lines import Line
from people.imports.names import read_names
from people.imports.records import PersonCells, StaffRow
from people.imports.row_context import Context, emails_of, names_wrong, phones_of
from people.imports.value_words import certificate_of, language_of, post_of

_BETWEEN = re.compile(r"[/、,;\n]")


def read_staff(line: Line, context: Context, sheet: int = 0) -> StaffRow:
    """The row as a record; everything wrong with it is in its `faults`."""
    faults = list(line.faults)
    hints: list[Hint] = []
    names = read_names(line.one("name"))
    if len(names) != 1 and not any(fault.column == context.title("name") for fault in faults):
        faults.append(Fault("name_wrong" if names else "name_missing", context.title("name"), line.one("name")[:60]))
    faults += names_wrong(names, "", context)
    phones, wrong_phones = phones_of(line, ("",), context)
    emails, wrong_emails = emails_of(line, ("",), context)
    faults += [*wrong_phones, *wrong_emails]
    language = language_of(line.one("language"))
    if line.one("language") and language is None:
        faults.append(Fault("language_unknown", context.title("language"), line.one("language")[:40]))
    expires = read_date(line.one("certificate_until"))
    if line.one("certificate_until") and expires is None:
        faults.append(Fault("date_wrong", context.title("certificate_until"), line.one("certificate_until")[:40]))
    certificates, unknown = _certificates(line, context)
    hints += unknown
    if certificates and expires is None and not line.one("certificate_until"):
        hints.append(Hint("certificate_unknown", context.title("certificate"), line.one("certificate")[:40]))
        certificates = ()
    person = PersonCells(names[0] if names else "", tuple(phones), tuple(emails), None, language)
    title = line.one("title")[:60]
    return StaffRow(
        line.number, sheet, tuple(faults), tuple(hints), person, line.one("department")[:60], title, post_of(title), certificates, expires
    )


def _certificates(line: Line, context: Context) -> tuple[tuple[str, ...], list[Hint]]:
    said = [one.strip() for one in _BETWEEN.split(line.one("certificate")) if one.strip()]
    known = [kind for one in said if (kind := certificate_of(one)) is not None]
    unknown = [Hint("certificate_unknown", context.title("certificate"), one[:40]) for one in said if certificate_of(one) is None]
    return tuple(dict.fromkeys(known)), unknown
