"""Spreadsheets brought into the directory: sent as a file, read in the background, and only looked at until somebody applies them."""

from typing import Any, Literal, get_args

from aiohttp import web
from pydantic import Field

from api.auth.callers import Caller
from api.cursors import make_cursor, read_cursor
from api.endpoint import SentFile
from api.errors import BodyInvalidError, FieldFault, NotFoundError
from api.fields import Body, Shown
from api.imports_running import IMPORTS
from api.keys import CONTEXT
from api.language import language_of
from api.problems import error_text
from api.route import Call, id_in_path
from api.v1.shapes import Id, Moment
from people.imports.dates import read_span
from people.imports.heading_words import LEAVE_OUT, ImportKind, is_meaning
from people.imports.heading_words import Field as ColumnField
from people.imports.options import Options
from people.imports.reasons import hint_text, reason_text
from people.imports.run import ImportRequest
from people.imports.runs import Run, RunRow, get_run, kept_file, rows_of_run

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAIRS = r"^[^=,]{1,60}=[^=,]{1,40}(,[^=,]{1,60}=[^=,]{1,40})*$"


class ImportQuery(Body):
    """What is known better than the file says it, and whether it is to be applied."""

    apply: bool = Field(False, description="Bring it in; without this it is only looked at")
    replace: bool = Field(False, description="The list of residents is whole: stays that are not in it end")
    yes_end: int | None = Field(None, ge=0, description="End so many stays although they are more than a tenth")
    kind: ImportKind | None = None
    sheet: str | None = Field(None, max_length=60)
    encoding: str | None = Field(None, max_length=30, pattern=r"^[A-Za-z0-9_-]+$")
    area_code: str | None = Field(None, pattern=r"^0[0-9]{2,3}$")
    columns: str | None = Field(
        None, max_length=1000, pattern=_PAIRS, description="HEADING=FIELD,…: what a column is; FIELD:GROUP says whose, - leaves it out"
    )
    shifts: str | None = Field(None, max_length=1000, pattern=_PAIRS, description="WORD=08:00-20:00,…: what a roster's word means")
    file_name: str | None = Field(None, max_length=200, description="The name of a file that is sent raw")


class ApplyBody(Body):
    """`yes_end`: end so many stays although they are more than a tenth."""

    yes_end: int | None = Field(None, ge=0)


class RowsQuery(Body):
    """How many rows; `after` is the `next` of the page before."""

    limit: int = Field(100, ge=1, le=1000)
    after: str | None = Field(None, max_length=200)
    refused_only: bool = False


class ImportReason(Shown):
    """What is wrong with a cell, or worth a look; `detail` says it with the way out."""

    code: str
    column: str
    value: str
    detail: str


class ImportRowShown(Shown):
    """A row with something to say about it; `line` as the spreadsheet counts it."""

    sheet: str
    line: int
    verdict: Literal["new", "changed", "unchanged", "refused"]
    reasons: list[ImportReason]
    hints: list[ImportReason]


class ImportRowList(Shown):
    """Refused rows and those with hints, in the file's order."""

    items: list[ImportRowShown]
    next: str | None


class ImportRefusal(Shown):
    """Why the file as a whole was refused."""

    code: str
    detail: str


class ImportShown(Shown):
    """A file that was sent. `state`: asks where it would end more than a tenth of the stays (then nothing was applied); lost where the process
    that read it ended without a word (then nothing was applied either)."""

    id: Id
    state: Literal["reading", "done", "asks", "refused", "failed", "lost"]
    kind: ImportKind | None
    file_name: str
    dry: bool
    rows_read: int
    rows_total: int | None
    counts: dict[str, int]
    understood: dict[str, Any] | None
    refusal: ImportRefusal | None
    errors: str | None = Field(description="Where the file is with a red column of reasons")
    started_at: Moment
    finished_at: Moment | None
    applied_at: Moment | None


async def start_import(call: Call, file: SentFile, query: ImportQuery) -> ImportShown:
    """Send a spreadsheet of homes and residents, staff, rosters or facilities; it is looked at, and brought in if it is to be applied."""
    options = Options(query.kind, query.sheet, query.encoding, query.area_code, _columns(query.columns), _shifts(query.shifts))
    name = file.name or query.file_name or "-"
    request = ImportRequest(
        call.tx.community, name, call.caller.principal, not query.apply, options, query.replace, query.yes_end, keep_file=True
    )
    return await _start(call, request, file.data)


async def apply_import(call: Call, body: ApplyBody) -> ImportShown:
    """Bring in a file that was looked at; a new import."""
    kept = await kept_file(call.tx, call.id_of("import"))
    if kept.file is None:
        raise NotFoundError(value=call.id_of("import"))
    request = ImportRequest(
        call.tx.community, kept.file_name, call.caller.principal, False, kept.reading, kept.replace, body.yes_end, keep_file=True
    )
    return await _start(call, request, kept.file)


async def get_import(call: Call) -> ImportShown:
    """Read how a file stands: what was understood, how far it is, what it counts."""
    return _shown(await get_run(call.tx, call.id_of("import")), call.language)


async def list_import_rows(call: Call, query: RowsQuery) -> ImportRowList:
    """List the rows that were refused, or taken but for something, with reasons and the way out."""
    run_id = call.id_of("import")
    run = await get_run(call.tx, run_id)
    sheet, line = read_cursor(query.after, 2) if query.after else (0, 0)
    rows = await rows_of_run(call.tx, run_id, after=(sheet, line), refused_only=query.refused_only, limit=query.limit)
    last = rows[-1] if len(rows) == query.limit else None
    names = [one["name"] for one in run.understood["sheets"]] if run.understood else []
    items = [_row(row, names, call.language) for row in rows]
    return ImportRowList(items=items, next=make_cursor(last.sheet, last.line) if last else None)


async def download_import_errors(request: web.Request, caller: Caller) -> web.StreamResponse:
    """Give the file back as it was sent, every row where it stood, with a red column of reasons."""
    run_id = id_in_path(request, "import")
    async with request.app[CONTEXT].database.community(caller.community_id) as tx:
        run = await get_run(tx, run_id)
    workbook = None
    if run.kept and run.understood is not None and run.state != "reading":
        workbook = await request.app[IMPORTS].reasons(caller.community_id, run_id, language_of(request))
    if workbook is None:
        raise NotFoundError(value=run_id)
    headers = {"Content-Disposition": f'attachment; filename="import-{run_id}.errors.xlsx"'}
    return web.Response(body=workbook, content_type=WORKBOOK, headers=headers)


async def _start(call: Call, request: ImportRequest, data: bytes) -> ImportShown:
    run_id = await call.request.app[IMPORTS].begin(call.tx, request, data)
    return _shown(await get_run(call.tx, run_id), call.language)


def _columns(text: str | None) -> dict[str, str]:
    pairs = dict(one.rsplit("=", 1) for one in text.split(",")) if text else {}
    for meaning in pairs.values():
        if not is_meaning(meaning):
            known = ", ".join((*get_args(ColumnField), LEAVE_OUT))
            raise BodyInvalidError([FieldFault("?columns", "field.one_of", {"known": known}, meaning)])
    return pairs


def _shifts(text: str | None) -> dict[str, str]:
    pairs = dict(one.split("=", 1) for one in text.split(",")) if text else {}
    for span in pairs.values():
        if read_span(span) is None:
            raise BodyInvalidError([FieldFault("?shifts", "field.pattern", {"pattern": "WORD=08:00-20:00"}, span)])
    return pairs


def _shown(run: Run, language: str) -> ImportShown:
    refusal = None
    if run.refusal is not None:
        code = f"import_{run.refusal}"
        refusal = ImportRefusal(code=code, detail=error_text(code, language, run.refusal_values))
    counts = {name: int(value) for name, value in run.counts.items() if name != "must_ask"}
    total = sum(int(sheet["rows"]) for sheet in run.understood["sheets"]) if run.understood else None
    return ImportShown(
        id=str(run.id), state="lost" if run.lost else run.state, kind=run.kind, file_name=run.file_name, dry=run.dry,
        rows_read=run.rows_read, rows_total=total, counts=counts, understood=run.understood, refusal=refusal,
        errors=f"/api/v1/imports/{run.id}/errors" if run.has_reasons else None,
        started_at=run.started_at, finished_at=run.finished_at, applied_at=run.applied_at,
    )  # fmt: skip


def _row(row: RunRow, sheets: list[str], language: str) -> ImportRowShown:
    def shown(one: dict[str, Any], text: str) -> ImportReason:
        return ImportReason(code=one["code"], column=one["column"], value=one["value"], detail=text)

    return ImportRowShown(
        sheet=sheets[row.sheet] if row.sheet < len(sheets) else "", line=row.line, verdict=row.verdict,
        reasons=[shown(one, reason_text(language, one)) for one in row.reasons],
        hints=[shown(one, hint_text(language, one)) for one in row.hints],
    )  # fmt: skip
