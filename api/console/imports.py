"""Lists brought in by hand: a file is looked at, what was understood can be put right, and only then it is applied."""

import asyncio
import re
import unicodedata
from io import BytesIO

from aiohttp import web

from api.console.import_words import ImportPage, column_choices, columns_said, example_words, shown_rows
from api.console.page import see_other
from api.console.visit import Visit
from api.errors import NotFoundError
from api.imports_running import IMPORTS
from api.problems import error_text
from api.route import id_in_path
from api.v1.imports import WORKBOOK
from people.imports.dates import read_span
from people.imports.heading_words import KINDS, ImportKind
from people.imports.options import Options
from people.imports.run import ImportRequest
from people.imports.runs import get_run, kept_file, recent_runs, rows_of_run
from people.imports.templates import write_template

PASTED = "-"
"""The name of a table that came without one."""
_REFUSED_SHOWN, _HINTS_SHOWN = 50, 20
_AREA_CODE = re.compile(r"0\d{2,3}", re.ASCII)


async def show_imports(visit: Visit) -> web.Response:
    """GET /imports: a file or a table to be looked at, empty workbooks, and what was brought in before."""
    runs = await recent_runs(visit.tx)
    return visit.page("imports.html", runs=runs, kinds=KINDS, nothing=bool(visit.query("nothing")))


async def do_send(visit: Visit) -> web.Response:
    """POST /imports: looks at what was sent; nothing is changed by it."""
    if visit.file is None or not visit.file.data:
        return see_other("/imports?nothing=1")
    options = Options(kind=_kind(visit.field("kind")))
    return await _begin(visit, visit.file.name or PASTED, visit.file.data, options, replace=bool(visit.field("replace")))


async def show_import(visit: Visit) -> web.Response:
    """GET /imports/{import}: how far it is, then what it would do or did."""
    run = await get_run(visit.tx, _id(visit))
    rows = await rows_of_run(visit.tx, run.id, refused_only=True, limit=_REFUSED_SHOWN)
    looked_at = [one for one in await rows_of_run(visit.tx, run.id, limit=_REFUSED_SHOWN + _HINTS_SHOWN) if one.hints]
    words = error_text(f"import_{run.refusal}", visit.language, run.refusal_values) if run.refusal else ""
    page = ImportPage(
        state="lost" if run.lost else run.state,
        total=sum(int(sheet["rows"]) for sheet in run.understood["sheets"]) if run.understood else 0,
        refusal=words,
        choices=column_choices(run, visit.language),
        examples=example_words(run, visit.language),
        refused=shown_rows(run, rows, visit.language, "reasons"),
        hints=shown_rows(run, looked_at[:_HINTS_SHOWN], visit.language, "hints"),
    )
    return visit.page("import.html", run=run, page=page, kinds=KINDS, wrong_number=bool(visit.query("number")), options=run.options)


async def do_read_again(visit: Visit) -> web.Response:
    """POST /imports/{import}/read: looks at the same file anew, with what somebody knows better."""
    run, kept = await get_run(visit.tx, _id(visit)), await kept_file(visit.tx, _id(visit))
    if kept.file is None:
        raise NotFoundError(value=run.id)
    before = kept.reading
    options = Options(
        kind=_kind(visit.field("kind")),
        sheet=visit.field("sheet") or None,
        encoding=visit.field("encoding") or None,
        area_code=visit.field("area_code") if _AREA_CODE.fullmatch(visit.field("area_code")) else before.area_code,
        columns={**before.columns, **columns_said(run, visit.form)},
        shift_words=_shift_words(visit.field("shifts")) or before.shift_words,
    )
    return await _begin(visit, kept.file_name, kept.file, options, replace=bool(visit.field("replace")))


async def do_apply(visit: Visit) -> web.Response:
    """POST /imports/{import}/apply: brings in a file that was looked at. What would end too much wants the number typed that it says."""
    run, kept = await get_run(visit.tx, _id(visit)), await kept_file(visit.tx, _id(visit))
    if kept.file is None:
        raise NotFoundError(value=run.id)
    ends = int(run.counts.get("ends", 0)) if run.counts.get("must_ask") else None
    if ends is not None and visit.field("yes_end") != str(ends):
        return see_other(f"/imports/{run.id}?number=1#asks")
    return await _begin(visit, kept.file_name, kept.file, kept.reading, replace=kept.replace, apply=True, yes_end=ends)


async def give_template(visit: Visit) -> web.Response:
    """GET /imports/template/{kind}.xlsx: an empty workbook with drop-downs, in the visitor's language."""
    kind = _kind(visit.request.match_info["kind"])
    if kind is None:
        raise NotFoundError(value=visit.request.match_info["kind"])
    out = BytesIO()
    await asyncio.to_thread(write_template, kind, visit.language, out)
    headers = {"Content-Disposition": f'attachment; filename="tocsin-{kind}.xlsx"'}
    return web.Response(body=out.getvalue(), content_type=WORKBOOK, headers=headers)


async def _begin(
    visit: Visit, name: str, data: bytes, options: Options, *, replace: bool, apply: bool = False, yes_end: int | None = None
) -> web.Response:
    by = f"account:{visit.session.actor().account_id}"
    request = ImportRequest(visit.tx.community, name, by, not apply, options, replace, yes_end, keep_file=True)
    return see_other(f"/imports/{await visit.request.app[IMPORTS].begin(visit.tx, request, data)}")


def _id(visit: Visit) -> int:
    return id_in_path(visit.request, "import")


def _kind(text: str) -> ImportKind | None:
    return next((kind for kind in KINDS if kind == text), None)


def _shift_words(text: str) -> dict[str, str]:
    """白班=8:00-20:00, 夜班=20:00-8:00; what is no such pair is left out."""
    pairs = (one.partition("=") for one in unicodedata.normalize("NFKC", text).split(","))
    return {word.strip(): span.strip() for word, sign, span in pairs if sign and word.strip() and read_span(span) is not None}
