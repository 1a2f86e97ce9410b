"""The page of the ways to residents: whoever is named there gets the test, a missing proof is red on the desk, a press of the link proves it."""

import re
from datetime import timedelta

from playwright.async_api import expect

from notifiers.canaries.plan import change_canary_plan
from notifiers.links import make_link
from people.wall_clock import wall_time
from tests.console.conftest import Console, Look


async def test_a_canary_is_named_tested_missed_and_proven_by_its_link(console: Console) -> None:
    async with console.community() as tx:
        far = wall_time(tx.now + timedelta(hours=12), "Asia/Shanghai").time()
        await change_canary_plan(tx, test_at=far, within_minutes=30, enabled=True)
    page = await console.page("/ways", Look("en"))
    await expect(page.get_by_text("Nobody is named yet")).to_be_visible()
    await page.get_by_label("Add: name or number").fill("王女士")
    await page.get_by_role("button", name="Find").click()
    await page.get_by_label("for", exact=True).select_option(label="Building 3")
    await page.get_by_role("button", name="Name 王女士").click()
    await expect(page.get_by_text("Nobody tests these buildings: Building 5")).to_be_visible()
    await page.get_by_role("button", name="Test now").click()
    await expect(page.get_by_role("button", name="Waiting for receipts")).to_be_disabled()
    await console.story.settle()
    assert [(one.to, one.text[:4]) for one in console.gateway.sent] == [(console.town.phone("mrs_wang"), "【演练】")]
    await console.story.forward(minutes=31)

    await page.goto(console.url + "/")
    await expect(page.get_by_text("Building 3, SMS (sms): never proven")).to_be_visible()
    async with console.community() as tx:
        row = await tx.connection.fetchrow("SELECT message_id, no FROM delivery_settled ORDER BY message_id DESC LIMIT 1")
    assert row is not None
    link = "/c/" + make_link(console.context.secrets, "c", console.town.community_id, row["message_id"], row["no"])
    handset = await console.page(link, Look("zh-CN", width=390), logged_in=False)
    await handset.get_by_role("button", name="收到").click()
    await expect(handset.get_by_role("status")).to_contain_text("已验证")

    await expect(page.get_by_text("never proven")).to_have_count(0)
    await expect(page.get_by_text(re.compile("The ways to residents are open, proven at"))).to_be_visible()
    async with console.community() as tx:
        broken = "UPDATE gateway_permit SET set_aside_at = now(), set_aside_why = 'no_credit', probe_at = now() + interval '1 day'"
        await tx.connection.execute(broken)
    await page.reload()
    await expect(page.get_by_role("region", name="Channels that do not work")).to_contain_text("SMS (sms)")
    await expect(page.get_by_text(re.compile("The ways to residents are open"))).to_have_count(0)
    await page.goto(console.url + "/ways")
    await page.get_by_role("button", name="Remove 王女士").click()
    await expect(page.get_by_text("Nobody is named yet")).to_be_visible()
