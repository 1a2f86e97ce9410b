"""The page behind the code in the lobby: a phone, no log-in, no scripts, and never a word about who lives where."""

import aiohttp
from playwright.async_api import expect

from incidents.incident_links import make_incident_link
from tests.console.conftest import Console, Look
from tests.console.test_behind_links import MOST_BYTES, PHONE, weighing

NAMES = ("张伟", "王女士", "周先生", "1502", "1503", "13900000001")


def open_link(console: Console, incident_id: int) -> str:
    return "/q/" + make_incident_link(console.context.secrets, console.town.community_id, incident_id)


async def test_a_home_answers_from_the_lobby_and_the_room_tells_what_is_proven(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    link = open_link(console, power.incident_id)
    page = await console.page(link, PHONE, logged_in=False)
    await expect(page.locator("h1")).to_have_text("停电")
    await expect(page.locator(".next-news")).to_contain_text("下次消息")
    words = await page.inner_text("body")
    assert "请勿乘电梯" in words and not any(name in words for name in NAMES)

    await page.locator("#home").fill("3栋2单元1502")
    await page.get_by_role("button", name="全家都安全").click()
    await expect(page.locator("#said")).to_contain_text("未核实")
    await expect(page.locator("#home")).to_have_value("3-2-1502")
    await page.locator("#home").fill("3-2-1601")
    await page.locator("#digits").fill("0003")
    await page.get_by_role("button", name="全家都安全").click()
    await expect(page.locator("#said")).not_to_contain_text("未核实")
    await page.locator("#home").fill("9-9")
    await page.get_by_role("button", name="全家都安全").click()
    await expect(page.get_by_role("alert")).to_contain_text("没认出房号「9-9」")
    await expect(page.locator("#home")).to_have_value("9-9")
    await page.locator("#home").fill("3-2-1503")
    await page.get_by_role("button", name="需要帮助").click()
    await expect(page.locator("#said")).to_contain_text("同样马上处理")

    room = await console.page(f"/i/{power.number}")
    await expect(room.locator("#elevation td", has_text="1502")).to_contain_text("自报平安，未核实")
    await expect(room.locator("#elevation td", has_text="1601")).to_contain_text("平安")
    await expect(room.locator(".task.help")).to_contain_text("未核实是不是本户")
    await expect(room.locator("#timeline")).to_contain_text("有人从二维码页报：需要帮助（未核实）")


async def test_no_text_undoes_the_count_of_a_guess(console: Console) -> None:
    """A text that the database cannot keep would roll the transaction back, and guesses would be free."""
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    address = console.url + open_link(console, power.incident_id)
    body = b"kind=all_safe&home=3-2-1502&digits=4321&words=%2B2AA-"
    async with aiohttp.ClientSession(headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}) as guesser:
        async with guesser.post(address, data=body) as answer:
            assert answer.status == 200
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT guesses FROM proof_guess WHERE bucket LIKE 'home:%'") == 1


async def test_the_page_is_light_ends_and_says_of_a_drill_that_it_is_one(console: Console) -> None:
    drill = await console.declare("power_cut", "3", drill=True)
    link = open_link(console, drill.incident_id)
    page = await (await console.visitor(Look("en", width=390), logged_in=False)).new_page()
    sizes: list[int] = []
    page.on("response", weighing(sizes))
    await page.goto(console.url + link, wait_until="networkidle")
    assert 0 < sum(sizes) < MOST_BYTES
    await expect(page.locator(".head.drill .drill-word")).to_be_visible()

    async with console.community() as tx:
        await tx.connection.execute("UPDATE incident SET status = 'cancelled', closed_at = story_now() WHERE id = $1", drill.incident_id)
    await page.reload()
    assert await page.locator("form.stack").count() == 0
    async with aiohttp.ClientSession(headers={"Accept-Language": "zh-CN"}) as late:
        async with late.post(console.url + link, data={"kind": "needs_help", "home": "3-2-1502"}) as answer:
            assert answer.status == 409 and "请打物业电话" in await answer.text()
        await console.story.clock.forward_clock(minutes=25 * 60)
        async with late.get(console.url + link) as answer:
            assert answer.status == 410
        for forged in (link[:-1] + ("a" if link[-1] != "a" else "b"), "/q/1-zz-" + link.rpartition("-")[2]):
            async with late.get(console.url + forged) as answer:
                assert answer.status == 404 and "链接无效" in await answer.text()


async def test_an_incident_in_a_home_is_told_of_its_building(console: Console) -> None:
    fire = await console.declare("fire", "3-2-1502")
    page = await console.page(open_link(console, fire.incident_id), PHONE, logged_in=False)
    words = await page.inner_text("body")
    assert "3栋" in words and "1502" not in words
