"""Log-in, sessions, and what forged requests come to."""

import asyncio

import asyncpg
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from api.auth.accounts import (
    NewAccount,
    add_membership,
    create_account,
    disable_account,
)
from api.auth.login import make_link
from api.keys import Context
from api.routes import make_app
from tests.api.conftest import ENTRAPMENT, problem_of
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database
from tocsin.base.settings import Settings

Browser = TestClient[web.Request, web.Application]
PASSWORD = "correct horse battery"
ORIGIN = {"Origin": "http://tocsin.test"}


@pytest.fixture
async def company(owner: asyncpg.Connection, town: SmallTown) -> int:
    return int(await owner.fetchval("SELECT id FROM company"))


@pytest.fixture
async def account(database: Database, town: SmallTown, company: int) -> int:
    """Chen Jing, a clerk, with a password."""
    async with database.floor() as tx:
        made = await create_account(tx, NewAccount(company, "Chen", "陈静", PASSWORD))
        await add_membership(tx, account_id=made, community_id=town.community_id, role="clerk")
    return made


async def log_in(browser: Browser, login: str = "chen", password: str = PASSWORD, **headers: str) -> ClientResponse:
    form = {"login": login, "password": password}
    return await browser.post("/login", data=form, headers={**ORIGIN, **headers}, allow_redirects=False)


async def csrf_of(owner: asyncpg.Connection) -> str:
    return str(await owner.fetchval("SELECT csrf FROM session"))


async def test_a_password_opens_a_session(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    response = await log_in(browser)

    assert (response.status, response.headers["Location"]) == (303, "/")
    cookie = response.cookies["tocsin"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert (await browser.get("/api/v1/incidents")).status == 200
    stored = await owner.fetchrow("SELECT * FROM session")
    assert stored is not None
    assert cookie.value not in str(dict(stored))


async def test_over_https_the_cookie_is_bound_to_its_host(context: Context, account: int) -> None:
    secure = Context(context.database, context.wakeups, context.secrets, Settings(public_url="https://tocsin.test"))
    async with TestClient(TestServer(make_app(secure))) as browser:
        form = {"login": "chen", "password": PASSWORD}
        response = await browser.post("/login", data=form, headers={"Origin": "https://tocsin.test"}, allow_redirects=False)

    assert response.cookies["__Host-tocsin"]["secure"]
    assert response.cookies["__Host-tocsin"]["path"] == "/"
    assert not response.cookies["__Host-tocsin"]["domain"]


@pytest.mark.parametrize(("login", "password"), [("chen", "wrong"), ("nobody", PASSWORD), ("chen", ""), ("", ""), ("chen\0", "x")])
async def test_a_wrong_log_in_does_not_say_what_was_wrong(browser: Browser, account: int, login: str, password: str) -> None:
    response = await log_in(browser, login, password, **{"Accept-Language": "en"})

    assert response.status == 401
    assert "Login or password is wrong." in await response.text()
    assert "tocsin" not in response.cookies


async def test_wrong_tries_make_it_slower_and_never_lock_out(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    statuses = [(await log_in(browser, password=f"wrong {number}")).status for number in range(5)]
    assert statuses == [401] * 5
    await owner.execute("UPDATE login_attempt SET failures = 14, retry_at = clock_timestamp() WHERE bucket LIKE 'account:%'")
    assert (await log_in(browser, password="wrong")).status == 401
    waiting = await log_in(browser)
    assert waiting.status == 429
    assert 1 <= int(waiting.headers["Retry-After"]) <= 30

    await owner.execute("UPDATE login_attempt SET retry_at = clock_timestamp()")
    assert (await log_in(browser)).status == 303


@pytest.mark.parametrize(("counted", "failures", "login"), [("account", 14, "chen"), ("peer", 30, "nobody{}")])
async def test_tries_that_are_made_side_by_side_do_not_slip_through(
    browser: Browser, account: int, owner: asyncpg.Connection, counted: str, failures: int, login: str
) -> None:
    await log_in(browser, password="wrong")
    await owner.execute(
        "UPDATE login_attempt SET failures = $2, retry_at = clock_timestamp() WHERE bucket LIKE $1 || ':%'", counted, failures
    )
    answers = await asyncio.gather(*(log_in(browser, login.format(number), "wrong") for number in range(6)))
    assert sorted(one.status for one in answers) == [401, *[429] * 5]


async def test_behind_a_proxy_one_strangers_tries_do_not_slow_the_desk_down(browser: Browser, account: int) -> None:
    stranger, desk = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "203.0.113.9"}
    statuses = [(await log_in(browser, f"nobody{number}", "wrong", **stranger)).status for number in range(24)]
    assert 429 in statuses[21:]
    assert (await log_in(browser, **desk)).status == 303


async def test_the_wait_never_grows_beyond_half_a_minute(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    await log_in(browser, password="wrong")
    await owner.execute("UPDATE login_attempt SET failures = 999")
    await log_in(browser, password="wrong")

    longest = await owner.fetchval("SELECT extract(epoch FROM max(retry_at) - clock_timestamp()) FROM login_attempt")
    assert 25 < longest <= 30


async def test_a_new_log_in_ends_the_session_before(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    first = (await log_in(browser)).cookies["tocsin"].value
    second = (await log_in(browser)).cookies["tocsin"].value

    assert first != second
    assert await owner.fetchval("SELECT count(*) FROM session") == 1


async def test_a_tampered_cookie_is_no_session(browser: Browser, server: TestServer, account: int) -> None:
    await log_in(browser)
    cookie = next(one.value for one in browser.session.cookie_jar if one.key == "tocsin")
    tampered = ("A" if cookie[0] != "A" else "B") + cookie[1:]
    browser.session.cookie_jar.update_cookies({"tocsin": tampered}, server.make_url("/"))

    await problem_of(await browser.get("/api/v1/incidents"), 401, "credentials_missing")


async def test_logging_out_ends_the_session_for_every_copy_of_the_cookie(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    await log_in(browser)
    response = await browser.post("/logout", data={"csrf": await csrf_of(owner)}, headers=ORIGIN, allow_redirects=False)

    assert response.status == 303
    assert await owner.fetchval("SELECT count(*) FROM session") == 0
    assert (await browser.get("/api/v1/incidents")).status == 401


async def test_a_disabled_account_is_out_at_once(browser: Browser, account: int, database: Database, company: int) -> None:
    await log_in(browser)
    async with database.floor() as tx:
        await disable_account(tx, company_id=company, login="chen")

    assert (await browser.get("/api/v1/incidents")).status == 401
    assert (await log_in(browser)).status == 401


async def test_a_session_ends_with_the_shift(browser: Browser, account: int, story: StoryClock) -> None:
    await log_in(browser)
    await story.forward_clock(minutes=12 * 60 + 1)

    assert (await browser.get("/api/v1/incidents")).status == 401


async def test_a_role_that_was_taken_away_is_gone_with_the_next_request(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    await log_in(browser)
    await owner.execute("DELETE FROM membership WHERE account_id = $1", account)

    assert (await browser.get("/api/v1/incidents")).status == 401


async def test_a_one_time_link_shows_a_button_and_logs_in_once(browser: Browser, account: int, database: Database) -> None:
    async with database.floor() as tx:
        link = await make_link(tx, account)
    for _ in range(3):
        shown = await browser.get(f"/login/{link}")
        assert shown.status == 200
        assert "<form" in await shown.text()

    assert (await browser.post(f"/login/{link}", headers=ORIGIN, allow_redirects=False)).status == 303
    assert (await browser.get("/api/v1/incidents")).status == 200
    assert (await browser.post(f"/login/{link}", headers=ORIGIN, allow_redirects=False)).status == 410
    assert (await browser.get("/login/never-made")).status == 410


async def test_a_link_that_has_expired_logs_nobody_in(browser: Browser, account: int, database: Database, story: StoryClock) -> None:
    async with database.floor() as tx:
        link = await make_link(tx, account)
    await story.forward_clock(minutes=24 * 60 + 1)

    assert (await browser.post(f"/login/{link}", headers=ORIGIN, allow_redirects=False)).status == 410


async def test_a_session_without_its_token_changes_nothing(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    await log_in(browser)
    await problem_of(await browser.post("/api/v1/incidents", json=ENTRAPMENT, headers=ORIGIN), 403, "forged_form")
    wrong = {**ORIGIN, "X-CSRF-Token": "guess"}
    await problem_of(await browser.post("/api/v1/incidents", json=ENTRAPMENT, headers=wrong), 403, "forged_form")
    right = {**ORIGIN, "X-CSRF-Token": await csrf_of(owner)}

    assert (await browser.post("/api/v1/incidents", json=ENTRAPMENT, headers=right)).status == 201


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
async def test_another_site_changes_nothing_even_with_the_token(
    browser: Browser, account: int, owner: asyncpg.Connection, headers: dict[str, str]
) -> None:
    await log_in(browser)
    sent = {**headers, "X-CSRF-Token": await csrf_of(owner)}

    await problem_of(await browser.post("/api/v1/incidents", json=ENTRAPMENT, headers=sent), 403, "forged_form")
    form = {"login": "chen", "password": PASSWORD}
    assert (await browser.post("/login", data=form, headers=headers, allow_redirects=False)).status == 403


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/a\nb", ""])
async def test_nobody_is_sent_elsewhere_after_log_in(browser: Browser, account: int, target: str) -> None:
    form = {"login": "chen", "password": PASSWORD, "next": target}
    response = await browser.post("/login", data=form, headers=ORIGIN, allow_redirects=False)

    assert response.headers["Location"] == "/"


async def test_pages_lead_to_the_log_in_and_back(browser: Browser, account: int) -> None:
    response = await browser.get("/i/7?x=1", allow_redirects=False)

    assert response.status == 303
    address = URL(response.headers["Location"])
    assert (address.path, address.query["next"]) == ("/login", "/i/7?x=1")


async def test_every_answer_carries_the_headers_that_protect_browsers(browser: Browser) -> None:
    for address in ("/login", "/docs", "/api/v1/incidents", "/nowhere", "/healthz"):
        headers = (await browser.get(address)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/login", "/docs", "/problems/not_found", "/nowhere"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_plain_pages_need_no_scripts_and_speak_both_languages(browser: Browser, address: str, language: str) -> None:
    response = await browser.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    html = await response.text()

    assert f'<html lang="{language}">' in html
    assert "<script" not in html
    assert "style=" not in html


async def test_the_choice_of_language_is_remembered(browser: Browser) -> None:
    form = {"language": "en", "next": "/login"}
    await browser.post("/language", data=form, headers=ORIGIN)
    html = await (await browser.get("/login", headers={"Accept-Language": "zh-CN"})).text()

    assert '<html lang="en">' in html


async def test_every_page_says_when_nothing_can_leave(browser: Browser, account: int, owner: asyncpg.Connection) -> None:
    await log_in(browser)
    assert "tocsin sending allow" not in await (await browser.get("/")).text()
    await owner.execute("UPDATE community SET may_send = false")
    for address in ("/", "/declare"):
        html = await (await browser.get(address, headers={"Accept-Language": "zh-CN"})).text()
        assert "这里发不出任何通知" in html and 'role="alert"' in html
