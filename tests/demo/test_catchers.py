"""The catchers are real servers: our own channels speak to them over HTTP and SMTP, and they speak back to real hooks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Accepted, Channel, HookRequest, Outgoing, ReceiptIn, Refused, ReplyIn
from tocsin.app.demo.catchers import Catchers, CatcherSettings
from tocsin.app.demo.gateways import GatewaySettings
from tocsin.app.demo.handsets import Owner
from tocsin.app.demo.hooks import HookAccess

TOKEN = "a token of at least sixteen characters"
ZHANG = "+8619800000001"


@dataclass
class Service:
    """The service's side: its channels, and a real web server for the gateways' hooks, read by the channels themselves."""

    channels: dict[str, Channel] = field(default_factory=dict)
    heard: "asyncio.Queue[ReceiptIn | ReplyIn]" = field(default_factory=asyncio.Queue)
    is_up: bool = True
    base: str = ""

    async def receive(self, request: web.Request) -> web.Response:
        if not self.is_up:
            return web.Response(status=503)
        channel = self.channels[request.match_info["name"]]
        raw = HookRequest(request.match_info["what"], dict(request.headers), dict(request.query), await request.read())
        reading = channel.read_hook(raw)
        heard: list[ReceiptIn | ReplyIn] = [*reading.receipts, *reading.replies]
        for said in heard:
            self.heard.put_nowait(said)
        assert not isinstance(reading.answer, str)
        return web.json_response(dict(reading.answer))

    async def hear(self) -> ReceiptIn | ReplyIn:
        return await asyncio.wait_for(self.heard.get(), 5)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.add_routes([web.post("/hooks/{name}/{what}", service.receive)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.base = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    yield service
    for channel in service.channels.values():
        await channel.close()
    await runner.cleanup()


@pytest.fixture
def settings(tmp_path: Path) -> CatcherSettings:
    return CatcherSettings(tmp_path, TOKEN, receipt_seconds=0, ring_seconds=30)


async def start(settings: CatcherSettings, service: Service) -> Catchers:
    """Catchers that are connected to the service, and the service's channels to them."""
    catchers = Catchers(settings)
    await catchers.start()
    catchers.connect(
        sms=HookAccess(f"{service.base}/sms", TOKEN),
        voice=HookAccess(f"{service.base}/voice", TOKEN),
        owners={ZHANG: Owner("张伟", "工程部")},
    )
    for name, (kind, values) in GatewaySettings(catchers.http_port, catchers.smtp_port, TOKEN).by_name().items():
        if name != "by_hand":
            service.channels[name] = KINDS[kind].open(KINDS[kind].settings.model_validate(values), TOKEN if kind != "smtp" else "")
    return catchers


@pytest.fixture
async def catchers(settings: CatcherSettings, service: Service) -> AsyncIterator[Catchers]:
    catchers = await start(settings, service)
    yield catchers
    await catchers.close()


def alert(number: int = 1, address: str = ZHANG) -> Outgoing:
    """A message to the engineer."""
    return Outgoing(
        f"1-a-{number}", address, "zh-CN", "电梯困人，回复 1 接单", "alert", subject="电梯困人", signature="安居物业", thread="1-a"
    )


async def handsets(catchers: Catchers, **query: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(f"{catchers.url}/api/handsets", params=query) as answer:
        assert answer.status == 200
        return await answer.json()


async def act(catchers: Catchers, what: str, document: dict[str, object]) -> int:
    async with aiohttp.ClientSession() as session, session.post(f"{catchers.url}/api/{what}", json=document) as answer:
        return answer.status


async def test_an_sms_is_caught_and_its_receipt_comes_back(catchers: Catchers, service: Service) -> None:
    [outcome] = await service.channels["sms"].send([alert()])
    assert isinstance(outcome, Accepted)
    receipt = await service.hear()
    assert isinstance(receipt, ReceiptIn)
    assert (receipt.reference, receipt.state) == ("1-a-1", "delivered")
    [handset] = (await handsets(catchers))["handsets"]
    assert (handset["address"], handset["name"], handset["note"]) == (ZHANG, "张伟", "工程部")
    assert [message["text"] for message in handset["messages"]] == ["【安居物业】电梯困人，回复 1 接单"]
    assert handset["messages"][0]["state"] == "delivered"


async def test_a_batch_is_caught_one_by_one_and_a_wrong_number_refused(catchers: Catchers, service: Service) -> None:
    batch = [alert(1), alert(2, "12"), alert(3, "+8619800000003")]
    outcomes = await service.channels["sms"].send(batch)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Refused, Accepted]
    assert {(await service.hear()).reference for _ in range(2)} == {"1-a-1", "1-a-3"}


async def test_the_same_reference_again_sends_nothing_twice(catchers: Catchers, service: Service) -> None:
    first = await service.channels["sms"].send([alert()])
    assert await service.channels["sms"].send([alert()]) == first
    assert await service.channels["sms"].send([alert(), alert(2)]) == [*first, Accepted("sms-3")] or len(catchers.book.since()) == 2
    assert [caught.reference for caught in catchers.book.since()] == ["1-a-1", "1-a-2"]


async def test_a_gateway_that_cannot_tell_repeats_apart_catches_both(settings: CatcherSettings, service: Service) -> None:
    catchers = await start(replace(settings, tells_repeats_apart=False), service)
    for _ in range(2):
        await service.channels["sms"].send([alert()])
    assert [caught.reference for caught in catchers.book.since()] == ["1-a-1", "1-a-1"]
    await catchers.close()


async def test_a_wrong_token_is_not_let_in(catchers: Catchers) -> None:
    kind, values = GatewaySettings(catchers.http_port, catchers.smtp_port, TOKEN).by_name()["sms"]
    stranger = KINDS[kind].open(KINDS[kind].settings.model_validate(values), "another token, just as long")
    [outcome] = await stranger.send([alert()])
    await stranger.close()
    assert isinstance(outcome, Refused)
    assert outcome.account
    assert catchers.book.since() == []


async def test_a_reply_from_the_phone_reaches_the_hook(catchers: Catchers, service: Service) -> None:
    await service.channels["sms"].send([alert()])
    await service.hear()
    assert await act(catchers, "replies", {"address": ZHANG, "text": " 1 "}) == 200
    reply = await service.hear()
    assert isinstance(reply, ReplyIn)
    assert (reply.address, reply.text) == (ZHANG, "1")
    [handset] = (await handsets(catchers))["handsets"]
    assert [(message["direction"], message["text"]) for message in handset["messages"]][-1] == ("from", "1")


async def test_a_reply_that_the_service_did_not_take_is_not_shown_as_sent(catchers: Catchers, service: Service) -> None:
    service.is_up = False
    assert await act(catchers, "replies", {"address": ZHANG, "text": "1"}) == 502
    assert catchers.book.since() == []


async def test_a_call_rings_until_a_key_is_pressed(catchers: Catchers, service: Service) -> None:
    await service.channels["voice"].send([alert()])
    [handset] = (await handsets(catchers))["handsets"]
    call = handset["messages"][0]
    assert (call["medium"], call["state"]) == ("voice", "ringing")
    assert await act(catchers, "keys", {"no": call["no"], "digits": "1"}) == 200
    said = [await service.hear(), await service.hear()]
    receipt = next(one for one in said if isinstance(one, ReceiptIn))
    pressed = next(one for one in said if isinstance(one, ReplyIn))
    assert (receipt.reference, receipt.state) == ("1-a-1", "delivered")
    assert (pressed.reference, pressed.text, pressed.address) == ("1-a-1", "1", ZHANG)


async def test_a_call_that_nobody_takes_ends_unanswered_and_can_no_longer_be_taken(settings: CatcherSettings, service: Service) -> None:
    catchers = await start(replace(settings, ring_seconds=0), service)
    await service.channels["voice"].send([alert()])
    receipt = await service.hear()
    assert isinstance(receipt, ReceiptIn)
    assert (receipt.state, receipt.code) == ("failed", "no_answer")
    assert await act(catchers, "keys", {"no": 1, "digits": "1"}) == 409
    await catchers.close()


async def test_who_hangs_up_has_refused_the_call(catchers: Catchers, service: Service) -> None:
    await service.channels["voice"].send([alert()])
    assert await act(catchers, "hang_up", {"no": 1}) == 200
    receipt = await service.hear()
    assert isinstance(receipt, ReceiptIn)
    assert receipt.code == "rejected"
    assert await act(catchers, "hang_up", {"no": 1}) == 409


async def test_a_handset_that_is_switched_off_gets_nothing(catchers: Catchers, service: Service) -> None:
    assert await act(catchers, "switch", {"address": ZHANG, "on": False}) == 200
    await service.channels["sms"].send([alert()])
    receipt = await service.hear()
    assert isinstance(receipt, ReceiptIn)
    assert (receipt.state, receipt.code) == ("failed", "switched_off")


async def test_a_letter_is_kept_whole(catchers: Catchers, service: Service) -> None:
    [outcome] = await service.channels["email"].send([alert(1, "zhang@anju.example")])
    assert isinstance(outcome, Accepted)
    [handset] = (await handsets(catchers))["handsets"]
    letter = handset["messages"][0]
    assert (handset["address"], letter["medium"], letter["subject"], letter["reference"]) == (
        "zhang@anju.example", "email", "电梯困人", "1-a-1",
    )  # fmt: skip
    assert "回复 1 接单" in letter["text"]


async def test_receipts_wait_for_a_service_that_is_away(catchers: Catchers, service: Service) -> None:
    service.is_up = False
    await service.channels["sms"].send([alert()])
    service.is_up = True
    assert (await service.hear()).reference == "1-a-1"


async def test_what_was_caught_survives_a_restart_and_owed_receipts_are_posted_then(settings: CatcherSettings, service: Service) -> None:
    earlier = await start(replace(settings, receipt_seconds=600), service)
    await service.channels["sms"].send([alert()])
    await earlier.close()
    with (settings.folder / "caught.jsonl").open("a") as cut_off:
        cut_off.write('{"no": 99, "se')
    for channel in service.channels.values():
        await channel.close()
    catchers = await start(settings, service)
    assert (await service.hear()).reference == "1-a-1"
    await service.channels["sms"].send([alert(2)])
    assert [caught.reference for caught in catchers.book.since()] == ["1-a-1", "1-a-2"]
    await catchers.close()


async def test_the_phones_page_is_told_only_what_is_new(catchers: Catchers, service: Service) -> None:
    await service.channels["sms"].send([alert()])
    await service.hear()
    head = (await handsets(catchers))["head"]
    assert (await handsets(catchers, since=str(head)))["handsets"] == []
    waiting = asyncio.create_task(handsets(catchers, since=str(head), wait_seconds="20"))
    await service.channels["sms"].send([alert(2, "+8619800000002")])
    new = await asyncio.wait_for(waiting, 5)
    assert [handset["address"] for handset in new["handsets"]] == ["+8619800000002"]
    found = await handsets(catchers, search="张")
    assert [handset["address"] for handset in found["handsets"]] == [ZHANG]
    assert (await handsets(catchers, limit="1"))["more"] == 1


async def test_a_web_page_of_another_origin_cannot_press_keys(catchers: Catchers, service: Service) -> None:
    await service.channels["voice"].send([alert()])
    async with aiohttp.ClientSession() as session:
        simple = session.post(f"{catchers.url}/api/keys", data='{"no": 1, "digits": "1"}', headers={"Content-Type": "text/plain"})
        async with simple as answer:
            assert answer.status == 422
    assert catchers.book.since()[0].state == "ringing"


@pytest.mark.parametrize(
    ("what", "document", "status"),
    [
        ("replies", {"address": "+8613000000000", "text": "1"}, 404),
        ("replies", {"address": ZHANG, "text": "  "}, 422),
        ("keys", {"no": 404, "digits": "1"}, 404),
        ("keys", {"no": 1, "digits": "one"}, 422),
        ("hang_up", {"no": 404}, 404),
        ("switch", {"address": ZHANG}, 422),
    ],
)
async def test_nonsense_from_the_phones_page_is_refused(catchers: Catchers, what: str, document: dict[str, object], status: int) -> None:
    assert await act(catchers, what, document) == status
