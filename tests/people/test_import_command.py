"""`tocsin import` as an administrator lives through it: real process, real files, real database."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from people.imports.run import ImportRequest, run_import
from tests.harness.nursery import Nursery, QuickProcesses
from tests.people.imports.conftest import with_its_place
from tests.people.imports.sample import MERGED, REACHED, ROWS, WRONG, line_of, sample
from tests.people.imports.writers import text, xlsx
from tocsin.app.cli.commands import app
from tocsin.base.database import Database

pytestmark = pytest.mark.timeout(180)
CHINESE = {"LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8"}


@pytest.fixture
async def town(database: Database, community: int) -> int:
    """The one community of this test's own database, as the command looks for it."""
    return await with_its_place(database, community)


@pytest.fixture
async def office(database_url: str, tmp_path: Path, town: int, midwife: Nursery) -> QuickProcesses:
    """The command line of a service whose one community is `town`."""
    (tmp_path / "data").mkdir()
    return QuickProcesses(database_url, tmp_path / "data", extra=CHINESE, nursery=midwife)


async def run(office: QuickProcesses, *arguments: str, typed: bytes = b"") -> tuple[int, str, str]:
    """A command to its end; exit code, standard output and standard error."""
    ended = await office.run(*arguments, typed=typed.decode())
    return ended.code, ended.out, ended.err


async def test_an_office_looks_corrects_and_brings_its_list_in(office: QuickProcesses, owner: asyncpg.Connection, tmp_path: Path) -> None:
    file = tmp_path / "住户登记表.xlsx"
    file.write_bytes(xlsx(sample(), name="住户", merged=MERGED))

    code, out, err = await run(office, "import", str(file))
    assert code == 1
    assert "住户名单（xlsx）" in out and "联系电话(必填) → 电话" in out and "身份证号" in out
    assert f"新增 {len(ROWS) - 2} 行" in out and f"有误 {len(WRONG)} 行" in out and "试运行" in out
    assert f"第 {line_of(WRONG[0][0])} 行" in err and "应为 11 位" in err
    assert await owner.fetchval("SELECT count(*) FROM person") == 0

    reasons = tmp_path / "住户登记表.errors.xlsx"
    workbook = load_workbook(reasons)
    sheet = workbook["住户"]
    for _ in WRONG:
        sheet.delete_rows(line_of(WRONG[0][0]))
    workbook.save(reasons)
    code, out, err = await run(office, "import", str(reasons), "--apply")
    assert (code, err) == (0, "")
    assert "导入完成" in out
    assert await owner.fetchval("SELECT count(*) FROM person") == sum(len(people) for people in REACHED.values())

    code, out, _ = await run(office, "import", str(reasons), "--apply", "--json")
    said = json.loads(out)
    assert code == 0 and said["counts"]["unchanged"] == len(ROWS) - 2 and said["counts"]["new"] == said["counts"]["changed"] == 0


async def test_a_table_pasted_in_is_read_from_standard_input(office: QuickProcesses, owner: asyncpg.Connection) -> None:
    pasted = text([["房号", "业主", "电话"], ["3-2-1502", "王芳", "13800138000/0571-88001234"]], separator="\t")
    code, out, err = await run(office, "import", "-", "--apply", "--json", typed=pasted)
    assert (code, err) == (0, "")
    assert json.loads(out)["counts"]["new"] == 1
    assert await owner.fetchval("SELECT count(*) FROM contact_point") == 2


async def test_a_file_that_would_end_too_much_says_the_number_to_say(
    office: QuickProcesses, database: Database, town: int, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    rows: list[list[object]] = [
        ["房号", "姓名", "手机", "状态"],
        *[[f"1-1-{100 + n}", f"住户{n}", 13800000000 + n, ""] for n in range(1, 6)],
    ]
    file = tmp_path / "list.csv"
    file.write_bytes(text(rows, encoding="gb18030"))
    with file.open("rb") as opened:
        await run_import(database, ImportRequest(town, file.name, "test", dry=False), opened)
    file.write_bytes(text([rows[0], [*rows[1][:3], "迁出"]], encoding="gb18030"))
    code, out, err = await run(office, "import", str(file), "--apply")
    assert code == 1 and "--yes-end 1" in err and "导入完成" not in out
    assert await owner.fetchval("SELECT count(*) FROM residence WHERE until IS NOT NULL") == 0
    assert (await run(office, "import", str(file), "--apply", "--yes-end", "1"))[0] == 0
    assert await owner.fetchval("SELECT count(*) FROM residence WHERE until IS NOT NULL") == 1


def test_a_template_is_written_and_wrong_usage_is_exit_2(tmp_path: Path) -> None:
    """Without a process of its own: none of it gets as far as a database."""

    def exit_code(*arguments: object) -> int:
        return CliRunner().invoke(app, ["import", *map(str, arguments)], env=CHINESE).exit_code

    out = tmp_path / "模板.xlsx"
    assert exit_code("--template", "residents", out) == 0
    assert load_workbook(out).active.cell(1, 1).value == "楼栋"
    assert exit_code(tmp_path / "none.xlsx") == 2
    assert exit_code(out, "--kind", "cats") == 2
    assert exit_code(out, "--column", "x=y") == exit_code(out, "--column", "x=phone:cat") == 2
    assert exit_code(out, "--shift", "白班") == 2


async def test_what_is_no_table_is_refused_in_one_sentence(office: QuickProcesses, owner: asyncpg.Connection, tmp_path: Path) -> None:
    file = tmp_path / "list.xls"
    file.write_bytes(b"<html><table><tr><td>1</td></tr></table></html>")
    code, out, err = await run(office, "import", str(file), "--apply")
    assert (code, out) == (1, "") and "另存为 .xlsx" in err and "Traceback" not in err
    assert [tuple(run) for run in await owner.fetch("SELECT state, refusal FROM import_run")] == [("refused", "web_page")]


async def test_killed_in_the_middle_nothing_is_half_done(office: QuickProcesses, owner: asyncpg.Connection, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["房号", "姓名", "手机"],
        *[[f"{n // 60 + 1}-1-{n % 60 + 101}", "王芳", 13800000000 + n] for n in range(20_000)],
    ]
    file = tmp_path / "list.csv"
    file.write_bytes(text(rows))
    process = await office.start("import", str(file), "--apply")
    async with asyncio.timeout(90):
        while not await owner.fetchval("SELECT count(*) FROM import_run WHERE rows_read > 0"):
            await asyncio.sleep(0.05)
    process.kill()
    await process.wait()
    async with asyncio.timeout(20):
        while await owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tocsin' AND state <> 'idle' AND xact_start IS NOT NULL"
        ):
            await asyncio.sleep(0.05)
    assert await owner.fetchval("SELECT count(*) FROM person") == await owner.fetchval("SELECT count(*) FROM residence") == 0
    assert await owner.fetchval("SELECT count(*) FROM import_run WHERE applied_at IS NOT NULL") == 0
