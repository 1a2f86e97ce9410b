"""Whatever a gateway or the way to it does: an outcome, in time, and never a wrong one.

What was taken is never called refused or not sent; what was surely not taken is never called accepted; what cannot be known is unknown.
"""

import asyncio
import socket
import threading
from pathlib import Path
from time import monotonic

import pytest

from notifiers.channels.shape import Accepted, NotSent, Refused, Unknown
from tests.notifiers.conformance.adapter import NOT_TAKEN_FAULTS, TAKEN_FAULTS, Adapter, Fake
from tests.notifiers.conformance.adapters import ADAPTERS, having
from tests.notifiers.conformance.conftest import certificate
from tests.notifiers.conformance.http_fake import HttpFake

NETWORKED = having(lambda adapter: adapter.start)
SHORT = {"connect_seconds": 0.4, "total_seconds": 0.8}
GENEROUS_SECONDS = 15.0


@pytest.mark.parametrize(
    ("kind", "fault"), [(kind, fault) for kind in NETWORKED for fault in TAKEN_FAULTS if fault not in ADAPTERS[kind].unspeakable]
)
async def test_what_the_gateway_took_without_saying_so_is_unknown(adapter: Adapter, fake: Fake, fault: str) -> None:
    channel = adapter.open(fake, **SHORT)
    fake.script.fault = fault
    began = monotonic()
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, Unknown), outcome
    assert len(fake.script.arrived) == 1 and monotonic() - began < GENEROUS_SECONDS
    fake.script.fault = ""
    assert isinstance((await channel.send([adapter.message(2)]))[0], Accepted), "the next message goes its way"
    await channel.close()


@pytest.mark.parametrize("kind", ["wecom_app", "dingtalk_work", "feishu_app"])
async def test_where_the_token_is_not_to_be_had_nothing_was_sent_whatever_goes_wrong(kind: str, adapter: Adapter, fake: Fake) -> None:
    assert isinstance(fake, HttpFake) and fake.prelude
    channel = adapter.open(fake, **SHORT)
    fake.prelude_too = True
    for fault in (*NOT_TAKEN_FAULTS, "redirect", "garbage", "html", "empty", "cut", "huge", "unreadable", "taken_error"):
        fake.script.fault = fault
        (outcome,) = await channel.send([adapter.message(1)])
        assert isinstance(outcome, NotSent | Refused), (fault, outcome)
    assert fake.script.arrived == [] and fake.script.strayed == 0
    fake.script.fault = ""
    assert isinstance((await channel.send([adapter.message(1)]))[0], Accepted)
    await channel.close()


@pytest.mark.parametrize(("kind", "fault"), [(kind, fault) for kind in NETWORKED for fault in NOT_TAKEN_FAULTS])
async def test_silence_before_it_took_anything_is_not_an_answer(adapter: Adapter, fake: Fake, fault: str) -> None:
    channel = adapter.open(fake, **SHORT)
    fake.script.fault = fault
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, Unknown | NotSent if adapter.not_taken_is_certain else Unknown), outcome
    assert fake.script.arrived == []
    await channel.close()


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.start and "gb18030" not in adapter.unspeakable))
async def test_an_answer_in_the_gateway_s_own_character_set_is_read(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    fake.script.fault = "gb18030"
    assert isinstance((await channel.send([adapter.message(1)]))[0], Accepted)
    await channel.close()


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.start and "redirect" not in adapter.unspeakable))
async def test_a_redirect_is_never_followed(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    fake.script.fault = "redirect"
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, Refused) and outcome.account
    assert fake.script.strayed == 0
    await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_where_nobody_listens_nothing_was_sent(adapter: Adapter, fake: Fake, closed_port: int) -> None:
    channel = adapter.open(fake, **_elsewhere(fake, closed_port), **SHORT)
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, NotSent), outcome
    await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_a_connection_that_is_not_taken_in_time_has_sent_nothing(adapter: Adapter, fake: Fake, deaf_port: int) -> None:
    channel = adapter.open(fake, **_elsewhere(fake, deaf_port), **SHORT)
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, NotSent), outcome
    await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("expired", [True, False])
async def test_an_expired_certificate_or_a_stranger_s_ends_it_before_anything_is_said(
    adapter: Adapter, tmp_path: Path, expired: bool
) -> None:
    context, pem = certificate(tmp_path, expired=expired)
    assert adapter.start is not None
    async with adapter.start(context) as fake:
        stranger = {} if not expired else {"trusted_certificate": pem}
        channel = adapter.open(fake, **stranger)
        assert await channel.send([adapter.message(1)]) == [NotSent("tls")]
        assert fake.script.arrived == [] and fake.script.calls == 0
        await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_over_tls_a_message_arrives(adapter: Adapter, tmp_path: Path) -> None:
    context, pem = certificate(tmp_path, expired=False)
    assert adapter.start is not None
    async with adapter.start(context) as fake:
        channel = adapter.open(fake, trusted_certificate=pem)
        assert isinstance((await channel.send([adapter.message(1)]))[0], Accepted)
        await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_a_name_that_leads_nowhere_has_sent_nothing(adapter: Adapter, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    channel = adapter.open(fake, **_named(fake, "gateway.example"))
    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, NotSent), outcome
    await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_a_name_server_that_stalls_holds_up_nobody_and_nothing_was_sent(
    adapter: Adapter, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken = threading.Event()

    def stall(*_: object, **__: object) -> None:
        woken.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    channel = adapter.open(fake, **_named(fake, "gateway.example"), **SHORT)
    monkeypatch.setattr(socket, "getaddrinfo", stall)
    began = monotonic()
    try:
        outcomes = await asyncio.gather(*(channel.send([adapter.message(number)]) for number in range(8)))
    finally:
        woken.set()
    assert all(isinstance(outcome, NotSent) for (outcome,) in outcomes), outcomes
    assert monotonic() - began < GENEROUS_SECONDS
    await channel.close()


def _elsewhere(fake: Fake, port: int) -> dict[str, object]:
    """The settings that lead to another port of loopback."""
    settings = fake.settings()
    if "port" in settings:
        return {"port": port}
    return {name: f"http://127.0.0.1:{port}/" for name, value in settings.items() if _is_url(value)}


def _named(fake: Fake, host: str) -> dict[str, object]:
    """The settings that lead to a host by name."""
    settings = fake.settings()
    allowed = {"allow_private_addresses": [host]}
    if "host" in settings:
        return {"host": host, **allowed}
    urls = {name: str(value).replace("127.0.0.1", host) for name, value in settings.items() if _is_url(value)}
    return {**urls, **allowed}


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://127.0.0.1", "https://127.0.0.1"))
