"""A spreadsheet over the interface: sent, looked at, applied, and back with a red column."""

import asyncio
from io import BytesIO
from typing import Any

import asyncpg
import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient
from openpyxl import load_workbook

from api.auth.roles import Role
from tests.api.conftest import Api, pointers, problem_of
from tests.people.imports.sample import MERGED, ROWS, WRONG, line_of, sample
from tests.people.imports.writers import text, xlsx

pytestmark = pytest.mark.timeout(180)
LIST = xlsx(sample(), name="住户", merged=MERGED)
SMALL: list[list[object]] = [["房号", "姓名", "手机", "状态"], *[[f"7-1-{100 + n}", f"住户{n}", 13700000000 + n, ""] for n in range(1, 9)]]


@pytest.fixture
def administrator(browser: TestClient[web.Request, web.Application], tokens: dict[Role, str]) -> Api:
    """May bring lists in."""
    return Api(browser, tokens["administrator"])


async def send(api: Api, data: bytes, **query: str) -> dict[str, Any]:
    """Send a file raw; the import as it stands when it has ended."""
    response = await api.ask("POST", "/api/v1/imports", data=data, params=query, headers={"Content-Type": "application/octet-stream"})
    assert response.status == 201, await response.text()
    return await ended(api, (await response.json())["id"])


async def ended(api: Api, run: str) -> dict[str, Any]:
    async with asyncio.timeout(120):
        while True:
            stands: dict[str, Any] = await (await api.get(f"/imports/{run}")).json()
            if stands["state"] != "reading":
                return stands
            await asyncio.sleep(0.05)


async def test_a_list_is_looked_at_then_applied(administrator: Api, owner: asyncpg.Connection) -> None:
    before = await owner.fetchval("SELECT count(*) FROM person")
    looked = await send(administrator, LIST, file_name="住户.xlsx")
    assert (looked["state"], looked["dry"], looked["kind"], looked["file_name"]) == ("done", True, "residents", "住户.xlsx")
    assert (looked["counts"]["new"], looked["counts"]["refused"]) == (len(ROWS) - 2, len(WRONG))
    assert looked["rows_read"] == looked["counts"]["new"] + len(WRONG) and looked["applied_at"] is None
    assert {column["heading"]: column["field"] for column in looked["understood"]["sheets"][0]["columns"]}["房 号"] == "home"
    assert await owner.fetchval("SELECT count(*) FROM person") == before

    response = await administrator.post(f"/imports/{looked['id']}/apply")
    assert response.status == 201
    applied = await ended(administrator, (await response.json())["id"])
    assert (applied["state"], applied["dry"]) == ("done", False) and applied["counts"] == looked["counts"]
    assert await owner.fetchval("SELECT count(*) FROM person") == before + looked["counts"]["new_people"]


async def test_rows_come_with_reasons_and_the_file_with_a_red_column(administrator: Api) -> None:
    run = await send(administrator, LIST)
    pages: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = await (await administrator.get(f"/imports/{run['id']}/rows", limit="3", refused_only="true", **after)).json()
        pages += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert [(row["line"], [one["code"] for one in row["reasons"]]) for row in pages] == [(line_of(row), [code]) for row, code in WRONG]
    assert "digits" in pages[0]["reasons"][0]["detail"] and pages[0]["reasons"][0]["column"] == "联系电话(必填)"
    response = await administrator.get(f"/imports/{run['id']}/errors")
    assert response.status == 200 and "attachment" in response.headers["Content-Disposition"]
    sheet = load_workbook(BytesIO(await response.read()))["住户"]
    marked = {row for row in range(4, sheet.max_row + 1) if sheet.cell(row, sheet.max_column).value}
    assert marked == {line_of(row) for row, _ in WRONG} and sheet.cell(3, sheet.max_column).value == "Reasons"


async def test_a_form_with_a_file_is_taken_too(administrator: Api) -> None:
    form = FormData(quote_fields=False)  # as browsers send names
    form.add_field("file", text(SMALL, encoding="gb18030"), filename="七栋.csv", content_type="text/csv")
    response = await administrator.ask("POST", "/api/v1/imports", data=form)
    assert response.status == 201
    run = await ended(administrator, (await response.json())["id"])
    assert (run["file_name"], run["understood"]["encoding"], run["counts"]["new"]) == ("七栋.csv", "gb18030", 8)


async def test_what_would_end_too_much_asks_for_the_number(administrator: Api, owner: asyncpg.Connection) -> None:
    await send(administrator, text(SMALL), apply="true")
    leaving = text([SMALL[0], *[[*row[:3], "迁出"] for row in SMALL[1:5]]])
    asked = await send(administrator, leaving, apply="true")
    assert (asked["state"], asked["counts"]["ends"], asked["applied_at"]) == ("asks", 4, None)
    response = await administrator.post(f"/imports/{asked['id']}/apply", {"yes_end": 4})
    assert (await ended(administrator, (await response.json())["id"]))["state"] == "done"
    assert await owner.fetchval("SELECT count(*) FROM residence WHERE until IS NOT NULL") == 4


async def test_a_repeat_with_the_same_key_brings_nothing_in_again(administrator: Api, owner: asyncpg.Connection) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "list-1"}
    answers = [await administrator.ask("POST", "/api/v1/imports", data=text(SMALL), headers=headers) for _ in range(2)]
    assert [await answer.text() for answer in answers][0] == await answers[1].text()
    assert await owner.fetchval("SELECT count(*) FROM import_run") == 1
    await ended(administrator, (await answers[0].json())["id"])


async def test_a_file_that_is_no_list_is_refused_in_words(administrator: Api) -> None:
    run = await send(administrator, b"%PDF-1.7 whatever")
    assert run["state"] == "refused" and run["refusal"]["code"] == "import_no_table" and "XLSX" in run["refusal"]["detail"]
    assert (await administrator.get(f"/imports/{run['id']}/errors")).status == 404


async def test_only_an_administrator_brings_lists_in(clerk: Api, supervisor: Api, administrator: Api) -> None:
    run = await send(administrator, text(SMALL))
    for api in (clerk, supervisor):
        await problem_of(
            await api.ask("POST", "/api/v1/imports", data=b"x", headers={"Content-Type": "text/csv"}), 403, "permission_lacking"
        )
        for path in ("", "/rows", "/errors"):
            await problem_of(await api.get(f"/imports/{run['id']}{path}"), 403, "permission_lacking")


async def test_wrong_questions_are_told_what_is_wrong(administrator: Api) -> None:
    sent = {"data": b"x", "headers": {"Content-Type": "text/csv"}}
    wrong = await administrator.ask("POST", "/api/v1/imports?kind=cats", **sent)
    assert pointers(await problem_of(wrong, 422, "body_invalid")) == ["?kind"]
    wrong = await administrator.ask("POST", "/api/v1/imports?columns=x=cats", **sent)
    assert pointers(await problem_of(wrong, 422, "body_invalid")) == ["?columns"]
    await problem_of(await administrator.post("/imports"), 415, "media_type_wrong")
    await problem_of(await administrator.get("/imports/999999"), 404, "import_unknown")


async def test_an_import_that_dies_says_that_it_failed(
    administrator: Api, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = asyncio.create_subprocess_exec

    async def doomed(*arguments: Any, **options: Any) -> Any:
        process = await start(*arguments, **options)
        process.kill()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", doomed)
    run = await send(administrator, text(SMALL), apply="true")
    assert run["state"] == "failed" and run["applied_at"] is None
    assert await owner.fetchval("SELECT count(*) FROM place WHERE code = '7'") == 0
