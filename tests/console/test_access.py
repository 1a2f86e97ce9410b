"""Every page, in both languages, light and dark, on a phone and on a desk's screen: no finding of axe, nothing wider than the screen."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from incidents.desk.changes import Desk
from incidents.desk.drafts import save_draft
from notifiers.canaries.named import name_canary
from notifiers.canaries.sending import send_test_now
from tests.console.conftest import CLERK, LOOKS, Console, Look
from tests.console.test_open_incident import open_link
from tests.console.test_status import status_address
from tests.console.test_wall import wall_address


async def findings(page: Page) -> list[str]:
    """What axe objects to, with the place."""
    found = await Axe().run(page)
    return [f"{one['id']}: {node['html'][:160]}" for one in found.response["violations"] for node in one["nodes"]]


async def is_too_wide(page: Page, look: Look) -> bool:
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    return width > look.width


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_no_page_shuts_anybody_out(console: Console, look: Look) -> None:
    trapped = await console.declare("elevator_entrapment", "3-2-L1")
    await console.loses_contact("mr_zhou")
    power = await console.declare("power_cut", "3")
    drill = await console.declare("power_cut", "5", drill=True)
    await console.know(trapped, people_inside=2, medical_need=True)
    await console.tell_residents(power)
    await console.story.forward(minutes=1, seconds=20)
    async with console.community() as tx:
        await name_canary(tx, console.town.places["0"], console.town.people["sun"], by="孙主管")
        await send_test_now(tx)
        await save_draft(Desk(tx, console.context.wakeups, CLERK), "kept", tx.now, {"kind": "fire", "q": "3.2", "from": "13900000001"})
        await tx.connection.execute("UPDATE draft SET changed_at = changed_at - interval '4 minutes'")
        await tx.connection.execute("UPDATE contact_point SET quality = 'failing' WHERE person_id = $1", console.town.people["mrs_wang"])
        await tx.connection.execute(
            "INSERT INTO quarantine (community_id, message_id, no, losses, first_lost_at, noted_at, quarantined_at)"
            " SELECT community_id, message_id, no, 5, settled_at, settled_at, settled_at FROM delivery_settled LIMIT 1"
        )
    paths = [
        "/binder", "/gateways",
        f"/i/{power.number}/record", f"/i/{trapped.number}/record?for=committee",
        "/", "/declare", "/declare?drill=1", "/declare?kind=power_cut&from=13900000001", "/declare?kind=elevator_entrapment&q=5.1",
        "/declare?kind=elevator_entrapment&q=3.2",
        "/declare?kind=power_cut&q=5&fact_scope=only_my_home", f"/declare/{trapped.number}", f"/i/{trapped.number}",
        f"/i/{power.number}", f"/i/{power.number}/door?guards=2", f"/i/{power.number}/tell", f"/i/{power.number}/messages",
        f"/i/{drill.number}", console.answer_link("zhang"),
        await console.resident_link("mrs_wang"), open_link(console, power.incident_id), await status_address(console), "/open", "/open/poster",
        f"/i/{power.number}/poster",
        await wall_address(console), "/ways?q=13800000001", "/desks", "/pin", "/handover", "/debt?no_phone=on", "/looks", "/planned", "/i/999", "/a/1-1-1-aaaaaaaaaaaaaaaaaaaa",
    ]  # fmt: skip
    page = await (await console.visitor(look)).new_page()
    wrong: dict[str, list[str]] = {}
    for path in paths:
        await page.goto(console.url + path)
        await page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true }")
        objections = await findings(page)
        if await is_too_wide(page, look):
            objections.append("wider than the screen")
        if objections:
            wrong[path] = objections
    assert wrong == {}


async def test_nothing_is_wider_than_the_narrowest_screen(console: Console) -> None:
    """320 pixels: a small telephone, or a desk's screen at 400 %."""
    trapped = await console.declare("elevator_entrapment", "3-2-L1")
    await console.loses_contact("mr_zhou")
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    look = Look("en", width=320)
    page = await (await console.visitor(look)).new_page()
    await page.goto(console.url + await console.resident_link("mrs_wang"))
    await page.get_by_role("button", name="I need help").click()
    await page.wait_for_load_state()
    paths = ("/", "/declare?kind=elevator_entrapment", f"/declare/{trapped.number}", f"/i/{trapped.number}", f"/i/{power.number}",
             f"/i/{power.number}/door", f"/i/{power.number}/tell", f"/i/{power.number}/messages",
             console.answer_link("zhang"), await console.resident_link("mrs_wang"), "/ways", "/gateways", "/debt", "/planned",
             open_link(console, power.incident_id), await status_address(console),
             await wall_address(console), "/open", "/open/poster", f"/i/{power.number}/poster", "/login")  # fmt: skip
    wide = []
    for path in paths:
        await page.goto(console.url + path)
        wide += [path] if await is_too_wide(page, look) else []
    assert wide == []


async def test_the_log_in_page_shuts_nobody_out(console: Console) -> None:
    for look in (LOOKS[0], LOOKS[-1]):
        page = await console.page("/login", look, logged_in=False)
        assert await findings(page) == []
