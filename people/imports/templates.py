"""Workbooks to fill in, with drop-downs where a cell has a few right answers."""

from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from people.imports.heading_words import ImportKind
from tocsin.base.texts import say

COLUMNS: dict[ImportKind, tuple[str, ...]] = {
    "residents": (
        "building",
        "unit",
        "home",
        "name",
        "phone",
        "landline",
        "email",
        "role",
        "occupancy",
        "since",
        "language",
        "plate",
        "alias",
    ),
    "staff": ("name", "department", "title", "phone", "email", "language", "certificate", "certificate_until"),
    "rosters": ("date", "department", "shift", "duty", "backup", "lead"),
    "facilities": ("facility_kind", "facility_name", "building", "unit", "rescue_code", "serves", "alias"),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "role": ("owner", "tenant", "family"),
    "occupancy": ("occupied", "let", "vacant", "not_moved_in", "moved_out"),
    "language": ("zh-CN", "en"),
    "facility_kind": ("elevator", "pump_room", "substation", "garage", "gate", "other"),
}
ROWS = 5000
"""How far down the drop-downs reach."""
_BLUE = "FFDCE9F7"


def write_template(kind: ImportKind, language: str, target: BinaryIO) -> None:
    """A workbook whose headings this program reads, every column as text; examples are shown beside a cell
    and stand in none, so that nobody is brought in who does not exist.
    """
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = say(language, f"import.template.sheet.{kind}")
    for index, column in enumerate(COLUMNS[kind], start=1):
        letter = get_column_letter(index)
        head = sheet.cell(1, index, say(language, f"import.template.heading.{column}"))
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor=_BLUE)
        sheet.column_dimensions[letter].width = 16
        sheet.column_dimensions[letter].number_format = "@"
        words = [say(language, f"import.template.choice.{column}.{choice}") for choice in CHOICES.get(column, ())]
        example = say(language, "import.template.prompt", example=say(language, f"import.template.example.{column}"))
        validation = DataValidation(
            type="list" if words else None, formula1=f'"{",".join(words)}"' if words else None, allow_blank=True,
            showErrorMessage=bool(words), showInputMessage=True, prompt=example,
        )  # fmt: skip
        validation.add(f"{letter}2:{letter}{ROWS + 1}")
        sheet.add_data_validation(validation)
    sheet.freeze_panes = "A2"
    workbook.save(target)
