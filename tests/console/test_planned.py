"""A planned cut written down by somebody who never saw the page, and what becomes of one that does not end."""

from playwright.async_api import expect

from tests.console.conftest import Console


async def test_a_planned_water_cut_is_announced_and_turns_red_when_it_does_not_end(console: Console) -> None:
    await console.at_hour(10)
    now = await console.story.clock.now()
    day = now.strftime("%Y-%m-%d")  # 10:00 on the wall is the same day in UTC
    desk = await console.page("/")
    await desk.get_by_role("link", name="登记、改期").click()
    await desk.get_by_text("计划停水").check()
    await desk.get_by_label("在哪里").fill("3栋")
    await desk.get_by_label("开始", exact=True).fill(f"{day}T13:00")
    await desk.get_by_label("恢复").fill(f"{day}T15:00")
    await desk.get_by_role("button", name="看看会通知谁").click()
    await expect(desk.locator("main")).to_contain_text("离停水不到24小时")
    await expect(desk.locator("main")).to_contain_text("3栋：3户，3人")
    await desk.get_by_label("请输入户数 3 确认").fill("3")
    await desk.get_by_role("button", name="登记并通知 3 户").click()
    await expect(desk.locator("#works")).to_contain_text("○ 通知")
    await console.story.settle()
    await desk.reload()
    await expect(desk.locator("#works")).to_contain_text("✓ 通知")
    assert console.town.phone("mrs_wang") in {one.to for one in console.gateway.sent if one.text.startswith("计划停水：3栋")}

    await console.story.forward(minutes=5 * 60 + 5)
    await console.log_in_again()
    desk = await console.page("/")
    await desk.get_by_role("link", name="去处理").click()
    await desk.get_by_role("button", name="还没恢复：启动预案").click()
    await expect(desk).to_have_url(f"{console.url}/declare/1")
