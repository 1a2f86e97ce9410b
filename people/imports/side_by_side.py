"""Tables that stand side by side on one sheet, as they are printed to save paper: 房号 姓名 电话 | 房号 姓名 电话. Pure."""

from dataclasses import replace

from people.imports.cells import text_of
from people.imports.headings import LOOKED_AT, find_heading, fold_heading
from people.imports.tables import Table

_LEAST = 2
_MOST_TABLES = 4


def apart(table: Table) -> list[Table]:
    """Each of the tables by itself, rows and columns where they stood; the table alone where its headings do not repeat themselves.

    What stands above the headings belongs to all of them.
    """
    for number, row in enumerate(table.rows[:LOOKED_AT]):
        words = [(index, fold_heading(text)) for index, cell in enumerate(row) if cell not in ("", None) and (text := text_of(cell))]
        width = _period([word for _, word in words])
        if width is None:
            continue
        starts = [index for index, _ in words[::width]]
        # A row of people may repeat itself too; only what is a heading by itself begins a table.
        if find_heading([row[starts[0] : starts[1]]]) is not None:
            return [_only(table, number, start, end) for start, end in zip(starts, [*starts[1:], len(row) + 1], strict=True)]
    return [table]


def _period(words: list[str]) -> int | None:
    """How many headings there are before they all begin again; None where they do not."""
    for count in range(2, _MOST_TABLES + 1):
        width, rest = divmod(len(words), count)
        if rest == 0 and width >= _LEAST and words == words[:width] * count and len(set(words[:width])) == width:
            return width
    return None


def _only(table: Table, heading: int, start: int, end: int) -> Table:
    """The table without what stands in other columns, from its heading down."""
    rows = [
        row if number < heading else [cell if start <= index < end else "" for index, cell in enumerate(row)]
        for number, row in enumerate(table.rows)
    ]
    formulas = frozenset((row, column) for row, column in table.formulas if row < heading or start <= column < end)
    return replace(table, rows=rows, formulas=formulas)
