"""Desk devices and PINs: what a browser may do that was enrolled, and what nobody may do who only has its cookie or only has a PIN."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote

import asyncpg
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.devices import enrol, withdraw
from api.auth.pins import give_number, hash_pin, is_plain, set_pin
from api.auth.roles import GRANTS, WITHHELD_FROM_PIN, Role
from api.auth.sessions import open_session
from api.console.routes import ROUTES
from tests.api.conftest import problem_of
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database

Browser = TestClient[web.Request, web.Application]
ORIGIN = {"Origin": "http://tocsin.test", "Accept": "text/html"}
PASSWORD = "correct horse battery"
PIN = "4711"

OPEN_TO_A_DESK_WITHOUT_A_NAME = {
    ("GET", "/"), ("GET", "/declare"), ("POST", "/declare"), ("POST", "/declare/report"), ("POST", "/declare/repair"),
    ("POST", "/declare/together"), ("GET", "/declare/{number}"), ("POST", "/declare/{number}"), ("POST", "/i/{number}/{act}"),
    ("POST", "/tasks/{task}"), ("POST", "/calls/{message}/{delivery}"), ("GET", "/console/places"), ("GET", "/console/live"),
    ("POST", "/handover"),
    ("POST", "/console/draft"),
    ("POST", "/drafts/{draft}/{act}"),
    ("GET", "/console/alarms"),
    ("GET", "/sign-on"), ("POST", "/sign-on"),
}  # fmt: skip
"""Every page that a desk device may use before anybody signed on; any other one asks who it is first."""


@dataclass
class Desk:
    """An enrolled browser, and its token for forms."""

    browser: Browser
    device_id: int
    cookie: str
    csrf: str

    async def post(self, path: str, **form: str) -> ClientResponse:
        return await self.browser.post(path, data={"desk": self.csrf, **form}, headers=ORIGIN, allow_redirects=False)

    async def sign_on(self, number: str = "7021", pin: str = PIN, **form: str) -> ClientResponse:
        return await self.post("/sign-on", number=number, pin=pin, **form)


@pytest.fixture
async def company(owner: asyncpg.Connection, town: SmallTown) -> int:
    return int(await owner.fetchval("SELECT id FROM company"))


@pytest.fixture
async def staff(database: Database, town: SmallTown, company: int) -> dict[str, int]:
    """Chen Jing (7021) is a clerk, the administrator has 7001."""
    made = {}
    hashed = await hash_pin(PIN, "7021")
    for login, role, number in (("chen", "clerk", "7021"), ("admin", "administrator", "7001")):
        async with database.community(town.community_id) as tx:
            made[login] = await create_account(tx, NewAccount(company, login, {"chen": "陈静", "admin": "周管理"}[login], PASSWORD))
            await add_membership(tx, account_id=made[login], community_id=town.community_id, role=role)  # type: ignore[arg-type]
            await give_number(tx, made[login], number, "孙主管")
            await set_pin(tx, made[login], hashed, "孙主管")
    return made


@pytest.fixture
async def desk(server: TestServer, database: Database, town: SmallTown, owner: asyncpg.Connection) -> AsyncIterator[Desk]:
    async with database.community(town.community_id) as tx:
        enrolled = await enrol(tx, "前台1号机", "孙主管")
    browser = TestClient(server, cookies={"tocsin-desk": enrolled.cookie})
    csrf = await owner.fetchval("SELECT csrf FROM desk_device WHERE id = $1", enrolled.device_id)
    yield Desk(browser, enrolled.device_id, enrolled.cookie, csrf)
    await browser.close()


def filled(path: str) -> str:
    """An address of the pages with something in each of its places."""
    return re.sub(
        r"\{(\w+)(:[^{}]*(\{[^{}]*\})?[^{}]*)?\}",
        lambda found: {"act": "close", "token": "1-1-1-aaaaaaaaaaaaaaaaaaaa", "what": "reply"}.get(found[1], "1"),
        path,
    )


def plain(path: str) -> str:
    return re.sub(r"\{(\w+)(:[^{}]*(\{[^{}]*\})?[^{}]*)?\}", r"{\1}", path)


def page_routes() -> list[tuple[str, str]]:
    return [(one.method, one.path) for one in ROUTES if isinstance(one, web.RouteDef)]


async def test_a_desk_without_a_name_opens_these_pages_and_no_other(desk: Desk, browser: Browser, town: SmallTown) -> None:
    opened, asked = set[tuple[str, str]](), set[tuple[str, str]]()
    for method, path in page_routes():
        nobody = await browser.request(method, filled(path), headers=ORIGIN, allow_redirects=False)
        nobody.close()
        if not nobody.headers.get("Location", "").startswith("/login"):
            continue  # open to everybody, or behind a link
        form = {"desk": desk.csrf} if method == "POST" else None
        answer = await desk.browser.request(method, filled(path), headers=ORIGIN, data=form, allow_redirects=False)
        is_asked = answer.status == 303 and answer.headers["Location"].startswith(("/sign-on", "/login"))
        answer.close()
        (asked if is_asked else opened).add((method, plain(path)))
    known = OPEN_TO_A_DESK_WITHOUT_A_NAME - {("POST", "/i/{number}/{act}")}
    assert opened == known
    assert ("POST", "/i/{number}/{act}") in asked, "closing asks for a name"
    assert len(asked) > 15


async def test_the_cookie_of_a_desk_opens_no_list_and_no_interface(desk: Desk, town: SmallTown) -> None:
    for path in ("/api/v1/people", "/api/v1/incidents", "/api/v1/contact-debt"):
        await problem_of(await desk.browser.get(path), 401, "credentials_missing")
    refused = await desk.browser.post("/api/v1/incidents", json={}, headers={"X-CSRF-Token": desk.csrf})
    await problem_of(refused, 401, "credentials_missing")
    page = await (await desk.browser.get("/declare?kind=power_cut&q=3&from=13900000001", headers=ORIGIN)).text()
    assert "王女士" not in page, "a number is not turned into a name"


async def test_a_desk_declares_without_a_name_and_whoever_signs_stands_in_the_record(
    desk: Desk, staff: dict[str, int], town: SmallTown, owner: asyncpg.Connection
) -> None:
    declared = await desk.post("/declare", kind="power_cut", place=str(town.places["3"]), nonce="one", caller_phone="13900000001")
    assert (declared.status, declared.headers["Location"]) == (303, "/declare/1")
    again = await desk.post("/declare", kind="power_cut", place=str(town.places["3"]), nonce="one")
    assert again.headers["Location"] == "/declare/1"
    questions = await (await desk.browser.get("/declare/1", headers=ORIGIN)).text()
    assert "前台1号机" in questions and "13900000001" not in questions and "王女士" not in questions
    by = await owner.fetchval("SELECT body FROM incident_event WHERE kind = 'declared'")
    assert f'"by":{{"device":{desk.device_id},"kind":"device"}}' in by

    signed = await desk.sign_on(incident="1", back="/declare/1")
    assert (signed.status, signed.headers["Location"]) == (303, "/declare/1")
    row = await owner.fetchrow("SELECT signed_by, lapsed_at FROM declaration_signature")
    assert row is not None and (row["signed_by"], row["lapsed_at"]) == ("陈静", None)
    assert await owner.fetchval("SELECT count(*) FROM timer WHERE key = 'signature'") == 0
    assert "王女士" in await (await desk.browser.get("/declare/1", headers=ORIGIN)).text()


async def test_a_pin_counts_at_an_enrolled_desk_alone(
    desk: Desk, browser: Browser, staff: dict[str, int], database: Database, town: SmallTown
) -> None:
    foreign = await browser.post("/sign-on", data={"number": "7021", "pin": PIN, "desk": desk.csrf}, headers=ORIGIN, allow_redirects=False)
    assert foreign.headers["Location"].startswith("/login") and "tocsin" not in foreign.cookies
    assert (await browser.post("/login", data={"login": "7021", "password": PIN}, headers=ORIGIN)).status == 401

    session = (await desk.sign_on()).cookies["tocsin"].value
    assert (await desk.browser.get("/api/v1/incidents")).status == 200
    elsewhere = await browser.get("/api/v1/incidents", headers={"Cookie": f"tocsin={session}"})
    await problem_of(elsewhere, 401, "credentials_missing")

    async with database.community(town.community_id) as tx:
        await withdraw(tx, desk.device_id, "孙主管")
    await problem_of(await desk.browser.get("/api/v1/incidents"), 401, "credentials_missing")
    assert (await desk.browser.get("/", allow_redirects=False)).headers["Location"] == "/login"
    assert (await desk.sign_on()).headers["Location"].startswith("/login")


async def test_the_withdrawn_desk_and_another_communitys_desk_declare_nothing(
    desk: Desk, database: Database, town: SmallTown, owner: asyncpg.Connection
) -> None:
    other = await owner.fetchval(
        "INSERT INTO community (company_id, names, zone, languages, default_language, created_at)"
        " SELECT company_id, names, zone, languages, default_language, created_at FROM community RETURNING id"
    )
    await owner.execute("UPDATE desk_device SET community_id = $1", other)
    elsewhere = await desk.post("/declare", kind="power_cut", place=str(town.places["3"]), nonce="one")
    assert elsewhere.status == 422
    await owner.execute("UPDATE desk_device SET community_id = $1, withdrawn_at = now(), withdrawn_by = 'x'", town.community_id)
    withdrawn = await desk.post("/declare", kind="power_cut", place=str(town.places["3"]), nonce="one")
    assert withdrawn.headers["Location"].startswith("/login?next=/declare?kind")
    assert await owner.fetchval("SELECT count(*) FROM incident") == 0


@pytest.mark.parametrize("sent", [{"desk": ""}, {"desk": "guessed"}, {"headers": {"Origin": "https://elsewhere.test"}}])
async def test_no_other_page_can_use_the_desk(
    desk: Desk, staff: dict[str, int], town: SmallTown, sent: dict[str, object], owner: asyncpg.Connection
) -> None:
    form = {"desk": sent.get("desk", desk.csrf), "kind": "power_cut", "place": str(town.places["3"]), "number": "7021", "pin": PIN}
    headers = {"Accept": "text/html", **(sent.get("headers") or {})}  # type: ignore[dict-item]
    for path in ("/declare", "/sign-on", "/tasks/1"):
        answer = await desk.browser.post(path, data=form, headers=headers, allow_redirects=False)
        assert answer.status == 403, path
    assert await owner.fetchval("SELECT count(*) FROM incident") + await owner.fetchval("SELECT count(*) FROM session") == 0


async def test_a_login_by_pin_gives_the_role_but_for_what_outlasts_the_incident(desk: Desk, staff: dict[str, int], town: SmallTown) -> None:
    await desk.sign_on("7001")
    for path, permission in (("/imports", "administer"), ("/desks", "enrol"), ("/looks", "care")):
        assert permission in GRANTS["administrator"] & WITHHELD_FROM_PIN
        answer = await desk.browser.get(path, headers=ORIGIN, allow_redirects=False)
        assert (answer.status, unquote(answer.headers["Location"])) == (303, f"/login?next={path}")
    assert "请用密码登录" in await (await desk.browser.get("/login?next=/desks", headers=ORIGIN)).text()
    session = await (await desk.browser.get("/", headers=ORIGIN)).text()
    csrf = re.search(r'name="csrf" value="([^"]+)"', session)
    assert csrf is not None
    made = await desk.browser.post("/api/v1/departments", json={}, headers={"X-CSRF-Token": csrf[1]})
    await problem_of(made, 403, "pin_not_enough")
    moved = await desk.browser.post(
        "/community", data={"csrf": csrf[1], "community": str(town.community_id)}, headers=ORIGIN, allow_redirects=False
    )
    assert moved.status == 403, "another community's session would forget that it was opened by PIN"


async def test_wrong_pins_make_it_slower_for_the_number_and_for_the_desk_and_stop_no_declaration(
    desk: Desk, staff: dict[str, int], town: SmallTown, owner: asyncpg.Connection
) -> None:
    statuses = [(await desk.sign_on(pin=f"000{number}")).status for number in range(5)]
    assert statuses == [401] * 5
    waits = "SELECT retry_at > (SELECT max(retry_at) FROM login_attempt WHERE bucket LIKE 'pin-device:%') FROM login_attempt WHERE bucket LIKE 'pin:%'"
    assert await owner.fetchval(waits), "the fifth has to be waited for"
    await owner.execute("UPDATE login_attempt SET failures = 14, retry_at = clock_timestamp() WHERE bucket LIKE 'pin:%'")
    assert (await desk.sign_on(pin="0006")).status == 401
    right = await desk.sign_on()
    assert right.status == 429 and int(right.headers["Retry-After"]) >= 1
    assert (await desk.sign_on("7001")).status == 303, "somebody else signs on meanwhile"
    await desk.post("/logout")
    assert (await desk.post("/declare", kind="power_cut", place=str(town.places["3"]), nonce="one")).status == 303
    assert await owner.fetchval("SELECT count(*) FROM desk_log WHERE what = 'pin_refused'") == 6

    await owner.execute("UPDATE login_attempt SET retry_at = clock_timestamp()")
    assert (await desk.sign_on()).status == 303, "never locked out"
    await owner.execute("UPDATE login_attempt SET failures = 999, retry_at = clock_timestamp() WHERE bucket LIKE 'pin-device:%'")
    assert (await desk.sign_on("9999", "1111")).status == 401
    tried = await owner.fetchval("SELECT array_agg(DISTINCT words) FROM desk_log WHERE what = 'pin_refused'")
    assert set(tried) == {"7021", ""}, (
        "what is nobody's number may be a PIN in the wrong box, and everybody who reads the log would know it"
    )
    assert (await desk.sign_on("7001")).status == 429, "one PIN for every number is slow as well"


def test_what_anybody_would_try_first_is_no_pin() -> None:
    assert [pin for pin in ("1234", "4321", "8888", "7890", "7021", "4711", "2580") if not is_plain(pin, "7021")] == ["4711", "2580"]


async def test_ones_own_pin_needs_more_than_the_old_one(desk: Desk, staff: dict[str, int], owner: asyncpg.Connection) -> None:
    await desk.sign_on()
    page = await (await desk.browser.get("/pin", headers=ORIGIN)).text()
    csrf = str(re.search(r'name="csrf" value="([^"]+)"', page)[1])  # type: ignore[index]
    new = {"csrf": csrf, "pin": "2580", "pin_again": "2580"}
    assert (await desk.post("/pin", **new)).status == 401
    assert (await desk.post("/pin", **new, password="wrong")).status == 401
    assert (await desk.post("/pin", **{**new, "pin": "1234", "pin_again": "1234"}, password=PASSWORD)).status == 422
    assert (await desk.post("/pin", **new, password=PASSWORD)).status in (200, 303)
    assert await owner.fetchval("SELECT count(*) FROM session") == 0, "what was opened by the old PIN has ended"
    assert (await desk.sign_on()).status == 401
    assert (await desk.sign_on(pin="2580")).status == 303


@pytest.mark.parametrize(("role", "status"), [("supervisor", 403), ("administrator", 303)])
async def test_nobody_sets_the_pin_of_whoever_may_more(
    browser: Browser, staff: dict[str, int], database: Database, town: SmallTown, company: int, role: Role, status: int
) -> None:
    async with database.community(town.community_id) as tx:
        account = await create_account(tx, NewAccount(company, "sun", "孙主管"))
        await add_membership(tx, account_id=account, community_id=town.community_id, role=role)
        cookie = await open_session(tx, account_id=account, community_id=town.community_id)
        csrf = await tx.connection.fetchval("SELECT csrf FROM session WHERE account_id = $1", account)
    sent = {"headers": {**ORIGIN, "Cookie": f"tocsin={cookie}"}, "allow_redirects": False}
    new = {"csrf": csrf, "pin": "2580", "pin_again": "2580"}
    assert (await browser.post(f"/desks/staff/{staff['admin']}/pin", data=new, **sent)).status == status  # type: ignore[arg-type]
    assert (await browser.post(f"/desks/staff/{staff['admin']}/clear", data=new, **sent)).status == status  # type: ignore[arg-type]
    assert (await browser.post(f"/desks/staff/{staff['chen']}/pin", data=new, **sent)).status == 303  # type: ignore[arg-type]


@pytest.mark.parametrize(("role", "reads"), [("clerk", True), ("department_lead", False)])
async def test_callers_numbers_are_for_those_whose_work_is_to_call_and_their_names_for_whoever_is_signed_on(
    browser: Browser, desk: Desk, database: Database, town: SmallTown, company: int, role: Role, reads: bool
) -> None:
    await desk.post("/declare", kind="power_cut", place=str(town.places["3"]), nonce="one", caller_phone="13900000001", caller_home="哪户")
    await desk.post("/console/draft", call="69a39000-abcdefghijklmnop", caller_phone="13811112222", caller_name="李女士")
    async with database.community(town.community_id) as tx:
        account = await create_account(tx, NewAccount(company, "qian", "钱工"))
        await add_membership(tx, account_id=account, community_id=town.community_id, role=role)
        cookie = await open_session(tx, account_id=account, community_id=town.community_id)
    headers = {**ORIGIN, "Cookie": f"tocsin={cookie}"}
    signed_on, questions = [await (await browser.get(path, headers=headers)).text() for path in ("/", "/declare/1")]
    assert ("138 1111 2222" in signed_on, "139 0000 0001" in questions) == (reads, reads)
    nameless = await (await desk.browser.get("/", headers=ORIGIN)).text()
    assert ("李女士" in signed_on, "李女士" in nameless) == (True, False)
