"""A wallboard: whoever has its address sees what goes on, and nobody's name; it says when it is not live, and when it was withdrawn."""

import aiohttp
import pytest
from playwright.async_api import Page, expect

from api.auth.walls import make_wall, walls, withdraw_wall
from api.console.wall_picture import draw
from incidents.answers.answers import SaidToDesk, answer_for_somebody
from incidents.views.elevation import staircases
from people.communities import NewCommunity, add_community
from people.surnames import surname
from tests.console.conftest import CLERK, Console, Look
from tests.console.test_elevation import home

NAMES = ("张伟", "李强", "王军", "赵刚", "孙主管", "钱经理", "王女士", "周先生", "1502", "1503", "138")


async def wall_address(console: Console) -> str:
    async with console.community() as tx:
        return "/wall/" + await make_wall(tx, "中控室", "孙主管")


async def hang_up(console: Console, address: str) -> Page:
    """A screen of the control room, opened at the address."""
    page = await (await console.visitor(Look(), logged_in=False)).new_page()
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await page.goto(console.url + address)
    return page


async def is_scrolled(page: Page) -> bool:
    found: bool = await page.evaluate(
        "[...document.querySelectorAll('html, .slides, .side, .slide:not([hidden])')].some((one) => one.scrollHeight > one.clientHeight + 1"
        " || one.scrollWidth > one.clientWidth + 1)"
    )
    return found


@pytest.mark.parametrize(
    ("name", "called"), [("张伟", "张"), ("欧阳娜", "欧阳"), ("欧阳", "欧"), ("Anna Smith", "Smith"), ("Bob", "Bob"), ("", "")]
)
def test_somebody_is_called_by_their_surname(name: str, called: str) -> None:
    assert surname(name) == called


def test_a_building_is_drawn_with_every_home_and_without_its_number() -> None:
    rows = [home(unit, floor, str(floor), f"{floor}{door:02d}") for unit in (1, 2) for floor in range(1, 10 * unit) for door in (1, 2)]
    picture = draw("3栋", staircases(rows))
    assert len({(one.x, one.y) for one in picture.windows}) == len(picture.windows) == len(rows)
    assert all(0 <= one.x < picture.width and 0 <= one.y < picture.height for one in picture.windows)
    assert max(one.y for one in picture.windows if one.x < 60) == max(one.y for one in picture.windows), "both stand on the ground"
    assert {one.label for one in picture.labels} == {"9", "5", "19", "15", "10"}


async def test_the_wall_follows_what_happens_and_names_nobody(console: Console) -> None:
    page = await hang_up(console, await wall_address(console))
    await expect(page.locator(".calm-word")).to_be_visible()
    power = await console.declare("power_cut", "3")
    slide = page.locator(".slide")
    await expect(slide.locator("h2")).to_contain_text("停电", timeout=10_000)
    await expect(slide.locator(".held")).to_contain_text("还没人接单")
    await expect(slide.locator(".next progress").first).to_be_visible()
    async with console.community() as tx:
        said = SaidToDesk(power.incident_id, console.town.people["zhang"], "received", None, "radio")
        await answer_for_somebody(tx, console.context.wakeups, said, CLERK)
    await expect(slide.locator(".held")).to_contain_text("张 · 接单", timeout=10_000)
    await console.tell_residents(power)
    await expect(slide.locator(".pictures .w").first).to_be_visible(timeout=10_000)
    await console.declare("fire", "3-2-1502")
    await console.declare("elevator_entrapment", "5-1-L1", drill=True)
    await page.reload()
    await expect(page.locator(".slide:not([hidden])")).to_have_count(2)
    await expect(page.locator("#turn")).to_contain_text("共 3 件")
    await expect(page.locator(".slide.drill .drill-word")).to_have_count(1)
    words = await page.evaluate("document.documentElement.outerHTML")
    assert not any(name in words for name in NAMES)
    assert not await is_scrolled(page)


async def test_a_wall_says_when_its_data_stopped_and_goes_dark_when_it_is_withdrawn(console: Console) -> None:
    desk = await console.page("/open")
    await desk.locator("#name").fill("中控室")
    await desk.get_by_role("button", name="生成地址").click()
    address = (await desk.locator("#address").input_value()).removeprefix(console.url)
    page = await hang_up(console, address)
    await expect(page.locator("#line")).to_have_attribute("data-state", "live", timeout=10_000)
    await console.stop_serving()
    await expect(page.locator("#alarm")).to_contain_text("数据停在", timeout=10_000)
    await console.serve()
    await expect(page.locator("#alarm")).to_be_empty(timeout=15_000)
    await desk.goto(console.url + "/open")
    assert address not in await desk.content()
    await desk.get_by_role("button", name="收回 中控室").click()
    await expect(page.locator("[role=alert]")).to_contain_text("已被收回", timeout=10_000)
    async with aiohttp.ClientSession() as screen:
        for path in (address, address + "/live"):
            async with screen.get(console.url + path) as answer:
                assert answer.status == 410


async def test_the_walls_of_two_communities_are_apart(console: Console) -> None:
    await console.declare("power_cut", "3")
    async with console.context.database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community LIMIT 1")
        other = await add_community(tx, NewCommunity(company, {"zh-CN": "听涛苑", "en": "Sea View"}))
    async with console.context.database.community(other) as tx:
        theirs = await make_wall(tx, "大堂", "别人")
    ours = (await wall_address(console)).removeprefix("/wall/")
    async with console.community() as tx:
        assert [one.name for one in await walls(tx)] == ["中控室"]
        assert not await withdraw_wall(tx, 1, "孙主管"), "theirs is not ours to withdraw"
    async with aiohttp.ClientSession() as screen:
        async with screen.get(f"{console.url}/wall/{theirs}") as answer:
            words = await answer.text()
            assert answer.status == 200 and "听涛苑" in words and "停电" not in words
        moved = theirs.partition("-")[0] + "-" + ours.partition("-")[2]
        for forged in (moved, ours[:-1] + ("A" if ours[-1] != "A" else "B")):
            for path in (forged, forged + "/live"):
                async with screen.get(f"{console.url}/wall/{path}") as answer:
                    assert answer.status == 404
