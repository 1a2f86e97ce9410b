"""An incident on paper: the file holds everything, and the owners' committee's print holds nobody's name, home, number or health."""

import json
import re
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from incidents.desk import changes
from incidents.desk.changes import Desk
from incidents.desk.declare import Declaration, declare
from incidents.desk.reports import Reporter
from incidents.desk.visits import Visit, note_visit
from people.persons import NewNeedOfHelp, add_need_of_help, mask
from tests.console.conftest import CLERK, LOOKS, Console
from tests.harness.small_town import RESIDENTS, STAFF

HEALTH = "心脏病，用制氧机"
SAID = ("张三丰说楼道里有烟味", "王女士在家等", "误报一次，问过周先生", "请3-2-1503的住户开门")


async def happened(console: Console) -> int:
    """Much of what may happen in a power cut, by the service's own acts, with names and homes in every free text; the number."""
    town = console.town
    async with console.community() as tx:
        await add_need_of_help(tx, NewNeedOfHelp(town.people["mrs_wang"], True, HEALTH, "security"))
        desk = Desk(tx, console.context.wakeups, CLERK)
        reporter = Reporter(
            "王女士", town.phone("mrs_wang"), town.places["3-2-1502"], words=SAID[0], wish="complain", call_back_minutes=9, owner="孙主管"
        )
        happened_at = tx.now - timedelta(minutes=20)
        declared = await declare(
            tx, console.context.wakeups, Declaration("power_cut", town.places["3"], reporter=reporter, happened_at=happened_at), CLERK
        )
        await changes.add_report(desk, declared.incident_id, Reporter("周先生", "13900000002", None, words="3-2-1503没电"))
    await console.story.settle()
    await console.tell_residents(declared)
    async with ClientSession() as phone:
        for answer in ("received", "on_scene"):
            form = {"kind": answer}
            assert (await phone.post(console.url + console.answer_link("zhang"), data=form)).status == 200
        form = {"kind": "needs_help", "words": f"{HEALTH}，我是王女士 13900000001"}
        assert (await phone.post(console.url + await console.resident_link("mrs_wang"), data=form)).status == 200
    await console.story.forward(minutes=12)
    async with console.community() as tx:
        desk = Desk(tx, console.context.wakeups, CLERK)
        await note_visit(desk, declared.incident_id, Visit(town.places["3-2-1503"], "3-2-1503", "seen", None, tx.now, SAID[1]))
        await changes.add_note(desk, declared.incident_id, SAID[2])
        await changes.post_update(desk, declared.incident_id, {"zh-CN": SAID[3], "en": "Mrs Wang of 3-2-1502 is well"}, None)
        await changes.set_severity(desk, declared.incident_id, "life_threatening")
        await changes.resolve(desk, declared.incident_id)
    await console.story.settle()
    return declared.number


def private_words(console: Console) -> set[str]:
    """Every name, number (whole, spoken or masked), home and reason of need of the town, and what was said in the story."""
    names = {shown for shown, *_ in (*STAFF.values(), *RESIDENTS.values())} | {"陈静", "张三丰", "Mrs Wang"}
    numbers = {one[1] for one in (*STAFF.values(), *RESIDENTS.values())}
    shapes = {shape for one in numbers for shape in (one, one[3:], mask(one), one[-4:], f"{one[3:6]} {one[6:10]} {one[10:]}")}
    homes = {code for code in console.town.places if code.count("-") == 2 and "L" not in code}
    rooms = {code.rpartition("-")[2] for code in homes}
    return names | shapes | homes | rooms | {HEALTH, "心脏", "制氧", "烟味"} | set(SAID)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_committees_print_names_nobody(console: Console, language: str) -> None:
    number = await happened(console)
    async with ClientSession(cookies={"tocsin": console.cookie, "tocsin_language": language}) as visitor:
        texts = {}
        for which in ("record?for=committee", "record"):
            answer = await visitor.get(f"{console.url}/i/{number}/{which}")
            assert answer.status == 200
            main = re.search(r'<table class="a4".*</table>', await answer.text(), re.DOTALL)
            assert main is not None
            texts[which] = re.sub(r"<[^>]+>", " ", main[0])
    committee, whole = texts["record?for=committee"], texts["record"]
    assert {word for word in private_words(console) if word in committee} == set()
    assert {"张伟", "王女士", SAID[0], SAID[2]} <= {word for word in private_words(console) if word in whole}
    for said in ("工程", "求助") if language == "zh-CN" else ("engineering", "help"):
        assert said in committee


async def test_the_file_has_both_times_counts_that_add_up_and_the_hash(console: Console) -> None:
    number = await happened(console)
    page = await console.page(f"/i/{number}/record", LOOKS[1])
    await expect(page.locator(".lines tr.late-written").first).to_contain_text("启动预案")
    async with console.community() as tx:
        row = await tx.connection.fetchrow("SELECT head_no, head_hash FROM incident")
    assert row is not None
    await expect(page.locator(".hash")).to_have_text(row["head_hash"].hex())
    sums = await page.locator(".lines td:last-child").all_text_contents()
    for words in (one for one in sums if "=" in one):
        size, *places = (int(one) for one in re.findall(r"\d+", words))
        assert size == sum(places), json.dumps(words, ensure_ascii=False)
