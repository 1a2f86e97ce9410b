"""What a gateway says in its own words is understood; what it took is exactly what was meant."""

from dataclasses import replace

import pytest

from notifiers.channels.by_hand.channel import ByHandChannel
from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Fake
from tests.notifiers.conformance.adapters import having

NETWORKED = having(lambda adapter: adapter.start)


@pytest.mark.parametrize("kind", NETWORKED)
async def test_a_message_arrives_whole_under_its_reference(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    message = adapter.message(1)
    assert await channel.send([message]) == [Accepted(fake.script.arrived[0].gateway_ref or None)]
    (arrived,) = fake.script.arrived
    assert fake.script.forged == 0 and fake.script.calls == 1
    assert (arrived.address, arrived.reference) == (message.address, message.reference if adapter.names_messages else "")
    if message.template is None:
        assert arrived.text == message.text + adapter.note
    else:
        assert arrived.text == message.template.code
        assert sorted(arrived.variables) == sorted(message.template.variables.values())
    await channel.close()


@pytest.mark.parametrize("kind", having(lambda adapter: True))
async def test_a_batch_has_one_outcome_each_in_order(adapter: Adapter) -> None:
    if adapter.start is None:
        assert await ByHandChannel().send([adapter.message(number) for number in range(3)]) == [Accepted()] * 3
        return
    async with adapter.start(None) as fake:
        channel = adapter.open(fake)
        batch = [adapter.message(number) for number in range(1, min(25, channel.abilities.batch_size) + 1)]
        outcomes = await channel.send(batch)
        by_address = {arrived.address: arrived for arrived in fake.script.arrived}
        assert outcomes == [Accepted(by_address[message.address].gateway_ref or None) for message in batch]
        assert len(fake.script.arrived) == len(batch)
        await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_a_batch_of_which_some_are_refused_says_which(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    batch = [adapter.message(number) for number in range(1, 25)]
    fake.script.refused = {message.address for message in batch[1::2]}
    outcomes: list[Outcome] = []
    for start in range(0, len(batch), channel.abilities.batch_size):
        outcomes += await channel.send(batch[start : start + channel.abilities.batch_size])
    for message, outcome in zip(batch, outcomes, strict=True):
        if message.address in fake.script.refused:
            assert isinstance(outcome, Refused) and outcome.code and not outcome.account
        else:
            assert isinstance(outcome, Accepted)
    assert {one.address for one in fake.script.arrived} == {message.address for message in batch[::2]}
    await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_a_refusal_is_one_whatever_status_it_comes_in_and_tells_whose_fault_it_is(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    for fault, account in (("refuse", False), ("refuse_account", True)):
        fake.script.fault = fault
        (outcome,) = await channel.send([adapter.message(1)])
        assert isinstance(outcome, Refused) and outcome.account is account and outcome.code and outcome.reason, (fault, outcome)
    assert fake.script.arrived == []
    await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
async def test_a_gateway_that_says_later_has_not_sent_and_its_own_wait_is_kept(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    fake.script.fault = "later"
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, NotSent) and outcome.retry_after_seconds is None
    if "later_in" not in adapter.unspeakable:
        fake.script.fault = "later_in"
        (outcome,) = await channel.send([adapter.message(1)])
        assert isinstance(outcome, NotSent) and outcome.retry_after_seconds == pytest.approx(WAIT_SECONDS, abs=1)
    assert fake.script.arrived == []
    await channel.close()


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.start and "unsure" not in adapter.unspeakable))
async def test_a_gateway_that_does_not_know_is_not_read_as_a_no(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    fake.script.fault = "unsure"
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, Unknown)
    await channel.close()


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.templates))
async def test_a_text_without_a_registered_template_is_refused_before_anything_is_sent(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    (bare, mapped) = await channel.send([replace(adapter.message(1), template=None), adapter.message(2)])
    assert bare == Refused("template_missing", "template_missing", account=True)
    assert isinstance(mapped, Accepted) and [one.address for one in fake.script.arrived] == [adapter.address(2)]
    await channel.close()
