"""The desk between two log-ins: an expired session takes nothing out of anybody's hands, and whoever sits there says so in two seconds."""

import re

import asyncpg
import pytest
from playwright.async_api import Page, expect

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.pins import give_number, hash_pin, set_pin
from api.auth.sessions import open_session
from incidents.desk.changes import Desk, add_note
from tests.console.conftest import CLERK, Console, Look
from tests.console.test_access import findings, is_too_wide

PIN = "4711"


@pytest.fixture
async def chen(console: Console) -> int:
    """Chen Jing, a clerk with the number 7021 and a PIN."""
    hashed = await hash_pin(PIN, "7021")
    async with console.community() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community")
        account = await create_account(tx, NewAccount(company, "chen", "陈静"))
        await add_membership(tx, account_id=account, community_id=console.town.community_id, role="clerk")
        await give_number(tx, account, "7021", "孙主管")
        await set_pin(tx, account, hashed, "孙主管")
    return account


async def enrol(console: Console, look: Look | None = None) -> Page:
    """The supervisor makes the browser a desk device, on its page."""
    page = await console.page("/desks", look)
    await page.locator("#name").fill("前台1号机")
    await page.locator("form[action='/desks'] button").click()
    await expect(page.locator("#main h3").first).to_contain_text("前台1号机")
    return page


async def sign_on(page: Page, form: str = ".nameless") -> None:
    await page.locator(f"{form} input[name=number]").fill("7021")
    await page.locator(f"{form} input[name=pin]").fill(PIN)
    await page.locator(f"{form} input[name=pin]").press("Enter")


async def test_a_session_that_expires_while_the_caller_speaks_stands_in_nobodys_way(
    console: Console, chen: int, owner: asyncpg.Connection
) -> None:
    page = await enrol(console)
    await page.goto(console.url + "/declare?kind=elevator_entrapment&q=3.2")
    await page.locator("#caller-details summary").click()
    await page.locator("#caller-name").fill("王女士")
    await page.locator("#caller-words").fill("卡在十五楼，很害怕")
    await owner.execute("UPDATE session SET expires_at = created_at + interval '1 microsecond'")
    await page.locator("#go").click()

    await page.wait_for_url("**/declare/1*")
    await expect(page.locator("#unsigned")).to_contain_text("前台1号机（未署名）")
    assert await owner.fetchval("SELECT words FROM report") == "卡在十五楼，很害怕"
    await page.get_by_role("button", name=re.compile("^不详|0 不详")).first.click()
    await expect(page.locator("#unsigned")).to_be_visible()
    await sign_on(page, "#unsigned")
    await expect(page.locator("#unsigned")).to_be_hidden()
    await expect(page.locator(".switch summary")).to_contain_text("陈静")
    await page.goto(console.url + "/i/1")
    await expect(page.locator("main")).to_contain_text("前台1号机（未署名） 启动预案")
    await expect(page.locator("main")).to_contain_text("陈静 署名")
    await expect(page.locator("#line")).to_have_attribute("data-state", "live")
    await owner.execute("UPDATE session SET expires_at = created_at + interval '1 microsecond'")
    async with console.community() as tx:
        await add_note(Desk(tx, console.context.wakeups, CLERK), 1, "门开了")
    # A room that nobody may see any more does not stand there as if it were live.
    await expect(page).to_have_url(console.url + "/sign-on?next=/i/1", timeout=30_000)


async def test_the_desk_changes_hands_without_scripts_and_goes_on_without_a_name(console: Console, chen: int) -> None:
    page = await enrol(console, Look(scripts=False))
    await page.get_by_role("button", name="退出").first.click()
    await page.wait_for_url(console.url + "/")
    await expect(page.locator(".nameless")).to_contain_text("现在没有人签到")
    await sign_on(page)
    await expect(page.locator(".switch summary")).to_contain_text("陈静")
    await page.goto(console.url + "/debt")
    await page.locator(".switch summary").click()
    await page.get_by_role("button", name="离开，不留名").click()
    await page.goto(console.url + "/debt")
    await expect(page).to_have_url(console.url + "/sign-on?next=/debt")
    await page.locator("#number-page").fill("7021")
    await page.locator("#pin-page").fill("1111")
    await page.locator("#pin-page").press("Enter")
    await expect(page.locator(".notice.red")).to_contain_text("工号或PIN不对")
    await page.locator("#pin-page").fill(PIN)
    await page.locator("#pin-page").press("Enter")
    await expect(page).to_have_url(console.url + "/debt")


async def test_a_browser_that_is_no_desk_logs_in_and_finds_what_was_chosen(console: Console, owner: asyncpg.Connection) -> None:
    page = await console.page("/declare?kind=power_cut&q=3&fact_scope=building&from=13900000001")
    await owner.execute("UPDATE session SET expires_at = created_at + interval '1 microsecond'")
    await page.locator("#go").click()
    await page.wait_for_url("**/login?next=**")
    async with console.context.database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community")
        account = await create_account(tx, NewAccount(company, "li", "李静", "correct horse battery"))
        await add_membership(tx, account_id=account, community_id=console.town.community_id, role="clerk")
    await page.locator("#login").fill("li")
    await page.locator("#password").fill("correct horse battery")
    await page.locator("button.go").click()
    await expect(page.locator(".read-back")).to_contain_text("3栋")
    await expect(page.locator("#first-question + .choices a[aria-current=true]")).to_contain_text("整栋")
    await expect(page.locator("#caller-phone")).to_have_value("13900000001")
    await expect(page.locator("#go")).to_be_focused()
    assert await owner.fetchval("SELECT count(*) FROM incident") == 0


async def test_pages_of_the_desk_without_a_name_shut_nobody_out(console: Console, chen: int) -> None:
    for look in (Look("zh-CN", "dark", 390), Look("en", "light", 1440)):
        page = await enrol(console, look)
        wrong = [*await findings(page), *(["/desks is too wide"] if await is_too_wide(page, look) else [])]
        await page.goto(console.url + "/pin")
        wrong += await findings(page)
        await page.locator("form[action='/logout'] button").last.click()
        await console.declare("power_cut", "3")
        for path in ("/", "/declare?kind=power_cut&q=3", "/declare/1", "/sign-on?next=/debt"):
            await page.goto(console.url + path)
            wrong += [*await findings(page), *([f"{path} is too wide"] if await is_too_wide(page, look) else [])]
        assert wrong == []
        async with console.context.database.floor() as tx:
            await tx.connection.execute("UPDATE desk_device SET withdrawn_at = now(), withdrawn_by = 'x'")
        console.cookie = await open_session_again(console)


async def open_session_again(console: Console) -> str:
    """The supervisor's session was ended by leaving the desk."""
    async with console.context.database.floor() as tx:
        account = await tx.connection.fetchval("SELECT id FROM account WHERE login = 'sun'")
        return await open_session(tx, account_id=account, community_id=console.town.community_id)
