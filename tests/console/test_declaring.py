"""Declaring from the keyboard, as a clerk does with one hand on the telephone."""

import re
from collections.abc import Callable

from playwright.async_api import Page, Response, expect

from incidents.desk.changes import Desk
from incidents.desk.repairs import Repair, hand_on
from people.places import NewPlace, add_place, resolve_place
from tests.console.conftest import CLERK, Console, Look
from tests.console.test_access import findings, is_too_wide


def weighing(sizes: list[int]) -> Callable[[Response], None]:
    """Notes the size of every answer that a page receives; the stream, which has none, weighs nothing."""
    return lambda answer: sizes.append(int(answer.headers.get("content-length", 0)))


async def incidents(console: Console) -> int:
    async with console.community() as tx:
        return int(await tx.connection.fetchval("SELECT count(*) FROM incident"))


async def press(page: Page, *keys: str) -> None:
    """Press keys on a page that is there: a question can be read some milliseconds before its page hears keys."""
    await page.wait_for_load_state()
    for key in keys:
        await page.keyboard.press(key)


async def test_seven_keys_from_the_ringing_phone_to_the_alert(console: Console) -> None:
    page = await console.page("/")
    await press(page, "1")
    await expect(page.locator("#place")).to_be_focused()
    await press(page, "3", ".", "2", "Enter")
    await expect(page.locator(".foresight .who").first).to_have_text("张伟")
    await expect(page.locator("#go")).to_be_focused()
    await press(page, "Enter")
    await expect(page.locator("h1")).to_contain_text("3栋2单元1号梯")
    await console.story.settle()
    assert {one.to for one in console.gateway.sent} == {console.town.phone("zhang"), console.town.phone("zhao")}


async def test_a_digit_chooses_the_other_elevator(console: Console) -> None:
    page = await console.page("/declare?kind=elevator_entrapment&q=3.2")
    await press(page, "2")
    await expect(page.locator(".read-back")).to_contain_text("2号梯")
    await press(page, "Enter")
    await expect(page.locator("h1")).to_contain_text("2号梯")


async def test_three_clicks_from_the_ringing_phone_to_the_alert(console: Console) -> None:
    page = await console.page("/")
    await page.get_by_role("link", name="电梯困人").click()
    await page.locator("#map").get_by_role("link", name="2单元2号梯").first.click()
    await expect(page.locator(".read-back")).to_contain_text("2单元2号梯")
    await page.locator("#go").click()
    await expect(page.locator("h1")).to_contain_text("2号梯")
    assert await incidents(console) == 1


async def test_a_power_cut_takes_five_keys_of_the_number_pad(console: Console) -> None:
    page = await console.page("/")
    await press(page, "3")
    await expect(page.locator("#place")).to_be_focused()
    await press(page, "3", "Enter")
    await expect(page.locator(".read-back")).to_contain_text("3栋")
    await press(page, "3")
    await expect(page.locator("#go")).to_be_focused()
    await press(page, "Enter")
    await page.wait_for_url("**/declare/1")
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT facts FROM incident") == {"scope": "building"}


async def test_what_is_offered_while_typing_does_not_jump_when_it_is_chosen(console: Console) -> None:
    page = await console.page("/declare?kind=elevator_entrapment")
    await page.locator("#place").press_sequentially("3.2")
    first = page.locator("[data-offers] a").first
    await expect(first).to_contain_text("3栋2单元1号梯")
    before = await first.bounding_box()
    await press(page, "Enter")
    await expect(page.locator("#go")).to_be_focused()
    assert await first.bounding_box() == before


async def test_a_building_that_sounds_alike_is_one_click_away(console: Console) -> None:
    async with console.community() as tx:
        root = await resolve_place(tx, "0")
        names = {"zh-CN": "4栋", "en": "Building 4"}
        await add_place(tx, NewPlace(kind="building", parent_id=root.id, code="4", names=names, label="4", rank=4))
    page = await console.page("/declare?kind=power_cut&q=3")
    await page.get_by_role("link", name="4栋", exact=True).click()
    await expect(page.locator(".read-back")).to_contain_text("4栋")


async def test_escape_leads_back_to_the_desk_and_nothing_has_happened(console: Console) -> None:
    page = await console.page("/declare?kind=elevator_entrapment")
    await page.locator("#place").fill("3.2")
    await press(page, "Escape")
    await page.wait_for_url(f"{console.url}/")
    assert await incidents(console) == 0


async def test_what_the_desk_must_do_stands_beside_the_questions(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    page = await console.page(f"/declare/{declared.number}?q=medical_need")
    await press(page, "1")
    await expect(page.locator("#ours")).to_contain_text("拨打120")
    await page.locator("#ours .task", has_text="拨打120").get_by_role("button", name="已拨").click()
    await page.wait_for_url(f"**/declare/{declared.number}?q=injured")
    await expect(page.locator("#ours")).not_to_contain_text("拨打120")


async def test_a_digit_without_a_button_goes_into_the_box(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    page = await console.page(f"/declare/{declared.number}?q=people_inside")
    await press(page, "8", "Enter")
    await expect(page.locator(".question")).to_contain_text("老人")
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT facts FROM incident") == {"people_inside": 8}


async def test_what_is_read_out_says_what_is_known_by_now(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    await console.know(declared, people_inside=2)
    page = await console.page("/")
    await expect(page.locator(".task", has_text="通知维保单位")).to_contain_text("2人")


async def test_the_caller_is_written_down_beside_the_questions(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    page = await console.page(f"/declare/{declared.number}?q=injured")
    await page.locator("#caller-name").fill("王女士")
    await page.locator("#caller-back").fill("5")
    await page.get_by_role("button", name="记下来电").click()
    await page.wait_for_url(f"**/declare/{declared.number}?q=injured")
    await expect(page.locator("main")).to_contain_text("王女士")


async def test_a_drill_cannot_be_taken_for_the_real_thing(console: Console) -> None:
    page = await console.page("/declare?drill=1&kind=elevator_entrapment&q=3.2")
    await expect(page).to_have_title(re.compile("【演练】"))
    await expect(page.locator(".notice.drill")).to_be_visible()
    await expect(page.locator("#go")).to_contain_text("演练派单")
    assert await page.locator("body").evaluate("body => body.classList.contains('drill-page')")
    await page.locator("#go").click()
    await page.wait_for_url("**/declare/1")
    for path in ("/declare/1", "/i/1"):
        await page.goto(console.url + path)
        await expect(page).to_have_title(re.compile("【演练】"))
        await expect(page.locator(".notice.drill")).to_be_visible()
    await page.goto(console.url)
    await expect(page.locator("#incident-1")).to_contain_text("演练")


async def test_the_first_page_is_light(console: Console) -> None:
    await console.declare("elevator_entrapment", "3-2-L1")
    for path in ("/", "/declare?kind=elevator_entrapment&q=3.2", "/i/1"):
        page = await (await console.visitor()).new_page()
        sizes: list[int] = []
        page.on("response", weighing(sizes))
        await page.goto(console.url + path, wait_until="load")
        assert 0 < sum(sizes) < 100_000


async def test_enter_of_an_input_method_sends_nothing(console: Console) -> None:
    page = await console.page("/declare?kind=elevator_entrapment")
    await page.locator("#place").focus()
    keyboard = await page.context.new_cdp_session(page)
    await keyboard.send("Input.imeSetComposition", {"text": "san dong", "selectionStart": 8, "selectionEnd": 8})
    composing = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    await keyboard.send("Input.dispatchKeyEvent", composing)
    await page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    await keyboard.send("Input.insertText", {"text": "３。２"})
    assert "/declare?kind=elevator_entrapment&call=" in page.url
    assert await page.locator(".read-back").count() == 0
    await expect(page.locator("[data-offers] a")).not_to_have_count(0)
    await press(page, "Enter")
    await expect(page.locator(".read-back")).to_contain_text("3栋2单元1号梯")
    assert await incidents(console) == 0


async def test_a_double_click_declares_once(console: Console) -> None:
    page = await console.page("/declare?kind=elevator_entrapment&q=3.2")
    form = await page.locator("#declare-form").evaluate("form => [...new FormData(form)]")
    address = f"{console.url}/declare"
    answers = [await page.context.request.post(address, form=dict(form), max_redirects=0) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    await page.locator("#go").dblclick()
    await page.wait_for_url("**/declare/1")
    assert await incidents(console) == 1


async def test_back_and_again_or_a_reload_declare_nothing_new(console: Console) -> None:
    page = await console.page("/declare?kind=elevator_entrapment&q=3.2")
    await page.locator("#go").click()
    await page.wait_for_url("**/declare/1")
    await page.reload()
    await page.go_back()
    await expect(page.locator("#same")).to_be_visible()
    await press(page, "Enter")
    await page.wait_for_url("**/i/1")
    assert await incidents(console) == 1, "who presses once more means the same emergency"


async def test_declaring_works_without_scripts(console: Console) -> None:
    page = await console.page("/", Look(scripts=False))
    await page.get_by_role("link", name="电梯困人").click()
    await page.locator("#place").fill("3-2")
    await page.locator("#place").press("Enter")
    await page.locator("#go").click()
    await expect(page.locator("h1")).to_contain_text("3栋2单元1号梯")
    await page.get_by_role("button", name="2", exact=True).click()
    await expect(page.locator(".asked")).to_contain_text("2")
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT facts FROM incident") == {"people_inside": 2}


async def test_every_question_may_be_skipped_or_unknown(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    page = await console.page(f"/declare/{declared.number}")
    await press(page, "2")
    await expect(page.locator(".question")).to_contain_text("老人")
    await press(page, "0")
    await expect(page.locator(".question")).to_contain_text("受伤")
    await press(page, "ArrowDown")
    await expect(page.locator(".question")).to_contain_text("只有孩子")
    async with console.community() as tx:
        assert await tx.connection.fetchval("SELECT facts FROM incident") == {"people_inside": 2}


async def test_the_second_call_about_the_same_elevator_becomes_a_report(console: Console) -> None:
    declared = await console.declare("elevator_entrapment", "3-2-L1")
    page = await console.page("/declare?kind=elevator_entrapment&q=3.2")
    await expect(page.locator("#same")).to_be_visible()
    await press(page, "Enter")
    await page.wait_for_url(f"**/i/{declared.number}")
    assert await incidents(console) == 1
    await expect(page.locator("#reports .number")).to_have_text("1")


async def test_one_home_without_power_is_handed_on_and_no_incident(console: Console) -> None:
    page = await console.page("/declare?kind=power_cut&q=3")
    await press(page, "1")
    await page.locator("#r-words").fill("跳闸")
    await page.locator(".foresight button.main").click()
    await expect(page.locator(".notice")).to_contain_text("已转报修")
    assert await incidents(console) == 0


async def test_nobody_on_duty_is_red_before_the_button(console: Console) -> None:
    async with console.community() as tx:
        await tx.connection.execute("DELETE FROM shift WHERE person_id = $1", console.town.people["zhang"])
    page = await console.page("/declare?kind=elevator_entrapment&q=3.2")
    await expect(page.locator(".foresight .red-text").first).to_contain_text("没人当班")


async def test_single_keys_can_be_switched_off(console: Console) -> None:
    page = await console.page("/")
    await page.get_by_role("button", name="关", exact=True).click()
    await press(page, "1")
    assert page.url == f"{console.url}/"


async def test_a_form_from_elsewhere_changes_nothing(console: Console) -> None:
    page = await console.page("/")
    forged: dict[str, str | float | bool] = {
        "kind": "elevator_entrapment",
        "place": str(console.town.places["3-2-L1"]),
        "nonce": "x",
        "csrf": "guessed",
    }
    answer = await page.context.request.post(f"{console.url}/declare", form=forged)
    assert answer.status == 403
    assert await incidents(console) == 0


async def test_before_the_button_the_page_says_that_a_fire_is_told_to_the_building_at_once(console: Console) -> None:
    page = await console.page("/declare?kind=fire&q=3")
    await expect(page.locator(".foresight")).to_contain_text("随派单发出：通知本栋疏散")
    await expect(page.locator(".foresight")).not_to_contain_text("通知全小区避开")


async def test_119_stands_above_the_calls_to_our_own_people(console: Console) -> None:
    declared = await console.declare("fire", "3")
    page = await console.page(f"/declare/{declared.number}")
    await expect(page.locator("#ours .calls")).to_be_visible()
    await expect(page.locator("#ours :is(.task, .calls)").first).to_contain_text("拨打119")


async def test_three_repairs_of_one_building_are_asked_about_on_the_desk(console: Console) -> None:
    look = Look(width=390)
    desk = await console.page("/", look)
    await expect(desk.locator("#line")).to_have_attribute("data-state", "live")
    async with console.community() as tx:
        for home in ("3-2-1502", "3-2-1503", "3-2-1601"):
            repair = Repair("power_cut", console.town.places[home], "没电了", "业主", "13900000009")
            await hand_on(Desk(tx, console.context.wakeups, CLERK), repair)
    panel = desk.locator("section.amber-panel", has_text="3 户报修")
    await expect(panel).to_contain_text("1601")
    assert await findings(desk) == [] and not await is_too_wide(desk, look)
    await panel.get_by_role("button", name="启动停电预案").press("Enter")
    await desk.wait_for_url("**/declare/1")
    await desk.goto(console.url + "/i/1")
    await expect(desk.locator("#reports .number")).to_have_text("3")
    await desk.goto(console.url + "/")
    await expect(panel).to_have_count(0)
