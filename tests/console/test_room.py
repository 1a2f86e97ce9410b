"""The room and the desk: live, and everything that is done there."""

import re
from urllib.parse import unquote

from playwright.async_api import expect

from tests.console.conftest import Console, Look
from tests.console.test_access import findings, is_too_wide


async def test_an_answer_by_link_shows_in_the_open_room(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    await expect(room.locator("#line")).to_have_attribute("data-state", "live")
    await expect(room.locator("#head")).to_contain_text("还没人接单")
    phone = await console.page(console.answer_link("zhang"), logged_in=False)
    await phone.get_by_role("button", name="接单").click()
    await expect(room.locator("#head")).to_contain_text("张伟 已接手", timeout=3000)
    await expect(room.locator("#timeline")).to_contain_text("张伟 接单（点链接）")


async def test_a_lost_connection_is_said_within_five_seconds(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    await expect(room.locator("#line")).to_have_attribute("data-state", "live")
    await console.stop_serving()
    await expect(room.locator("#line")).to_have_attribute("data-state", "lost", timeout=5000)
    await expect(room.locator("#alarm")).to_contain_text("连接断开")
    await expect(room.locator("#alarm")).to_be_in_viewport()
    assert re.search(r"\d\d:\d\d:\d\d", await room.locator("#alarm").inner_text())
    await console.serve()
    await expect(room.locator("#line")).to_have_attribute("data-state", "live", timeout=10000)


async def test_what_somebody_types_survives_news(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    room = await console.page(f"/i/{power.number}")
    await room.locator("#update summary").click()
    await room.locator("#words-zh-CN").fill("电工在查")
    await console.know(power, trapped=False)
    await expect(room.locator("#timeline")).to_contain_text("有人困在电梯里吗", timeout=5000)
    await expect(room.locator("#words-zh-CN")).to_have_value("电工在查")
    # The part in hand was left as it was: once it is let go, the page asks for it again.
    version = await room.evaluate("document.documentElement.dataset.shown")
    await room.locator("#words-zh-CN").fill("")
    await room.locator("#words-zh-CN").blur()
    await console.know(power, trapped=True)
    await room.wait_for_function("version => document.documentElement.dataset.shown !== version", arg=version)


async def test_news_above_does_not_move_the_focus_to_another_button(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    desk = await console.page("/")
    button = desk.locator(".task", has_text="95598").get_by_role("button", name="没打通")
    await button.focus()
    phone = await console.page(await console.resident_link("mrs_wang"), logged_in=False)
    await phone.get_by_role("button", name="需要帮助").click()
    await expect(desk.locator(".task.help")).to_be_visible(timeout=5000)
    await expect(desk.locator(".task", has_text="95598").get_by_role("button", name="没打通")).to_be_focused()


async def test_nothing_moves_under_a_hand_that_is_about_to_press(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    desk = await console.page("/")
    button = desk.locator(".task", has_text="95598").get_by_role("button", name="没打通")
    phone = await console.page(await console.resident_link("mrs_wang"), logged_in=False)
    await button.hover()
    before = await button.bounding_box()
    await phone.get_by_role("button", name="需要帮助").click()
    for step in range(4):
        await desk.mouse.move(before["x"] + 10 + step, before["y"] + 10)  # type: ignore[index]
        assert await button.bounding_box() == before
        await desk.wait_for_timeout(200)
    await expect(desk.locator(".task.help")).to_be_visible(timeout=6000)


async def test_two_clicks_write_an_answer_down_for_somebody(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    said = room.locator(".person", has_text="赵刚")
    await said.locator("summary").click()
    await said.get_by_role("button", name="接单").click()
    await expect(said).to_contain_text("对讲 · 孙主管 代记")
    await expect(room.locator("#timeline")).to_contain_text("赵刚 接单（对讲）")


async def test_the_desk_writes_down_minutes_and_means(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    said = room.locator(".person", has_text="赵刚")
    await said.locator("summary").click()
    await said.get_by_label("电话").check()
    await said.locator("input[name=minutes]").fill("８")
    await said.get_by_role("button", name="出发").click()
    await expect(said).to_contain_text("电话 · 孙主管 代记")
    await expect(room.locator("#timeline")).to_contain_text("赵刚 出发（电话）8分钟到")


async def test_the_sentence_of_reach_adds_up_in_homes(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    room = await console.page(f"/i/{power.number}")
    counts = [int(text) for text in await room.locator(".reach-sum b").all_inner_texts()]
    assert len(counts) == 7
    assert sum(counts) == int(await room.locator(".reach-sum .size").inner_text())
    async with console.community() as tx:
        homes = await tx.connection.fetchval("SELECT count(DISTINCT home_id) FROM audience_member WHERE home_id IS NOT NULL")
    assert sum(counts) == homes


async def test_a_call_by_hand_that_nobody_answers_moves_the_ladder(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    await console.story.forward(minutes=1, seconds=1)
    desk = await console.page("/")
    await expect(desk.locator(".dial").first).to_have_text("138 0000 0001")
    before = await desk.locator(".calls > li").count()
    await desk.keyboard.press("F8")
    await expect(desk.locator(".calls > li")).to_have_count(before - 1)
    await console.story.settle()
    room = await console.page(f"/i/{declared.number}")
    await expect(room.locator("#ladders")).to_contain_text("李强")
    await expect(room.locator("#ladders")).to_contain_text("等人打电话")


async def test_who_takes_it_on_the_telephone_has_it(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    await console.story.forward(minutes=1, seconds=1)
    desk = await console.page("/")
    await expect(desk.locator(".calls")).to_contain_text("请打电话给张伟")
    await desk.locator(".calls > li", has_text="张伟").get_by_role("button", name="接通并接单").click()
    await desk.wait_for_load_state()
    room = await console.page(f"/i/{declared.number}")
    await expect(room.locator("#head")).to_contain_text("张伟 已接手")
    await expect(room.locator(".person", has_text="张伟")).to_contain_text("电话 · 孙主管 代记")
    await console.story.forward(minutes=3)
    await room.reload()
    await expect(room.locator("#ladders")).not_to_contain_text("李强")


async def test_who_cannot_come_hands_over_on_the_telephone_at_once(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    await console.story.forward(minutes=1, seconds=1)
    desk = await console.page("/")
    await desk.locator(".calls > li", has_text="张伟").get_by_role("button", name="接通但来不了").click()
    await desk.wait_for_load_state()
    await console.story.settle()
    room = await console.page(f"/i/{declared.number}")
    await expect(room.locator("#ladders")).to_contain_text("李强")
    await expect(room.locator(".person", has_text="张伟")).to_contain_text("去不了")


async def test_nobody_is_called_for_what_somebody_else_has_taken(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    await console.story.forward(minutes=2, seconds=1)
    desk = await console.page("/")
    await expect(desk.locator(".calls")).to_contain_text("张伟")
    second = await console.page(console.answer_link("li"), logged_in=False)
    await second.get_by_role("button", name="接单").click()
    await expect(desk.locator("#open")).to_be_visible()
    await expect(desk.locator("#left")).not_to_contain_text("请打电话给张伟", timeout=5000)


async def test_after_the_end_nobody_is_to_be_called(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    await console.story.forward(minutes=1, seconds=1)
    room = await console.page(f"/i/{declared.number}")
    await expect(room.locator(".calls")).to_contain_text("张伟")
    await room.get_by_role("button", name="险情解除").click()
    await room.locator(".go button").click()
    await room.wait_for_load_state()
    await expect(room.locator(".calls")).to_have_count(0)


async def test_a_home_that_waits_for_help_holds_the_closing_up(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    phone = await console.page(await console.resident_link("mrs_wang"), logged_in=False)
    await phone.get_by_role("button", name="需要帮助").click()
    await phone.wait_for_load_state()
    room = await console.page(f"/i/{power.number}")
    await room.get_by_role("button", name="险情解除").click()
    await room.locator(".go button").click()
    await room.wait_for_load_state()
    await expect(room.locator("#lacking")).to_contain_text("3栋2单元1502 求助还没人到")
    await room.locator(".task.help").get_by_role("button", name="已有人到").click()
    await room.wait_for_load_state()
    await expect(room.locator("#ending")).not_to_contain_text("求助还没人到")


async def test_what_is_done_is_not_shown_as_taken_by_nobody(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    for name in ("zhang", "zhao"):
        phone = await console.page(console.answer_link(name), logged_in=False)
        await phone.get_by_role("button", name="处理完").click()
        await phone.wait_for_load_state()
    for path, part in (("/", "#left"), (f"/i/{declared.number}", "#head")):
        page = await console.page(path)
        await expect(page.locator(part)).to_contain_text("已处理完")
        await expect(page.locator(part)).not_to_contain_text("还没人接单")


async def test_a_call_back_that_was_promised_can_be_kept(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    await room.locator("#add-report > summary").click()
    await room.locator("#rp-phone").fill("13900000000")
    await room.locator("#rp-back").fill("5")
    await room.get_by_role("button", name="记下来电").click()
    await room.wait_for_load_state()
    desk = await console.page("/")
    await expect(desk.locator("#right")).to_contain_text("139 0000 0000")
    await expect(desk.locator("#right .clock")).to_contain_text("4:")
    await desk.locator("#right").get_by_role("button", name="没人接").click()
    await expect(desk.locator("#right")).to_contain_text("打过 1 次没人接（最多 3 次）")
    await desk.locator("#right").get_by_role("button", name="已告知").click()
    await expect(desk.locator("#call-backs")).to_have_count(0)
    await room.reload()
    await expect(room.locator("#reports")).to_contain_text("已回电")
    await expect(room.locator("#timeline")).to_contain_text("给来电人回了电话")
    await expect(room.get_by_role("button", name="已告知")).to_have_count(0)


async def test_a_complaint_stays_on_the_desk_until_it_is_answered_and_is_red_when_late(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    await room.locator("#add-report > summary").click()
    await room.locator("#rp-wish").select_option("complain")
    await room.locator("#rp-owner").fill("李经理")
    await room.locator("#rp-answer").fill("2")
    await room.locator("#rp-words").fill("又困人了")
    await room.get_by_role("button", name="记下来电").click()
    await room.wait_for_load_state()
    look = Look(width=390)
    desk = await console.page("/", look)
    panel = desk.locator("section:has(#complaints)")
    await expect(panel).to_contain_text("李经理 负责")
    assert "red" not in (await panel.get_attribute("class") or "").split()
    await console.story.clock.forward_clock(minutes=121)
    await desk.reload()
    await expect(panel).to_have_class(re.compile(r"\bred\b"))
    await panel.get_by_text("写答复结果").focus()
    await desk.keyboard.press("Enter")
    assert await findings(desk) == [] and not await is_too_wide(desk, look)
    await panel.get_by_label("结果").select_option("explained")
    await panel.get_by_role("button", name="已答复").click()
    await expect(panel).to_have_count(0)
    await room.reload()
    await expect(room.locator("#reports")).to_contain_text("已解释，业主认可")


async def test_news_carries_the_promise_of_the_next(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    room = await console.page(f"/i/{power.number}")
    await room.locator("#update summary").click()
    await room.locator("#words-zh-CN").fill("供电公司在抢修")
    await room.get_by_role("button", name="发给业主").click()
    await room.wait_for_load_state()
    await console.story.settle()
    assert any("供电公司在抢修。" in one.text and "前再告知" in one.text for one in console.gateway.sent)


async def test_what_is_over_can_be_found_again(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    await room.locator("#cancel summary").click()
    await room.locator("#reason").fill("自己出来了")
    await room.get_by_role("button", name="撤销并更正").click()
    await room.locator(".go button").click()
    await room.wait_for_load_state()
    desk = await console.page("/")
    await desk.locator("#right").get_by_role("link", name="电梯困人 · 3栋2单元1号梯").click()
    await expect(desk.locator("#head")).to_contain_text("误报撤销")


async def test_residents_are_told_now_only_where_that_changes_something(console: Console) -> None:
    trapped = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{trapped.number}")
    await expect(room.locator("#tell")).to_have_count(0)
    power = await console.declare("power_cut", "3")
    await room.goto(f"{console.url}/i/{power.number}")
    await expect(room.locator("#tell")).to_have_count(1)
    await console.tell_residents(power)
    await room.reload()
    await expect(room.locator("#tell")).to_have_count(0)


async def test_closing_says_what_is_lacking_and_then_closes(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    room = await console.page(f"/i/{declared.number}")
    await room.get_by_role("button", name="险情解除").click()
    await room.locator(".go button").click()
    await expect(room.locator("#lacking")).to_contain_text("全部救出")
    await expect(room.get_by_role("button", name="结案")).to_be_disabled()
    for _ in range(2):
        await room.get_by_role("button", name="确认").first.click()
        await room.wait_for_load_state()
    await expect(room.locator("#lacking")).to_have_count(0)
    await room.get_by_role("button", name="结案").click()
    await expect(room.locator("#head")).to_contain_text("已结案")


async def test_an_elevator_found_occupied_opens_its_own_incident(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    room = await console.page(f"/i/{power.number}")
    await room.locator(".task", has_text="1号梯").get_by_role("button", name="有人被困").click()
    await expect(room.locator("h1")).to_contain_text("电梯困人")
    await room.goto(f"{console.url}/i/{power.number}")
    await expect(room.locator("#head")).to_contain_text("引出：电梯困人")


async def test_the_language_is_switched_in_the_corner_and_kept(console: Console) -> None:
    desk = await console.page("/")
    await desk.get_by_role("button", name="English").click()
    await expect(desk.locator("#open")).to_have_text("Open now")
    await desk.goto(f"{console.url}/declare")
    await expect(desk.locator("h1")).to_have_text("What has happened?")


async def test_without_a_session_every_page_leads_to_the_log_in(console: Console) -> None:
    page = await console.page("/declare?kind=power_cut", logged_in=False)
    assert "/login?next=/declare" in unquote(page.url)


async def test_the_phones_page_is_not_there_outside_the_demo(console: Console) -> None:
    page = await (await console.visitor()).new_page()
    answer = await page.goto(f"{console.url}/demo/phones")
    assert answer is not None and answer.status == 404
