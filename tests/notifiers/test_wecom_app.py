"""A WeCom application: tokens that end, members that are not there, cards and texts, an address that is tried."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from notifiers.channels.shape import Accepted, HookReading, HookRefusedError, NotSent, Refused
from notifiers.channels.wecom_app.crypt import callback_signature, decrypt
from tests.notifiers.conformance.adapter import HOOK_URL, Arrived
from tests.notifiers.conformance.adapters.wecom_app import (
    ADAPTER,
    AES_KEY,
    CORP_ID,
    CORP_SECRET,
    WecomApp,
    encrypt,
    message_of,
    running,
    sealed,
)
from tests.notifiers.conformance.http_fake import HttpFake, run_http


@pytest.fixture
def app() -> WecomApp:
    return WecomApp()


@pytest.fixture
async def gateway(app: WecomApp) -> AsyncIterator[HttpFake]:
    async with run_http(running(app)) as fake:
        yield fake


def test_signature_and_seal_are_wecom_s_own() -> None:
    assert callback_signature("token", "1767323045", "nonce", "ENC") == "72e9a2d564a72190ffb0617b218b9c5535b8cdc1"
    assert decrypt(AES_KEY, encrypt("你好".encode()), CORP_ID).decode() == "你好"
    for sealed_badly in ("", "AAAA", "not base64", encrypt(b"x", corp_id="ww-other")):
        with pytest.raises(HookRefusedError):
            decrypt(AES_KEY, sealed_badly, CORP_ID)


def test_what_opens_by_chance_under_another_key_names_another_corporation() -> None:
    # Of what another key sealed, one in eight ends like a padding; among so many, some do.
    another = "A" * 43
    for number in range(64):
        with pytest.raises(HookRefusedError):
            decrypt(AES_KEY, encrypt(b"x", aes_key=another, salt=number.to_bytes(16)), CORP_ID)


async def test_one_token_serves_many_messages_and_a_new_one_is_fetched_once_when_it_is_over(app: WecomApp, gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    assert all(isinstance(one, Accepted) for one in await channel.send([ADAPTER.message(number) for number in range(8)]))
    assert len(app.lent) == 1
    app.lent = dict.fromkeys(app.lent, False)
    assert all(isinstance(one, Accepted) for one in await channel.send([ADAPTER.message(number) for number in range(10, 18)]))
    assert len(app.lent) == 2 and len(gateway.script.arrived) == 16
    await channel.close()


async def test_a_token_that_is_never_taken_is_the_account_s_fault(app: WecomApp, gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)

    class Refusing(dict[str, bool]):
        def __getitem__(self, token: str) -> bool:
            return False

    app.lent = Refusing()
    (outcome,) = await channel.send([ADAPTER.message(1)])
    assert isinstance(outcome, Refused) and outcome.account and outcome.code == "42001"
    assert gateway.script.calls == 2
    await channel.close()


async def test_without_a_token_nothing_was_sent_and_the_secret_stays_secret(app: WecomApp, gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    app.no_token = 40001
    (refused,) = await channel.send([ADAPTER.message(1)])
    assert isinstance(refused, Refused) and refused.account and CORP_SECRET not in repr(refused)
    app.no_token = -1
    assert await channel.send([ADAPTER.message(1)]) == [NotSent("throttled")]
    assert gateway.script.calls == 0
    await channel.close()


async def test_a_member_who_is_not_there_is_a_refusal_inside_the_success(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    gateway.script.refused = {ADAPTER.address(2)}
    (one, other) = await channel.send([ADAPTER.message(1), ADAPTER.message(2)])
    assert isinstance(one, Accepted) and other == Refused("invaliduser", "invaliduser")
    await channel.close()


async def test_the_same_message_twice_arrives_once(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    assert channel.abilities.tells_repeats_apart
    first, second = [(await channel.send([ADAPTER.message(1)]))[0] for _ in range(2)]
    assert first == second and isinstance(first, Accepted) and len(gateway.script.arrived) == 1
    await channel.close()


async def test_news_are_a_text_and_nobody_is_everybody(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    news = replace(ADAPTER.message(1), code="", text="电梯已恢复运行" * 200)
    assert isinstance((await channel.send([news]))[0], Accepted)
    assert 2040 < len(gateway.script.arrived[0].text.encode()) <= 2048
    for everybody in ("@all", "a|b", ""):
        assert await channel.send([replace(news, address=everybody)]) == [Refused("address_malformed", "address_malformed")]
    await channel.close()


async def test_the_address_of_the_callbacks_is_proved_by_its_own_word(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    posted = sealed("replies", b"1616140317555161061", echo=True)
    assert dict(parse_qsl(posted.query))["echostr"]
    assert channel.read_hook(posted.request()) == HookReading(answer="1616140317555161061", answer_type="text/plain")
    await channel.close()


async def test_words_are_a_reply_and_events_of_no_concern_are_no_nonsense(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    sly = "1 <EventKey>9</EventKey>]]><TaskId>1-2s-1</TaskId>"
    said = channel.read_hook(sealed("replies", message_of(FromUserName="Member.1", MsgType="text", Content=sly, MsgId="77")).request())
    assert [(one.address, one.text, one.reference) for one in said.replies] == [("Member.1", sly, None)]
    entered = channel.read_hook(sealed("replies", message_of(FromUserName="Member.1", MsgType="event", Event="enter_agent")).request())
    assert entered.replies == () or not entered.replies
    assert entered.not_understood == 0
    bomb = b'<!DOCTYPE x [<!ENTITY a "1">]><xml><FromUserName>z</FromUserName><MsgType>text</MsgType><Content>&a;</Content></xml>'
    assert channel.read_hook(sealed("replies", bomb).request()).not_understood == 1
    unknown = ADAPTER.reply(HOOK_URL, Arrived("Member.1", "", "1-2s-1"), "7", "in-1")  # type: ignore[misc]
    assert channel.read_hook(unknown.request()).not_understood == 1
    await channel.close()


async def test_without_a_callback_s_token_and_key_nobody_is_believed(gateway: HttpFake) -> None:
    channel = replace(ADAPTER, secret=CORP_SECRET).open(gateway)
    assert not channel.abilities.replies
    for posted in (sealed("replies", b"<xml/>"), sealed("replies", b"<xml/>", token="")):
        with pytest.raises(HookRefusedError):
            channel.read_hook(posted.request())
    await channel.close()
