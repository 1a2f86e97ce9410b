"""Telling residents as somebody does it who has never seen the page; a second person; taking it back; correcting what was wrong."""

import re

import pytest
from playwright.async_api import expect

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.sessions import open_session
from incidents.desk.changes import Desk, post_update
from notifiers.delivery.sealing import seals
from tests.console.conftest import CLERK, Console, Look
from tests.console.test_access import findings
from tests.console.test_wall import hang_up, wall_address


async def leave(console: Console) -> None:
    """The seconds in which a message can be taken back pass."""
    async with console.community() as tx:
        await tx.connection.execute("UPDATE delivery SET due_at = clock_timestamp() WHERE due_at > clock_timestamp()")
    await console.story.settle()


async def test_building_3_hears_that_the_water_is_back(console: Console) -> None:
    """With a ready text, seen before it is sent, and taken back within its seconds before anybody has it."""
    await console.at_hour(12)
    water = await console.declare("water_cut", "0")
    page = await console.page(f"/i/{water.number}")
    await page.get_by_role("link", name="给业主发通知").click()
    await page.get_by_label("告知已来水").check()
    await page.get_by_role("checkbox", name="云栖花园").uncheck()
    await page.get_by_role("checkbox", name="3栋", exact=True).check()
    await expect(page.locator("#seen")).to_contain_text("3栋：3户，3人")
    await expect(page.locator("#words-zh-CN")).to_have_value(re.compile("^3栋.*已来水"))
    await expect(page.locator("figure", has_text="短信 · 中文")).to_contain_text("【安居物业】3栋")
    await expect(page.locator("figure", has_text="短信 · 中文")).to_contain_text("/70字，1条")
    await page.get_by_role("button", name="发给 3 户").click()
    await expect(page.locator(".message").first).to_contain_text("秒后发出")
    await console.story.settle()
    assert console.gateway.sent == [one for one in console.gateway.sent if "3栋" not in one.text], "nothing leaves before its time"
    await page.get_by_role("button", name="撤回").click()
    await expect(page.locator(".message").first).to_contain_text("已停发")
    await leave(console)
    assert not any("3栋" in one.text for one in console.gateway.sent)
    await page.get_by_role("button", name="恢复发送").click()
    await expect(page.locator(".message").first).not_to_contain_text("已停发")
    await leave(console)
    assert {one.to for one in console.gateway.sent if "3栋" in one.text} == {console.town.phone("mrs_wang"), console.town.phone("mr_zhou")}


async def test_what_must_never_be_said_is_found_and_the_number_is_typed(console: Console) -> None:
    """Without scripts: the same page, by its buttons."""
    await console.at_hour(12)
    power = await console.declare("power_cut", "3")
    page = await console.page(f"/i/{power.number}/tell", Look(scripts=False))
    await page.get_by_label("自己写").check()
    await page.locator("#words-zh-CN").fill("大家别急，小问题。")
    await page.locator("#words-en").fill("Please wait.")
    await page.get_by_role("button", name="加上").click()
    await expect(page.locator("#seen").get_by_role("alert")).to_contain_text("小问题")
    await page.locator("#words-zh-CN").fill("大堂有工程车，请绕行。")
    await page.get_by_label("加一处").fill("5栋")
    await page.get_by_role("button", name="加上").click()
    await expect(page.locator("#seen")).to_contain_text("3栋、5栋：4户")
    await page.get_by_role("button", name="发给 4 户").click()
    await expect(page.locator(".message").first).to_contain_text("工程车")
    await leave(console)
    assert console.town.phone("bob") in {one.to for one in console.gateway.sent if "Please wait." in one.text}


async def test_a_second_person_sends_what_the_first_one_asked_for(console: Console) -> None:
    await console.at_hour(12)
    async with console.context.database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community")
        account = await create_account(tx, NewAccount(company, "chen", "陈静"))
        await add_membership(tx, account_id=account, community_id=console.town.community_id, role="clerk")
        clerk = await open_session(tx, account_id=account, community_id=console.town.community_id)
    power = await console.declare("power_cut", "3")
    context = await console.visitor(logged_in=False)
    await context.add_cookies([{"name": "tocsin", "value": clerk, "url": console.url}])
    first = await context.new_page()
    await first.goto(f"{console.url}/i/{power.number}/tell")
    await expect(first.locator("#seen")).to_contain_text("提交后由主管复核")
    await first.get_by_role("button", name="提交复核（3 户）").click()
    await expect(first.locator("#asked")).to_contain_text("等另一个人复核")

    desk = await console.page("/")
    waiting = desk.locator("section", has_text="待复核")
    await expect(waiting).to_contain_text("陈静")
    assert await findings(desk) == []
    await waiting.get_by_role("button", name="同意，发给 3 户").click()
    await expect(desk.locator(".message").first).to_contain_text("应通知3户")
    await leave(console)
    assert console.town.phone("mrs_wang") in {one.to for one in console.gateway.sent}
    await expect(first.locator("#asked")).to_contain_text("已复核发出", timeout=5000)


async def test_a_wrong_message_is_corrected_in_three_clicks_and_only_who_had_it_hears(console: Console) -> None:
    await console.at_hour(12)
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    page = await console.page(f"/i/{power.number}/messages", Look(width=390))
    sent = page.locator(".message", has_text="告知全体业主")
    await sent.get_by_text("更正", exact=True).click()
    await sent.get_by_role("button", name="看看谁会收到更正").click()
    await expect(page.locator("main")).to_contain_text("告诉3户（3人）")
    before = len(console.gateway.sent)
    await page.get_by_role("button", name="发更正").click()
    await expect(page.locator(".message").first).to_contain_text("与您家无关")
    await console.story.settle()
    told = [one.to for one in console.gateway.sent[before:]]
    assert sorted(told) == sorted(console.town.phone(name) for name in ("mrs_wang", "mr_zhou", "alice"))


async def test_an_act_says_first_whom_it_would_tell_and_keeps_nothing(console: Console) -> None:
    await console.at_hour(12)
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    page = await console.page(f"/i/{power.number}")
    await page.locator("#move summary").click()
    await page.locator("#move-q").fill("5栋")
    await page.locator("#move").get_by_role("button").click()
    await expect(page.locator("main")).to_contain_text("地点从3栋改为5栋")
    await expect(page.locator("main")).to_contain_text("告诉3户（3人）")
    await expect(page.locator("main")).to_contain_text("告诉1户（1人）")
    assert await findings(page) == []
    before = len(console.gateway.sent)
    await console.story.settle()
    assert len(console.gateway.sent) == before, "looking tells nobody"
    await page.get_by_role("button", name="改到这里").click()
    await expect(page.locator("h1")).to_contain_text("停电 · 5栋")
    await console.story.settle()
    assert console.town.phone("bob") in {one.to for one in console.gateway.sent[before:]}


async def test_news_that_go_to_nobody_are_red_wherever_somebody_looks_until_they_are_stopped(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures that lack those who are still to be counted say so."""
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    monkeypatch.setattr(seals, "MANY", 1)
    async with console.community() as tx:
        message = await post_update(Desk(tx, console.context.wakeups, CLERK), power.incident_id, {"zh-CN": "在修了。", "en": "Soon."}, None)
    room = await console.page(f"/i/{power.number}")
    doors = await console.page(f"/i/{power.number}/door")
    for page in (room, doors):
        await expect(page.get_by_text("有通知还在统计对象")).to_be_visible()
    await expect(doors.get_by_text("没有要上门的住户了")).to_have_count(0)
    async with console.community() as tx:
        await tx.connection.execute("UPDATE message SET to_seal = '[]' WHERE id = $1", message)
    await console.story.settle()
    await doors.reload()
    await expect(doors.get_by_text("有1条通知没能发出")).to_be_visible()
    await expect((await console.page("/")).locator(f"#incident-{power.number}")).to_contain_text("有1条通知没能发出")
    await expect(room.locator(".red-text", has_text="有1条通知没能发出")).to_be_visible()
    await expect((await hang_up(console, await wall_address(console))).locator(".slide")).to_contain_text("有1条通知没能发出")
    await room.locator(".red-text", has_text="有1条通知没能发出").get_by_role("link").click()
    await expect(room.locator(".message").first).to_contain_text("还没有一个人收到")
    assert await findings(room) == []
    await room.get_by_role("button", name="不发了").click()
    await expect(room.locator(".message").first).to_contain_text("已停发")
    await doors.reload()
    await expect(doors.get_by_text("没能发出")).to_have_count(0)
