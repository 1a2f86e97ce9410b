"""Why rows were refused, in words: for the terminal, for the interface, and as the file itself with a red column."""

from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill

from people.imports.exported import text_cell
from people.imports.options import Options
from people.imports.reader import reading_cells
from people.imports.runs import RunRow
from tocsin.base.texts import say

_RED, _PALE = "FFC00000", "FFFFE5E5"
_COLUMN_WIDTH, _REASONS_WIDTH = 14, 70


def reason_text(language: str, reason: Mapping[str, Any]) -> str:
    """One reason: what is wrong where, and the way out."""
    return _said(language, "import.fault", reason)


def hint_text(language: str, hint: Mapping[str, Any]) -> str:
    """One hint: what was left out, or is worth a look."""
    return _said(language, "import.hint", hint)


def _said(language: str, family: str, one: Mapping[str, Any]) -> str:
    more = {str(name): str(value) for name, value in (one.get("more") or {}).items()}
    return say(language, f"{family}.{one['code']}", column=one["column"], value=one["value"], **more)


async def write_reasons(
    file: BinaryIO, options: Options, understood: Mapping[str, Any], rows: Iterable[RunRow], language: str, target: BinaryIO
) -> None:
    """Their own file, every row where it stood, with a red column of reasons at its end; all cells are texts.

    `understood` as the run noted it. Raises ImportRefusedError where the file cannot be read any more.
    """
    sheets = _by_name(understood)
    reasons: dict[tuple[str, int], list[str]] = {}
    for row in rows:
        name = understood["sheets"][row.sheet]["name"]
        reasons.setdefault((name, row.line), []).extend(reason_text(language, one) for one in row.reasons)
    workbook = Workbook(write_only=True)
    async with reading_cells(file, options) as cells:
        writer: _SheetWriter | None = None
        async for message in cells:
            if "sheet" in message:
                writer = None
                if message["sheet"] in sheets:
                    heading_line, width = sheets[message["sheet"]]
                    own = {line: texts for (name, line), texts in reasons.items() if name == message["sheet"] and texts}
                    writer = _SheetWriter(workbook, message["sheet"], heading_line, own, width, language)
            elif writer is not None:
                for row in message["cells"]:
                    writer.add(row)
    workbook.save(target)


def _by_name(understood: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """By a sheet's name the line of its heading and how many columns it has; several tables may stand side by side on it."""
    found: dict[str, tuple[int, int]] = {}
    for sheet in understood["sheets"]:
        line, width = found.get(sheet["name"], (int(sheet["heading_line"]), 0))
        found[sheet["name"]] = (line, width + len(sheet["columns"]) + len(sheet["left_out"]))
    return found


class _SheetWriter:
    """Writes one sheet from above; the column of reasons is the first that the file leaves free."""

    def __init__(self, workbook: Any, name: str, heading_line: int, reasons: Mapping[int, list[str]], width: int, language: str) -> None:
        self.sheet = workbook.create_sheet(name[:31] or None)
        self.heading_line, self.reasons, self.language = heading_line, reasons, language
        self.line = 0
        self.width: int | None = None
        self.waiting: list[list[str]] = []
        self.least = width

    def add(self, row: list[str]) -> None:
        """One row of the file; the rows down to the heading wait until it is known how wide the table is."""
        self.waiting.append(row)
        if len(self.waiting) < self.heading_line and self.width is None:
            return
        if self.width is None:
            self.width = max(self.least, *(_used(one) for one in self.waiting))
            self._widths()
        for one in self.waiting:
            self._write(one, self.width)
        self.waiting = []

    def _widths(self) -> None:
        from openpyxl.utils import get_column_letter

        assert self.width is not None
        for index in range(1, self.width + 1):
            self.sheet.column_dimensions[get_column_letter(index)].width = _COLUMN_WIDTH
        self.sheet.column_dimensions[get_column_letter(self.width + 1)].width = _REASONS_WIDTH
        self.sheet.freeze_panes = f"A{self.heading_line + 1}"

    def _write(self, row: list[str], width: int) -> None:
        self.line += 1
        cells: list[Any] = [text_cell(self.sheet, text) if text else None for text in row[:width]]
        cells += [None] * (width - len(cells))
        if self.line == self.heading_line:
            cells.append(self._red(say(self.language, "import.reason.heading"), bold=True))
        elif texts := self.reasons.get(self.line):
            cells.append(self._red("\n".join(texts)))
        self.sheet.append(cells)

    def _red(self, text: str, *, bold: bool = False) -> Any:
        cell = text_cell(self.sheet, text)
        cell.font = Font(color=_RED, bold=bold)
        cell.fill = PatternFill("solid", fgColor=_PALE)
        return cell


def _used(row: list[str]) -> int:
    return max((index + 1 for index, text in enumerate(row) if text), default=0)
