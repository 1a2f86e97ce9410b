"""The process that parses a file: `python -m people.imports.reading_process OPTIONS < FILE`.

It limits itself before it looks at the first byte, has no secrets, no database and no network to lose, and writes one JSON object a line:
{"understood": …}, then {"rows": […]} some hundred at a time, and at last {"end": {"rows": n, "skipped": […]}} or {"refused": …, "values": …}.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, BinaryIO

import orjson

from people.imports import limits
from people.imports.cells import text_of
from people.imports.errors import HeadingMissingError, ImportRefusedError
from people.imports.facility_rows import read_facility
from people.imports.heading_words import Field, ImportKind
from people.imports.headings import Heading, find_heading
from people.imports.lines import Line, read_lines
from people.imports.options import Options
from people.imports.place_cells import WhereCells, read_style, with_aliases
from people.imports.records import Row, Sheet, TakenColumn, Understood
from people.imports.resident_rows import BETWEEN_ALIASES, read_resident
from people.imports.roster_rows import legend_of, read_roster, year_of
from people.imports.row_context import Context
from people.imports.side_by_side import apart
from people.imports.staff_rows import read_staff
from people.imports.tables import Table, read_tables

ROWS_A_LINE = 250
SAMPLES = 5
READERS: dict[ImportKind, Callable[[Line, Context, int], Row]] = {
    "residents": read_resident,
    "staff": read_staff,
    "rosters": read_roster,
    "facilities": read_facility,
}


def limit_this_process() -> None:
    """So much memory and time and no more, no files written, no processes started. Where there are no such limits (Windows) there are none."""
    with suppress(ImportError):
        import resource

        for what, most in (
            (resource.RLIMIT_AS, limits.MEMORY_BYTES), (resource.RLIMIT_CPU, limits.CPU_SECONDS),
            (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
        ):  # fmt: skip
            with suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))


def read_file(data: bytes, options: Options) -> Iterator[dict[str, Any]]:
    """What the process writes, object by object. Raises ImportRefusedError."""
    found = read_tables(data, options.encoding, options.sheet)
    if options.cells:
        yield from _cells(found.tables)
        return
    named, other = _headed([one for table in found.tables for one in apart(table)], options)
    kind = named[0][1].kind
    legend = {**legend_of(row for table in found.tables for row in _remarks(table, kind)), **options.shift_words}
    contexts = [_context(table, heading, options, legend) for table, heading in named]
    sheets = tuple(_sheet(table, heading) for table, heading in named)
    yield {"understood": asdict(Understood(kind, found.kind, found.encoding, sheets, other, legend))}
    count, skipped = 0, []
    for number, ((table, heading), context) in enumerate(zip(named, contexts, strict=True)):
        passed: list[int] = []
        rows: list[Row] = []
        for line in read_lines(table, heading, passed):
            rows.append(READERS[kind](line, context, number))
            if len(rows) == ROWS_A_LINE:
                count += len(rows)
                yield {"rows": rows}
                rows = []
        if rows:
            count += len(rows)
            yield {"rows": rows}
        skipped += [[number, line] for line in passed]
    yield {"end": {"rows": count, "skipped": skipped[:1000]}}


def _headed(tables: list[Table], options: Options) -> tuple[list[tuple[Table, Heading]], tuple[str, ...]]:
    """The sheets of the kind that most of the file is of, with their headings; and the names of the others."""
    found = [(table, find_heading(table.rows, options.kind, options.columns)) for table in tables]
    sizes: Counter[ImportKind] = Counter()
    for table, heading in found:
        if heading is not None:
            sizes[heading.kind] += len(table.rows) - heading.first
    if not sizes:
        first = next((row for row in tables[0].rows if any(row)), [])
        raise HeadingMissingError(value=" | ".join(text_of(cell) for cell in first[:8] if cell not in ("", None))[:120])
    kind = sizes.most_common(1)[0][0]
    again = [
        (table, heading if heading and heading.kind == kind else find_heading(table.rows, kind, options.columns))
        for table, heading in found
    ]
    return [(t, h) for t, h in again if h is not None], tuple(t.name for t, h in again if h is None)


def _remarks(table: Table, kind: ImportKind) -> list[list[Any]]:
    """Rows in which a roster may say when its shifts are: all of them, as such tables are short."""
    return table.rows[:2000] if kind == "rosters" else []


def _context(table: Table, heading: Heading, options: Options, legend: dict[str, str]) -> Context:
    titles: dict[tuple[Field, Any], str] = {}
    for column in heading.columns:
        titles.setdefault((column.field, column.group), column.heading)
    context = Context(options.area_code, titles=titles, year=year_of([*table.rows[: heading.first], [table.name]]), shift_words=legend)
    if heading.kind in ("rosters", "staff"):
        return context
    places = _places_of(table, heading)
    return replace(
        context, style=with_aliases(read_style(place for place, _ in places), ((place.building, alias) for place, alias in places))
    )


def _places_of(table: Table, heading: Heading) -> set[tuple[WhereCells, str]]:
    """The distinct cells by which a table shows how it writes places, with other names; of homes' cells only those of two parts tell."""
    index = {column.field: column.index for column in heading.columns if column.field in ("building", "unit", "home", "whole", "alias")}
    found: set[tuple[WhereCells, str]] = set()
    building = ""
    for row in table.rows[heading.first + heading.rows :]:
        said = {field: text_of(row[at]) for field, at in index.items() if at < len(row)}
        building = said.get("building", "") or building
        home = said.get("home", "")
        whole = said.get("whole", "") if not building else ""
        cells = WhereCells(building, said.get("unit", ""), "", home if any(mark in home for mark in "-.。") else "", whole)
        found.update((cells, alias) for alias in BETWEEN_ALIASES.split(said.get("alias", "")))
    return found


def _sheet(table: Table, heading: Heading) -> Sheet:
    start = heading.first + heading.rows
    below = [row for row in table.rows[start : start + 200] if any(cell not in ("", None) for cell in row)]
    columns = tuple(
        TakenColumn(_letter(one.index), one.heading, one.field, one.group, one.sure,
                    tuple(text_of(row[one.index])[:60] if one.index < len(row) else "" for row in below[:SAMPLES]))
        for one in heading.columns
    )  # fmt: skip
    return Sheet(
        table.name, heading.first + heading.rows, columns, tuple(text[:60] for _, text in heading.left_out), len(table.rows) - start
    )


def _letter(index: int) -> str:
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cells(tables: list[Table]) -> Iterator[dict[str, Any]]:
    for table in tables:
        yield {"sheet": table.name}
        for start in range(0, len(table.rows), ROWS_A_LINE):
            yield {"cells": [[text_of(cell) for cell in row] for row in table.rows[start : start + ROWS_A_LINE]]}
    yield {"end": {"rows": sum(len(table.rows) for table in tables), "skipped": []}}


def main(source: BinaryIO, target: BinaryIO, argument: str) -> None:
    """Read `source` to its end and write lines to `target`; a refusal is a line as well, and so is our own defect."""
    limit_this_process()
    try:
        options = Options(**orjson.loads(argument))
        data = source.read(limits.TEXT_BYTES + 1)
        for message in read_file(data, options):
            target.write(orjson.dumps(message) + b"\n")
    except ImportRefusedError as refused:
        target.write(orjson.dumps({"refused": refused.refusal, "values": {k: str(v) for k, v in refused.values.items()}}) + b"\n")
    except (MemoryError, RecursionError):
        target.write(b'{"refused": "bomb", "values": {}}\n')
    target.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer, sys.argv[1])
