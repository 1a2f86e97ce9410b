"""The demo's wall of handsets, on the demo's own catchers: read, follow the link, reply, press a key."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.console.conftest import LOOKS, Console
from tocsin.app.demo.catchers import Catchers, CatcherSettings
from tocsin.app.demo.caught import ToCatch
from tocsin.app.demo.handsets import Owner
from tocsin.app.demo.hooks import HookAccess

GATEWAY_SECRET = "a gateway's secret of enough length"


@pytest.fixture
async def catchers(console: Console, tmp_path: Path) -> AsyncIterator[Catchers]:
    """The catchers beside the town, served as the demo serves it."""
    catchers = Catchers(CatcherSettings(tmp_path, "let me in"))
    await catchers.start()
    async with console.context.database.floor() as tx:
        key = await tx.connection.fetchval("SELECT hook_key FROM gateway WHERE name = 'sms'")
    access = HookAccess(f"{console.url}/hooks/{key}", GATEWAY_SECRET)
    catchers.connect(sms=access, voice=access, owners={console.town.phone("zhang"): Owner("张伟", "工程当班")})
    await console.stop_serving()
    settings = console.context.settings.model_copy(update={"demo": True, "demo_catcher_url": catchers.url})
    console.context = replace(console.context, settings=settings)
    await console.serve()
    yield catchers
    await catchers.close()


async def test_one_reads_follows_and_replies(console: Console, catchers: Catchers) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    text = next(one.text for one in console.gateway.sent if one.to == console.town.phone("zhang"))
    catchers.book.catch(ToCatch("sms", console.town.phone("zhang"), text))
    page = await console.page("/demo/phones", logged_in=False)
    handset = page.locator(".handset", has_text="张伟")
    await expect(handset).to_contain_text("困人")
    await handset.locator("input[name=text]").fill("1")
    await handset.get_by_role("button", name="发送").click()
    await expect(page.locator(".bubble.ours")).to_contain_text("1")
    await console.story.settle()
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT evidence FROM answer") == "sms"
    await page.locator(".bubble a").click()
    await expect(page.locator("h1")).to_have_text("电梯困人")


async def test_one_press_answers_for_the_engineer(console: Console, catchers: Catchers) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    catchers.book.catch(ToCatch("sms", console.town.phone("zhang"), "困人"))
    page = await console.page("/demo/phones", logged_in=False)
    await page.locator(".handset", has_text="张伟").get_by_role("button", name="3 到场").click()
    await expect(page.locator(".bubble.ours")).to_contain_text("3")
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT kind FROM answer") == "on_scene"


async def test_a_handset_can_be_switched_off(console: Console, catchers: Catchers) -> None:
    number = console.town.phone("zhang")
    catchers.book.catch(ToCatch("sms", number, "困人"))
    page = await console.page("/demo/phones", logged_in=False)
    await page.get_by_role("button", name="关机").click()
    await expect(page.get_by_role("button", name="已关机")).to_be_visible()
    assert not catchers.book.is_on(number)


async def test_a_residents_message_leads_to_their_page(console: Console, catchers: Catchers) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    number = console.town.phone("mrs_wang")
    sent = next(one for one in reversed(console.gateway.sent) if one.to == number)
    catchers.handsets.owners = {number: Owner("王女士", "3栋2单元1502", resident=True)}
    catchers.book.catch(ToCatch("sms", number, sent.text, sent.reference))
    page = await console.page("/demo/phones", logged_in=False)
    await page.locator(".home-page").click()
    await expect(page.get_by_role("button", name="全家都安全")).to_be_visible()


async def test_who_writes_on_one_handset_still_sees_news_on_another(console: Console, catchers: Catchers) -> None:
    catchers.book.catch(ToCatch("sms", console.town.phone("zhang"), "第一条"))
    catchers.book.catch(ToCatch("sms", console.town.phone("li"), "第一条"))
    page = await console.page("/demo/phones", logged_in=False)
    box = page.locator(".handset", has_text="张伟").locator("input[name=text]")
    await box.fill("在路")
    catchers.book.catch(ToCatch("sms", console.town.phone("li"), "第二条"))
    await expect(page.locator("#wall")).to_contain_text("第二条", timeout=8000)
    await expect(box).to_have_value("在路")


async def test_what_arrives_is_seen_without_a_reload(console: Console, catchers: Catchers) -> None:
    page = await console.page("/demo/phones", logged_in=False)
    catchers.book.catch(ToCatch("sms", console.town.phone("zhang"), "新消息"))
    await expect(page.locator(".handset")).to_contain_text("新消息", timeout=5000)


async def test_the_wall_shuts_nobody_out(console: Console, catchers: Catchers) -> None:
    for medium, state in (("sms", "delivered"), ("voice", "ringing"), ("email", "accepted")):
        address = "li@example.cn" if medium == "email" else console.town.phone("zhang")
        catchers.book.catch(ToCatch(medium, address, f"{console.url}/a/1-1-1-aaaa", subject="困人", state=state))  # type: ignore[arg-type]
    for look in LOOKS:
        page = await console.page("/demo/phones", look, logged_in=False)
        found = await Axe().run(page)
        assert [one["id"] for one in found.response["violations"]] == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= look.width
        await page.context.close()
