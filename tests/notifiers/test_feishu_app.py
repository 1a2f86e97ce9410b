"""A Feishu application: tokens that end, members out of range, cards and texts, callbacks in the clear and encrypted, and what a press shows."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from notifiers.channels.feishu_app.callbacks import PRESSED, WRITTEN
from notifiers.channels.feishu_app.crypt import callback_signature, decrypt
from notifiers.channels.shape import Accepted, HookRefusedError, NotSent, Refused
from tests.notifiers.conformance.adapter import HOOK_URL, Arrived, Posted
from tests.notifiers.conformance.adapters.feishu_app import (
    ADAPTER,
    APP_SECRET,
    ENCRYPT_KEY,
    TOKEN,
    FeishuApp,
    encrypt,
    happened,
    ids,
    press,
    running,
    sealed,
)
from tests.notifiers.conformance.http_fake import HttpFake, run_http

CARD = Arrived("ou_zhang", "困人｜3栋2单元1号梯", "1-2s-1", "om_1")


@pytest.fixture
def app() -> FeishuApp:
    return FeishuApp()


@pytest.fixture
async def gateway(app: FeishuApp) -> AsyncIterator[HttpFake]:
    async with run_http(running(app)) as fake:
        yield fake


def test_signature_and_seal_are_feishu_s_own() -> None:
    # The vendor's published example: the text under the key "test key" reads "hello world".
    assert decrypt("test key", "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=") == b"hello world"
    assert decrypt(ENCRYPT_KEY, encrypt("你好".encode())).decode() == "你好"
    assert callback_signature("key", "1767323045", "nonce", b"{}") == "db46b32e1914f4fc5ad724881c600f33c447a993516b6722a71187676c53e593"
    for sealed_badly in ("", "AAAA", "not base64", encrypt(b"x", key="another", vector=bytes(16))):
        with pytest.raises(HookRefusedError):
            decrypt(ENCRYPT_KEY, sealed_badly)


async def test_what_opens_by_chance_under_another_key_is_no_document(gateway: HttpFake) -> None:
    # The seal proves nothing by itself: of what another key sealed, one in 256 ends like a padding. This vector makes one.
    by_chance = encrypt(b"x", key="another", vector=(460).to_bytes(16))
    assert decrypt(ENCRYPT_KEY, by_chance) != b"x"
    channel = ADAPTER.open(gateway)
    with pytest.raises(HookRefusedError, match="not a document"):
        channel.read_hook(Posted("replies", json.dumps({"encrypt": by_chance}).encode()).request())
    await channel.close()


async def test_one_token_serves_many_messages_and_a_new_one_is_fetched_once_when_it_is_over(app: FeishuApp, gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    assert all(isinstance(one, Accepted) for one in await channel.send([ADAPTER.message(number) for number in range(8)]))
    assert len(app.lent) == 1
    app.lent = dict.fromkeys(app.lent, False)
    assert all(isinstance(one, Accepted) for one in await channel.send([ADAPTER.message(number) for number in range(10, 18)]))
    assert len(app.lent) == 2 and len(gateway.script.arrived) == 16
    await channel.close()


async def test_without_a_token_nothing_was_sent_and_the_secret_stays_secret(app: FeishuApp, gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    app.no_token = 10014
    (refused,) = await channel.send([ADAPTER.message(1)])
    assert isinstance(refused, Refused) and refused.account and APP_SECRET not in repr(refused)
    app.no_token = 99991400
    assert await channel.send([ADAPTER.message(1)]) == [NotSent("throttled")]
    assert gateway.script.calls == 0
    await channel.close()


async def test_the_same_message_twice_arrives_once(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    assert channel.abilities.tells_repeats_apart
    first, second = [(await channel.send([ADAPTER.message(1)]))[0] for _ in range(2)]
    assert first == second and isinstance(first, Accepted) and len(gateway.script.arrived) == 1
    await channel.close()


async def test_news_are_a_text_that_mentions_nobody_and_a_long_alert_still_fits_its_card(app: FeishuApp, gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    news = replace(ADAPTER.message(1), code="", text='<at user_id="all"></at> 电梯已恢复运行')
    long = replace(ADAPTER.message(2), text="困人" * 5000, link="https://tocsin.example/a/abcdef")
    assert all(isinstance(one, Accepted) for one in await channel.send([news, long]))
    assert "<at" not in gateway.script.arrived[0].text and gateway.script.arrived[1].text.startswith("困人困人")
    card = json.loads(str(app.sent[1]["content"]))
    assert card["card_link"] == {"url": long.link} and [one["text"]["content"] for one in card["elements"][-1]["actions"]] == [
        "接单", "已出发", "去不了",
    ]  # fmt: skip
    assert await channel.send([replace(news, address="")]) == [Refused("address_malformed", "address_malformed")]
    await channel.close()


@pytest.mark.parametrize("secret", [ADAPTER.secret, f"{APP_SECRET}:{TOKEN}"])
async def test_the_address_of_the_callbacks_is_proved_by_its_own_word(secret: str, gateway: HttpFake) -> None:
    channel = replace(ADAPTER, secret=secret).open(gateway)
    for token, known in ((TOKEN, True), ("somebody else's", False)):
        plain = json.dumps({"challenge": "ajls384kdjx98XX", "token": token, "type": "url_verification"}).encode()
        tried = sealed("replies", plain, signed=False) if secret == ADAPTER.secret else Posted("replies", plain)
        if known:
            assert channel.read_hook(tried.request()).answer == {"challenge": "ajls384kdjx98XX"}
        else:
            with pytest.raises(HookRefusedError):
                channel.read_hook(tried.request())
    await channel.close()


async def test_in_the_clear_the_verification_token_proves_a_press(gateway: HttpFake) -> None:
    channel = replace(ADAPTER, secret=f"{APP_SECRET}:{TOKEN}").open(gateway)
    assert channel.read_hook(Posted("replies", press(CARD, "2", "e1")).request()).replies[0].text == "2"
    for stranger in (press(CARD, "2", "e1", token=""), press(CARD, "2", "e1", token="guessed"), b"[]"):
        with pytest.raises(HookRefusedError):
            channel.read_hook(Posted("replies", stranger).request())
    await channel.close()


async def test_a_press_shows_at_once_what_the_person_is_told_on_the_same_card(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    reading = channel.read_hook(sealed("replies", press(CARD, "1", "e1")).request())
    assert reading.said_back is not None
    shown = json.loads(json.dumps(reading.said_back("收到，李工也已接单")))
    assert shown["toast"] == {"type": "success", "content": "收到，李工也已接单"} and shown["card"]["type"] == "raw"
    words = [one["text"]["content"] for one in shown["card"]["data"]["elements"] if one["tag"] == "div"]
    assert words == [CARD.text, "收到，李工也已接单"]
    offered = {button["value"]["digit"]: button["value"] for button in shown["card"]["data"]["elements"][-1]["actions"]}
    assert list(offered) == ["2", "3", "9"], "what comes next is offered next"
    second = happened(PRESSED, "e2", {"operator": ids("ou_zhang"), "action": {"tag": "button", "value": offered["3"]}})
    after = channel.read_hook(sealed("replies", second).request())
    assert after.replies[0].text == "3" and after.said_back is not None
    done = happened(PRESSED, "e3", {"operator": ids("ou_zhang"), "action": {"tag": "button", "value": {**offered["3"], "digit": "4"}}})
    last = channel.read_hook(sealed("replies", done).request())
    assert last.said_back is not None and "action" not in json.dumps(last.said_back("辛苦了"))
    await channel.close()


async def test_somebody_else_s_press_answers_for_nobody_and_is_told_so(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)
    reading = channel.read_hook(sealed("replies", press(CARD, "1", "e1", by="ou_li")).request())
    assert not reading.replies and not reading.not_understood
    assert reading.answer == {"toast": {"type": "warning", "content": "这张卡片是发给别人的，您的答复没有记录。"}}
    for nonsense in (
        press(CARD, "7", "e2"),
        press(CARD, "1", "e3", reference="nobody's"),
        happened(PRESSED, "e4", {"action": {"value": "1"}}),
    ):
        assert channel.read_hook(sealed("replies", nonsense).request()).not_understood == 1
    await channel.close()


async def test_words_are_a_reply_and_events_of_no_concern_are_no_nonsense(gateway: HttpFake) -> None:
    channel = ADAPTER.open(gateway)

    def written(chat: str, kind: str, content: object) -> Posted:
        message = {"message_id": "om_9", "parent_id": "om_1", "chat_type": chat, "message_type": kind, "content": json.dumps(content)}
        return sealed("replies", happened(WRITTEN, "e1", {"sender": {"sender_id": ids("ou_zhang")}, "message": message}))

    said = channel.read_hook(written("p2p", "text", {"text": "K7 1"}).request())
    assert [(one.address, one.text, one.gateway_ref) for one in said.replies] == [("ou_zhang", "K7 1", "om_1")]
    for idle in (
        written("group", "text", {"text": "1"}),
        written("p2p", "image", {"image_key": "1"}),
        sealed("x", happened("contact.user.updated_v3", "e2", {})),
    ):
        reading = channel.read_hook(idle.request())
        assert not reading.replies and reading.not_understood == 0
    assert channel.read_hook(written("p2p", "text", [1]).request()).not_understood == 1
    await channel.close()


async def test_without_a_callback_s_token_and_key_nobody_is_believed(gateway: HttpFake) -> None:
    channel = replace(ADAPTER, secret=APP_SECRET).open(gateway)
    assert not channel.abilities.replies and not channel.abilities.receipts
    for posted in (ADAPTER.reply(HOOK_URL, CARD, "1", "e1"), Posted("replies", press(CARD, "1", "e1", token=""))):  # type: ignore[misc]
        with pytest.raises(HookRefusedError):
            channel.read_hook(posted.request())
    await channel.close()
