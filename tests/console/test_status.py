"""The public status: what goes on, for everybody, and nothing about anybody."""

import aiohttp
from playwright.async_api import Response, expect

from people.communities import CommunityChange, change_community, get_community
from tests.console.conftest import Console, Look
from tests.console.test_behind_links import MOST_BYTES, weighing


async def status_address(console: Console) -> str:
    async with console.community() as tx:
        return f"/status/{(await get_community(tx, console.town.community_id)).status_key}"


async def plan_a_cut(console: Console, hours: int) -> None:
    async with console.community() as tx:
        await tx.connection.execute(
            "INSERT INTO planned_work (community_id, kind, place_id, starts_at, ends_at, by_supplier, source, written_at, written_by)"
            " VALUES ($1, 'water_cut', $2, story_now() + $3 * interval '1 hour', story_now() + ($3 + 2) * interval '1 hour', true, '自来水王工',"
            " story_now(), '陈静')",
            console.town.community_id, console.town.places["5"], hours,
        )  # fmt: skip


async def test_everybody_reads_what_goes_on_and_nothing_about_anybody(console: Console) -> None:
    await console.declare("fire", "3-2-1502")
    await console.declare("power_cut", "5", drill=True)
    over = await console.declare("water_cut", "3")
    async with console.community() as tx:
        await tx.connection.execute("UPDATE incident SET status = 'closed', closed_at = story_now() WHERE id = $1", over.incident_id)
    await plan_a_cut(console, 24)

    page = await (await console.visitor(Look("zh-CN", width=390, scripts=False), logged_in=False)).new_page()
    sizes: list[int] = []
    cookies: list[str] = []
    page.on("response", weighing(sizes))
    page.on("response", lambda answer: cookies.extend(_cookies_of(answer)))
    await page.goto(console.url + await status_address(console) + "?lang=zh-CN", wait_until="networkidle")
    assert 0 < sum(sizes) < MOST_BYTES and cookies == []
    await expect(page.locator(".head h2")).to_have_text(["火情"])
    await expect(page.locator(".head .where")).to_have_text("3栋")
    await expect(page.locator(".box", has_text="计划停用")).to_contain_text("计划停水 · 5栋")
    await expect(page.locator(".box", has_text="最近七天")).to_contain_text("停水 · 3栋")
    words = await page.inner_text("body")
    assert not any(name in words for name in ("1502", "演练", "王", "陈静", "张伟", "停电"))
    await page.get_by_role("link", name="English").click()
    await expect(page.locator(".head h2")).to_have_text(["Fire"])


def _cookies_of(answer: Response) -> list[str]:
    return [answer.headers["set-cookie"]] if "set-cookie" in answer.headers else []


async def test_caches_may_keep_it_for_moments_and_an_operator_switches_it_off(console: Console) -> None:
    address = console.url + await status_address(console)
    async with aiohttp.ClientSession() as passer_by:
        async with passer_by.get(address) as answer:
            assert answer.status == 200 and "max-age=15" in answer.headers["Cache-Control"] and "Cookie" not in answer.headers["Vary"]
            assert "script" not in await answer.text()
            tag = answer.headers["ETag"]
        unchanged = []
        for _ in range(2):  # the page says the minute that it is of, so a minute may end in between
            async with passer_by.get(address, headers={"If-None-Match": tag}) as answer:
                unchanged.append((answer.status, await answer.read()))
                tag = answer.headers["ETag"]
        assert (304, b"") in unchanged
        await console.declare("power_cut", "3")
        async with passer_by.get(address, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 200
        async with console.context.database.floor() as tx:
            await change_community(tx, console.town.community_id, CommunityChange(status_open=False))
        for closed in (address, console.url + "/status/000000000000"):
            async with passer_by.get(closed, headers={"Accept-Language": "zh-CN"}) as answer:
                assert answer.status == 404 and "关掉" in await answer.text()
