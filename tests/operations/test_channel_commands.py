"""Connecting a gateway, trying it out, changing it and rotating the key, by the commands that docs/operations.md shows."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.harness.gateways import SmsGateway, sms_gateway
from tests.harness.processes import SECRET_KEY, ServiceProcesses
from tests.operations.commands import tocsin
from tocsin.base.secrets import Secrets

GATEWAY_SECRET = "the gateway's own secret"
NUMBER = "+8613800000001"


@pytest.fixture
async def service(database_url: str, community: int, owner: asyncpg.Connection, tmp_path: Path) -> ServiceProcesses:
    """Commands on a database with one community."""
    tmp_path.chmod(0o755)
    return ServiceProcesses(database_url, tmp_path)


@pytest.fixture
async def gateway() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as one:
        yield one


async def add(service: ServiceProcesses, gateway: SmsGateway, *options: str) -> int:
    """Connect the gateway; the channel's id."""
    arguments = ("channel", "add", "--kind", "http_sms", "--name", "sms", "--settings", json.dumps(gateway.settings()), "--secret-stdin")
    code, said = await tocsin(service, *arguments, "--json", *options, given=f"{GATEWAY_SECRET}\n")
    assert code == 0, said
    return int(json.loads(said.splitlines()[-1])["channel"])


async def test_a_gateway_is_connected_listed_and_tried_out(
    service: ServiceProcesses, gateway: SmsGateway, owner: asyncpg.Connection
) -> None:  # fmt: skip
    channel = await add(service, gateway, "--signature", "安居物业")
    code, said = await tocsin(service, "channel", "list")
    assert code == 0 and f"{channel}  1  sms  sms (http_sms)" in said and "/hooks/" not in said
    await owner.execute("UPDATE gateway_permit SET set_aside_at = now(), set_aside_why = 'no_credit', probe_at = now()")
    code, said = await tocsin(service, "channel", "list", "--hooks")
    assert re.search(rf"set aside since .*Z: no_credit  {re.escape(service.url)}/hooks/[\w-]+/", said), said
    code, said = await tocsin(service, "channel", "test", str(channel), NUMBER)
    assert code == 0 and "Accepted" in said
    assert [one.to for one in gateway.sent] == [NUMBER] and "test" in gateway.sent[0].text
    assert GATEWAY_SECRET not in said
    assert await owner.fetchval("SELECT set_aside_at FROM gateway_permit") is None, "it took a message: it works again"


async def test_what_cannot_be_connected_is_refused_with_the_way_out(service: ServiceProcesses) -> None:
    for options, hint in (
        (("--kind", "pigeon", "--name", "p"), "http_sms"),
        (("--kind", "http_sms", "--name", "s", "--settings", '{"url": "http://sms.example.com"}', "--secret-stdin"), "https"),
        (
            ("--kind", "http_sms", "--name", "s", "--settings", '{"url": "https://sms.example.com", "adress": 1}', "--secret-stdin"),
            "adress",
        ),
        (("--kind", "http_sms", "--name", "s", "--settings", '{"url": "https://sms.example.com"}'), "16"),
        (("--kind", "by_hand", "--name", "s", "--gateway", "999"), "999"),
    ):
        code, said = await tocsin(service, "channel", "add", *options, given=f"{GATEWAY_SECRET}\n")
        assert code == 1 and hint in said, said
    assert await tocsin(service, "channel", "list") == (0, "")


async def test_json_that_is_none_is_wrong_usage(service: ServiceProcesses) -> None:
    for option in ("--settings", "--templates"):
        code, said = await tocsin(service, "channel", "add", "--kind", "by_hand", "--name", "d", option, "{url")
        assert code == 2 and option in said


async def test_a_provider_that_moved_is_followed_and_a_way_can_be_left_out(service: ServiceProcesses, gateway: SmsGateway) -> None:
    channel = str(await add(service, gateway))
    async with sms_gateway() as moved:
        settings = json.dumps(moved.settings())
        code, said = await tocsin(service, "channel", "change", channel, "--settings", settings, "--rank", "3", "--off", "--rate", "5")
        assert code == 0, said
        assert (await tocsin(service, "channel", "test", channel, NUMBER))[0] == 0
        assert len(moved.sent) == 1 and gateway.sent == []
    [shown] = json.loads((await tocsin(service, "channel", "list", "--json"))[1])
    assert (shown["rank"], shown["enabled"]) == (3, False)
    code, said = await tocsin(service, "channel", "change", channel, "--secret-stdin", given="short\n")
    assert code == 1 and "16" in said
    assert (await tocsin(service, "channel", "change", "999", "--on"))[0] == 1


async def test_a_gateways_own_secret_is_replaced_and_the_one_before_is_gone(service: ServiceProcesses, gateway: SmsGateway) -> None:
    channel, new = str(await add(service, gateway)), "what the provider gave out today"
    code, said = await tocsin(service, "channel", "change", channel, "--secret-stdin", given=f"{new}\n")
    assert code == 0 and new not in said, said
    owner = await asyncpg.connect(service.database_url)
    sealed = await owner.fetchval("SELECT secret_sealed FROM gateway")
    await owner.close()
    assert new not in sealed and Secrets(SECRET_KEY).unseal(sealed) == new
    assert (await tocsin(service, "channel", "test", channel, NUMBER))[0] == 0


async def test_registered_templates_are_given_by_text_key(service: ServiceProcesses, gateway: SmsGateway) -> None:
    templates = {"power_cut.engineers": {"code": "SMS_1", "variables": ["place"]}}
    channel = str(await add(service, gateway, "--templates", json.dumps(templates)))
    [shown] = json.loads((await tocsin(service, "channel", "list", "--json"))[1])
    assert shown["templates"] == templates
    await tocsin(service, "channel", "change", channel, "--templates", "{}")
    assert json.loads((await tocsin(service, "channel", "list", "--json"))[1])[0]["templates"] == {}


async def test_after_a_rotation_the_new_key_alone_opens_what_is_stored(service: ServiceProcesses, gateway: SmsGateway) -> None:
    channel = str(await add(service, gateway))
    new = "the next key, which is as long as the one before"
    code, said = await tocsin(service, "secret", "rotate", TOCSIN_SECRET_KEY=new)
    assert code == 2 and "TOCSIN_SECRET_KEY_PREVIOUS" in said
    code, said = await tocsin(service, "secret", "rotate", TOCSIN_SECRET_KEY=new, TOCSIN_SECRET_KEY_PREVIOUS=SECRET_KEY)
    assert code == 0 and "1 gateway secret" in said, said
    assert (await tocsin(service, "channel", "test", channel, NUMBER, TOCSIN_SECRET_KEY=new))[0] == 0
    code, said = await tocsin(service, "channel", "test", channel, NUMBER)
    assert code == 1 and "TOCSIN_SECRET_KEY_PREVIOUS" in said
