"""The tables of a file, whatever kind of file it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice

from people.imports import limits
from people.imports.archives import FileKind, formula_cells, kind_of
from people.imports.cells import Cell
from people.imports.errors import (
    EncodingUnknownError,
    FileBrokenError,
    FileLockedError,
    FileTooBigError,
    TableEmptyError,
    TooManyRowsError,
)
from people.imports.text_tables import decode, rows_of, separator_of


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its rows of raw cells, row 0 the first of the sheet.

    `merged` are ranges (first row, first column, last row, last column) from 0; None where the file does not tell. `formulas` are cells.
    """

    name: str
    rows: list[list[Cell]]
    merged: tuple[tuple[int, int, int, int], ...] | None = None
    formulas: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Tables:
    """All visible sheets with something in them, and how the file was read; `encoding` of text alone."""

    kind: FileKind
    tables: list[Table] = field(default_factory=list)
    encoding: str | None = None


def read_tables(data: bytes, encoding: str | None = None, sheet: str | None = None) -> Tables:
    """Read a file; `sheet` chooses one by its name. Raises ImportRefusedError."""
    kind = kind_of(data)
    if len(data) > (limits.TEXT_BYTES if kind == "text" else limits.PACKED_BYTES):
        raise FileTooBigError(limit=f"{limits.PACKED_BYTES // 1024**2} MB")
    found = _text(data, encoding) if kind == "text" else Tables(kind, list(_sheets(data, kind, sheet)))
    if not found.tables:
        raise TableEmptyError()
    if sum(len(table.rows) for table in found.tables) > limits.ROWS:
        raise TooManyRowsError(limit=limits.ROWS)
    return found


def _text(data: bytes, encoding: str | None) -> Tables:
    decoded = decode(data, encoding)
    if decoded is None:
        raise EncodingUnknownError()
    rows: list[list[Cell]] = [row[: limits.COLUMNS] for row in rows_of(decoded.text, separator_of(decoded.text))]  # type: ignore[misc]
    tables = [Table("", rows)] if any(any(row) for row in rows) else []
    return Tables("text", tables, decoded.encoding)


def _sheets(data: bytes, kind: FileKind, chosen: str | None) -> Iterator[Table]:
    # Only the process that parses files loads the parser.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    formulas = formula_cells(data, kind)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        for metadata in workbook.sheets_metadata:
            wanted = metadata.name == chosen if chosen else metadata.visible == SheetVisibleEnum.Visible
            if not wanted or metadata.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(metadata.name)
            if sheet.start is None:
                continue
            margin: list[Cell] = [""] * sheet.start[1]
            width = limits.COLUMNS - len(margin)
            rows: list[list[Cell]] = [[*margin, *row[:width]] for row in islice(sheet.iter_rows(), limits.ROWS + 1)] if width > 0 else []
            merged = sheet.merged_cell_ranges
            ranges = None if merged is None else tuple((*first, *last) for first, last in merged)
            yield Table(metadata.name, rows, ranges, formulas.get(metadata.name, frozenset()))
    except PasswordError as problem:
        raise FileLockedError() from problem
    except (CalamineError, OSError, ValueError) as problem:
        raise FileBrokenError() from problem
