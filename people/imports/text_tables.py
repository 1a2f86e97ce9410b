"""CSV files and tables pasted out of a spreadsheet: their encoding and what stands between their cells. Pure."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_SEPARATORS = ("\t", ",", ";", "|")
_LONGEST_FIELD = 1 << 20


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the encoding it was read by."""

    text: str
    encoding: str


def decode(data: bytes, encoding: str | None = None) -> Decoded | None:
    """The text: by the given encoding, else by its mark, as strict UTF-8, as strict GB18030. None where none of them fits.

    GB18030 contains GBK and GB2312. Valid UTF-8 beyond ASCII is practically never meant as GB18030, so the order decides.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    for name in [encoding] if encoding else [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return Decoded(data.decode(name, "strict"), name)
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def separator_of(text: str) -> str:
    """What stands between cells: the sign that gives most of the first rows the same number of cells, more than one; else a comma."""
    sample = "\n".join(text[:64_000].splitlines()[:50])
    best, best_weight = ",", 0
    for separator in _SEPARATORS:
        widths = [len(row) for row in csv.reader(StringIO(sample, newline=""), delimiter=separator) if row]
        widest = max(widths, default=0)
        weight = sum(width for width in widths if width == widest) if widest > 1 else 0
        if weight > best_weight:
            best, best_weight = separator, weight
    return best


def rows_of(text: str, separator: str) -> Iterator[list[str]]:
    """The rows, an empty one for an empty line, so that the count of rows is the spreadsheet's. A quote left open ends with the text."""
    csv.field_size_limit(_LONGEST_FIELD)
    yield from csv.reader(StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
