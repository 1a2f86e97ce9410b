"""What is passed on by hand: a poster on one sheet of paper, a text for the group, and on the record who put them up."""

import re

from playwright.async_api import expect

from incidents.views.standings import standings
from tests.console.conftest import Console, Look
from tests.console.test_open_incident import NAMES, open_link


async def sheets_of_paper(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


async def test_a_poster_and_a_text_for_the_group_are_passed_on_and_noted(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    async with console.community() as tx:
        before = await standings(tx, power.incident_id)
    page = await console.page(f"/i/{power.number}")
    await page.get_by_role("link", name="告示和群消息").click()
    text = await page.locator("#text-zh-CN").input_value()
    assert len(text.splitlines()) <= 4 and text.startswith("【停电】3栋") and text.splitlines()[-1].endswith("云栖花园物业")
    assert open_link(console, power.incident_id) in text and not any(name in text for name in NAMES)
    await page.locator("[data-copy=text-zh-CN]").click()
    assert await page.evaluate("getSelection().toString() || document.activeElement.value") == text
    await expect(page.locator(".group-text [role=status]").first).not_to_be_empty()
    paper = await page.locator(".paper").inner_text()
    assert "停电 · 3栋" in paper and "Power cut · Building 3" in paper and not any(name in paper for name in NAMES)
    assert await sheets_of_paper(await page.pdf(format="A4", prefer_css_page_size=True)) == 1

    await page.locator("#where-chat_group").fill("3栋业主群")
    await page.get_by_role("button", name="已发到群").click()
    await page.locator("#where-poster").fill("3栋大堂")
    await page.get_by_role("button", name="已张贴").click()
    await expect(page.locator(".green-text", has_text="3栋大堂")).to_contain_text("孙主管")
    await page.goto(f"{console.url}/i/{power.number}")
    await expect(page.locator("#timeline")).to_contain_text("孙主管 发到业主群 「3栋业主群」")
    async with console.community() as tx:
        assert await standings(tx, power.incident_id) == before, "a poster reaches nobody in particular"


async def test_the_posters_of_a_drill_and_of_the_status_fit_on_one_sheet_each(console: Console) -> None:
    drill = await console.declare("elevator_entrapment", "3-2-L1", drill=True)
    page = await console.page(f"/i/{drill.number}/poster", Look("en"))
    await expect(page.locator(".paper-drill")).to_contain_text("【演练】")
    assert (await page.locator("#text-en").input_value()).startswith("[DRILL")
    for path in (f"/i/{drill.number}/poster", "/open/poster"):
        await page.goto(console.url + path)
        assert await sheets_of_paper(await page.pdf(format="A4", prefer_css_page_size=True)) == 1
