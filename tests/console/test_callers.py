"""The caller's number on the declare page: which home, what was promised before, and one key for one more report."""

import asyncio

from playwright.async_api import expect

from incidents.desk import changes
from incidents.desk.changes import Desk
from incidents.desk.reports import Reporter
from tests.console.conftest import CLERK, Console
from tests.console.test_declaring import press
from tests.incidents.test_callers import own_two_homes

FROM = "/declare?from=13900000001"


async def test_a_number_with_several_homes_is_asked_by_one_key_and_offers_what_is_around(console: Console) -> None:
    await own_two_homes(console.context.database, console.town)
    page = await console.page(FROM)
    await expect(page.locator(".homes a")).to_have_count(4)
    await press(page, "3")
    await expect(page.locator("#place")).to_be_focused()
    await press(page, "F3")
    await expect(page.locator("#on-the-line")).to_contain_text("周先生 · 3栋2单元1503")
    await expect(page.locator("[data-offers] a").first).to_contain_text("3栋")
    await press(page, "Enter")
    await expect(page.locator(".read-back")).to_contain_text("3栋")
    await expect(page.locator("#go")).to_be_focused()
    await press(page, "Enter")
    await page.wait_for_url("**/declare/1")
    async with console.community() as tx:
        row = await tx.connection.fetchrow("SELECT home_id, caller_person_id, home_unsure FROM report")
    assert row is not None and tuple(row) == (console.town.places["3-2-1503"], console.town.people["mr_zhou"], False)


async def test_who_rings_again_is_known_and_one_key_adds_the_call(console: Console) -> None:
    declared = await console.declare("power_cut", "3")
    async with console.community() as tx:
        desk = Desk(tx, console.context.wakeups, CLERK)
        for _ in range(2):
            await changes.add_report(desk, declared.incident_id, Reporter(phone="13900000001", home_id=console.town.places["3-2-1502"]))
        await changes.add_report(desk, declared.incident_id, Reporter(phone="13900000001", call_back_minutes=5))
    await console.story.forward(minutes=11)
    page = await console.page(FROM + "&kind=power_cut&q=3")
    await expect(page.locator("#earlier")).to_contain_text("第 4 次来电")
    await expect(page.locator("#earlier .late")).to_contain_text("6:")
    await press(page, "+")
    await page.wait_for_url("**/i/1")
    async with console.community() as tx:
        rows = await tx.connection.fetch("SELECT home_id FROM report ORDER BY no")
    assert (len(rows), rows[-1]["home_id"]) == (4, console.town.places["3-2-1502"])


async def test_a_form_with_a_number_of_several_homes_is_taken_and_the_home_asked_after(console: Console) -> None:
    await own_two_homes(console.context.database, console.town)
    declared = await console.declare("power_cut", "3")
    page = await console.page(f"/declare/{declared.number}")
    await page.locator("#caller-phone").fill("139 0000 0001")
    await page.get_by_role("button", name="记下来电").click()
    await expect(page.locator(".whose")).to_contain_text("这个号码有 3 户")
    await press(page, "F4")
    await expect(page.locator(".whose")).to_have_count(0)
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT home_id FROM report") == console.town.places["3-2-1601"]


async def test_a_withheld_and_an_unknown_number_keep_nobody_from_declaring(console: Console) -> None:
    page = await console.page("/declare?from=anonymous&kind=power_cut&q=3")
    await expect(page.locator("#on-the-line")).to_contain_text("号码未显示")
    await page.goto(console.url + "/declare?from=021-55550000&kind=power_cut&q=3")
    await expect(page.locator("#on-the-line")).to_contain_text("名册里没有")
    await press(page, "Enter")
    await page.wait_for_url("**/declare/1")
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT caller_phone FROM report") == "+862155550000"


async def test_two_clerks_who_press_within_a_second_make_one_incident(console: Console) -> None:
    pages = [await console.page("/declare?kind=elevator_entrapment&q=3.2.1") for _ in range(2)]
    await asyncio.gather(*(page.locator("#go").click() for page in pages))
    for page in pages:
        await page.wait_for_url("**/declare/1*")
    await console.story.settle()
    assert [await page.locator(".notice.amber").count() for page in pages] in ([0, 1], [1, 0])
    assert sorted(one.to for one in console.gateway.sent) == sorted([console.town.phone("zhang"), console.town.phone("zhao")])
