"""Which homes have we not reached, and who goes? A list for paper and telephone, and its results in seconds."""

from playwright.async_api import expect

from tests.console.conftest import Console, Look


async def test_the_doors_that_are_left_are_knocked_on_and_typed_in(console: Console) -> None:
    await console.loses_contact("mr_zhou")
    await console.loses_contact("alice")
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    page = await console.page(f"/i/{power.number}", Look("zh-CN"))
    await page.locator("#not-reached summary").click()
    await page.locator("#not-reached").get_by_role("link", name="上门名单").click()
    await expect(page.locator(".door-sheet th[scope=row]")).to_have_text(["1503", "1601"])
    await expect(page.locator(".door-sheet")).to_contain_text("周*")

    await page.locator("tr", has_text="1601").get_by_role("button", name="没人").click()
    await expect(page.locator("tr", has_text="1601")).to_contain_text("敲过1次")

    await page.emulate_media(media="print")
    await expect(page.locator(".boxes").first).to_be_visible()
    await expect(page.locator("#lines")).to_be_hidden()
    assert await page.get_by_text("周先生").count() == 0, "paper shows no whole name"
    await page.emulate_media(media="screen")

    await page.get_by_label("把交回的名单敲进来").fill("1503 1\n1999 1")
    await page.get_by_role("button", name="存", exact=True).click()
    await expect(page.get_by_role("alert").first).to_contain_text("名单上没有「1999」这一户")
    await expect(page.get_by_label("把交回的名单敲进来")).to_have_value("1999 1")
    await page.get_by_label("把交回的名单敲进来").fill("1601 4 要轮椅")
    await page.get_by_role("button", name="存", exact=True).click()
    await expect(page.get_by_text("没有要上门的住户了")).to_be_visible()
    await page.goto(console.url + "/")
    await expect(page.locator(".task.help")).to_contain_text("1601")
