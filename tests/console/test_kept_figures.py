"""Where very many are told, the room's figures are looked up once a second for everybody who watches; nobody is left with one from before the
last change."""

import aiohttp
import pytest
from playwright.async_api import expect

from incidents.desk.changes import Desk, add_note
from incidents.views import standings
from tests.console.conftest import CLERK, Console
from tocsin.base.kept import Kept


async def test_what_was_kept_from_before_the_last_change_is_read_once_more(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "LARGE", 1)
    seconds = [0.0]
    console.context.database.kept = Kept(lambda: seconds[0])
    await console.at_hour(12)
    declared = await console.declare("power_cut", "3-2")
    await console.tell_residents(declared)
    link = await console.resident_link("mrs_wang")
    page = await console.page(f"/i/{declared.number}")
    confirmed = page.locator("#reach-now b.confirmed")
    await expect(confirmed).to_have_text("0")
    async with aiohttp.ClientSession() as session:
        answer = await session.post(console.url + link, data={"kind": "all_safe"}, allow_redirects=False)
        assert answer.status == 303
    await console.story.settle()
    async with console.community() as tx:
        await add_note(Desk(tx, console.context.wakeups, CLERK), declared.incident_id, "都已知晓")
    await expect(page.locator("#timeline")).to_contain_text("都已知晓")
    await expect(confirmed).to_have_text("0")
    # Nothing happens any more of which the page would be told.
    seconds[0] = 2.0
    await expect(confirmed).to_have_text("1")
