"""Writes spreadsheets of every kind an office sends, byte by byte where no library is at hand."""

import csv
import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

from openpyxl import Workbook

Rows = Sequence[Sequence[object]]


def xlsx(rows: Rows, *, name: str = "Sheet1", merged: Sequence[str] = (), more: dict[str, Rows] | None = None) -> bytes:
    """A workbook; `merged` are ranges of its first sheet, `more` further sheets."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = name
    for title, content in {name: rows, **(more or {})}.items():
        target = sheet if title == name else workbook.create_sheet(title)
        for row in content:
            target.append(list(row))
    for one in merged:
        sheet.merge_cells(one)
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def text(rows: Rows, *, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """A CSV file, or what the clipboard holds of a spreadsheet (separator: tab)."""
    out = StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows([["" if cell is None else cell for cell in row] for row in rows])
    return out.getvalue().encode(encoding)


def ods(rows: Rows, *, name: str = "Sheet1", formula: tuple[int, int] | None = None) -> bytes:
    """An OpenDocument spreadsheet (OASIS ODF 1.3, part 3); the cell (row, column) of `formula` has one."""
    body = []
    for row_no, row in enumerate(rows):
        cells = []
        for column_no, cell in enumerate(row):
            extra = ' table:formula="of:=1+1"' if formula == (row_no, column_no) else ""
            if cell is None or cell == "":
                cells.append(f"<table:table-cell{extra}/>")
            elif isinstance(cell, (int, float)):
                cells.append(
                    f'<table:table-cell{extra} office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
                )
            else:
                cells.append(f'<table:table-cell{extra} office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>')
        body.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        f' office:version="1.3"><office:body><office:spreadsheet><table:table table:name="{escape(name)}">{"".join(body)}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()


def xls(rows: Rows, *, name: str = "Sheet1", merged: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """An Excel 97 workbook: BIFF8 records ([MS-XLS] 2.4) in a compound file ([MS-CFB]) of one stream.

    `merged` are (first row, last row, first column, last column).
    """
    return _compound(_biff8(rows, name, merged))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _short_string(value: str) -> bytes:
    return struct.pack("<BB", len(value), 1) + value.encode("utf-16-le")


def _biff8(rows: Rows, name: str, merged: Sequence[tuple[int, int, int, int]]) -> bytes:
    def bof(kind: int) -> bytes:
        return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    sheet = bof(0x0010)
    width = max((len(row) for row in rows), default=0)
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for row_no, row in enumerate(rows):
        for column_no, cell in enumerate(row):
            head = struct.pack("<HHH", row_no, column_no, 0)
            if isinstance(cell, (int, float)):
                sheet += _record(0x0203, head + struct.pack("<d", float(cell)))
            elif cell not in (None, ""):
                value = str(cell)
                sheet += _record(0x0204, head + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    if merged:
        sheet += _record(0x00E5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *one) for one in merged))
    sheet += _record(0x000A, b"")
    globals_ = bof(0x0005) + _record(0x0042, struct.pack("<H", 1200))
    globals_ += _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    bound = _short_string(name)
    start = len(globals_) + 4 + 6 + len(bound) + 4
    return globals_ + _record(0x0085, struct.pack("<IBB", start, 0, 0) + bound) + _record(0x000A, b"") + sheet


def _compound(stream: bytes) -> bytes:
    """Sectors of 512 bytes: allocation tables, the directory, the stream (at least 4,096 bytes, so that it is no small one)."""
    stream = stream.ljust(4096, b"\0")
    stream += b"\0" * (-len(stream) % 512)
    data_sectors = len(stream) // 512
    fat_sectors = 1
    while fat_sectors * 128 < fat_sectors + 1 + data_sectors:
        fat_sectors += 1
    end, fat_mark, free = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    first_data = fat_sectors + 1
    fat = [fat_mark] * fat_sectors + [end] + [*range(first_data + 1, first_data + data_sectors), end]
    fat += [free] * (fat_sectors * 128 - len(fat))
    header = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, fat_sectors, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *(list(range(fat_sectors)) + [free] * (109 - fat_sectors)))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        encoded = (name + "\0").encode("utf-16-le") if name else b""
        return (
            encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, free, free, child) + b"\0" * 36
            + struct.pack("<IQ", start, size)
        )  # fmt: skip

    directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, first_data, len(stream)) + entry("", 0, free, 0, 0) * 2
    return header + struct.pack(f"<{len(fat)}I", *fat) + directory + stream
