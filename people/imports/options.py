"""What is said about a file beside the file."""

from dataclasses import dataclass, field

from people.imports.heading_words import ImportKind


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller knows better than the file; `columns` are the file's words for a column and what it is
    (people.imports.heading_words.is_meaning)."""

    kind: ImportKind | None = None
    sheet: str | None = None
    encoding: str | None = None
    area_code: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    shift_words: dict[str, str] = field(default_factory=dict)
    cells: bool = False
    """Send the raw cells of every row instead of records, for the workbook of reasons."""
