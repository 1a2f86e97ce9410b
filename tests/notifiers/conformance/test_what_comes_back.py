"""From the gateway's post to where people stand: sent by the real sender, posted to the real service, applied by the real chore."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from api.keys import Context
from api.routes import make_app
from notifiers.channels.registry import KINDS
from notifiers.delivery import receipts
from notifiers.delivery.worker import Sender
from notifiers.quality import chore as quality
from tests.harness.clock import StoryClock
from tests.notifiers.conformance.adapter import Adapter, Arrived, Fake, Posted
from tests.notifiers.conformance.adapters import having
from tests.notifiers.conformance.adapters.wecom_app import sealed
from tests.notifiers.steps import post, reaches, states
from tests.notifiers.town import SECRETS, Town, alert
from tocsin.base.database import Database
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

REPORTING = having(lambda adapter: adapter.receipt)
ANSWERED = having(lambda adapter: adapter.reply)
PUBLIC_URL = "https://tocsin.example"
LEASE_SECONDS = 30


@dataclass
class Line:
    """One gateway, one person whom it reaches, and the service that hears from it."""

    adapter: Adapter
    fake: Fake
    database: Database
    town: Town
    person: int
    sender: Sender
    client: TestClient[web.Request, web.Application]
    gateway: int

    @property
    def hook_url(self) -> str:
        return f"{PUBLIC_URL}/hooks/hook-{self.adapter.kind}"

    async def send(self, people: Sequence[int] = (), **changes: Any) -> Arrived:
        """An alert to the person, or to these; what the gateway took of it last."""
        means = "ring" if KINDS[self.adapter.kind].medium == "voice" else "write"
        await post(self.database, self.town, alert(*(people or [self.person]), means=means, **changes))
        await self.sender.run_once()
        return self.fake.script.arrived[-1]

    async def say(self, posted: Posted, key: str = "") -> ClientResponse:
        """The gateway posts to the service."""
        path = f"/hooks/{key or f'hook-{self.adapter.kind}'}/{posted.what}"
        return await self.client.post(f"{path}?{posted.query}" if posted.query else path, data=posted.body, headers=posted.headers)

    async def receipt(self, arrived: Arrived, state: str, event: str = "e1") -> None:
        """The gateway posts a receipt, which is taken, and the chore runs."""
        posted = self.adapter.receipt(self.hook_url, arrived, state, event)  # type: ignore[misc, arg-type]
        assert (await self.say(posted)).status == 200
        await self.apply()

    async def apply(self) -> None:
        await receipts.run_once(self.database, self.town.community)

    async def states(self) -> list[str]:
        return [state for _, state in await states(self.town)]


@pytest.fixture
async def line(adapter: Adapter, fake: Fake, database: Database, town: Town) -> AsyncIterator[Line]:
    settings = Settings(public_url=PUBLIC_URL, lease_seconds=LEASE_SECONDS)
    gateway = await town.gateway(adapter.kind, settings=fake.settings(), secret=adapter.secret)
    channel = await town.channel(gateway, KINDS[adapter.kind].medium)
    await town.owner.execute(
        "UPDATE channel SET templates = $1, signature = '安居物业' WHERE id = $2", json.dumps(dict(adapter.templates)), channel
    )
    person = await town.person()
    await town.contact(person, adapter.address(1), kind=adapter.contact_kind)
    wakeups = Wakeups(database)
    sender = Sender(database, SECRETS, wakeups, settings)
    async with TestClient(TestServer(make_app(Context(database, wakeups, SECRETS, settings)))) as client:
        yield Line(adapter, fake, database, town, person, sender, client, gateway)
    await sender.close()


@pytest.mark.parametrize("kind", REPORTING)
async def test_a_receipt_confirms_the_person_however_often_it_is_said(line: Line) -> None:
    arrived = await line.send()
    assert await reaches(line.town) == ["handed_over"]
    for _ in range(3):
        await line.receipt(arrived, "delivered")
    assert await line.states() == ["delivered"] and await reaches(line.town) == ["confirmed"]
    assert await line.town.owner.fetchval("SELECT count(*) FROM receipt_bundle") == 1 and await line.town.sums_hold()


@pytest.mark.parametrize("kind", REPORTING)
async def test_of_many_each_receipt_finds_its_own(line: Line) -> None:
    people = [await line.town.person() for _ in range(23)]
    for number, person in enumerate(people, start=2):
        await line.town.contact(person, line.adapter.address(number), kind=line.adapter.contact_kind)
    await line.send(people=people)
    assert len(line.fake.script.arrived) == 23
    for arrived in line.fake.script.arrived[::2]:
        posted = line.adapter.receipt(line.hook_url, arrived, "delivered", arrived.address)  # type: ignore[misc]
        assert (await line.say(posted)).status == 200
    await line.apply()
    told = {arrived.address for arrived in line.fake.script.arrived[::2]}
    stands = await line.town.owner.fetch("SELECT address, reach FROM audience_member")
    assert {row["address"] for row in stands if row["reach"] == "confirmed"} == told
    assert {row["reach"] for row in stands if row["address"] not in told} == {"handed_over"} and await line.town.sums_hold()


@pytest.mark.parametrize("kind", REPORTING)
async def test_in_any_order_the_end_is_the_same(line: Line) -> None:
    arrived = await line.send()
    said = [state for state in ("failed", "delivered", "accepted", "failed") if state in line.adapter.says]
    for number, state in enumerate(said):
        await line.receipt(arrived, state, f"e{number}")
    assert await line.states() == ["delivered"] and await reaches(line.town) == ["confirmed"]


@pytest.mark.parametrize("kind", having(lambda adapter: "failed" in adapter.says))
async def test_a_failure_leads_on_with_the_gateway_s_own_word_for_it(line: Line) -> None:
    await line.receipt(await line.send(), "failed")
    assert await line.states() == ["failed"]
    (reach,) = await reaches(line.town)
    assert reach.startswith("unreachable: ") and reach != "unreachable: undeliverable" or line.adapter.kind == "http_sms"


@pytest.mark.parametrize("kind", ["smtp"])
async def test_a_mail_that_bounces_teaches_that_the_address_is_wrong(line: Line) -> None:
    await line.receipt(await line.send(), "failed")
    await quality.run_once(line.database, line.town.community)
    assert await line.town.owner.fetchval("SELECT quality FROM contact_point") == "wrong"


@pytest.mark.parametrize("kind", REPORTING)
async def test_a_receipt_that_overtakes_the_gateway_s_own_answer_is_not_lost(line: Line) -> None:
    async def overtake(taken: list[Arrived]) -> None:
        posted = line.adapter.receipt(line.hook_url, taken[0], "delivered", "e1")  # type: ignore[misc]
        assert (await line.say(posted)).status == 200
        await line.apply()
        assert await line.states() == ["sending"]

    line.fake.script.before_answer = overtake
    await line.send()
    await line.apply()
    assert await line.states() == ["delivered"] and await reaches(line.town) == ["confirmed"]


@pytest.mark.parametrize("kind", REPORTING)
async def test_three_days_late_it_still_counts(line: Line, story: StoryClock) -> None:
    arrived = await line.send()
    await story.forward_clock(minutes=3 * 24 * 60)
    await line.receipt(arrived, "delivered")
    assert await reaches(line.town) == ["confirmed"]


@pytest.mark.parametrize("kind", REPORTING)
async def test_a_stranger_moves_nothing(line: Line) -> None:
    arrived = await line.send()
    genuine = line.adapter.receipt(line.hook_url, arrived, "delivered", "e1")  # type: ignore[misc]
    assert (await line.say(genuine, key="a-guessed-key")).status == 404
    if line.adapter.forge is not None:
        for forged in line.adapter.forge(genuine, line.hook_url):
            assert (await line.say(forged)).status == 401
    await line.apply()
    assert await line.states() == ["accepted"] and await line.town.owner.fetchval("SELECT count(*) FROM receipt_bundle") == 0


@pytest.mark.parametrize("kind", REPORTING)
async def test_a_receipt_for_nothing_of_ours_is_taken_and_moves_nothing(line: Line) -> None:
    arrived = await line.send()
    for number, (reference, ref) in enumerate((("zzz-1-1", "r1"), ("1-zzzz-1", "r2"), ("x-y-z", "r3"), ("", "r4"))):
        stranger = Arrived("+8613999999999" if "@" not in arrived.address else "no@anju.example", "", reference, ref)
        posted = line.adapter.receipt(line.hook_url, stranger, "delivered", f"n{number}")  # type: ignore[misc]
        assert (await line.say(posted)).status == 200
    await line.apply()
    assert await line.states() == ["accepted"]


@pytest.mark.parametrize("kind", ANSWERED)
async def test_a_reply_answers_the_alert_once(line: Line) -> None:
    arrived = await line.send()
    for _ in range(2):
        answered = await line.say(line.adapter.reply(line.hook_url, arrived, "1", "in-1"))  # type: ignore[misc]
        assert answered.status == 200
    rows = await line.town.owner.fetch("SELECT outcome, message_id, address FROM reply")
    assert [(row["outcome"], row["address"]) for row in rows] == [("matched", arrived.address)]


@pytest.mark.parametrize("kind", ["wecom_app"])
async def test_a_provider_that_tries_the_address_hears_its_own_word_and_a_stranger_nothing(line: Line) -> None:
    address = f"/hooks/hook-{line.adapter.kind}/replies"
    tried = await line.client.get(f"{address}?{sealed('replies', b'1616140317555161061', echo=True).query}")
    assert (tried.status, await tried.text()) == (200, "1616140317555161061")
    assert (await line.client.get(f"{address}?{sealed('replies', b'1', token='another', echo=True).query}")).status == 401
    assert (await line.client.get(address)).status == 401
