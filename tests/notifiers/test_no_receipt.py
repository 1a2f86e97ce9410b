"""What a gateway took and never spoke of again becomes visible work in time, and the denominator holds."""

from notifiers.announcements import confirm_persons
from notifiers.channels.shape import Accepted, ReceiptIn, Unknown
from notifiers.delivery import by_hand, no_receipt, receipts
from notifiers.delivery.settling import Result
from notifiers.links import make_reference
from tests.harness.clock import StoryClock
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base import work
from tocsin.base.database import Database

LANE = "SELECT count(*) FROM work WHERE lane = 'no_receipt'"


async def resident(town: Town, number: int, home: int) -> int:
    """Somebody who lives there, with a mobile number."""
    person = await town.person(kind="resident")
    await town.contact(person, MOBILE.format(number))
    await town.lives(person, home)
    return person


async def test_residents_without_a_receipt_keep_their_place_and_say_why(database: Database, town: Town, story: StoryClock) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-101")
    for number in (1, 2):
        await resident(town, number, home)
    announced = await post(database, town, broadcast(home))
    claimed = await take(database, town, sms, lane="urgent")
    await finish(database, town, *(came(one, Accepted()) for one in claimed))
    await story.forward_clock(minutes=14)
    assert await no_receipt.run_once(database, town.community) == 0
    assert await reaches(town) == ["handed_over", "handed_over"]

    await story.forward_clock(minutes=1.1)
    assert work.Waiting(town.community, "no_receipt") in await work.due(database)
    assert await no_receipt.run_once(database, town.community) == 2
    assert await reaches(town) == ["handed_over: no_receipt", "handed_over: no_receipt"]
    assert await town.owner.fetchval("SELECT handed_over FROM message WHERE id = $1", announced.message_id) == 2
    assert await town.sums_hold() and await town.owner.fetchval(LANE) == 0
    assert await no_receipt.run_once(database, town.community) == 0


async def test_where_life_is_at_stake_three_minutes_are_enough(database: Database, town: Town, story: StoryClock) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-101")
    await resident(town, 1, home)
    await post(database, town, broadcast(home, life_safety=True))
    (claimed,) = await take(database, town, sms, lane="urgent")
    await finish(database, town, came(claimed, Accepted()))
    await story.forward_clock(minutes=3.1)
    await no_receipt.run_once(database, town.community)
    assert await reaches(town) == ["handed_over: no_receipt"]


async def test_a_late_receipt_still_confirms(database: Database, town: Town, story: StoryClock) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    home = await town.home("3-101")
    await resident(town, 1, home)
    announced = await post(database, town, broadcast(home))
    (claimed,) = await take(database, town, sms, lane="urgent")
    await finish(database, town, came(claimed, Accepted()))
    await story.forward_clock(minutes=16)
    await no_receipt.run_once(database, town.community)
    async with database.community(town.community) as tx:
        said = ReceiptIn(make_reference(town.community, announced.message_id, 1), "delivered", None, "{}", "a")
        await receipts.record(tx, gateway, said)
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["confirmed"] and await states(town) == [(1, "delivered")]
    assert await town.sums_hold()


async def test_with_its_receipt_in_time_nothing_is_looked_for(database: Database, town: Town, story: StoryClock) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Accepted()))
    async with database.community(town.community) as tx:
        said = ReceiptIn(make_reference(town.community, announced.message_id, 1), "delivered", None, "{}", "a")
        await receipts.record(tx, gateway, said)
    await receipts.run_once(database, town.community)
    await story.forward_clock(minutes=16)
    assert await no_receipt.run_once(database, town.community) == 0
    assert await reaches(town) == ["confirmed"]
    assert await town.owner.fetchval(LANE) == 0


async def test_an_alert_without_a_receipt_takes_the_person_s_next_way(database: Database, town: Town, story: StoryClock) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    desk = await town.channel(await town.gateway("by_hand"), "by_hand", rank=9)
    await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Accepted()))
    await story.forward_clock(minutes=3.1)
    assert await no_receipt.run_once(database, town.community) == 1
    assert await reaches(town) == ["trying"] and await town.sums_hold()
    (call,) = await take(database, town, desk)
    await finish(database, town, came(call, Accepted(), by_hand=True))
    async with database.community(town.community) as tx:
        await by_hand.finish(tx, call.message_id, call.no, "not_answered")
    assert await reaches(town) == ["handed_over: no_receipt"], (
        "the desk did not reach him either; what was handed over may yet have been read"
    )
    assert await town.sums_hold()


async def test_an_alert_that_has_expired_or_has_no_other_way_stays_where_it_is(database: Database, town: Town, story: StoryClock) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1)))
    await town.channel(await town.gateway("by_hand"), "by_hand", rank=9)
    await post(database, town, alert(await town.engineer(2), key="call#2/1", expires_seconds=120))
    claimed = await take(database, town, sms)
    await finish(database, town, *(came(one, Accepted()) for one in claimed))
    await story.forward_clock(minutes=3.1)
    assert await no_receipt.run_once(database, town.community) == 2
    assert await reaches(town) == ["handed_over: no_receipt"] * 2 and await town.sums_hold()
    assert await town.owner.fetchval("SELECT count(*) FROM delivery") == 0


async def test_a_gateway_that_never_sends_receipts_is_no_reason_to_try_another_way(
    database: Database, town: Town, story: StoryClock
) -> None:
    mail = await town.channel(await town.gateway("smtp"), "email")
    await town.channel(await town.gateway("by_hand"), "by_hand", rank=9)
    engineer = await town.engineer(1)
    await town.contact(engineer, "zhang@example.com", kind="email")
    await post(database, town, alert(engineer))
    (claimed,) = await take(database, town, mail)
    result = came(claimed, Accepted())
    await finish(database, town, Result(result.message_id, result.no, result.token, result.outcome, result.standing, receipts=False))
    assert await reaches(town) == ["handed_over"]
    await story.forward_clock(minutes=3.1)
    assert await no_receipt.run_once(database, town.community) == 1
    assert await reaches(town) == ["handed_over: sends_no_receipts"] and await town.sums_hold()


async def test_who_answered_before_is_not_called_for_want_of_a_receipt(database: Database, town: Town, story: StoryClock) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await town.channel(await town.gateway("by_hand"), "by_hand", rank=9)
    engineer = await town.engineer(1)
    announced = await post(database, town, alert(engineer))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Accepted()))
    async with database.community(town.community) as tx:
        await confirm_persons(tx, [(announced.message_id, engineer)])
    await story.forward_clock(minutes=3.1)
    await no_receipt.run_once(database, town.community)
    assert await reaches(town) == ["confirmed"] and await town.owner.fetchval("SELECT count(*) FROM delivery") == 0


async def test_handed_over_by_a_receipt_alone_it_is_waited_for_as_well(database: Database, town: Town, story: StoryClock) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1), life_safety=False))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Unknown("time_out")))
    async with database.community(town.community) as tx:
        said = ReceiptIn(make_reference(town.community, announced.message_id, 1), "accepted", None, "{}", "a")
        await receipts.record(tx, gateway, said)
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["handed_over"]
    await story.forward_clock(minutes=15.1)
    assert await no_receipt.run_once(database, town.community) == 1
    assert await reaches(town) == ["handed_over: no_receipt"]
