"""What gateways post: the genuine is read entry by entry, the forged has no effect, nonsense is counted and never raised."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import HookRefusedError, HookRequest
from tests.notifiers.conformance.adapter import HOOK_URL, Adapter, Arrived, Fake
from tests.notifiers.conformance.adapters import having

REPORTING = having(lambda adapter: adapter.receipt)
ANSWERED = having(lambda adapter: adapter.reply)
HEARING = sorted({*REPORTING, *ANSWERED})
DEAF = having(lambda adapter: not adapter.receipt and not adapter.reply)


def arrived_by(adapter: Adapter) -> Arrived:
    message = adapter.message(1)
    return Arrived(message.address, message.text, message.reference, "ref-81723")


@pytest.mark.parametrize("kind", REPORTING)
async def test_a_receipt_says_which_message_it_means_and_how_it_ended(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    assert channel.abilities.receipts
    arrived = arrived_by(adapter)
    for state in adapter.says:
        posted = adapter.receipt(HOOK_URL, arrived, state, "e1")  # type: ignore[misc]
        reading = channel.read_hook(posted.request())
        (receipt,) = reading.receipts
        assert receipt.state == state and reading.not_understood == 0
        if channel.abilities.gives_references_back:
            assert receipt.reference == arrived.reference
        else:
            assert receipt.gateway_ref == arrived.gateway_ref and receipt.reference in ("", arrived.reference)
            assert receipt.address.endswith(arrived.address.removeprefix("+86"))
        assert bool(receipt.code) or state != "failed" or kind_says_no_code(adapter)
        assert arrived.address not in receipt.raw and arrived.address.removeprefix("+86") not in receipt.raw
    await channel.close()


def kind_says_no_code(adapter: Adapter) -> bool:
    """The generic SMS gateway need not give one."""
    return adapter.kind == "http_sms"


@pytest.mark.parametrize("kind", REPORTING)
async def test_a_gateway_that_repeats_itself_is_recognised_and_one_that_says_more_is_not(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    arrived = arrived_by(adapter)
    once, twice = (
        channel.read_hook(adapter.receipt(HOOK_URL, arrived, "delivered", "e1").request()).receipts  # type: ignore[misc]
        for _ in range(2)
    )
    other = channel.read_hook(
        adapter.receipt(HOOK_URL, replace(arrived, reference="1-2s-9", gateway_ref="ref-9"), "delivered", "e3").request()  # type: ignore[misc]
    ).receipts
    assert once[0].dedupe == twice[0].dedupe
    assert once[0].dedupe != other[0].dedupe
    if "failed" in adapter.says:
        failed = channel.read_hook(adapter.receipt(HOOK_URL, arrived, "failed", "e2").request()).receipts  # type: ignore[misc]
        assert failed[0].dedupe not in (once[0].dedupe, other[0].dedupe)
    await channel.close()


@pytest.mark.parametrize("kind", ANSWERED)
async def test_a_reply_comes_with_its_sender_and_text_and_once(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    assert channel.abilities.replies
    arrived = arrived_by(adapter)
    first, again, second = (
        channel.read_hook(adapter.reply(HOOK_URL, arrived, "1", event).request()).replies  # type: ignore[misc]
        for event in ("in-1", "in-1", "in-2")
    )
    assert first[0].text == "1" and first[0].address.endswith(arrived.address.removeprefix("+86"))
    assert first[0].dedupe == again[0].dedupe != second[0].dedupe
    assert first[0].reference in (None, arrived.reference)
    await channel.close()


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.forge))
async def test_a_forged_post_is_refused(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    genuine = [] if adapter.receipt is None else [adapter.receipt(HOOK_URL, arrived_by(adapter), "delivered", "e1")]
    genuine += [] if adapter.reply is None else [adapter.reply(HOOK_URL, arrived_by(adapter), "1", "e1")]
    for posted in genuine:
        channel.read_hook(posted.request())
        for number, forged in enumerate(adapter.forge(posted, HOOK_URL)):  # type: ignore[misc]
            with pytest.raises(HookRefusedError):
                channel.read_hook(forged.request())
                pytest.fail(f"{posted.what}: forgery {number} was believed")
    await channel.close()


@pytest.mark.parametrize("kind", having(lambda adapter: (adapter.receipt or adapter.reply) and not adapter.forge))
async def test_where_a_provider_signs_nothing_its_networks_can_be_told(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake, hook_networks=["198.51.100.0/24", "2001:db8::/32"])
    posted = adapter.receipt(HOOK_URL, arrived_by(adapter), "delivered", "e1")  # type: ignore[misc]
    for friend in ("198.51.100.7", "2001:db8::7", "::ffff:198.51.100.7"):
        assert channel.read_hook(posted.request(friend)).receipts
    for stranger in ("203.0.113.9", "2001:db9::7", "", "nonsense"):
        with pytest.raises(HookRefusedError):
            channel.read_hook(posted.request(stranger))
    await channel.close()


@pytest.mark.parametrize("kind", DEAF)
def test_a_channel_without_a_hook_refuses_every_post(kind: str) -> None:
    bare = {
        "apprise": {"service": "slack"},
        "dingtalk_work": {"app_key": "dingkey", "agent_id": 1},
    }
    entry = KINDS[kind]
    channel = entry.open(entry.settings.model_validate(bare.get(kind, {})), "")
    with pytest.raises(HookRefusedError):
        channel.read_hook(HookRequest("receipts", {}, {}, b"{}"))


_NAMES = (
    "receipts", "replies", "reference", "state", "from", "phone_number", "success", "out_id", "biz_id", "err_code", "mobile", "nationcode",
    "sid", "report_status", "text", "content", "time", "voicekey_callback", "voiceprompt_callback", "callid", "keypress", "call_id", "dtmf",
    "status_code", "result", "header", "event", "event_type", "action", "value", "message_id_list", "reader", "message",
)  # fmt: skip
_VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=20)
_DOCUMENTS = st.recursive(
    _VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=6), max_leaves=12
)
_KNOWN_NONSENSE = (
    b"", b"[]", b"{}", b"null", b"[null, 7, [], {}]", b'{"receipts": 7}', b'[{"phone_number": 5, "out_id": []}]', b"\xff\xfe", b"[" * 5000,
    b'{"voicekey_callback": []}', b'{"mobile": 1, "text": null}', b"MessageStatus=%ff&x=%00", b'{"a": 1' + b"0" * 400 + b"}",
)  # fmt: skip
NONSENSE = st.one_of(st.binary(max_size=200), st.sampled_from(_KNOWN_NONSENSE), _DOCUMENTS.map(lambda said: json.dumps(said).encode()))


@pytest.mark.parametrize("kind", HEARING)
async def test_nonsense_from_the_gateway_itself_is_counted_and_never_raised(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    assert adapter.sign is not None
    sign = adapter.sign

    @given(what=st.sampled_from(["receipts", "replies", "other"]), body=NONSENSE)
    @settings(deadline=None, database=None)
    def read(what: str, body: bytes) -> None:
        try:
            reading = channel.read_hook(sign(HOOK_URL, what, body).request())
        except HookRefusedError:
            return
        assert len(reading.receipts) + len(reading.replies) <= body.count(b"{") + body.count(b"=")

    read()
    await channel.close()
