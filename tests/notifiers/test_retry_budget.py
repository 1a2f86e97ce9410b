"""A gateway that fails gets no storm: a tenth of what it is asked may be repeats, and alerts never wait for that."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from structlog.testing import capture_logs

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from notifiers.delivery import sending
from notifiers.delivery.claims import Claimed
from notifiers.delivery.outgoing import make_outgoing
from notifiers.delivery.retry_budget import ALWAYS_PER_SECOND, AT_FIRST, RetryBudget, Try
from notifiers.delivery.verdicts import CAP_SECONDS, Standing, judge, needs_look
from notifiers.delivery.worker import Sender
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.notifiers.steps import post, reaches
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base.database import Database

LATER = NotSent("http_503")


@pytest.fixture
async def fake() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


def calls_of_a_broadcast(size: int, failing: float, *, per_second: int, seconds: int) -> Counter[str]:
    """What a gateway sees in so many seconds that takes `per_second` tries at most and fails that share of them; first tries go first."""
    chance, budget, seen = random.Random(5), RetryBudget(), Counter[str]()
    waiting: list[tuple[float, int]] = [(0.0, 1)] * size
    for second in range(1, seconds + 1):
        waiting.sort()
        due = [one for one in waiting[:per_second] if one[0] <= second]
        del waiting[: len(due)]
        for _, attempts in due:
            outcome: Outcome = LATER if chance.random() < failing else Accepted()
            (wait,) = budget.hear(1, [Try(attempts, False, False, outcome)], at=float(second))
            seen["first" if attempts == 1 else "repeat"] += 1
            if outcome is LATER:
                standing = Standing(attempts, False, False, False, False, budget_seconds=wait)
                waiting.append((second + judge(outcome, standing, chance.random()).wait_seconds, attempts + 1))
    seen["left"] = len(waiting)
    return seen


@pytest.mark.parametrize("failing", [0.3, 0.6, 0.95])
def test_however_much_fails_repeats_are_a_tenth_of_what_a_gateway_is_asked(failing: float) -> None:
    seen = calls_of_a_broadcast(20_000, failing, per_second=500, seconds=40)
    assert seen["first"] > 17_000, "who was not tried yet comes first"
    taken = (1 - failing) * seen["repeat"]
    assert seen["repeat"] - taken <= 0.1 * seen["first"] + AT_FIRST + ALWAYS_PER_SECOND * 40, "repeats that failed"
    assert seen["repeat"] <= (0.1 if failing > 0.9 else 0.25) * seen["first"]


def test_a_gateway_that_is_well_again_is_caught_up_with_at_full_speed() -> None:
    budget, at = RetryBudget(), 100.0
    assert max(budget.hear(1, [Try(1, False, False, LATER)] * 200, at)) > 30
    budget.hear(1, [Try(2, False, False, Accepted())] * 200, at)
    assert budget.hear(1, [Try(1, False, False, LATER)], at) == [0.0]


def test_alerts_are_counted_and_never_wait_and_other_gateways_have_budgets_of_their_own() -> None:
    budget, at = RetryBudget(), 100.0
    assert set(budget.hear(1, [Try(1, True, False, LATER)] * 100, at)) == {0.0}
    (news,) = budget.hear(1, [Try(1, False, False, LATER)], at)
    assert news > 0 and budget.hear(2, [Try(1, False, False, LATER)], at) == [0.0]
    assert max(budget.hear(1, [Try(1, False, False, LATER)] * 5000, at)) == CAP_SECONDS


@pytest.mark.parametrize(
    ("outcome", "told_apart", "counts"),
    [
        (NotSent("claimed_too_long_ago"), False, False),
        (Refused("c", "r"), False, False),
        (Unknown("t"), False, False),
        (Unknown("t"), True, True),
    ],
)
def test_only_what_is_asked_again_counts(outcome: Outcome, told_apart: bool, counts: bool) -> None:
    waits = RetryBudget().hear(1, [Try(1, False, told_apart, outcome)] * 500, 1.0)
    assert (max(waits) > 0) == counts


def test_what_is_not_covered_takes_an_open_way_at_once_and_waits_where_there_is_none() -> None:
    spent = Standing(1, False, False, False, False, another_way=True, open_way=True, budget_seconds=40.0)
    assert needs_look(LATER, spent) and judge(LATER, spent, 0.5).state == "failed" and judge(LATER, spent, 0.5).onward
    alone = Standing(1, False, False, False, False, budget_seconds=40.0)
    assert (judge(LATER, alone, 0.5).state, judge(LATER, alone, 0.5).wait_seconds) == ("again", 40.0)


async def test_a_gateway_that_puts_everything_off_is_asked_a_little_more_than_once_for_each(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    await town.channel(await town.gateway("http_sms", settings=fake.settings()), "sms")
    home = await town.home("3-101")
    for number in range(120):
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(100 + number))
        await town.lives(person, home)
    fake.always, fake.retry_after_seconds = "later", 0.0
    await post(database, town, broadcast(home))
    begun = monotonic()
    await sender.run_once()
    always = ALWAYS_PER_SECOND * (monotonic() - begun)
    waits = await town.owner.fetch(
        "SELECT extract(epoch FROM due_at - clock_timestamp()) AS wait FROM delivery WHERE attempts = 1 ORDER BY 1"
    )
    assert fake.calls <= 120 + 12 + AT_FIRST + always + 1 and waits[-1]["wait"] > 5, "most of them wait for the budget"
    fake.always = None
    await town.owner.execute("UPDATE delivery SET due_at = clock_timestamp(); UPDATE work SET due_at = clock_timestamp()")
    await sender.run_once()
    assert len(fake.sent) == 120 and fake.repeated == []


async def test_a_message_that_cannot_be_made_keeps_no_other_of_its_batch(
    database: Database, town: Town, fake: SmsGateway, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(one: Claimed, *rest: object) -> object:
        if one.address == MOBILE.format(2):
            raise RecursionError
        return make_outgoing(one, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "make_outgoing", make)
    await town.channel(await town.gateway("http_sms", settings=fake.settings(batch_size=50)), "sms")
    await post(database, town, alert(*[await town.engineer(number) for number in (1, 2, 3)]))
    with capture_logs() as logs:
        await sender.run_once()
    assert [one.to for one in fake.sent] == [MOBILE.format(1), MOBILE.format(3)]
    assert await reaches(town) == ["handed_over", "unreachable: not_made", "handed_over"]
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["message_not_made"]
