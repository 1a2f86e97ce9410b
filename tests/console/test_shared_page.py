"""One rendering for all who are shown the same: nobody is left with an older one, nobody is shown what is another's."""

import asyncio
import re
from datetime import UTC, datetime

import aiohttp
import pytest

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.roles import Role
from api.auth.sessions import open_session
from api.console.onlooker import CSRF, NAME, Onlooker, PersonalError
from api.console.rendering import PAST, Rendering, rendering_of
from api.console.shared_page import Look, SharedPages
from incidents.desk.changes import Desk, add_note, add_report
from incidents.desk.reports import Reporter
from tests.console.conftest import CLERK, Console

NOW = datetime(2026, 11, 27, 2, 6, tzinfo=UTC)
OWN = {CSRF: "token-of-sun", NAME: "Sun <& Co>"}
LOOK = Look(Onlooker(1, frozenset({"clerk"}), False, False), "/i/1", "en", "auto", True)


def rendered(head: str, record: str, before: Rendering | None = None, at: float = 100.0) -> Rendering:
    text = (
        f'\n<!doctype html>\n<html lang="en" data-now="2026-11-27T02:06:00.000+00:00" data-again="1000">\n<head></head><body><p>{NAME}</p>'
        f'<div id="head" data-part class="head">{head}</div><form>{CSRF}</form>\n<section class="panel" id="record" data-part>{record}</section>'
        "</body></html>"
    )
    rendering = rendering_of(text, at, NOW, before)
    assert rendering is not None
    return rendering


def test_the_whole_page_is_what_was_rendered_with_each_readers_own_put_in() -> None:
    page = rendered("fire", "declared").page(OWN, 101.5)
    assert '<html lang="en" data-again="1000" data-now="2026-11-27T02:06:01.500+00:00" data-shown="' in page
    assert "<p>Sun &lt;&amp; Co&gt;</p>" in page and "<form>token-of-sun</form>" in page and page.endswith("</section></body></html>")
    assert "\ue000" not in page and CSRF not in page


def test_who_says_what_they_show_is_given_what_has_changed_since() -> None:
    first = rendered("fire", "declared")
    second = rendered("fire", "declared, noted", first)
    third = rendered("out", "declared, noted", second)
    since_second, since_first = third.changes(second.version, OWN, 100.0), third.changes(first.version, OWN, 100.0)
    assert since_second is not None and 'id="head"' in since_second and 'id="record"' not in since_second
    assert since_first is not None and 'id="head"' in since_first and 'id="record"' in since_first
    assert f'data-shown="{third.version}"' in since_first and 'data-again="1000"' in since_first
    nothing = third.changes(third.version, OWN, 100.0)
    assert nothing is not None and "data-part" not in nothing
    assert third.changes("0123", OWN, 100.0) is None


def test_what_the_pages_own_clock_moves_is_no_change() -> None:
    def moving(late: str, left: str, bar: int, age: str) -> str:
        return (
            f'<span class="clock{late}" data-due="2026" data-since="2026"><progress max="1000" value="{bar}" aria-hidden="true"></progress>'
            f'<b data-left>{left}</b></span><span data-age="2026">{age}</span>'
        )

    first = rendered(moving("", "0:01", 3, "9:59"), "declared")
    second = rendered(moving(" late", "0:02", 0, "10:02"), "declared", first)
    assert second.version == first.version
    assert rendered(moving(" late", "0:02", 0, "10:02").replace("2026", "2027"), "declared", second).version != first.version


def test_old_versions_are_forgotten_and_a_mark_that_a_reader_has_nothing_for_is_an_error() -> None:
    first = newest = rendered("0", "")
    for number in range(1, PAST + 2):
        newest = rendered(str(number), "", newest)
    assert newest.changes(first.version, OWN, 100.0) is None and len(newest.past) == PAST
    with pytest.raises(KeyError):
        newest.page({NAME: "Sun"}, 100.0)


async def test_of_two_hundred_who_ask_at_once_one_renders_and_who_asks_later_is_given_no_older_one() -> None:
    time, began, go = [100.0], [], asyncio.Event()
    pages = SharedPages(lambda: time[0])

    async def render(before: Rendering | None) -> Rendering:
        began.append(time[0])
        at = time[0]
        await go.wait()
        return rendered(f"as of {at}", "", before, at)

    asked = [asyncio.create_task(pages.of(LOOK, 99.0, render)) for _ in range(200)]
    await asyncio.sleep(0)
    time[0] = 101.0  # something changed after the rendering had begun
    later = [asyncio.create_task(pages.of(LOOK, 100.5, render)) for _ in range(200)]
    await asyncio.sleep(0)
    go.set()
    assert {one.looked_at for one in await asyncio.gather(*asked)} == {100.0}
    assert {one.looked_at for one in await asyncio.gather(*later)} == {101.0}
    assert began == [100.0, 101.0]


async def test_a_page_that_depends_on_its_reader_is_not_tried_again_by_each_of_them() -> None:
    time, tried = [100.0], []
    pages = SharedPages(lambda: time[0])

    async def render(before: Rendering | None) -> Rendering:
        tried.append(time[0])
        LOOK.onlooker.actor()
        raise AssertionError

    for asked_at in (100.0, 101.0, 106.0):
        time[0] = asked_at
        with pytest.raises(PersonalError):
            await pages.of(LOOK, asked_at, render)
    assert tried == [100.0, 106.0]


async def log_in(console: Console, login: str, name: str, role: Role) -> str:
    async with console.context.database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community")
        account = await create_account(tx, NewAccount(company, login, name))
        await add_membership(tx, account_id=account, community_id=console.town.community_id, role=role)
        return await open_session(tx, account_id=account, community_id=console.town.community_id)


def settled(page: str) -> str:
    """But for what differs between any two readings."""
    page = re.sub(r' data-(now|shown)="[^"]*"', "", page.lstrip())
    return re.sub(r'<b data-left>[^<]*|value="\d+" aria-hidden|(data-age="[^"]*">)[^<]*', r"\1", page)


async def test_each_reader_is_given_the_page_that_would_have_been_rendered_for_them_alone(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = await console.declare("power_cut", "3-2")
    async with console.community() as tx:
        caller = Reporter("王女士", "13800001234", words="停电了", call_back_minutes=20)
        await add_report(Desk(tx, console.context.wakeups, CLERK), declared.incident_id, caller)
    await console.story.settle()
    readers = {
        "sun": console.cookie,
        "other": await log_in(console, "other", "另一位 <主管>", "supervisor"),
        "clerk": await log_in(console, "clerk", "陈静", "clerk"),
        "lead": await log_in(console, "lead", "张工", "department_lead"),
    }
    address = f"{console.url}/i/{declared.number}"

    async def read(reader: str, shown: str = "") -> str:
        headers = {"Cookie": f"tocsin={readers[reader]}", "Accept": "text/html", **({"Tocsin-Shown": shown} if shown else {})}
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session, session.get(address, headers=headers) as answer:
            return await answer.text() if answer.url.path == f"/i/{declared.number}" else "sent to the log-in"

    shared = {reader: await read(reader, "a version that nobody knows") for reader in readers}
    async with console.community() as tx:
        await add_note(Desk(tx, console.context.wakeups, CLERK), declared.incident_id, "电工到了")
    version = re.findall(r'data-shown="(\w+)"', shared["other"])[0]
    changed = await read("other", version)
    while "电工到了" not in changed:
        changed = await read("other", version)
    assert 'id="timeline"' in changed and 'id="facts"' not in changed and "孙主管" not in changed
    shared = {reader: await read(reader) for reader in readers}
    assert all("电工到了" in one for one in shared.values()), "who comes to the page sees what was done before"

    async def alone(*_: object) -> Rendering:
        raise PersonalError

    monkeypatch.setattr(SharedPages, "of", alone)
    assert {reader: settled(page) for reader, page in shared.items()} == {reader: settled(await read(reader)) for reader in readers}
    assert "138 0000 1234" in shared["clerk"] and "0000" not in re.findall(r"(?s)王女士.*?</li>", shared["lead"])[0]
    async with console.context.database.floor() as tx:
        await tx.connection.execute("DELETE FROM session WHERE token_hash <> sha256($1)", readers["sun"].encode())
    assert await read("other", version) == "sent to the log-in"
    assert "另一位 &lt;主管&gt;" in shared["other"] and "孙主管" in shared["sun"] and "孙主管" not in shared["other"]
