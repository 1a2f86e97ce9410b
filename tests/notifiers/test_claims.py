"""Claimed means on the wire: once, by one, and only the claim's own word counts."""

import asyncio

import pytest

from notifiers.announcements import confirm_persons
from notifiers.channels.shape import Accepted, NotSent, Refused, Unknown
from notifiers.delivery import leases
from notifiers.delivery.claims import rest_lane
from tests.harness.clock import StoryClock
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base.database import Database


async def test_two_senders_never_hold_the_same_delivery(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(*[await town.engineer(number) for number in range(60)]))
    claims = await asyncio.gather(*[take(database, town, sms, room=7) for _ in range(12)])
    taken = [one.no for claimed in claims for one in claimed]
    assert len(taken) == len(set(taken)) == 60
    assert await take(database, town, sms) == []


async def test_a_result_counts_only_with_the_token_of_its_claim(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1)))
    (first,) = await take(database, town, sms)
    await finish(database, town, came(first, NotSent("no connection")))
    (second,) = await take(database, town, sms, ahead=60)
    assert second.token == first.token + 1
    await finish(database, town, came(first, Refused("bad_number", "late word")))
    assert await states(town) == [(1, "sending")]
    await finish(database, town, came(second, Accepted("ref-1")))
    assert await states(town) == [(1, "accepted")]
    tries = await town.owner.fetch("SELECT token, seq, outcome FROM delivery_attempt ORDER BY token, seq")
    assert [tuple(row) for row in tries] == [(1, 0, "not_sent"), (1, 1, "refused"), (2, 0, "accepted")]


async def test_settling_the_same_results_again_changes_nothing(database: Database, town: Town) -> None:
    """The commit of a settle was not confirmed, so the sender settles once more."""
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(*[await town.engineer(number) for number in range(3)]))
    results = [came(one, Accepted()) for one in await take(database, town, sms)]
    for _ in range(3):
        await finish(database, town, *results)
    assert await town.owner.fetchval("SELECT count(*) FROM delivery_attempt") == 3
    assert await town.owner.fetchval("SELECT handed_over FROM message") == 3
    assert await town.sums_hold()


async def test_what_failed_goes_on_to_the_next_way_and_ends_with_its_reason(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms", rank=0)
    mail = await town.channel(await town.gateway("smtp"), "email", rank=1)
    engineer = await town.engineer(1)
    await town.contact(engineer, "zhang@example.com", kind="email")
    await post(database, town, alert(engineer))
    (first,) = await take(database, town, sms)
    await finish(database, town, came(first, Refused("blocked", "number blocked")))
    assert await states(town) == [(1, "failed"), (2, "queued")] and await reaches(town) == ["trying"]
    (second,) = await take(database, town, mail)
    assert second.address == "zhang@example.com"
    await finish(database, town, came(second, Refused("no_mailbox", "no such mailbox")))
    assert await reaches(town) == ["unreachable: no_mailbox"]
    assert await town.owner.fetchval("SELECT count(*) FROM work WHERE lane = 'outcomes'") == 1
    assert await town.sums_hold()


async def test_a_shared_number_that_failed_leads_each_person_on_and_a_common_next_way_is_one_delivery(
    database: Database, town: Town
) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    people = [await town.person(), await town.person(), await town.person()]
    for person in people:
        await town.contact(person, MOBILE.format(1), rank=0)
    for person, number in zip(people, (2, 2, 3), strict=True):
        await town.contact(person, MOBILE.format(number), rank=1)
    await post(database, town, alert(*people))
    (shared,) = await take(database, town, sms)
    await finish(database, town, came(shared, Refused("off", "switched off")))
    assert await states(town) == [(1, "failed"), (2, "queued"), (3, "queued")]
    claimed = await take(database, town, sms)
    assert [one.address for one in claimed] == [MOBILE.format(2), MOBILE.format(3)]
    await finish(database, town, *[came(one, Accepted()) for one in claimed])
    assert await reaches(town) == ["handed_over"] * 3
    assert await town.sums_hold()


async def test_a_next_way_that_was_used_for_somebody_else_is_not_used_twice(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    first, second = await town.person(), await town.engineer(2)
    await town.contact(first, MOBILE.format(1), rank=0)
    await town.contact(first, MOBILE.format(2), rank=1)
    await post(database, town, alert(first, second))
    one, two = await take(database, town, sms)
    await finish(database, town, came(two, Accepted()))
    await finish(database, town, came(one, Refused("off", "switched off")))
    assert await states(town) == [(1, "failed"), (2, "accepted")]
    assert await reaches(town) == ["handed_over", "handed_over"]
    assert await town.sums_hold()


async def _lose_the_lease(database: Database, town: Town, channel: int, *, repeats: bool) -> None:
    """A worker dies between send and settle."""
    assert len(await take(database, town, channel, repeats=repeats, lease_seconds=-1.0)) == 1
    assert await leases.run_once(database, town.community) == 1


async def test_a_lost_lease_where_life_is_at_stake_takes_the_next_way_and_never_the_same_sms_twice(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms", rank=0)
    mail = await town.channel(await town.gateway("smtp"), "email", rank=1)
    engineer = await town.engineer(1)
    await town.contact(engineer, "zhang@example.com", kind="email")
    await post(database, town, alert(engineer))
    await _lose_the_lease(database, town, sms, repeats=False)
    assert await states(town) == [(1, "unknown"), (2, "queued")] and await reaches(town) == ["trying"]
    assert await take(database, town, sms, ahead=3600) == []
    (other,) = await take(database, town, mail)
    await finish(database, town, came(other, Refused("no_mailbox", "gone")))
    assert await reaches(town) == ["unknown"], "the SMS may have arrived: unknown, and not unreachable"
    assert await town.sums_hold()


async def test_a_lost_lease_without_another_way_is_repeated_once_with_the_same_key(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1)))
    await _lose_the_lease(database, town, sms, repeats=False)
    assert await states(town) == [(1, "queued")]
    (again,) = await take(database, town, sms, ahead=10)
    assert (again.no, again.maybe_sent) == (1, True)
    await finish(database, town, came(again, Unknown("reset")))
    assert await states(town) == [(1, "unknown")] and await reaches(town) == ["unknown"]


async def test_a_lost_lease_of_mere_news_stays_unknown(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    home, person = await town.home("3-101"), await town.person(kind="resident")
    await town.contact(person, MOBILE.format(1))
    await town.lives(person, home)
    await post(database, town, broadcast(home))
    assert len(await take(database, town, sms, lane="urgent", lease_seconds=-1.0)) == 1
    assert await leases.run_once(database, town.community) == 1
    assert await states(town) == [(1, "unknown")] and await reaches(town) == ["unknown"]
    assert await town.owner.fetchval("SELECT count(*) FROM work WHERE lane IN ('leases', 'receipts')") == 0


async def test_a_gateway_that_tells_repeats_apart_is_asked_again_but_not_for_ever(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1)))
    for attempt in range(1, 6):
        (claimed,) = await take(database, town, sms, repeats=True, lease_seconds=-1.0, ahead=3600.0 * attempt)
        assert (claimed.no, claimed.attempts) == (1, attempt)
        await town.owner.execute("UPDATE delivery SET lease_until = clock_timestamp()")
        assert await leases.run_once(database, town.community) == 1
    assert await states(town) == [(1, "unknown")] and await reaches(town) == ["unknown"]


async def test_what_has_expired_is_not_claimed(database: Database, town: Town, story: StoryClock) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1), expires_seconds=60))
    await story.forward_clock(minutes=2)
    (found,) = await take(database, town, sms)
    assert found.expired and found.token == 0
    assert await states(town) == [(1, "queued")]


@pytest.mark.parametrize(("alerting", "tries"), [(True, 4), (False, 30)])
async def test_not_sent_is_tried_again_until_its_budget_is_spent(database: Database, town: Town, alerting: bool, tries: int) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    kind = "alert" if alerting else "notice"
    await post(database, town, alert(await town.engineer(1), kind=kind, lane=kind))
    for attempt in range(1, tries + 1):
        assert await states(town) == [(1, "queued")]
        (claimed,) = await take(database, town, sms, lane="alert" if alerting else "notice", ahead=3600.0 * attempt)
        await finish(database, town, came(claimed, NotSent("connection refused")))
    assert await states(town) == [(1, "failed")]
    assert await reaches(town) == ["unreachable: connection refused"]


async def test_a_lane_rests_until_its_next_delivery_is_due(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    await rest_lane(database, town.community, "alert")
    assert await town.owner.fetchval("SELECT count(*) FROM work WHERE lane = 'alert'") == 0
    await finish(database, town, came(claimed, NotSent("later", retry_after_seconds=30)))
    await rest_lane(database, town.community, "alert")
    due = await town.owner.fetchval("SELECT due_at - clock_timestamp() FROM work WHERE lane = 'alert'")
    assert 28 < due.total_seconds() <= 30


async def test_who_answered_is_not_sent_the_repeat_that_was_queued(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    engineer = await town.engineer(1)
    announced = await post(database, town, alert(engineer))
    await _lose_the_lease(database, town, sms, repeats=False)
    assert await states(town) == [(1, "queued")]
    async with database.community(town.community) as tx:
        await confirm_persons(tx, [(announced.message_id, engineer)])
    assert await states(town) == [(1, "cancelled")] and await reaches(town) == ["confirmed"]
    assert await town.sums_hold()
