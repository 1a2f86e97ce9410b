"""A list is brought in by hand: looked at, put right, corrected, applied; and nothing happens that was not said."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from openpyxl import load_workbook
from playwright.async_api import Download, FilePayload, Page, expect

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.sessions import open_session
from tests.console.conftest import Console, Look
from tests.console.test_access import findings, is_too_wide
from tests.people.imports.writers import text, xlsx

LIST: list[list[object]] = [
    ["云栖花园住户表"],
    ["楼栋", "单元", "房号", "业主", "联络", "身份证号"],
    [8, 1, 101, "韩梅", "13700000001", "330106199001011234"],
    [8, 1, 102, "李雷", "1370000002", ""],
    [8, 1, 201, "林涛", "13700000003", ""],
]


@pytest.fixture
async def office(console: Console) -> Console:
    """The town's pages, looked at by its administrator."""
    async with console.context.database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community")
        account = await create_account(tx, NewAccount(company, "admin", "钱经理"))
        await add_membership(tx, account_id=account, community_id=console.town.community_id, role="administrator")
        console.cookie = await open_session(tx, account_id=account, community_id=console.town.community_id)
    return console


async def opened(download: Download, folder: Path) -> Any:
    """A workbook that was downloaded, kept in `folder` meanwhile: the browser is not this process's own."""
    await download.save_as(folder / "list.xlsx")
    return load_workbook(BytesIO((folder / "list.xlsx").read_bytes()))


async def hand_in(page: Page, name: str, data: bytes) -> None:
    """Choose a file and have it looked at, to the end."""
    await page.set_input_files("#file", files=[FilePayload(name=name, mimeType="application/octet-stream", buffer=data)])
    await page.get_by_role("button", name="先看一遍").click()
    await expect(page.locator("#understood")).to_be_visible(timeout=30_000)


async def test_an_office_looks_puts_right_and_brings_its_list_in(office: Console, owner: asyncpg.Connection, tmp_path: Path) -> None:
    page = await office.page("/")
    await page.get_by_role("link", name="导入名单").click()
    async with page.expect_download() as template:
        await page.get_by_role("link", name="住户名单").click()
    assert (await opened(await template.value, tmp_path)).active.cell(1, 1).value == "楼栋"

    await hand_in(page, "住户表.xlsx", xlsx(LIST))
    assert await owner.fetchval("SELECT count(*) FROM place WHERE code = '8'") == 0
    # Nobody knows the word above the telephones; whoever does says so, and it is looked at again.
    await expect(page.get_by_label("联络")).to_have_value("-")
    assert "330106199001011234" not in await page.content()
    await page.get_by_label("联络").select_option(label="电话")
    await page.get_by_role("button", name="再读一遍").click()
    await expect(page.locator(".verdicts .refused dd")).to_have_text("1", timeout=30_000)
    await expect(page.locator("#import")).to_contain_text("第 4 行")
    await expect(page.locator("#import")).to_contain_text("1370000002 有 10 位")
    await expect(page.locator(".examples")).to_contain_text("8-1-101 · 韩梅 · 业主 · 137 0000 0001")
    async with page.expect_download() as marked:
        await page.get_by_role("link", name="标红的原表").click()
    corrected = await opened(await marked.value, tmp_path)
    await page.get_by_role("button", name="导入这 2 行").click()
    await expect(page.locator(".notice.green")).to_contain_text("已导入", timeout=30_000)
    assert await owner.fetchval("SELECT count(*) FROM person WHERE name IN ('韩梅', '李雷', '林涛')") == 2

    corrected.active.cell(4, 5).value = "13700000002"
    out = BytesIO()
    corrected.save(out)
    await page.get_by_role("link", name="导入名单").first.click()
    await hand_in(page, "改好.xlsx", out.getvalue())
    await page.get_by_label("联络").select_option(label="电话")
    await page.get_by_role("button", name="再读一遍").click()
    await page.get_by_role("button", name="导入这 1 行").click(timeout=30_000)
    await expect(page.locator(".notice.green")).to_be_visible(timeout=30_000)
    await page.goto(office.url + "/imports")
    assert await page.locator(".run .green-text").count() == 2


async def test_without_scripts_a_pasted_table_is_read_and_a_mass_end_wants_its_number(office: Console, owner: asyncpg.Connection) -> None:
    page = await office.page("/imports", Look(width=390, scripts=False))

    async def paste(*rows: list[object]) -> None:
        await page.goto(office.url + "/imports")
        await page.get_by_label("或者粘贴表格").fill(text([["房号", "姓名", "手机", "状态"], *rows], separator="\t").decode())
        await page.get_by_role("button", name="先看一遍").click()
        async with asyncio.timeout(40):  # the page reads itself again
            while not await page.locator("#understood").count():
                await page.wait_for_timeout(200)

    await page.get_by_role("button", name="先看一遍").click()
    await expect(page.get_by_role("alert")).to_contain_text("没有收到内容")
    everybody = await owner.fetchval("SELECT count(*) FROM residence")
    names = await owner.fetch(
        "SELECT home.code, person.name FROM residence JOIN person ON person.id = person_id JOIN place home ON home.id = home_id"
    )
    await paste(*[[row["code"], row["name"], "", "迁出"] for row in names])
    await page.get_by_label("请输入").fill("1")
    await page.get_by_role("button", name="并结束这").click()
    await expect(page.locator("#asks [role=alert]")).to_contain_text("数字不对")
    assert await owner.fetchval("SELECT count(*) FROM residence WHERE until IS NOT NULL") == 0
    await page.get_by_label("请输入").fill(str(everybody))
    await page.get_by_role("button", name="并结束这").click()
    async with asyncio.timeout(40):
        while not await page.locator(".notice.green").count():
            await page.wait_for_timeout(200)
    assert await owner.fetchval("SELECT count(*) FROM residence WHERE until IS NOT NULL") == everybody


async def test_no_page_of_imports_shuts_anybody_out(office: Console) -> None:
    """On the narrowest telephone in the light, on a desk's screen in the dark."""
    page = await office.page("/imports")
    addresses = ["/imports"]
    for name, data in (("住户.xlsx", xlsx(LIST)), ("broken.pdf", b"%PDF-1.7")):
        await page.goto(office.url + "/imports")
        await page.set_input_files("#file", files=[FilePayload(name=name, mimeType="application/octet-stream", buffer=data)])
        await page.locator("form button.main").click()
        await page.locator("#understood, .notice.red").first.wait_for(timeout=30_000)
        addresses.append(page.url.removeprefix(office.url))
    wrong: list[str] = []
    for look in (Look(width=320), Look("en", "dark")):
        for address in addresses:
            page = await office.page(address, look)
            await page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true }")
            wrong += [f"{look.name} {address}: {one}" for one in await findings(page)]
            wrong += [f"{look.name} {address}: wider than the screen"] if await is_too_wide(page, look) else []
    assert wrong == []
