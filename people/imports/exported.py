"""What leaves in a spreadsheet is text and nothing else: no cell of ours is ever computed by whoever opens it."""

from typing import Any

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula (OWASP, "CSV injection"); `cells.text_of` takes it off."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def text_cell(sheet: Any, text: str) -> Any:
    """A cell of openpyxl that holds text, also where the text looks like a number, a date or a formula."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=None)
    cell.data_type = "s"
    cell._value = guarded(text)
    cell.number_format = "@"
    return cell
