"""What the cleaning of a row is told beside the row: the community's own facts and what the whole table shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from people.imports.faults import Fault
from people.imports.heading_words import Field, Group
from people.imports.lines import Line
from people.imports.names import is_name
from people.imports.phones import Phone, each_once, read_phones
from people.imports.place_cells import Style, WhereCells


@dataclass(frozen=True, slots=True)
class Context:
    """`area_code` ("0571") completes local numbers; `titles` are the file's own words above the columns; `year` and `month` of a roster's title."""

    area_code: str | None = None
    style: Style = field(default_factory=Style)
    titles: dict[tuple[Field, Group], str] = field(default_factory=dict)
    year: int | None = None
    shift_words: dict[str, str] = field(default_factory=dict)

    def title(self, column: str, group: Group = "") -> str:
        """What the file calls a field; the field itself where it has no such column."""
        known: dict[tuple[str, str], str] = self.titles  # type: ignore[assignment]
        return known.get((column, group)) or known.get((column, "")) or next((t for (f, _), t in known.items() if f == column), column)

    def fault(self, fault: Fault, group: Group = "") -> Fault:
        """The fault under the file's own word for its column."""
        return Fault(fault.code, self.title(fault.column, group), fault.value, fault.more)


def where_cells(line: Line) -> WhereCells:
    """The cells that say where."""
    return WhereCells(line.one("building"), line.one("unit"), line.one("floor"), line.one("home"), line.one("whole"))


def phones_of(line: Line, groups: Sequence[Group], context: Context) -> tuple[list[Phone], list[Fault]]:
    """Every number of these groups' columns, in their order, and what is none."""
    phones: list[Phone] = []
    faults: list[Fault] = []
    for group in groups:
        for text in line.every("phone", group):
            found, wrong = read_phones(text, context.area_code)
            phones.extend(found)
            faults.extend(context.fault(one, group) for one in wrong)
    return each_once(phones), faults


def emails_of(line: Line, groups: Sequence[Group], context: Context) -> tuple[list[str], list[Fault]]:
    """Every mailbox of these groups' columns, in lower case, and what is none."""
    emails: list[str] = []
    faults: list[Fault] = []
    for group in groups:
        for text in line.every("email", group):
            for one in text.replace(";", ",").replace("/", ",").replace("、", ",").replace("\n", ",").replace(" ", ",").split(","):
                if one and _is_email(one):
                    emails.append(one.lower())
                elif one:
                    faults.append(context.fault(Fault("email_wrong", "email", one[:60]), group))
    return list(dict.fromkeys(emails)), faults


def names_wrong(names: Iterable[str], group: Group, context: Context) -> list[Fault]:
    """A fault for each that nobody can be called."""
    return [context.fault(Fault("name_wrong", "name", name[:60]), group) for name in names if not is_name(name)]


def _is_email(text: str) -> bool:
    box, at, host = text.rpartition("@")
    return bool(box and at and "." in host and not host.startswith(".") and not host.endswith(".") and "@" not in box and len(text) <= 254)
