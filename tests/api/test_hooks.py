"""Gateways tell what became of messages, and what people sent back."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from api.keys import Context
from notifiers.channels.wire.signatures import sign
from notifiers.delivery.worker import Sender
from tests.api.conftest import ENTRAPMENT, GATEWAY_SECRET, Api, problem_of
from tests.harness.gateways import SmsGateway
from tests.harness.small_town import SmallTown

Browser = TestClient[web.Request, web.Application]
Post = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
async def post(browser: Browser, owner: asyncpg.Connection, town: SmallTown) -> Post:
    """Posts as the SMS gateway does: signed, to its own address."""
    key = await owner.fetchval("SELECT hook_key FROM gateway WHERE kind = 'http_sms'")

    async def send(what: str, document: object, *, secret: str = GATEWAY_SECRET, raw: bytes | None = None) -> ClientResponse:
        body = orjson.dumps(document) if raw is None else raw
        return await browser.post(f"/hooks/{key}/{what}", data=body, headers=sign(secret, what, body))

    return send


async def send_all(context: Context) -> None:
    """What a worker does with everything that is due now."""
    sender = Sender(context.database, context.secrets, context.wakeups, context.settings)
    await sender.run_once()
    await sender.close()


@pytest.fixture
async def alerted(clerk: Api, context: Context, sms: SmsGateway) -> dict[str, Any]:
    """An entrapment whose first SMS is in the gateway's hands."""
    declared = await clerk.declare()
    await send_all(context)
    assert sms.sent
    return declared


async def answers(owner: asyncpg.Connection) -> list[tuple[int, str]]:
    return [(row["person_id"], row["kind"]) for row in await owner.fetch("SELECT person_id, kind FROM answer ORDER BY id")]


async def test_one_digit_answers_the_alert_at_once(alerted: dict[str, Any], post: Post, town: SmallTown, owner: asyncpg.Connection) -> None:
    response = await post("replies", {"replies": [{"from": town.phone("zhang"), "text": "1", "id": "r1"}]})

    assert response.status == 200
    assert (await response.json())["code"] == 0
    assert await answers(owner) == [(town.people["zhang"], "received")]


async def test_a_number_without_its_country_is_the_same_telephone(
    alerted: dict[str, Any], post: Post, town: SmallTown, owner: asyncpg.Connection
) -> None:
    await post("replies", {"replies": [{"from": town.phone("zhang").removeprefix("+86"), "text": "2 8", "id": "r1"}]})

    assert await answers(owner) == [(town.people["zhang"], "on_the_way")]


async def test_a_gateway_that_repeats_itself_changes_nothing(
    alerted: dict[str, Any], post: Post, town: SmallTown, owner: asyncpg.Connection
) -> None:
    document = {"replies": [{"from": town.phone("zhang"), "text": "1", "id": "r1"}] * 3}
    assert (await post("replies", document)).status == 200
    assert (await post("replies", document)).status == 200

    assert len(await answers(owner)) == 1
    assert await owner.fetchval("SELECT count(*) FROM reply") == 1


async def test_two_open_alerts_are_asked_about_and_never_guessed(
    alerted: dict[str, Any], clerk: Api, context: Context, sms: SmsGateway, post: Post, town: SmallTown, owner: asyncpg.Connection
) -> None:
    other = await clerk.declare({**ENTRAPMENT, "place": "5-1-L1"})
    await send_all(context)

    await post("replies", {"replies": [{"from": town.phone("zhang"), "text": "1", "id": "r1"}]})
    assert await answers(owner) == []
    await send_all(context)
    asked = sms.sent[-1]
    assert asked.to == town.phone("zhang")
    assert alerted["code"] in asked.text
    assert other["code"] in asked.text

    await post("replies", {"replies": [{"from": town.phone("zhang"), "text": f"{other['code']}1", "id": "r2"}]})
    assert await owner.fetchval("SELECT incident_id FROM answer") == int(other["id"])


async def test_a_receipt_is_kept_for_the_chore_that_applies_it(
    alerted: dict[str, Any], sms: SmsGateway, post: Post, owner: asyncpg.Connection
) -> None:
    receipts = [{"reference": sms.sent[0].reference, "state": "delivered", "event": "e1"}]
    assert (await post("receipts", {"receipts": receipts})).status == 200

    assert await owner.fetchval("SELECT count(*) FROM receipt_bundle WHERE states = '{delivered}'") == 1


async def test_what_a_stranger_writes_waits_for_a_human(post: Post, clerk: Api, owner: asyncpg.Connection) -> None:
    await post("replies", {"replies": [{"from": "+8613700000000", "text": "谁？", "id": "r1"}]})
    replies = (await (await clerk.get("/replies")).json())["items"]

    assert [(one["address"], one["text"]) for one in replies] == [("+8613700000000", "谁？")]


async def test_a_forged_hook_has_no_effect(alerted: dict[str, Any], post: Post, town: SmallTown, owner: asyncpg.Connection) -> None:
    document = {"replies": [{"from": town.phone("zhang"), "text": "1", "id": "r1"}]}

    await problem_of(await post("replies", document, secret="a secret that is not theirs"), 401, "hook_forged")
    assert await answers(owner) == []
    assert await owner.fetchval("SELECT count(*) FROM reply") == 0


async def test_an_unknown_key_is_not_found(browser: Browser) -> None:
    await problem_of(await browser.post("/hooks/nobody/replies", data=b"{}"), 404, "hook_unknown")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"replies": 7}',
        b'{"replies": [null, 1, {"from": 5}, {"text": "1"}]}',
        b'{"replies": [{"from": "\\u0000", "text": "\\u0000"}]}',
        orjson.dumps({"replies": [{"from": "+8613800000001", "text": "1", "reference": "zz-zz-zz"}]}),
    ],
)
async def test_nonsense_is_taken_and_answers_nothing(alerted: dict[str, Any], post: Post, owner: asyncpg.Connection, raw: bytes) -> None:
    assert (await post("replies", None, raw=raw)).status == 200
    assert await answers(owner) == []


async def test_a_receipt_for_another_companys_message_is_counted_as_nonsense(
    alerted: dict[str, Any], post: Post, owner: asyncpg.Connection
) -> None:
    receipts = [{"reference": reference, "state": "delivered", "event": reference} for reference in ("zzz-1-1", "1-zzzz-1", "x-y-z")]
    assert (await post("receipts", {"receipts": receipts})).status == 200

    assert await owner.fetchval("SELECT count(*) FROM delivery_all WHERE state = 'delivered'") == 0


async def test_a_hook_that_is_too_long_is_refused(post: Post) -> None:
    await problem_of(await post("replies", None, raw=b" " * 70_000), 413, "body_too_large")
