"""Looks into a spreadsheet's archive before anything else does: is it one of a size we open, and which of its cells are formulas."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Literal
from xml.parsers import expat

from people.imports import limits
from people.imports.errors import ArchiveBombError, FileBrokenError, FileLockedError, NoTableError, WebPageError

FileKind = Literal["xlsx", "xlsb", "ods", "xls", "text"]
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_CELL_WITH_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f[ />]')
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def kind_of(data: bytes) -> FileKind:
    """What a file is by what is in it, never by its name. Raises ImportRefusedError for what is certainly no table."""
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    if data.startswith(_OLE):
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0" in data:
            raise FileLockedError()
        return "xls"
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise WebPageError()
    if start.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"rar!", b"7z\xbc\xaf", b"{\\rtf", b"\x1f\x8b")):
        raise NoTableError()
    return "text"


def _kind_of_archive(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            _check(members, len(data))
            names = {member.filename for member in members}
            if any(member.flag_bits & 1 for member in members):
                raise FileLockedError()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError, EOFError) as problem:
        raise FileBrokenError() from problem
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names) or "[Content_Types].xml" in names and "word/document.xml" not in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise NoTableError()


def _check(members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if len(members) > limits.MEMBERS or unpacked > limits.UNPACKED_BYTES:
        raise ArchiveBombError()
    if unpacked > limits.RATIO_FREE_BYTES and unpacked > packed * limits.RATIO:
        raise ArchiveBombError()


def unpack(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member, unpacked to no more than its announced size; raises ImportRefusedError where that was a lie."""
    try:
        return archive.read(name)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        zlib.error,
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        struct.error,
    ) as problem:
        raise FileBrokenError() from problem


def formula_cells(data: bytes, kind: FileKind) -> dict[str, frozenset[tuple[int, int]]]:
    """By sheet the cells (row and column from 0) that hold a formula. The value that was stored with one is not trusted, and none is ever
    evaluated. Of XLS and XLSB the stored values are taken: their formulas are not looked for.
    """
    if kind not in ("xlsx", "ods"):
        return {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if kind == "ods":
            content = unpack(archive, "content.xml")
            refuse_entities(content)
            return _ods_formulas(content) if b"table:formula" in content else {}
        return {sheet: cells for sheet, part in _xlsx_sheets(archive) if (cells := frozenset(_xlsx_formulas(unpack(archive, part))))}


def refuse_entities(content: bytes) -> None:
    """A document type in a spreadsheet's XML has no honest use."""
    if _DTD.search(content[:4096]):
        raise ArchiveBombError()


def _xlsx_formulas(sheet: bytes) -> Iterator[tuple[int, int]]:
    refuse_entities(sheet)
    for found in _CELL_WITH_FORMULA.finditer(sheet):
        yield int(found[2]) - 1, _column(found[1].decode())


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _xlsx_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The names of the sheets and the parts they are in."""
    names = archive.namelist()
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return
    targets: dict[str, str] = {}
    for tag, attributes in _elements(unpack(archive, "xl/_rels/workbook.xml.rels")):
        if tag.endswith("Relationship"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    for tag, attributes in _elements(unpack(archive, "xl/workbook.xml")):
        if tag.rpartition(":")[2] == "sheet":
            part = targets.get(attributes.get("r:id", "") or next((v for k, v in attributes.items() if k.endswith(":id")), ""), "")
            if part in names:
                yield attributes.get("name", ""), part


def _elements(content: bytes) -> list[tuple[str, dict[str, str]]]:
    refuse_entities(content)
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag, attributes))
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise FileBrokenError() from problem
    return found


class _OdsFormulas:
    """Counts rows and cells of an OpenDocument spreadsheet, repeats included, and notes where a formula stands."""

    def __init__(self) -> None:
        self.found: dict[str, set[tuple[int, int]]] = {}
        self.sheet = ""
        self.row = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.sheet, self.row = attributes.get("table:name", ""), 0
        elif tag == "table:table-row":
            self.column = 0
            self.row_repeats = _count(attributes.get("table:number-rows-repeated"))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            if "table:formula" in attributes:
                self.found.setdefault(self.sheet, set()).add((self.row, self.column))
            self.column += _count(attributes.get("table:number-columns-repeated"))

    def end(self, tag: str) -> None:
        if tag == "table:table-row":
            self.row += self.row_repeats


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 1


def _ods_formulas(content: bytes) -> dict[str, frozenset[tuple[int, int]]]:
    counter = _OdsFormulas()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = counter.start, counter.end
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise FileBrokenError() from problem
    return {sheet: frozenset(cells) for sheet, cells in counter.found.items()}
