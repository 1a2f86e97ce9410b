"""The page of the gateways: how each channel does, and what was set apart, which is red on the desk and decided on here."""

import re

from playwright.async_api import expect

from incidents.desk.changes import Desk, tell_residents_now
from notifiers.delivery.worker import Sender
from tests.console.conftest import CLERK, Console, Look
from tocsin.app.reporting import Reporter
from tocsin.base.work import Wakeups


async def test_a_message_that_was_set_apart_is_red_on_the_desk_and_somebody_decides(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    async with console.community() as tx:
        row = await tx.connection.fetchrow("SELECT message_id, no FROM delivery_settled ORDER BY message_id, no LIMIT 1")
        assert row is not None
        await tx.connection.execute(
            "UPDATE delivery_settled SET state = 'unknown', reason = 'quarantined' WHERE message_id = $1 AND no = $2", *row
        )
        await tx.connection.execute(
            "INSERT INTO quarantine (community_id, message_id, no, losses, first_lost_at, noted_at, quarantined_at)"
            " VALUES ($1, $2, $3, 5, clock_timestamp(), clock_timestamp(), clock_timestamp())",
            tx.community,
            *row,
        )
    room = await console.page(f"/i/{power.number}", Look("en"))
    await expect(room.get_by_text("1 message was set apart")).to_be_visible()
    page = await console.page("/", Look("en"))
    await expect(page.get_by_text("stopped the sender five times")).to_be_visible()
    await page.get_by_role("link", name="Gateways").first.click()
    await expect(page.get_by_text("One delivery by sms")).to_be_visible()
    await page.get_by_role("button", name=re.compile("Send on")).click()
    await expect(page.get_by_text("One delivery by sms")).to_have_count(0)
    before = len(console.gateway.sent)
    await console.story.settle()
    assert len(console.gateway.sent) == before + 1


async def test_a_broadcast_is_paused_and_resumed_on_its_page_and_each_channel_says_how_it_does(console: Console) -> None:
    power = await console.declare("power_cut", "3")
    async with console.community() as tx:
        await tell_residents_now(Desk(tx, console.context.wakeups, CLERK), power.incident_id)
    database, before = console.context.database, len(console.gateway.sent)
    sender = Sender(database, console.context.secrets, Wakeups(database), console.context.settings)
    page = await console.page(f"/i/{power.number}/messages", Look("en"))
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text(re.compile(r"\d wait until you send on"))).to_be_visible()
    await sender.run_once()
    assert len(console.gateway.sent) == before
    await page.get_by_role("button", name="Send on").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await sender.run_once()
    assert len(console.gateway.sent) > before
    await Reporter(database, sender).report_once()
    await sender.close()
    page = await console.page("/gateways", Look("zh-CN", width=390))
    await expect(page.get_by_text(re.compile("最近一分钟：成功[1-9]")).first).to_be_visible()
