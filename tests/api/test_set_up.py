"""An operator sets the service up from the command line, as real processes."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.keys import Context
from api.routes import make_app
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.harness.nursery import Ended, Nursery
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

KEY = "the first secret key of this service"
NEW_KEY = "the next secret key of this service!"
INIT = ("init", "--company", "安居物业", "--community", "云栖花园", "--login", "Admin")
SECRET = "the gateway's own secret"


@dataclass(frozen=True, slots=True)
class Operator:
    """Runs `tocsin …` in an environment of its own."""

    environment: dict[str, str]
    midwife: Nursery

    async def run(self, *arguments: str, typed: str = "", **environment: str) -> Ended:
        return await self.midwife.run(arguments, {**self.environment, **environment}, typed.encode())


@pytest.fixture
def operator(database_url: str, tmp_path: Path, midwife: Nursery) -> Operator:
    own = {
        "TOCSIN_DATABASE_URL": database_url,
        "TOCSIN_DATA_DIR": str(tmp_path),
        "TOCSIN_SECRET_KEY": KEY,
        "TOCSIN_PUBLIC_URL": "http://tocsin.test",
        "LANG": "en_US.UTF-8",
    }
    return Operator({**{name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "LC_"))}, **own}, midwife)


async def test_init_makes_a_service_one_can_log_in_to(operator: Operator, database: Database) -> None:
    ended = await operator.run(*INIT)
    assert ended.code == 0, ended.err
    found = re.search(r"http://tocsin\.test(/login/\S+)", ended.out)
    assert found is not None

    context = Context(database, Wakeups(database), Secrets(KEY), Settings(public_url="http://tocsin.test"))
    async with TestClient[web.Request, web.Application](TestServer(make_app(context))) as browser:
        await browser.post(found.group(1), headers={"Origin": "http://tocsin.test"}, allow_redirects=False)
        kinds = await (await browser.get("/api/v1/kinds")).json()
    assert {one["kind"] for one in kinds["items"]} >= {"elevator_entrapment", "power_cut"}


async def test_init_is_refused_where_there_is_a_company(operator: Operator, owner: asyncpg.Connection) -> None:
    await operator.run(*INIT)
    again = await operator.run(*INIT)

    assert again.code == 1
    assert "already has a company" in again.err
    assert await owner.fetchval("SELECT count(*) FROM company") == 1


async def test_nothing_starts_without_a_secret_key(operator: Operator) -> None:
    missing = await operator.run(*INIT, TOCSIN_SECRET_KEY="short")

    assert missing.code == 1
    assert "TOCSIN_SECRET_KEY" in missing.err


async def test_accounts_and_tokens_are_made_and_ended(operator: Operator, database: Database, owner: asyncpg.Connection) -> None:
    await operator.run(*INIT)
    made = await operator.run("user", "create", "Chen", "--role", "clerk", "--password-stdin", "--json", typed="correct horse\n")
    assert made.code == 0, made.err
    assert made.json["link"].startswith("http://tocsin.test/login/")
    assert str(await owner.fetchval("SELECT password_hash FROM account WHERE login = 'chen'")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")

    taken = await operator.run("user", "create", "chen", "--role", "clerk")
    assert (taken.code, "taken" in taken.err) == (1, True)
    short = await operator.run("user", "create", "li", "--role", "clerk", "--password-stdin", typed="short\n")
    assert (short.code, "8 to 256" in short.err) == (1, True)
    wrong = await operator.run("user", "create", "li", "--role", "king")
    assert wrong.code == 2
    elsewhere = await operator.run("user", "create", "li", "--role", "clerk", "--community", "999")
    assert elsewhere.code == 2

    token = (await operator.run("token", "create", "alarms", "--role", "clerk", "--json")).json["token"]
    context = Context(database, Wakeups(database), Secrets(KEY), Settings())
    async with TestClient[web.Request, web.Application](TestServer(make_app(context))) as client:
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await client.get("/api/v1/incidents", headers=bearer)).status == 200
        assert (await operator.run("token", "revoke", "alarms")).code == 0
        assert (await client.get("/api/v1/incidents", headers=bearer)).status == 401
    assert (await operator.run("token", "revoke", "alarms")).code == 1


async def test_a_gateway_is_connected_tried_and_its_secret_resealed(operator: Operator, owner: asyncpg.Connection) -> None:
    await operator.run(*INIT)
    async with sms_gateway() as gateway:
        added = await _add_gateway(operator, gateway)
        assert added.code == 0, added.err
        assert added.json["hook"].startswith("http://tocsin.test/hooks/")
        listed = (await operator.run("channel", "list", "--json")).json
        assert [(one["kind"], one["gateway_name"]) for one in listed] == [("sms", "sms")]
        assert [one["channels"] for one in (await operator.run("status", "--json")).json["communities"]] == [["sms"]]

        channel = str(added.json["channel"])
        tried = await operator.run("channel", "test", channel, "+8613800000001", "--json")
        assert (tried.code, tried.json["outcome"]) == (0, "Accepted")
        assert gateway.sent[0].to == "+8613800000001"
        gateway.faults.append("refuse")
        assert (await operator.run("channel", "test", channel, "+8613800000001")).code == 1

        unset = await operator.run("secret", "rotate")
        assert unset.code == 2
        rotated = {"TOCSIN_SECRET_KEY": NEW_KEY, "TOCSIN_SECRET_KEY_PREVIOUS": KEY}
        assert (await operator.run("secret", "rotate", **rotated)).code == 0
        sealed = str(await owner.fetchval("SELECT secret_sealed FROM gateway"))
        assert Secrets(NEW_KEY).unseal(sealed) == SECRET


async def _add_gateway(operator: Operator, gateway: SmsGateway) -> Ended:
    settings = json.dumps(gateway.settings())
    return await operator.run(
        "channel", "add", "--kind", "http_sms", "--name", "sms", "--settings", settings, "--secret-stdin", "--sink", "--json",
        typed=f"{SECRET}\n",
    )  # fmt: skip


async def test_a_gateway_that_cannot_be_is_named(operator: Operator) -> None:
    await operator.run(*INIT)

    assert (await operator.run("channel", "add", "--kind", "pigeon", "--name", "x")).code == 1
    assert (await operator.run("channel", "add", "--kind", "http_sms", "--name", "x", "--settings", "{")).code == 2
    plain = await operator.run("channel", "add", "--kind", "http_sms", "--name", "x", "--settings", '{"url": "http://example.org"}')
    assert plain.code == 1


async def test_status_says_whether_it_can_work(operator: Operator) -> None:
    good = await operator.run("status", "--json")
    assert (good.code, good.json["status"]) == (0, "ready")
    assert set(good.json["checks"]) == {
        "database", "migrations", "work", "sending", "gateways", "disk", "ways", "transactions", "workers", "quarantine",
        "heartbeat",
    }  # fmt: skip
    assert all(check["ok"] for check in good.json["checks"].values())
    quiet = await operator.run("status", "--ready")
    assert (quiet.code, quiet.out) == (0, "")

    await operator.run(*INIT)
    bare = await operator.run("status", "--json")
    (community,) = bare.json["communities"]
    assert (bare.code, community["open_incidents"], community["waiting"], community["channels"]) == (0, 0, 0, [])
    assert "tocsin channel add" in (await operator.run("status")).out

    away = await operator.run("status", TOCSIN_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert away.code == 1
    unready = await operator.run("status", "--ready", TOCSIN_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert (unready.code, unready.out) == (1, "")
    told = await operator.run("status", "--json", TOCSIN_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert (told.json["status"], told.json["checks"]["database"]["ok"]) == ("not_ready", False)
