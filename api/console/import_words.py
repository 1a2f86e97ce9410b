"""What the page of one file shows: columns that can be put right, the first rows of each verdict, reasons in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from api.console.page import spoken_number
from people.imports.heading_words import LEAVE_OUT, ImportKind, fields_of, groups_of, is_meaning
from people.imports.reasons import hint_text, reason_text
from people.imports.runs import Run, RunRow
from people.imports.templates import CHOICES
from tocsin.base.texts import say

_COLUMN = "column-"
_OF_SOMEBODY = ("name", "phone", "email")


@dataclass(frozen=True, slots=True)
class Choice:
    """One meaning that a column may be given."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """A heading of the file: `name` of its field in the form, what it was taken for (`value`), some of its cells."""

    name: str
    heading: str
    letter: str
    value: str
    sure: bool
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row of the file with what there is to say about it."""

    sheet: str
    line: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """`total` rows of the file, as far as known; `choices` every column and every meaning; `examples` by verdict."""

    state: str
    total: int
    refusal: str
    choices: tuple[list[ColumnShown], list[Choice]]
    examples: dict[str, list[RowShown]]
    refused: list[RowShown]
    hints: list[RowShown]


def column_choices(run: Run, language: str) -> tuple[list[ColumnShown], list[Choice]]:
    """Every heading of the file once, those left out last, and what a column of this kind of list can be."""
    if run.understood is None:
        return [], []
    found: dict[str, ColumnShown] = {}
    for sheet in run.understood["sheets"]:
        for column in sheet["columns"]:
            value = f"{column['field']}:{column['group']}" if column["group"] else column["field"]
            samples = tuple(text for text in column["samples"] if text)[:3]
            shown = ColumnShown("", column["heading"], column["letter"], value, column["sure"], samples)
            found.setdefault(column["heading"], shown)
    for sheet in run.understood["sheets"]:
        for heading in sheet["left_out"]:
            found.setdefault(heading, ColumnShown("", heading, "", LEAVE_OUT, True, ()))
    columns = [
        ColumnShown(f"{_COLUMN}{number}", one.heading, one.letter, one.value, one.sure, one.samples)
        for number, one in enumerate(found.values())
    ]
    return columns, _choices(run.understood["kind"], language)


def columns_said(run: Run, form: Mapping[str, str]) -> dict[str, str]:
    """What the form says of columns otherwise than they were taken for, by their headings."""
    columns, _ = column_choices(run, "en")
    return {one.heading: said for one in columns if (said := form.get(one.name, one.value)) != one.value and is_meaning(said)}


def _choices(kind: ImportKind, language: str) -> list[Choice]:
    choices = [Choice(LEAVE_OUT, say(language, "console.imports.leave_out"))]
    for field in fields_of(kind):
        words = say(language, f"import.field.{field}")
        choices.append(Choice(field, words))
        if field in _OF_SOMEBODY:
            choices += [
                Choice(f"{field}:{group}", say(language, "console.imports.of", field=words, whose=say(language, f"import.group.{group}")))
                for group in groups_of(kind)
            ]
    return choices


def example_words(run: Run, language: str) -> dict[str, list[RowShown]]:
    """The first rows of each verdict, as they were read."""
    found: dict[str, list[RowShown]] = {}
    for one in run.examples:
        texts = tuple(_value(field, text, language) for field, text in one["said"])
        found.setdefault(one["verdict"], []).append(RowShown(_sheet(run, one["sheet"]), one["line"], texts))
    return found


def shown_rows(run: Run, rows: Sequence[RunRow], language: str, which: Literal["reasons", "hints"]) -> list[RowShown]:
    """Rows with their reasons, or their hints, in words."""
    word = reason_text if which == "reasons" else hint_text
    said: list[tuple[RunRow, list[dict[str, Any]]]] = [(row, getattr(row, which)) for row in rows]
    return [RowShown(_sheet(run, row.sheet), row.line, tuple(word(language, one) for one in texts)) for row, texts in said]


def _sheet(run: Run, number: int) -> str:
    sheets = run.understood["sheets"] if run.understood else []
    return str(sheets[number]["name"]) if len(sheets) > 1 and number < len(sheets) else ""


def _value(field: str, text: str, language: str) -> str:
    if field == "phone":
        return spoken_number(text)
    if text in CHOICES.get(field, ()):
        return say(language, f"import.template.choice.{field}.{text}")
    if field in ("duty", "backup", "lead", "relative"):
        words = "import.group.relative" if field == "relative" else f"import.field.{field}"
        return f"{say(language, words)} {text}"
    return text
