"""Several gateways of a kind: the next one takes over, a dead one is set aside and comes back, and an account's rate is one for all."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from notifiers.channels.shape import Accepted, Refused, Unknown
from notifiers.delivery import no_receipt, permits
from notifiers.delivery.breaker import DEAD_CALLS, Breaker
from notifiers.delivery.failing_share import FailingShare
from notifiers.delivery.worker import Sender
from notifiers.gateway_changes import GatewayChange, change_gateway
from notifiers.gateways import NewGateway, add_gateway, gateways_set_aside, list_channels, test_channel
from notifiers.links import read_reference
from tests.harness.clock import StoryClock
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.notifiers.steps import post, reaches
from tests.notifiers.town import MOBILE, SECRETS, SETTINGS, Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

TRY = test_channel
TRY.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture
async def first() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


@pytest.fixture
async def second() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


async def connect_gateway(town: Town, fake: SmsGateway, name: str, rank: int, **given: float) -> tuple[int, int]:
    """A gateway that leads to the fake and the community's channel through it."""
    gateway = await town.gateway("http_sms", name=name, settings=fake.settings(total_seconds=0.4), **given)  # type: ignore[arg-type]
    return gateway, await town.channel(gateway, "sms", rank=rank)


async def a_moment_later(town: Town, sender: Sender, *, probe: bool = False, waited: int = 0) -> None:
    """Back-off and pauses have passed, and where asked the time until the next probe; what is away is waited for since `waited` minutes."""
    begun = f"clock_timestamp() - interval '{waited} minutes'"
    await town.owner.execute(f"UPDATE delivery SET due_at = {begun} WHERE state = 'queued'; UPDATE work SET due_at = clock_timestamp()")
    await town.owner.execute(
        f"UPDATE gateway_permit SET pause_until = NULL, set_aside_at = CASE WHEN set_aside_at IS NOT NULL THEN {begun} END"
    )
    due = "- interval '2 minutes'" if probe else "+ interval '1 hour'"
    await town.owner.execute(f"UPDATE gateway_permit SET probe_at = clock_timestamp() {due} WHERE probe_at IS NOT NULL")
    await sender.run_once()


async def households(town: Town, numbers: range) -> int:
    """One home, in which somebody lives for each of these numbers."""
    home = await town.home(f"3-{numbers.start}")
    for number in numbers:
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(number))
        await town.lives(person, home)
    return home


async def set_aside(database: Database) -> list[tuple[str, str]]:
    async with database.floor() as tx:
        return [(one.name, one.why) for one in await gateways_set_aside(tx)]


async def test_a_dead_gateway_is_set_aside_and_a_probe_brings_it_back(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway, sender: Sender
) -> None:
    await connect_gateway(town, first, "first", 0)
    await connect_gateway(town, second, "second", 1)
    await first.go_away()
    await post(database, town, broadcast(await households(town, range(100, 112))))
    with capture_logs() as logs:
        await sender.run_once()
        await a_moment_later(town, sender)
    assert len(second.sent) == 12 and second.repeated == [] and await reaches(town) == ["handed_over"] * 12
    assert await set_aside(database) == [("first", "no_answer")]
    assert [(one["event"], one["log_level"]) for one in logs if one["event"].startswith("gateway")] == [("gateway_set_aside", "error")]
    async with database.community(town.community) as tx:
        shown = {one.gateway_name: (one.set_aside_at is not None, one.set_aside_why) for one in await list_channels(tx)}
    assert shown == {"first": (True, "no_answer"), "second": (False, None)}

    await first.come_back()
    await post(database, town, alert(await town.engineer(1)))
    await sender.run_once()
    assert second.sent[-1].to == MOBILE.format(1) and first.calls == 0, "an alert that has another way is no probe"
    await post(database, town, broadcast(await households(town, range(200, 203)), key="news"))
    with capture_logs() as logs:
        await a_moment_later(town, sender, probe=True)
    assert first.calls == 1 and len(second.sent) == 15, "one probe, and the others do not wait for it"
    assert await set_aside(database) == [] and "gateway_taken_back" in [one["event"] for one in logs]
    await post(database, town, alert(await town.engineer(2), key="again"))
    await sender.run_once()
    assert first.sent[-1].to == MOBILE.format(2) and await town.sums_hold()


async def test_a_refused_account_costs_one_call_and_an_alert_takes_the_next_gateway_at_once(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway, sender: Sender
) -> None:
    gateway, channel = await connect_gateway(town, first, "first", 0)
    await connect_gateway(town, second, "second", 1)
    first.always = "no_credit"
    for number in range(1, 4):
        await post(database, town, alert(await town.engineer(number), key=f"alert/{number}"))
        await sender.run_once()
    assert first.calls == 1 and [one.to for one in second.sent] == [MOBILE.format(number) for number in range(1, 4)]
    assert await set_aside(database) == [("first", "no_credit")]
    first.always = None
    await TRY(database, SECRETS, community_id=town.community, channel_id=channel, address=MOBILE.format(9))
    assert await set_aside(database) == [], "it took a test message"
    first.always = "no_credit"
    await post(database, town, alert(await town.engineer(4), key="alert/4"))
    await sender.run_once()
    assert await set_aside(database) == [("first", "no_credit")]
    async with database.floor() as tx:
        await change_gateway(tx, gateway, GatewayChange(rate_per_second=90.0), SECRETS)
    assert await set_aside(database) == [], "it was changed, so it is tried again"


async def test_one_number_that_is_refused_again_and_again_sets_no_gateway_aside(
    database: Database, town: Town, first: SmsGateway, sender: Sender
) -> None:
    await connect_gateway(town, first, "first", 0)
    first.always = "refuse"
    await post(database, town, alert(*[await town.engineer(number) for number in range(20)]))
    await sender.run_once()
    assert first.calls == 20 and await set_aside(database) == []


async def test_the_last_way_of_an_alert_is_tried_also_by_a_gateway_that_was_set_aside(
    database: Database, town: Town, first: SmsGateway, sender: Sender
) -> None:
    await connect_gateway(town, first, "first", 0)
    await first.go_away()
    await post(database, town, alert(*[await town.engineer(number) for number in range(8)]))
    await sender.run_once()
    assert await set_aside(database) == [("first", "no_answer")]
    await first.come_back()
    await a_moment_later(town, sender)
    assert len(first.sent) == 8 and await set_aside(database) == []


@pytest.mark.parametrize(("life_safety", "minutes"), [(True, 3), (False, 15)])
async def test_news_without_another_way_wait_for_the_gateway_as_long_as_for_a_receipt_and_then_become_work_for_the_door(
    database: Database, town: Town, first: SmsGateway, sender: Sender, life_safety: bool, minutes: int
) -> None:
    await connect_gateway(town, first, "first", 0)
    await first.go_away()
    home = await households(town, range(100, 108))
    await post(database, town, broadcast(home, life_safety=life_safety, expires_seconds=86_400))
    await sender.run_once()
    await a_moment_later(town, sender, probe=True, waited=minutes - 1)
    assert await reaches(town) == ["trying"] * 8
    await a_moment_later(town, sender, waited=minutes)
    assert await reaches(town) == ["unreachable: gateway_set_aside"] * 8 and await town.sums_hold()


async def test_whatever_gateways_do_nobody_is_told_twice_unless_it_was_uncertain_and_life_is_at_stake(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway, sender: Sender
) -> None:
    chance = random.Random(20)
    async with sms_gateway() as third:
        fakes = (first, second, third)
        for rank, fake in enumerate(fakes):
            await connect_gateway(town, fake, f"gateway {rank}", rank)
        messages = {
            (await post(database, town, alert(*[await town.engineer(n) for n in range(25)], key="life"))).message_id: True,
            (
                await post(database, town, alert(*[await town.engineer(n) for n in range(30, 55)], key="no", life_safety=False))
            ).message_id: False,
            (await post(database, town, broadcast(await households(town, range(60, 85))))).message_id: False,
        }
        faults = ["refuse", "no_credit", "later", "error", "sent_error", "nonsense", "reset"]
        for _ in range(60):
            for fake in fakes:
                fake.faults.extend(chance.choice(faults) for _ in range(chance.randint(0, 12)))
            await a_moment_later(town, sender, probe=chance.random() < 0.5, waited=chance.randint(0, 5))
            if not await town.owner.fetchval("SELECT EXISTS (SELECT FROM delivery)"):
                break
        told = Counter((read_reference(one.reference).message_id, one.to) for fake in fakes for one in fake.sent)
    uncertain = await town.owner.fetch(
        "SELECT DISTINCT d.message_id, d.address FROM delivery_attempt AS t JOIN delivery_all AS d USING (community_id, message_id, no)"
        " WHERE t.outcome = 'unknown'"
    )
    twice = {key for key, times in told.items() if times > 1}
    assert twice <= {tuple(row) for row in uncertain} and all(messages[message] for message, _ in twice)
    assert twice, "somebody whose life was at stake was rather told twice than not at all"
    assert not await town.owner.fetchval("SELECT count(*) FROM delivery") and await town.sums_hold()
    untold = await town.owner.fetch("SELECT message_id, address FROM audience_member WHERE reach = 'unreachable'")
    assert not {tuple(row) for row in untold} & set(told), "who was told is not called unreachable"


async def another_community(town: Town) -> Town:
    """Of the same company."""
    made = await town.owner.fetchval(
        "INSERT INTO community (company_id, names, zone, languages, default_language, desk_phone, created_at)"
        " SELECT company_id, names, zone, languages, default_language, desk_phone, created_at FROM community WHERE id = $1 RETURNING id",
        town.community,
    )
    return Town(town.owner, int(made))


async def test_two_communities_and_two_senders_share_the_rate_of_one_account(
    database: Database, town: Town, first: SmsGateway, sender: Sender
) -> None:
    """One gateway that both use, and a second one by the same key: together they take what the account takes, alerts their share."""
    other_town, other = await another_community(town), Sender(database, SECRETS, Wakeups(database), SETTINGS)
    company = await town.owner.fetchval("SELECT company_id FROM community WHERE id = $1", town.community)
    new = NewGateway(company, "http_sms", "one", first.settings(), "a secret of sixteen", rate_per_second=0.001, burst=20)
    async with database.floor() as tx:
        one = await add_gateway(tx, new, SECRETS)
        twin = await add_gateway(tx, replace(new, name="twin", rate_per_second=100.0, burst=100), SECRETS)
        stranger = await add_gateway(tx, replace(new, name="stranger", secret="another secret of ours"), SECRETS)
    sharing = {row["id"]: row["shares_rate_of"] for row in await town.owner.fetch("SELECT id, shares_rate_of FROM gateway")}
    assert sharing == {one: None, twin: one, stranger: None}
    await town.channel(one, "sms")
    await other_town.channel(twin, "sms")
    await post(database, town, broadcast(await households(town, range(100, 130))))
    await post(database, other_town, broadcast(await households(other_town, range(200, 230))))
    await asyncio.gather(sender.run_once(), other.run_once())
    assert len(first.sent) == 16, "four fifths of the burst, whoever asks"
    await post(database, town, alert(*[await town.engineer(number) for number in range(10)]))
    await post(database, other_town, alert(*[await other_town.engineer(number) for number in range(10, 20)]))
    await asyncio.gather(sender.run_once(), other.run_once())
    assert len(first.sent) == 20 and first.repeated == []
    await other.close()


async def test_a_gateway_that_is_away_for_a_moment_costs_nobody_of_a_long_broadcast(
    database: Database, town: Town, first: SmsGateway, sender: Sender, story: StoryClock
) -> None:
    """Who waited for minutes for a turn at the gateway's rate has not waited for the gateway yet."""
    await connect_gateway(town, first, "first", 0, burst=10)
    await post(database, town, broadcast(await households(town, range(100, 130)), life_safety=True, expires_seconds=86_400))
    await town.owner.execute("UPDATE delivery SET due_at = due_at - interval '4 minutes'")
    await story.forward_clock(minutes=4)
    await first.go_away()
    await sender.run_once()
    assert await set_aside(database) == [("first", "no_answer")] and await reaches(town) == ["trying"] * 30
    await first.come_back()
    await a_moment_later(town, sender, probe=True)
    assert await reaches(town) == ["handed_over"] * 30 and len(first.sent) == 30 and await town.sums_hold()


async def test_a_way_taken_late_is_waited_for_from_then_on(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway, sender: Sender, story: StoryClock
) -> None:
    """An alert whose receipt was late goes on to a gateway that asked for a moment, and leaves by it when that is over."""
    await connect_gateway(town, first, "first", 0)
    gateway, _ = await connect_gateway(town, second, "second", 1)
    await post(database, town, alert(await town.engineer(1), expires_seconds=86_400))
    await sender.run_once()
    await story.forward_clock(minutes=4)
    await no_receipt.run_once(database, town.community)
    await permits.reserve(database, gateway, 1, "alert")
    await permits.pause(database, gateway, 30.0)
    await sender.run_once()
    assert len(first.sent) == 1 and second.calls == 0
    await a_moment_later(town, sender)
    assert len(second.sent) == 1 and await town.sums_hold()


async def test_an_alert_that_came_too_late_for_the_patience_is_tried_all_the_same_by_a_gateway_that_was_set_aside(
    database: Database, town: Town, first: SmsGateway, sender: Sender, story: StoryClock
) -> None:
    """The service was away itself; the gateway is back since then."""
    gateway, _ = await connect_gateway(town, first, "first", 0)
    await Breaker(database).hear(gateway, [Refused("no_credit", "x", account=True)], set_aside=False)
    await post(database, town, alert(await town.engineer(1), expires_seconds=86_400))
    await town.owner.execute(
        "UPDATE delivery SET due_at = due_at - interval '4 minutes'; UPDATE gateway_permit SET set_aside_at = set_aside_at - interval '1 day'"
    )
    await story.forward_clock(minutes=4)
    await sender.run_once()
    assert len(first.sent) == 1 and await set_aside(database) == []


async def refuse_writes(town: Town, table: str, when: str) -> None:
    """From now on the database refuses such rows."""
    await town.owner.execute(
        "CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;"
        f"CREATE TRIGGER refuse_it BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_it()"
    )


async def test_what_came_of_a_call_counts_also_where_the_gateway_s_state_cannot_be_noted(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway, sender: Sender
) -> None:
    await connect_gateway(town, first, "first", 0)
    await connect_gateway(town, second, "second", 1)
    await refuse_writes(town, "gateway_permit", "NEW.set_aside_at IS NOT NULL")
    first.always = "no_credit"
    await post(database, town, alert(await town.engineer(1)))
    with capture_logs() as logs:
        await sender.run_once()
    assert [one.to for one in second.sent] == [MOBILE.format(1)] and first.calls == 1
    assert "gateway_state_not_noted" in [one["event"] for one in logs]


async def test_a_community_whose_ledger_cannot_be_written_keeps_no_other_waiting(
    database: Database, town: Town, first: SmsGateway, sender: Sender
) -> None:
    gateway, _ = await connect_gateway(town, first, "first", 0)
    other_town = await another_community(town)
    await other_town.channel(gateway, "sms")
    await refuse_writes(town, "delivery_settled", f"NEW.community_id = {town.community}")
    line = sender.lines[0]
    await post(database, town, alert(await town.engineer(1)))
    await line.turn()
    await line.drain()
    await post(database, town, alert(await town.engineer(2), key="call#2/1"))
    await post(database, other_town, alert(await other_town.engineer(3)))
    with capture_logs() as logs:
        await line.turn()
        await line.drain()
        await line.turn()
    assert first.sent[-1].to == MOBILE.format(3) and await reaches(other_town) == ["trying", "trying", "handed_over"]
    assert "turn_failed" in [one["event"] for one in logs]
    await town.owner.execute("DROP TRIGGER refuse_it ON delivery_settled")
    await sender.run_once()
    assert len(first.sent) == 3 and first.repeated == [] and await reaches(town) == ["handed_over"] * 3


async def test_an_alert_does_not_leave_a_short_pause_for_a_longer_one(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway, sender: Sender
) -> None:
    """Nor for another gateway of the same account, whose pause is the same; but a longer one for a shorter."""
    one, _ = await connect_gateway(town, first, "first", 0)
    other, _ = await connect_gateway(town, second, "second", 1)
    for gateway, seconds in ((one, 60.0), (other, 600.0)):
        await permits.reserve(database, gateway, 1, "alert")
        await permits.pause(database, gateway, seconds)
    await post(database, town, alert(await town.engineer(1)))
    await sender.run_once()
    await town.owner.execute("UPDATE gateway_permit SET pause_until = NULL WHERE gateway_id = $1", one)
    await sender.run_once()
    assert [len(fake.sent) for fake in (first, second)] == [1, 0]
    await permits.pause(database, one, 1200.0)
    await post(database, town, alert(await town.engineer(2), key="call#2/1"))
    await sender.run_once()
    await a_moment_later(town, sender)
    assert [len(fake.sent) for fake in (first, second)] == [1, 1]
    await permits.pause(database, other, 600.0)
    await Breaker(database).hear(one, [Refused("no_credit", "x", account=True)], set_aside=False)
    await post(database, town, alert(await town.engineer(3), key="call#3/1"))
    await sender.run_once()
    assert [len(fake.sent) for fake in (first, second)] == [2, 1], "rather by one that is believed dead"
    assert await town.sums_hold()


async def test_what_another_worker_tried_meanwhile_is_not_sent_by_another_way(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway, sender: Sender
) -> None:
    """Its try ended uncertain between the look at the queue and the detour."""
    gateway, _ = await connect_gateway(town, first, "first", 0)
    await connect_gateway(town, second, "second", 1)
    await Breaker(database).hear(gateway, [Refused("no_credit", "x", account=True)], set_aside=False)
    await post(database, town, broadcast(await households(town, range(100, 101))))
    await town.owner.execute("UPDATE gateway_permit SET probe_at = clock_timestamp() + interval '1 hour'")
    async with town.owner.transaction():
        await town.owner.execute("SELECT FROM message FOR UPDATE")
        turn = asyncio.create_task(sender.lines[1].turn())
        while not await town.owner.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            assert not turn.done()
            await asyncio.sleep(0.01)
        await town.owner.execute("UPDATE delivery SET maybe_sent = true, token = token + 1, attempts = attempts + 1")
    await turn
    await sender.run_once()
    assert second.sent == [] and await reaches(town) == ["trying"] and await town.sums_hold()


async def test_a_gateway_that_another_worker_took_back_is_judged_anew(database: Database, town: Town, first: SmsGateway) -> None:
    gateway, _ = await connect_gateway(town, first, "first", 0)
    one, other = Breaker(database), Breaker(database)
    for _ in range(DEAD_CALLS + 1):
        await one.hear(gateway, [Unknown("no_answer_in_time")], set_aside=False)
    await other.hear(gateway, [Accepted()], set_aside=True)
    await one.hear(gateway, [Unknown("no_answer_in_time")], set_aside=False)
    assert await set_aside(database) == [], "one lost answer is not five in a row"
    for _ in range(DEAD_CALLS):
        await one.hear(gateway, [Unknown("no_answer_in_time")], set_aside=False)
    assert await set_aside(database) == [("first", "no_answer")]


ANSWERS = st.lists(st.tuples(st.sampled_from((0, 0, 0, 1, 4, 12)), st.booleans()), max_size=120)


@given(ANSWERS)
def test_a_gateway_fails_too_many_where_half_of_twenty_calls_in_ten_seconds_did(answers: list[tuple[int, bool]]) -> None:
    share, now, heard = FailingShare(), 100, list[tuple[int, bool]]()
    for later, failed in answers:
        now += later
        heard.append((now, failed))
        lately = [one for at, one in heard if at > now - 10]
        assert share.hear(now + 0.5, failed=failed) == (failed and len(lately) >= 20 and 2 * sum(lately) >= len(lately))
        assert share.is_well == (not any(lately))


async def test_one_that_fails_half_of_its_calls_is_left_for_another_and_kept_where_it_is_the_only_one(
    database: Database, town: Town, first: SmsGateway, second: SmsGateway
) -> None:
    gateway, _ = await connect_gateway(town, first, "first", 0)

    async def calls(breaker: Breaker, count: int) -> list[tuple[str, str]]:
        for number in range(count):
            await breaker.hear(gateway, [Accepted() if number % 2 else Unknown("time_out")], set_aside=False, medium="sms")
        return await set_aside(database)

    assert await calls(Breaker(database), 60) == []
    await connect_gateway(town, second, "second", 1)
    breaker = Breaker(database)
    assert await calls(breaker, 18) == [], "too few to judge"
    assert await calls(breaker, 4) == [("first", "often_no_answer")]


async def test_a_gateway_that_was_changed_does_not_wait_for_the_end_of_the_pause_it_asked_for_before(
    database: Database, town: Town, first: SmsGateway, sender: Sender
) -> None:
    gateway, _ = await connect_gateway(town, first, "first", 0)
    await permits.reserve(database, gateway, 1, "alert")
    await permits.pause(database, gateway, 3600.0)
    await post(database, town, alert(await town.engineer(1)))
    await sender.run_once()
    assert first.calls == 0
    async with database.floor() as tx:
        await change_gateway(tx, gateway, GatewayChange(rate_per_second=90.0), SECRETS)
    await sender.run_once()
    assert len(first.sent) == 1
