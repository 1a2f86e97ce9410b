"""The shift is handed over at the desk: both sign, it is kept, and whoever came is signed on."""

import asyncpg
from playwright.async_api import Page, expect

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.pins import give_number, hash_pin, set_pin
from tests.console.conftest import Console, Look
from tests.console.test_access import findings, is_too_wide
from tests.console.test_desk_devices import enrol

PASSWORD = "correct horse battery"


async def employ(console: Console) -> None:
    """Chen Jing (7021) goes off duty, Li Jing (7022) comes."""
    async with console.context.database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community")
    for login, name, number, pin in (("chen", "陈静", "7021", "2580"), ("li", "李静", "7022", "1470")):
        hashed = await hash_pin(pin, number)
        async with console.community() as tx:
            account = await create_account(tx, NewAccount(company, login, name, PASSWORD))
            await add_membership(tx, account_id=account, community_id=console.town.community_id, role="clerk")
            await give_number(tx, account, number, "孙主管")
            await set_pin(tx, account, hashed, "孙主管")


async def sign(page: Page, whose: str, number: str, secret: str) -> None:
    await page.locator(f"#{whose}-number").fill(number)
    await page.locator(f"#{whose}-secret").fill(secret)


async def test_the_shift_changes_hands_at_the_desk(console: Console, owner: asyncpg.Connection) -> None:
    await employ(console)
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    page = await enrol(console)
    await page.get_by_role("link", name="交接班").click()
    await expect(page.locator("#handed-now")).to_contain_text("3栋2单元1号梯")
    await page.locator("#notes").fill("泵房钥匙在抽屉")
    await sign(page, "goes", "7021", "2580")
    await sign(page, "comes", "7022", "9999")
    await page.get_by_role("button", name="签字交接").click()
    await expect(page.locator(".signature", has_text="接班人")).to_contain_text("工号或PIN不对")
    await expect(page.locator("#notes")).to_have_value("泵房钥匙在抽屉")
    assert await owner.fetchval("SELECT count(*) FROM handover") == 0
    await sign(page, "goes", "7021", "2580")
    await sign(page, "comes", "7022", "1470")
    await owner.execute("UPDATE session SET expires_at = created_at + interval '1 microsecond'")  # after twelve hours, as shifts end
    await page.get_by_role("button", name="签字交接").click()
    await expect(page.locator(".notice.green")).to_contain_text("陈静交班，李静接班")
    await expect(page.locator(".switch summary")).to_contain_text("李静")
    await expect(page.locator("main")).to_contain_text("泵房钥匙在抽屉")
    await expect(page.locator("main")).to_contain_text(f"第{declared.number}号")
    await page.emulate_media(media="print")
    await expect(page.locator(".top nav")).to_be_hidden()
    await expect(page.locator("main")).to_contain_text("3栋2单元1号梯")


async def test_elsewhere_both_sign_by_password_one_after_the_other(console: Console) -> None:
    await employ(console)
    look = Look("en", "dark", 390)
    page = await console.page("/handover", look)
    await sign(page, "goes", "chen", PASSWORD)
    await page.get_by_role("button", name="Sign", exact=True).click()
    await expect(page.locator("#take")).to_contain_text("whoever comes has yet to sign")
    await sign(page, "comes", "chen", PASSWORD)
    await page.get_by_role("button", name="Sign for taking over").click()
    await expect(page.locator(".signature")).to_contain_text("cannot be the same person")
    objections = await findings(page)
    await sign(page, "comes", "li", PASSWORD)
    await page.get_by_role("button", name="Sign for taking over").click()
    await expect(page.locator(".notice.green")).to_contain_text("both have signed")
    for path in ("/handover", "/handover/1"):
        await page.goto(console.url + path)
        objections += [*await findings(page), *([f"{path} is too wide"] if await is_too_wide(page, look) else [])]
    assert objections == []
