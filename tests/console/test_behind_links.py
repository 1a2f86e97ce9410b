"""The pages behind links in messages: a phone, no log-in, no scripts."""

import asyncio
from collections.abc import Callable

import aiohttp
from playwright.async_api import Response, expect

from tests.console.conftest import Console, Look

PHONE = Look(width=390, scripts=False)
MOST_BYTES = 30_000


def weighing(sizes: list[int]) -> Callable[[Response], None]:
    """Notes the size of every answer that a page receives; one that does not say its size weighs too much."""
    return lambda answer: sizes.append(int(answer.headers.get("content-length", MOST_BYTES)))


async def said(console: Console) -> list[str]:
    async with console.community() as tx:
        return [row["kind"] for row in await tx.connection.fetch("SELECT kind FROM answer ORDER BY id")]


async def test_looking_never_acknowledges(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    link = console.answer_link("zhang")
    async with aiohttp.ClientSession() as scanner:
        for method in ("GET", "HEAD"):
            async with scanner.request(method, console.url + link) as answer:
                assert answer.status == 200
    assert await said(console) == []


async def test_answering_without_scripts(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    page = await console.page(console.answer_link("zhang"), PHONE, logged_in=False)
    await expect(page.locator("h1")).to_have_text("电梯困人")
    await page.get_by_role("button", name="接单").click()
    await page.get_by_role("button", name="8 分钟到").click()
    await expect(page.locator("[role=status]")).to_contain_text("前到")
    await page.get_by_role("button", name="到场").click()
    assert await said(console) == ["received", "on_the_way", "on_scene"]


async def test_the_second_visitor_sees_who_has_it(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    await console.story.forward(minutes=2, seconds=1)
    first = await console.page(console.answer_link("zhang"), PHONE, logged_in=False)
    await first.get_by_role("button", name="接单").click()
    second = await console.page(console.answer_link("li"), PHONE, logged_in=False)
    await expect(second.locator("main")).to_contain_text("张伟 接单")


async def test_a_link_of_two_days_ago_takes_nothing(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    link = console.answer_link("zhang")
    await console.story.clock.forward_clock(minutes=2 * 24 * 60)
    page = await (await console.visitor(PHONE, logged_in=False)).new_page()
    answer = await page.goto(console.url + link)
    assert answer is not None and answer.status == 410
    sent = await page.context.request.post(console.url + link, form={"kind": "received"})
    assert sent.status == 410
    assert await said(console) == []


async def test_after_the_end_it_says_so(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    link = console.answer_link("zhang")
    room = await console.page(f"/i/{declared.number}")
    await room.locator("#cancel summary").click()
    await room.locator("#reason").fill("自己出来了")
    await room.get_by_role("button", name="撤销并更正").click()
    await room.locator(".go button").click()
    await room.wait_for_load_state()
    page = await console.page(link, PHONE, logged_in=False)
    await expect(page.locator("[role=status]")).to_contain_text("不用来了")
    assert await page.locator("form.buttons").count() == 0


async def test_the_pages_are_light(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    for link in (console.answer_link("zhang"), await console.resident_link("mrs_wang")):
        page = await (await console.visitor(Look(width=390), logged_in=False)).new_page()
        sizes: list[int] = []
        page.on("response", weighing(sizes))
        await page.goto(console.url + link, wait_until="networkidle")
        assert 0 < sum(sizes) < MOST_BYTES


async def test_a_resident_is_heard_and_the_desk_gets_a_task(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    page = await console.page(await console.resident_link("mrs_wang"), PHONE, logged_in=False)
    await page.get_by_role("button", name="需要帮助").click()
    await expect(page.locator("[role=status]")).to_contain_text("正在安排人")
    await page.locator("#words").fill("家里有氧气机")
    await page.get_by_role("button", name="告诉物业").click()
    desk = await console.page("/")
    task = desk.locator(".task.help")
    await expect(task).to_have_count(1)
    await expect(task).to_contain_text("有住户需要帮助 · 3栋2单元1502")
    await expect(task).to_contain_text("「家里有氧气机」")
    await expect(task.locator(".dial")).to_be_visible()


async def test_pressing_for_help_twice_calls_once(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    link = await console.resident_link("mrs_wang")
    async with aiohttp.ClientSession() as phone:
        presses = [phone.post(console.url + link, data={"kind": "needs_help"}) for _ in range(3)]
        assert {answer.status for answer in await asyncio.gather(*presses)} == {200}
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM task WHERE key LIKE 'help#%'") == 1


async def test_a_resident_reads_until_when_there_will_be_news(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    page = await console.page(await console.resident_link("mrs_wang"), PHONE, logged_in=False)
    await expect(page.locator(".next-news")).to_contain_text("下次消息")


async def test_the_big_button_is_the_next_step(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    page = await console.page(console.answer_link("zhang"), PHONE, logged_in=False)
    big = page.locator(".buttons > form > button.main")
    for step, then in (("接单", None), (None, "8 分钟到"), ("到场", None), ("处理完", None)):
        if step:
            await expect(big).to_have_text(step)
            await big.click()
        else:
            await page.get_by_role("button", name=str(then)).click()
        await page.wait_for_load_state()
    await expect(big).to_have_count(0)
    assert await said(console) == ["received", "on_the_way", "on_scene", "done"]


async def test_the_page_says_what_the_desk_has_learnt_since(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    await console.know(declared, people_inside=2)
    page = await console.page(console.answer_link("zhang"), PHONE, logged_in=False)
    await expect(page.locator(".fact")).to_contain_text("里面有几个人？ 2")
    english = await console.page(console.answer_link("zhang"), Look("en", width=390, scripts=False), logged_in=False)
    await expect(english.locator("main")).to_contain_text("TRAPPED")


async def test_a_resident_sees_no_name_and_no_other_home(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    page = await console.page(await console.resident_link("alice"), Look("en", width=390), logged_in=False)
    words = await page.inner_text("body")
    assert "Power cut" in words
    assert not any(name in words for name in ("张伟", "王女士", "1502", "周先生"))


async def test_a_link_that_was_tampered_with_is_refused_in_plain_words(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    link = console.answer_link("zhang")
    page = await (await console.visitor(PHONE, logged_in=False)).new_page()
    answer = await page.goto(console.url + link[:-1] + ("a" if link[-1] != "a" else "b"))
    assert answer is not None and answer.status == 404
    await expect(page.locator("[role=alert]")).not_to_be_empty()
