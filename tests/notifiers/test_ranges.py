"""News to many wait, leave and are settled as ranges; what becomes unusual in one becomes a row, and nothing else is different."""

import asyncio
from uuid import uuid4

import pytest

from notifiers.announcements import confirm_persons, resume, stop
from notifiers.announcements.progress import progress
from notifiers.channels.shape import Accepted, NotSent, ReceiptIn, Refused, Unknown
from notifiers.delivery import clock_steps, fan_out, leases, receipts
from notifiers.delivery.pausing import pause, unpause
from notifiers.delivery.worker import Sender
from notifiers.links import make_reference
from tests.harness.clock import StoryClock
from tests.harness.oracle import RULES
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import MOBILE, Town, broadcast
from tocsin.base.database import Database


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out, "RANGE_FROM", 2)
    monkeypatch.setattr(fan_out, "RANGE", 5)


async def told(database: Database, town: Town, count: int, *, expires_seconds: float = 7200.0) -> tuple[int, list[int]]:
    """News to so many who each have a number; the message and the people."""
    home, people = await town.home("3-101"), []
    for number in range(count):
        people.append(await town.person(kind="resident"))
        await town.contact(people[-1], MOBILE.format(number))
        await town.lives(people[-1], home)
    return (await post(database, town, broadcast(home, expires_seconds=expires_seconds))).message_id, people


async def rows(town: Town) -> int:
    """How many deliveries have a row of their own in the queue."""
    count: int = await town.owner.fetchval("SELECT count(*) FROM delivery")
    return count


async def all_is_well(town: Town) -> bool:
    """Every delivery is final, and every claim has exactly one word that counted."""
    rules = ("a delivery is not final", "a member was lost", "a denominator does not sum", "of a claim not exactly one word counted")
    return not [row for name in rules for row in await town.owner.fetch(RULES[name])]


async def test_many_are_queued_claimed_and_settled_without_a_row_of_their_own(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await told(database, town, 12)
    assert await town.owner.fetchval("SELECT array_agg(deliveries ORDER BY first_no) FROM delivery_range") == [5, 5, 2]
    claims = await asyncio.gather(*[take(database, town, channel, room=4, lane="urgent") for _ in range(4)])
    claims.append(await take(database, town, channel, room=40, lane="urgent"))
    assert sorted(one.no for claimed in claims for one in claimed) == list(range(1, 13))
    assert await rows(town) == 0 and await states(town) == [(no, "sending") for no in range(1, 13)]
    for claimed in claims:
        results = [came(one, Accepted(f"ref-{one.no}")) for one in claimed]
        for some in (results[:1], results, results):
            await finish(database, town, *some)
    assert await reaches(town) == ["handed_over"] * 12 and await all_is_well(town)
    assert await town.owner.fetchval("SELECT count(DISTINCT gateway_ref) FROM delivery_settled WHERE taken_at_once") == 12
    assert await town.owner.fetchval("SELECT count(*) FROM delivery_attempt") == 0 and await town.sums_hold()


async def test_what_was_refused_or_not_sent_becomes_a_row_and_takes_its_own_course(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await told(database, town, 4)
    one, two, three, four = await take(database, town, channel, lane="urgent")
    results = [came(one, Refused("bad_number", "x")), came(two, NotSent("http_503")), came(three, Accepted()), came(four, Unknown("reset"))]
    await finish(database, town, *results)
    await finish(database, town, *results)
    assert await states(town) == [(1, "failed"), (2, "queued"), (3, "accepted"), (4, "unknown")]
    (again,) = await take(database, town, channel, lane="urgent", ahead=60)
    assert (again.no, again.token, again.attempts, again.range_id) == (2, 2, 2, 0)
    await finish(database, town, came(again, Accepted()))
    assert await reaches(town) == ["unreachable: bad_number", "handed_over", "handed_over", "unknown"]
    assert await all_is_well(town) and await town.sums_hold()


async def test_of_a_sender_that_died_the_rest_is_judged_and_its_late_word_changes_nothing(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await told(database, town, 4)
    claimed = await take(database, town, channel, lane="urgent", lease_seconds=-1.0)
    await finish(database, town, came(claimed[0], Accepted()))
    assert await leases.run_once(database, town.community) == 3
    await finish(database, town, *[came(one, Accepted()) for one in claimed])
    assert await reaches(town) == ["handed_over", "unknown", "unknown", "unknown"]
    assert await town.owner.fetchval("SELECT count(*) FROM delivery_attempt WHERE seq = 1") == 3, "late words leave a trace"
    assert await all_is_well(town) and await town.sums_hold()


async def test_who_knows_by_now_is_passed_over_also_when_the_sender_dies(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    message, people = await told(database, town, 4)
    async with database.community(town.community) as tx:
        await confirm_persons(tx, [(message, people[1])])
    assert [one.no for one in await take(database, town, channel, lane="urgent", lease_seconds=-1.0)] == [1, 3, 4]
    async with database.community(town.community) as tx:
        await confirm_persons(tx, [(message, people[3])])
    assert await leases.run_once(database, town.community) == 3, "of the fourth nobody knows whether it left"
    assert [no for no, _ in await states(town)] == [1, 3, 4]
    assert await reaches(town) == ["unknown", "confirmed", "unknown", "confirmed"] and await all_is_well(town)


async def test_a_receipt_before_the_response_waits_for_it(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    channel = await town.channel(gateway, "sms")
    message, _ = await told(database, town, 3)
    claimed = await take(database, town, channel, lane="urgent")
    async with database.community(town.community) as tx:
        said = ReceiptIn(make_reference(town.community, message, 2), "delivered", "DELIVRD", "{}", uuid4().hex)
        await receipts.record(tx, gateway, said)
    assert await receipts.run_once(database, town.community) == 0
    await finish(database, town, *[came(one, Accepted()) for one in claimed])
    assert await town.owner.fetchval("SELECT due_at <= clock_timestamp() FROM work WHERE lane = 'receipts'")
    assert await receipts.run_once(database, town.community) == 1
    assert await reaches(town) == ["handed_over", "confirmed", "handed_over"] and await town.sums_hold()


async def test_a_stop_and_its_resume_tell_nobody_twice_whatever_is_on_the_wire(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    message, _ = await told(database, town, 12)
    gone = await take(database, town, channel, room=3, lane="urgent")
    async with database.community(town.community) as tx:
        assert await stop(tx, [message]) == 9
    assert await take(database, town, channel, lane="urgent") == []
    async with database.community(town.community) as tx:
        await resume(tx, message)
    await finish(database, town, *[came(one, Accepted()) for one in gone])
    rest = await take(database, town, channel, lane="urgent")
    assert sorted(one.no for one in [*gone, *rest]) == list(range(1, 13))
    await finish(database, town, *[came(one, Accepted()) for one in rest])
    assert await reaches(town) == ["handed_over"] * 12 and await all_is_well(town) and await town.sums_hold()


async def test_paused_they_wait_and_past_their_time_they_end_as_work_for_the_door(
    database: Database, town: Town, sender: Sender, story: StoryClock
) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    message, _ = await told(database, town, 7, expires_seconds=600)
    async with database.community(town.community) as tx:
        assert await pause(tx, message) == 7
    assert await sender.run_once() == 0
    async with database.community(town.community) as tx:
        assert await unpause(tx, message) == 7
        assert (await progress(tx, [message]))[message].waiting == 7
    await story.forward_clock(minutes=11)
    await sender.run_once()
    assert await reaches(town) == ["unreachable: expired"] * 7 and await all_is_well(town)


async def test_what_a_clock_that_was_put_back_would_hold_up_is_due_now(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await told(database, town, 7)
    gone = await take(database, town, channel, room=3, lane="urgent")
    await town.owner.execute("UPDATE delivery_range SET due_at = due_at + interval '1 hour', lease_until = lease_until + interval '1 hour'")
    await clock_steps.run_once(database, town.community, 20.0)
    assert len(await take(database, town, channel, lane="urgent")) == 7 - len(gone)
    assert await town.owner.fetchval("SELECT max(lease_until) < clock_timestamp() + interval '21 seconds' FROM delivery_range")


async def test_a_channel_that_is_switched_off_leads_them_to_their_other_way(database: Database, town: Town, sender: Sender) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await told(database, town, 3)
    await town.owner.execute("UPDATE channel SET enabled = false WHERE id = $1", channel)
    await sender.run_once()
    assert await reaches(town) == ["unreachable: channel_off"] * 3 and await all_is_well(town) and await town.sums_hold()
