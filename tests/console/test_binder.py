"""The emergency binder on paper, and what was written on its forms entered afterwards."""

from datetime import timedelta

from aiohttp import ClientSession
from playwright.async_api import expect

from people.persons import NewNeedOfHelp, add_need_of_help
from tests.console.conftest import Console
from tests.harness.small_town import RESIDENTS, STAFF

REASON = "心脏病"


async def test_the_print_holds_numbers_of_staff_which_are_noted_and_nothing_of_residents(console: Console) -> None:
    async with console.community() as tx:
        await add_need_of_help(tx, NewNeedOfHelp(console.town.people["mrs_wang"], True, REASON, "security"))
    page = await console.page("/binder")
    preview = await page.content()
    assert not any(number[3:6] + " " + number[6:10] in preview for _, number, *_ in STAFF.values())
    await page.locator("form[action='/binder'] button").click()
    await expect(page.locator(".paper-head")).to_contain_text("可以打印了")
    await expect(page.locator(".roster")).to_contain_text("张伟 138 0000 0001")
    await expect(page.locator(".doors tr", has_text="1502")).to_contain_text("◤")
    printed = await page.content()
    assert not any(
        word in printed for name, number, *_ in RESIDENTS.values() for word in (number[3:], f"{number[3:6]} {number[6:10]}", name)
    )
    assert REASON not in printed
    async with console.community() as tx:
        noted = await tx.connection.fetch("SELECT person_id, actor_name, why FROM access_log")
    assert {row["person_id"] for row in noted} == {console.town.people[name] for name in STAFF}
    assert {(row["actor_name"], row["why"]) for row in noted} == {("孙主管", "binder")}


async def test_what_happened_hours_ago_keeps_both_times_and_rings_nobody_twice(console: Console) -> None:
    page = await console.page("/declare?kind=power_cut&q=3")
    async with console.community() as tx:
        ago = (tx.now - timedelta(hours=6)).replace(second=0, microsecond=0)
        later = tx.now + timedelta(hours=1)
    zone = "Asia/Shanghai"
    local = await page.evaluate(
        "([at, zone]) => new Date(at).toLocaleString('sv-SE', { timeZone: zone }).replace(' ', 'T').slice(0, 16)", [ago.isoformat(), zone]
    )
    await page.locator("#afterwards summary").click()
    await page.locator("#happened-at").fill(local)
    await page.locator("#go").click()
    await page.wait_for_url("**/declare/1")
    await console.story.settle()
    async with console.community() as tx:
        event = await tx.connection.fetchrow("SELECT at, happened_at FROM incident_event WHERE kind = 'declared'")
        assert event is not None and event["happened_at"] == ago and event["at"] - ago >= timedelta(hours=5, minutes=59)
        assert await tx.connection.fetchval("SELECT count(*) FROM timer WHERE due_at <= $1", tx.now) == 0
    sent = [one.to for one in console.gateway.sent]
    assert len(sent) == len(set(sent)) == 2
    async with ClientSession(cookies={"tocsin": console.cookie}) as visitor:
        csrf = await page.locator("[name=csrf]").first.input_value()
        form = {"csrf": csrf, "report": "1", "happened_at": later.isoformat()}
        assert (await visitor.post(f"{console.url}/i/1/report", data=form)).status == 422
    await page.goto(console.url + "/i/1/record")
    await expect(page.locator(".late-written").first).to_contain_text(local.replace("T", " "))
