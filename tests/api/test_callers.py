"""Who asks: tokens, roles, and the walls between communities."""

import re
from datetime import timedelta

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from api.auth.roles import ROLES, Role, roles_that_may
from api.auth.tokens import NewToken, create_token, revoke_token
from api.route import Route
from api.routes import ROUTES
from people.places import NewPlace, add_place
from tests.api.conftest import ENTRAPMENT, Api, problem_of, token_for
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database

Browser = TestClient[web.Request, web.Application]


def address(route: Route, incident: str = "1") -> str:
    """The route's address with ids filled in."""
    return re.sub(r"\{\w+\}", "1", route.path.replace("{incident}", incident))


async def test_every_operation_refuses_without_credentials(browser: Browser) -> None:
    told = {}
    for route in ROUTES:
        response = await browser.request(route.method, address(route), json={} if route.method in ("POST", "PUT") else None)
        problem = await response.json()
        told[route.operation_id] = (response.status, problem.get("code"), response.headers.get("WWW-Authenticate"))

    assert told == {route.operation_id: (401, "credentials_missing", "Bearer") for route in ROUTES}


@pytest.mark.parametrize("role", ROLES)
async def test_every_operation_holds_to_the_table_of_roles(browser: Browser, tokens: dict[Role, str], role: Role) -> None:
    api = Api(browser, tokens[role])
    for route in ROUTES:
        response = await api.ask(route.method, address(route, "999999"), json={} if route.method in ("POST", "PUT") else None)
        may = role in roles_that_may(route.permission)
        assert (response.status != 403) is may, f"{role} {route.operation_id} {response.status}"
        assert response.status < 500, f"{route.operation_id} {await response.text()}"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic dXNlcjpwYXNz", "Bearer", "Bearer  "])
async def test_a_token_that_is_none_is_refused(browser: Browser, header: str) -> None:
    response = await browser.get("/api/v1/incidents", headers={"Authorization": header})

    await problem_of(response, 401, "credentials_wrong")


async def test_a_revoked_token_ends_at_once(clerk: Api, database: Database, owner: asyncpg.Connection) -> None:
    assert (await clerk.get("/incidents")).status == 200
    async with database.floor() as tx:
        await revoke_token(tx, company_id=await owner.fetchval("SELECT id FROM company"), name="clerk")

    await problem_of(await clerk.get("/incidents"), 401, "credentials_wrong")


async def test_a_token_holds_until_it_expires(browser: Browser, database: Database, town: SmallTown, story: StoryClock) -> None:
    async with database.floor() as tx:
        company = await tx.connection.fetchval("SELECT id FROM company")
        token = await create_token(tx, NewToken(company, town.community_id, "short", "clerk", tx.now + timedelta(minutes=5)))
    api = Api(browser, token)
    assert (await api.get("/incidents")).status == 200
    await story.forward_clock(minutes=6)

    await problem_of(await api.get("/incidents"), 401, "credentials_wrong")


async def test_tokens_are_stored_only_as_hashes(tokens: dict[Role, str], owner: asyncpg.Connection) -> None:
    rows = await owner.fetch("SELECT * FROM api_token")

    assert not any(token in str(dict(row)) for row in rows for token in tokens.values())


async def test_a_token_of_the_company_must_name_its_community(browser: Browser, database: Database, town: SmallTown) -> None:
    async with database.floor() as tx:
        company = await tx.connection.fetchval("SELECT id FROM company")
    api = Api(browser, await token_for(database, None, "clerk", company))

    await problem_of(await api.get("/incidents"), 422, "community_missing")
    named = await api.ask("GET", "/api/v1/incidents", headers={"Tocsin-Community": str(town.community_id)})
    assert named.status == 200


@pytest.fixture
async def neighbour(owner: asyncpg.Connection) -> int:
    """A community of another company."""
    company = await owner.fetchval("INSERT INTO company (name, created_at) VALUES ('Other', story_now()) RETURNING id")
    return int(
        await owner.fetchval(
            "INSERT INTO community (company_id, names, zone, languages, default_language, created_at)"
            """ VALUES ($1, '{"zh-CN": "邻", "en": "Next"}', 'Asia/Shanghai', '{zh-CN,en}', 'zh-CN', story_now()) RETURNING id""",
            company,
        )
    )


@pytest.mark.parametrize("named", ["999999", "abc", "-1", "99999999999999999999"])
async def test_a_community_that_is_not_ours_is_like_one_that_is_not_there(clerk: Api, neighbour: int, named: str) -> None:
    for community in (named, str(neighbour)):
        response = await clerk.ask("GET", "/api/v1/incidents", headers={"Tocsin-Community": community})
        await problem_of(response, 403, "community_forbidden")


async def test_what_belongs_to_another_community_is_not_found(clerk: Api, browser: Browser, database: Database, neighbour: int) -> None:
    incident = (await clerk.declare())["id"]
    foreign = Api(browser, await token_for(database, neighbour, "administrator"))
    async with database.community(neighbour) as tx:
        await add_place(tx, NewPlace("community", None, "0", {"en": "Next"}, "0", 0))

    for route in ROUTES:
        if "{incident}" in route.path:
            body = _good_body(route.operation_id) if route.method == "POST" else None
            response = await foreign.ask(route.method, address(route, incident), json=body)
            assert response.status == 404, f"{route.operation_id} {await response.text()}"
    assert (await (await foreign.get("/incidents")).json())["items"] == []
    declared = await foreign.post("/incidents", ENTRAPMENT)
    assert declared.status == 422


def _good_body(operation: str) -> object:
    return {
        "set_facts": {"facts": {"people_inside": 1}},
        "post_update": {"texts": {"en": "x"}},
        "set_severity": {"severity": "minor"},
        "add_note": {"words": "x"},
        "give_confirmation": {"name": "everyone_out"},
        "write_answer": {"person": "1", "kind": "received", "means": "radio"},
        "cancel_incident": {"reason": "x"},
        "set_place": {"place": "0"},
        "finish_call_back": {"result": "told", "attempt": 1},
        "finish_follow_up": {"result": "satisfied", "attempt": 1},
        "give_complaint_owner": {"owner": "x"},
        "name_caller_home": {"home": None},
        "finish_complaint": {"outcome": "resolved"},
        "add_visit": {"home": "0", "result": "seen"},
        "merge_incident": {"into": "1"},
    }.get(operation, {})
