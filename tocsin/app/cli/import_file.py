"""import: a spreadsheet of an office brought into the directory. Looks only, unless --apply is said."""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Annotated, BinaryIO, get_args

import typer

from people.imports.dates import read_span
from people.imports.heading_words import LEAVE_OUT, Field, ImportKind, is_meaning
from people.imports.options import Options
from people.imports.reasons import reason_text, write_reasons
from people.imports.run import ImportRequest, ImportResult, run_import
from people.imports.runs import RunRow, rows_of_run
from people.imports.templates import write_template
from tocsin.app.cli.accounts import AsJson, Community, choose_community
from tocsin.app.cli.import_report import Watcher, show_result
from tocsin.app.cli.words import complain_in_words, tell, tell_json, terminal_language
from tocsin.app.wiring import running_service
from tocsin.base.settings import Settings, load_settings

_ALL_ROWS = 1_000_000


def import_command(
    file: Annotated[Path, typer.Argument(help="XLSX, XLS, ODS, CSV or TSV; - reads a pasted table from standard input")],
    kind: Annotated[ImportKind | None, typer.Option(help="what list it is; by default what its headings say")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="bring it in; without this only look")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="the list of residents is whole: stays that are not in it end")] = False,
    yes_end: Annotated[int | None, typer.Option(help="end so many stays although they are more than a tenth")] = None,
    sheet: Annotated[str | None, typer.Option(help="only this sheet")] = None,
    encoding: Annotated[str | None, typer.Option(help="of a text file, where it cannot be told: big5, utf-16")] = None,
    area_code: Annotated[str | None, typer.Option(help="of landlines without one; by default that of the desk's telephone")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="what a column is: HEADING=FIELD, such as 联络=phone or 联络=phone:tenant; HEADING=- leaves it out"),
    ] = None,
    shift: Annotated[list[str] | None, typer.Option(help="what a roster's word means: 白班=08:00-20:00")] = None,
    errors: Annotated[Path | None, typer.Option(help="where the file with the red column goes; by default beside FILE")] = None,
    template: Annotated[ImportKind | None, typer.Option(help="write an empty workbook of this kind to FILE and do nothing else")] = None,
    community: Community = None,
    as_json: AsJson = False,
) -> None:
    """Bring in homes and residents, staff, rosters or facilities. Says what it understood, and counts; --apply does it.

    Exit 1 when rows were refused or nothing was applied although it was asked for.
    """
    if template is not None:
        with file.open("wb") as target:
            write_template(template, terminal_language(), target)
        tell("cli.import.template", path=file)
        return
    if str(file) != "-" and not file.is_file():
        complain_in_words("cli.import.no_file", path=file)
        raise typer.Exit(2)
    options = Options(kind, sheet, encoding, area_code, _columns(column or []), _shifts(shift or []))
    request = ImportRequest(0, "-" if str(file) == "-" else file.name, "cli", not apply, options, replace, yes_end)
    written = errors or _errors_beside(file)
    try:
        with _opened(file) as opened:
            result, problem = asyncio.run(_import(load_settings(), request, opened, community, written, as_json=as_json))
    except KeyboardInterrupt:
        complain_in_words("cli.import.stopped")
        raise typer.Exit(1) from None
    _say(request, result, written, problem, as_json=as_json)
    if result.counts.refused or result.state != "done":
        raise typer.Exit(1)


async def _import(
    settings: Settings, request: ImportRequest, file: BinaryIO, community: int | None, written: Path, *, as_json: bool
) -> tuple[ImportResult, OSError | None]:
    """What came of it, and why the file of errors could not be written, if it could not."""
    async with running_service(settings, connections=3) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        request = replace_fields(request, community_id=community_id)
        with Watcher(request.file_name, quiet=as_json) as watcher:
            result = await run_import(service.database, request, file, understood=watcher.understood, progress=watcher.progress)
        if not result.counts.refused:
            return result, None
        async with service.database.community(community_id) as tx:
            rows = await rows_of_run(tx, result.run_id, refused_only=True, limit=_ALL_ROWS)
    try:
        with tempfile.TemporaryFile() as target:
            await write_reasons(file, request.options, asdict(result.understood), rows or _rows(result), terminal_language(), target)
            target.seek(0)
            with written.open("wb") as kept:
                shutil.copyfileobj(target, kept)
    except OSError as problem:
        return result, problem
    return result, None


def _rows(result: ImportResult) -> list[RunRow]:
    """The rows as the result has them, where the run was rolled back and keeps none."""
    return [RunRow(one.sheet, one.line, one.verdict, [asdict(fault) for fault in one.faults], []) for one in result.looked_at]


def _say(request: ImportRequest, result: ImportResult, written: Path, problem: OSError | None, *, as_json: bool) -> None:
    refused = result.counts.refused
    if as_json:
        language = terminal_language()
        rows = [
            {"sheet": result.understood.sheets[one.sheet].name, "line": one.line, "verdict": one.verdict,
             "reasons": [{**asdict(fault), "text": reason_text(language, asdict(fault))} for fault in one.faults],
             "hints": [asdict(hint) for hint in one.hints]}
            for one in result.looked_at
        ]  # fmt: skip
        tell_json({
            "run": result.run_id, "dry": request.dry, "state": result.state, "counts": {**asdict(result.counts), "rows": result.counts.rows},
            "understood": asdict(result.understood), "rows": rows, "errors_file": str(written) if refused and problem is None else None,
        })  # fmt: skip
        return
    show_result(request, result)
    if refused and problem is None:
        tell("cli.import.errors", path=written)
    elif problem is not None:
        complain_in_words("cli.import.errors_failed", path=written, problem=problem.strerror)


def _errors_beside(file: Path) -> Path:
    """list.errors.xlsx for list.xlsx; list.errors-2.xlsx for that one, which is being corrected and must not be written over."""
    if str(file) == "-":
        return Path("import.errors.xlsx")
    before = re.fullmatch(r"(.*\.errors)(?:-(\d+))?", file.stem)
    return file.with_name(f"{before[1]}-{int(before[2] or 1) + 1}.xlsx" if before else f"{file.stem}.errors.xlsx")


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file, or what was pasted as one: the process that parses reads from an open file."""
    if str(file) != "-":
        with file.open("rb") as opened:
            yield opened
        return
    with tempfile.TemporaryFile() as pasted:
        shutil.copyfileobj(sys.stdin.buffer, pasted)
        pasted.seek(0)
        yield pasted


def _columns(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        words, sign, meaning = one.rpartition("=")
        if not sign or not words:
            complain_in_words("cli.import.usage_pair", option="--column", form="HEADING=FIELD", value=one)
            raise typer.Exit(2)
        if not is_meaning(meaning):
            complain_in_words("cli.import.usage_field", value=meaning, known=", ".join((*get_args(Field), LEAVE_OUT)))
            raise typer.Exit(2)
        found[words] = meaning
    return found


def _shifts(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        word, sign, span = one.partition("=")
        if not sign or read_span(span) is None:
            complain_in_words("cli.import.usage_pair", option="--shift", form="WORD=08:00-20:00", value=one)
            raise typer.Exit(2)
        found[word] = span
    return found
