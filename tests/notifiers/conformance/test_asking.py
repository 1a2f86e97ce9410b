"""A gateway that can say how a message stands is asked where it did not say: a lost answer is found again, a late receipt is fetched."""

from datetime import UTC, datetime

import pytest

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Accepted, Asked, Asking
from notifiers.delivery import asking, no_receipt, receipts
from tests.harness.clock import StoryClock
from tests.notifiers.conformance.adapter import WORD_FAULTS, Adapter, Fake
from tests.notifiers.conformance.adapters import ADAPTERS, having
from tests.notifiers.conformance.test_what_comes_back import Line, line
from tests.notifiers.steps import reaches
from tests.notifiers.town import SECRETS
from tocsin.base.work import Wakeups

ASKED = having(lambda adapter: adapter.asked)
__all__ = ["line"]


def asked_about(adapter: Adapter, number: int, gateway_ref: str) -> Asked:
    message = adapter.message(number)
    return Asked(message.reference, message.address, gateway_ref, datetime.now(UTC))


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.start))
async def test_it_says_honestly_whether_it_can_be_asked(kind: str, adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    assert channel.abilities.asks == KINDS[kind].asks == isinstance(channel, Asking) == bool(adapter.asked)
    await channel.close()


@pytest.mark.parametrize("kind", ASKED)
async def test_asked_it_says_how_the_message_stands_and_nothing_of_another(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake)
    assert isinstance(channel, Asking)
    (outcome, _) = [(await channel.send([adapter.message(number)]))[0] for number in (1, 2)]
    assert isinstance(outcome, Accepted) and outcome.gateway_ref
    about = asked_about(adapter, 1, outcome.gateway_ref)
    assert not await channel.ask(about)
    for state in adapter.asked:
        fake.script.stands = state
        (receipt,) = await channel.ask(about)
        assert (receipt.state, receipt.reference) == (state, about.reference)
        assert bool(receipt.code) == (state == "failed")
        assert about.address not in receipt.raw and about.address.removeprefix("+86") not in receipt.raw
    assert not await channel.ask(asked_about(adapter, 3, "99999"))
    await channel.close()


@pytest.mark.parametrize("kind", ASKED)
async def test_a_gateway_that_cannot_say_now_says_nothing(adapter: Adapter, fake: Fake) -> None:
    channel = adapter.open(fake, connect_seconds=0.4, total_seconds=0.4)
    assert isinstance(channel, Asking)
    (outcome,) = await channel.send([adapter.message(1)])
    assert isinstance(outcome, Accepted) and outcome.gateway_ref
    fake.script.stands = "delivered"
    for fault in (*WORD_FAULTS, "hang", "reset", "redirect", "garbage", "html", "empty", "cut", "huge", "unreadable", "taken_error"):
        # Whatever the body says: an answer that is broken, late or an error is no word about a message.
        if fault not in adapter.unspeakable:
            fake.script.fault = fault
            assert not await channel.ask(asked_about(adapter, 1, outcome.gateway_ref)), fault
    await channel.close()


async def ask(line: Line) -> int:
    """The chore asks, and what it heard is applied."""
    heard = await asking.run_once(line.database, SECRETS, Wakeups(line.database), "https://tocsin.example", line.town.community)
    await receipts.run_once(line.database, line.town.community)
    return heard


async def let_it_be_due(line: Line) -> None:
    """As if the wait were over."""
    await line.town.owner.execute("UPDATE inquiry SET ask_at = now() WHERE ask_at IS NOT NULL")


@pytest.mark.parametrize("kind", having(lambda adapter: adapter.asked_without_ref))
async def test_what_was_sent_and_never_answered_is_found_by_asking(line: Line) -> None:
    line.fake.script.fault = "taken_reset"
    await line.send(life_safety=False)
    assert await line.states() == ["unknown"] and await reaches(line.town) == ["unknown"]
    line.fake.script.fault = ""
    assert await ask(line) == 0, "not yet"
    await let_it_be_due(line)
    assert await ask(line) == 0 and await line.states() == ["unknown"]
    line.fake.script.stands = "delivered"
    await let_it_be_due(line)
    assert await ask(line) == 1
    assert await line.states() == ["delivered"] and await reaches(line.town) == ["confirmed"] and await line.town.sums_hold()


@pytest.mark.parametrize("kind", ["aliyun_sms"])
async def test_it_is_asked_three_times_and_never_again(line: Line) -> None:
    line.fake.script.fault = "taken_reset"
    await line.send(life_safety=False)
    line.fake.script.fault = ""
    before = line.fake.script.calls
    for _ in range(6):
        await let_it_be_due(line)
        await ask(line)
    assert line.fake.script.calls - before == 3 and await line.states() == ["unknown"]
    assert await line.town.owner.fetchval("SELECT count(*) FROM work WHERE lane = 'inquiries'") == 0


@pytest.mark.parametrize("kind", ASKED)
async def test_a_late_receipt_is_asked_for_before_it_is_given_up(line: Line, story: StoryClock) -> None:
    await line.send()
    line.fake.script.stands = "delivered"
    await story.forward_clock(minutes=3.1)
    await no_receipt.run_once(line.database, line.town.community)
    assert await reaches(line.town) == ["handed_over"]
    assert await ask(line) == 1
    assert await line.states() == ["delivered"] and await reaches(line.town) == ["confirmed"]


@pytest.mark.parametrize("kind", ["twilio"])
async def test_a_gateway_that_knows_nothing_more_delays_the_verdict_by_half_a_minute(line: Line, story: StoryClock) -> None:
    await line.send()
    await story.forward_clock(minutes=3.1)
    await no_receipt.run_once(line.database, line.town.community)
    assert await ask(line) == 0 and await reaches(line.town) == ["handed_over"]
    await story.forward_clock(minutes=0.6)
    await no_receipt.run_once(line.database, line.town.community)
    assert await reaches(line.town) == ["handed_over: no_receipt"] and await line.town.sums_hold()


def test_every_kind_that_can_be_asked_is_asked_here() -> None:
    assert {kind.name for kind in KINDS.values() if kind.asks} == {kind for kind, adapter in ADAPTERS.items() if adapter.asked}
