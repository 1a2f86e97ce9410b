"""The rows of a table below its heading, as the texts of the fields that were taken. Pure.

What offices merge or write only once counts for the rows below it, in the columns of places and in no others. Totals, signatures, remarks
and repeated headings are no rows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from people.imports.cells import ERRORS, LONGEST_CELL, Cell, is_formula, is_nothing, text_of
from people.imports.faults import Fault
from people.imports.heading_words import Field, Group
from people.imports.headings import Column, Heading
from people.imports.tables import Table

PLACES: tuple[Field, ...] = ("building", "unit", "floor", "home", "whole")
_NO_ROW = re.compile(
    r"(?:(?:本页|本表|全部|各栋|全区)?\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*数|统\s*计)|备\s*注|说\s*明|注|制\s*表|填\s*表|审\s*核|审\s*批"
    r"|核\s*准|编\s*制|打印|盖\s*章|签\s*字|以\s*[上下]|第\s*\d+\s*页|共\s*\d+\s*[页户]|(?:total|subtotal|notes?|remarks?|prepared by|page \d+)\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?=(?:.*[\u4e00-\u9fff]){4})(?:\d{1,2}\s*[、.)]\s*[^\W\d_]|.*[。;:,!?])|.*[共计]\s*\d+\s*[户人套间]$")
_BUILDING_IN_TITLE = re.compile(
    r"(?P<before>[\-~至到和及、,/])?(?<!\d)(?P<building>(?:[\d一二三四五六七八九十]{1,2}期)?(?:\d{1,3}|[A-Za-z](?![A-Za-z])|[一二三四五六七八九十]{1,3})(?:号楼|#楼|栋|幢|座))"
    r"(?P<unit>\w{1,3}单元)?"
)
_SECTION = re.compile(r"(?P<building>.*[\d一二三四五六七八九十](?:号楼|#楼|#|栋|幢|座)|[A-Za-z]座)(?P<unit>\w{1,3}单元)?")

_EMPTY = ("空",)
"""What may mean nothing, and in the place of a name that nobody lives there."""

Key = tuple[Field, Group]


@dataclass(frozen=True, slots=True)
class Line:
    """One row: `number` as the spreadsheet counts it (from 1), the clean texts by field and group, and what is wrong with its cells."""

    number: int
    values: Mapping[Key, tuple[str, ...]]
    faults: tuple[Fault, ...] = ()

    def one(self, field: Field, group: Group = "") -> str:
        """The text of a field; "" where there is none."""
        return (self.values.get((field, group)) or ("",))[0]

    def every(self, field: Field, group: Group = "") -> tuple[str, ...]:
        """All texts of a field that may have several columns."""
        return self.values.get((field, group), ())

    def has(self, *fields: Field) -> bool:
        """Whether any of these fields says something, of whomever."""
        return any(field in fields for field, _ in self.values)


@dataclass
class _Carried:
    """What the rows above said of the place."""

    texts: dict[Field, str]
    merged: Mapping[tuple[int, int], bool]
    only_merged: bool = False

    def fill(self, row: int, own: dict[Field, str], columns: Mapping[Field, int], *, has_people: bool) -> dict[Field, str]:
        """The place of a row. A wider part that is new cuts off what was said of the narrower ones."""
        filled: dict[Field, str] = {}
        same = True
        blank_above = True
        for field in PLACES:
            if field not in columns and field not in self.texts:
                continue
            said, before = own.get(field, ""), self.texts.get(field, "")
            if said:
                same = same and said == before
                blank_above = False
            elif same and before and self._goes_on(row, field, columns, blank_above=blank_above, has_people=has_people):
                said = before
            if said:
                filled[field] = said
        self.texts = {**filled}
        return filled

    def _goes_on(self, row: int, field: Field, columns: Mapping[Field, int], *, blank_above: bool, has_people: bool) -> bool:
        if self.only_merged:
            # A facility of which no building is said is the community's own.
            return self.merged.get((row, columns.get(field, -1)), False)
        if field not in ("home", "whole"):
            return True
        # A second person of a home: the cell is merged, or nothing at all is said of the place.
        return has_people and (self.merged.get((row, columns.get(field, -1)), False) or blank_above)


def read_lines(table: Table, heading: Heading, skipped: list[int] | None = None) -> Iterator[Line]:
    """Every row that is one, in order; `skipped` is filled with the numbers of totals, remarks, titles and repeated headings."""
    columns = {column.field: column.index for column in heading.columns if column.field in PLACES}
    carried = _Carried({}, _merged_cells(table, set(columns.values())), heading.kind == "facilities")
    if "building" not in columns:
        carried.texts = _place_of_table(table, heading)
    titles = [column.heading for column in heading.columns]
    places = {column.heading for column in heading.columns if column.field in PLACES}
    people = [column for column in heading.columns if column.field not in PLACES]
    for row in range(heading.first + heading.rows, len(table.rows)):
        cells = table.rows[row]
        if not any(cell not in ("", None) for cell in cells):
            continue
        values, faults = _values(table, row, cells, heading.columns)
        said = [text for texts in values.values() for text in texts]
        if not said and not faults:
            continue
        section = _section(cells)
        if section is not None and "whole" not in columns:
            _enter(carried, section)
        if section is not None or _is_no_row(cells, values, people) or _same_as(titles, cells, heading.columns):
            if skipped is not None:
                skipped.append(row + 1)
            continue
        own = {field: values[field, ""][0] for field in PLACES if (field, "") in values}
        has_people = any((column.field, column.group) in values for column in people)
        place = carried.fill(row, own, columns, has_people=has_people)
        if any(fault.column in places for fault in faults):
            # What could not be read here must not be read out of the row above by the rows below.
            carried.texts = {}
        values.update({(field, ""): (text,) for field, text in place.items()})
        yield Line(row + 1, values, tuple(faults))


def _merged_cells(table: Table, columns: set[int]) -> Mapping[tuple[int, int], bool]:
    cells: dict[tuple[int, int], bool] = {}
    for first_row, first_column, last_row, last_column in table.merged or ():
        for column in columns & set(range(first_column, last_column + 1)):
            for row in range(first_row + 1, min(last_row, len(table.rows)) + 1):
                cells[row, column] = True
    return cells


def _values(table: Table, row: int, cells: list[Cell], columns: tuple[Column, ...]) -> tuple[dict[Key, tuple[str, ...]], list[Fault]]:
    values: dict[Key, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for column in columns:
        cell = cells[column.index] if column.index < len(cells) else ""
        if cell == "" or cell is None:
            if (row, column.index) in table.formulas:
                faults.append(Fault("formula", column.heading, ""))
            continue
        text = text_of(cell)
        if (row, column.index) in table.formulas or (isinstance(cell, str) and is_formula(cell)):
            faults.append(Fault("formula", column.heading, text[:60]))
        elif text in ERRORS:
            faults.append(Fault("excel_error", column.heading, text))
        elif len(text) > LONGEST_CELL:
            faults.append(Fault("too_long", column.heading, text[:60]))
        elif text and (column.field == "occupancy" or not is_nothing(text) or (column.field == "name" and text in _EMPTY)):
            key = (column.field, column.group)
            values[key] = (*values.get(key, ()), text)
    return values, faults


def _section(cells: list[Cell]) -> re.Match[str] | None:
    """A row that says nothing but "3栋2单元" is the title of the rows below it."""
    said = [cell for cell in cells if cell not in ("", None)]
    return _SECTION.fullmatch(text_of(said[0]).replace(" ", "")) if len(said) == 1 else None


def _place_of_table(table: Table, heading: Heading) -> dict[Field, str]:
    """The building that a whole sheet is about: it is called so, or one building and no other stands in its name or its titles."""
    name = text_of(table.name).replace(" ", "")
    if section := _SECTION.fullmatch(name):
        return _section_texts(section)
    titles = [name, *("".join(text_of(cell) for cell in row).replace(" ", "") for row in table.rows[: heading.first])]
    found = {(one["building"], one["unit"], one["before"]) for title in titles for one in _BUILDING_IN_TITLE.finditer(title)}
    if len(found) != 1:
        return {}
    building, unit, before = found.pop()
    if before:
        # 1-3栋 are three, 1、3栋 are two.
        return {}
    return {"building": building, "unit": unit} if unit else {"building": building}


def _section_texts(section: re.Match[str]) -> dict[Field, str]:
    return {"building": section["building"], **({"unit": section["unit"]} if section["unit"] else {})}


def _enter(carried: _Carried, section: re.Match[str]) -> None:
    carried.texts = _section_texts(section)


def _is_no_row(cells: list[Cell], values: dict[Key, tuple[str, ...]], people: list[Column]) -> bool:
    """合计, 制表人: … : a word for it stands first, and not both a name and a number beside."""
    said = [text for cell in cells if cell not in ("", None) and (text := text_of(cell))]
    if len(said) == 1 and len(cells) > 2 and _SENTENCE.match(said[0]) and not {"name", "phone"} & {field for field, _ in values}:
        return True
    if not said or not _NO_ROW.match(said[0]):
        return False
    fields = {field for field, _ in values}
    return not ({"name", "phone"} <= fields and fields & {"home", "whole", "department", "title"})


def _same_as(titles: list[str], cells: list[Cell], columns: tuple[Column, ...]) -> bool:
    return all(
        column.index < len(cells) and text_of(cells[column.index])[:60] == title for column, title in zip(columns, titles, strict=True)
    )
