"""The elevator story with each channel in turn: the shipped playbook alerts somebody through it, and one press or one digit answers."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.keys import Context
from api.routes import make_app
from incidents.registered_texts import texts_that_may_be_sent
from notifiers.channels.registry import KINDS
from notifiers.delivery.worker import Sender
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway, get_gateway
from people.communities import get_community
from people.persons import NewContactPoint, add_contact_point
from tests.api.conftest import SECRET_KEY, Api, token_for
from tests.harness.small_town import SmallTown
from tests.notifiers.conformance.adapter import Adapter, Arrived, Fake
from tests.notifiers.conformance.adapters import having
from tocsin.app.worker import Worker
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

SETTINGS = Settings(public_url="https://tocsin.example", listen="127.0.0.1:0")


@dataclass
class Story:
    """The small town with one channel, and whoever works for it."""

    town: SmallTown
    context: Context
    sender: Sender
    worker: Worker
    desk: Api
    hook_url: str

    async def pass_on(self) -> None:
        """Everything that is due now is sent and followed up."""
        for _ in range(4):
            await self.sender.run_once()
            await self.worker.run_once()


@pytest.fixture
async def story_of(adapter: Adapter, fake: Fake, database: Database, small_town: SmallTown) -> AsyncIterator[Story]:
    secrets, wakeups = Secrets(SECRET_KEY), Wakeups(database)
    context = Context(database, wakeups, secrets, SETTINGS)
    town, community = small_town, small_town.community_id
    async with database.floor() as tx:
        company = (await get_community(tx, community)).company_id
        gateway = await add_gateway(tx, NewGateway(company, adapter.kind, "way", fake.settings(), adapter.secret, sink=True), secrets)
        key = (await get_gateway(tx, gateway)).hook_key
    async with database.community(community) as tx:
        templates = mapped(adapter, [text.key for text in await texts_that_may_be_sent(tx)])
        await add_channel(tx, NewChannel(gateway, 0, "安居物业", templates))
        if adapter.contact_kind == "chat":
            await add_contact_point(tx, NewContactPoint(town.people["zhang"], "chat", adapter.address(1)))
    sender = Sender(database, secrets, wakeups, SETTINGS)
    async with TestClient(TestServer(make_app(context))) as client:
        desk = Api(client, await token_for(database, community, "clerk"))
        yield Story(town, context, sender, Worker(database, wakeups, secrets, SETTINGS), desk, f"{SETTINGS.public_url}/hooks/{key}")
    await sender.close()


def mapped(adapter: Adapter, keys: list[str]) -> dict[str, Any]:
    """Every text under the code that the adapter's own template has, with its place and the alert's code for variables."""
    own = list(adapter.templates.values())
    return {key: {"code": own[0]["code"], "variables": ["place", "code"]} for key in keys} if own else {}  # type: ignore[index]


async def post(client: TestClient[web.Request, web.Application], url: str, posted: Any) -> str:
    path = f"{url.removeprefix(SETTINGS.public_url)}/{posted.what}{'?' + posted.query if posted.query else ''}"
    response = await client.post(path, data=posted.body, headers=posted.headers)
    assert response.status == 200, await response.text()
    return await response.text()


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.reply))
async def test_an_entrapment_is_answered_through_this_channel(kind: str, adapter: Adapter, fake: Fake, story_of: Story) -> None:
    assert adapter.reply is not None
    declared = await story_of.desk.declare()
    await story_of.pass_on()
    rings = KINDS[kind].medium == "voice"
    presses = KINDS[kind].medium in ("voice", "chat")
    wanted = adapter.address(1) if adapter.contact_kind == "chat" else story_of.town.phone("qian" if rings else "zhang")
    alerts = [one for one in fake.script.arrived if one.address == wanted]
    assert alerts, f"{wanted} was not alerted; {[one.address for one in fake.script.arrived]}"
    alert: Arrived = alerts[0]
    said = " ".join((alert.text, *alert.variables))
    assert declared["code"] in said and "3栋2单元1号梯" in said and fake.script.forged == 0

    client = story_of.desk.client
    if adapter.receipt is not None:
        await post(client, story_of.hook_url, adapter.receipt(story_of.hook_url, alert, "delivered", "e1"))
    text = "1" if presses else f"{declared['code']} 1"
    shown = await post(client, story_of.hook_url, adapter.reply(story_of.hook_url, alert, text, "in-1"))
    await story_of.pass_on()
    if kind == "feishu_app":
        toast = json.loads(shown)["toast"]["content"]
        assert toast.startswith("收到，已记您接单") and declared["code"] in toast
        # What the card shows at once is not brought once more by a message.
        assert [one.address for one in fake.script.arrived].count(wanted) == 1

    async with story_of.context.database.community(story_of.town.community_id) as tx:
        answers = await tx.connection.fetch("SELECT person_id, kind, evidence FROM answer")
        states = await tx.connection.fetch("SELECT DISTINCT state FROM delivery_all WHERE address = $1", wanted)
    person = story_of.town.people["qian" if rings else "zhang"]
    assert [(row["person_id"], row["kind"], row["evidence"]) for row in answers] == [
        (person, "received", {"voice": "voice", "chat": "chat"}.get(KINDS[kind].medium, "sms"))
    ]
    assert ("delivered" if adapter.receipt is not None else "accepted") in {row["state"] for row in states}
