"""The real web application on loopback, over the small town, with a token for each role."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from api.auth import passwords
from api.auth.roles import ROLES, Role
from api.auth.tokens import NewToken, create_token
from api.keys import Context
from api.routes import make_app
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from people.communities import get_community
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

SECRET_KEY = "a secret key for tests, long enough"
GATEWAY_SECRET = "the gateway's own secret"
ENTRAPMENT = {"kind": "elevator_entrapment", "place": "3-2-L1", "facts": {"people_inside": 2}}


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> Iterator[None]:
    """A password costs a tenth of a second on purpose; here only that it is hashed matters. How strongly: tests/api/test_set_up.py."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher.from_parameters(CHEAPEST)
        patch.setattr(passwords, "_HASHER", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody has this password"))
        yield


@pytest.fixture
def context(database: Database) -> Context:
    """What the web server works with; it thinks that it is reached over plain http."""
    settings = Settings(public_url="http://tocsin.test", listen="127.0.0.1:0")
    return Context(database, Wakeups(database), Secrets(SECRET_KEY), settings)


@pytest.fixture
async def sms() -> AsyncIterator[SmsGateway]:
    """A real HTTP SMS gateway on loopback."""
    async with sms_gateway() as gateway:
        yield gateway


@pytest.fixture
async def town(database: Database, small_town: SmallTown, context: Context, sms: SmsGateway) -> SmallTown:
    """The small town, reachable by SMS and, last, by the desk's telephone."""
    async with database.floor() as tx:
        company = (await get_community(tx, small_town.community_id)).company_id
        by_sms = NewGateway(company, "http_sms", "sms", sms.settings(), GATEWAY_SECRET, sink=True)
        gateways = [await add_gateway(tx, one, context.secrets) for one in (by_sms, NewGateway(company, "by_hand", "desk", sink=True))]
    async with database.community(small_town.community_id) as tx:
        for rank, gateway in enumerate(gateways):
            await add_channel(tx, NewChannel(gateway, rank))
    return small_town


@pytest.fixture
async def server(context: Context, town: SmallTown) -> AsyncIterator[TestServer]:
    """The application, listening on loopback."""
    server = TestServer(make_app(context))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def browser(server: TestServer) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """A client with a jar for cookies, and without credentials."""
    client = TestClient(server)
    yield client
    await client.close()


@dataclass(frozen=True, slots=True)
class Api:
    """Speaks to the interface with one token."""

    client: TestClient[web.Request, web.Application]
    token: str

    async def ask(self, method: str, path: str, **options: Any) -> ClientResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def post(self, path: str, body: object = None, **headers: str) -> ClientResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("POST", f"/api/v1{path}", json=body if body is not None else {}, headers=sent)

    async def get(self, path: str, **query: str) -> ClientResponse:
        return await self.ask("GET", f"/api/v1{path}", params=query)

    async def declare(self, body: object = None, **headers: str) -> dict[str, Any]:
        """Declare an incident; the answer's body."""
        response = await self.post("/incidents", body or ENTRAPMENT, **headers)
        assert response.status == 201, await response.text()
        answer: dict[str, Any] = await response.json()
        return answer


async def token_for(database: Database, community_id: int | None, role: Role, company_id: int | None = None) -> str:
    """A fresh token; without `community_id` it is for all communities of `company_id`."""
    async with database.floor() as tx:
        if company_id is None:
            company_id = await tx.connection.fetchval("SELECT company_id FROM community WHERE id = $1", community_id)
        return await create_token(tx, NewToken(company_id, community_id, role, role))


@pytest.fixture
async def tokens(database: Database, town: SmallTown) -> dict[Role, str]:
    """One token for each role."""
    return {role: await token_for(database, town.community_id, role) for role in ROLES}


@pytest.fixture
def clerk(browser: TestClient[web.Request, web.Application], tokens: dict[Role, str]) -> Api:
    """The front desk's system."""
    return Api(browser, tokens["clerk"])


@pytest.fixture
def supervisor(browser: TestClient[web.Request, web.Application], tokens: dict[Role, str]) -> Api:
    """May steer and drill."""
    return Api(browser, tokens["supervisor"])


async def problem_of(response: ClientResponse, status: int, code: str) -> dict[str, Any]:
    """The problem, checked to be of this status and code and to be whole."""
    body: dict[str, Any] = await response.json(content_type="application/problem+json")
    assert (response.status, body["code"]) == (status, code), body
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert body["detail"]
    assert body["title"]
    assert body["request_id"] == response.headers["Request-Id"]
    return body


def pointers(problem: dict[str, Any]) -> list[str]:
    """Which fields a problem names."""
    return [error["pointer"] for error in problem.get("errors", [])]
