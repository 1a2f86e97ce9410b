"""A caller hangs up in mid-sentence: what was typed waits on every desk, asks, turns red, and is heard until somebody decides."""

import asyncio

from playwright.async_api import Page, expect

from tests.console.conftest import Console, Look
from tests.console.test_declaring import press

COUNT_TONES = """
    window.tones = 0;
    const make = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.call(this); };
"""


async def tones(page: Page) -> int:
    """How many tones this page has begun to play."""
    return int(await page.evaluate("window.tones"))


async def kept(console: Console, text: str) -> None:
    """Waits until the service has kept what was typed."""
    async with asyncio.timeout(20):
        while True:
            async with console.community() as tx:
                if await tx.connection.fetchval("SELECT typed->>'q' FROM draft WHERE ended_at IS NULL") == text:
                    return
            await asyncio.sleep(0.05)


async def test_a_call_that_breaks_off_asks_and_turns_red_on_the_other_desk_and_is_heard(console: Console) -> None:
    other = await (await console.visitor()).new_page()
    await other.add_init_script(COUNT_TONES)
    await other.goto(console.url + "/")
    sound = other.locator("#sound")
    await sound.get_by_text("开始值班").click()
    await expect(sound).to_have_attribute("data-state", "on")
    assert await tones(other) == 2, "the test tone"
    page = await console.page("/declare?from=13900000001&kind=power_cut")
    await page.locator("#place").press_sequentially("3")
    await kept(console, "3")
    await page.close()

    draft = other.locator(".draft")
    await expect(draft).to_contain_text("停电 · 3")
    await expect(draft.locator(".decide")).to_be_hidden()
    await console.story.forward(minutes=1, seconds=5)
    await expect(draft.get_by_role("button", name="接着报")).to_be_visible(timeout=20_000)
    await expect(sound).to_have_attribute("data-ringing", "", timeout=20_000)
    await other.wait_for_function("window.tones > 5")
    await press(other, "Shift")
    await expect(sound).not_to_have_attribute("data-ringing", "")
    await console.story.forward(minutes=2, seconds=5)
    await expect(other.locator(".draft.red")).to_be_visible(timeout=20_000)
    await expect(sound).to_have_attribute("data-ringing", "", timeout=20_000)

    await press(other, "Shift")
    await draft.get_by_role("button", name="接着报").click()
    await other.wait_for_url("**/declare?*")
    await expect(other.locator("#place")).to_have_value("3")
    await press(other, "Enter", "Enter")
    await other.wait_for_url("**/declare/1")
    async with console.community() as tx:
        row = await tx.connection.fetchrow("SELECT ending, incident_id IS NOT NULL AS led FROM draft")
        assert row is not None and tuple(row) == ("declared", True)
        assert await tx.connection.fetchval("SELECT caller_phone FROM report") == "+8613900000001"


async def test_without_scripts_each_step_is_kept_and_a_discarded_call_says_why(console: Console) -> None:
    page = await console.page("/declare?kind=power_cut", Look(scripts=False))
    await page.locator("#place").fill("5")
    await page.get_by_role("button", name="找").click()
    await page.goto(console.url + "/")
    await console.story.forward(minutes=1, seconds=5)
    await page.reload()
    await page.locator(".draft summary").click()
    await page.get_by_label("为什么作废").fill("孩子乱打")
    await page.locator(".draft").get_by_role("button", name="作废").click()
    await page.locator("#discarded summary").click()
    await expect(page.locator("#discarded")).to_contain_text("孩子乱打")
    await expect(page.locator("#discarded")).to_contain_text("孙主管")
    await expect(page.locator(".draft")).to_have_count(0)


async def test_what_is_declared_leaves_no_draft(console: Console) -> None:
    page = await console.page("/declare?kind=power_cut")
    await page.locator("#place").press_sequentially("3")
    await press(page, "Enter")
    await expect(page.locator("#go")).to_be_focused()
    await press(page, "Enter")
    await page.wait_for_url("**/declare/1")
    await page.goto(console.url + "/")
    await expect(page.locator(".draft")).to_have_count(0)
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM draft WHERE ended_at IS NULL") == 0
