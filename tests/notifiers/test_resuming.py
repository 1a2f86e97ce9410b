"""A stop can be taken back: what it kept from leaving leaves after all, once, and nobody is told twice."""

import pytest

from notifiers.announcements import announce, counters, resume, stop
from notifiers.channels.shape import Accepted, NotSent, Refused
from notifiers.delivery import by_hand, fan_out
from notifiers.errors import MessageNotStoppedError, MessageOverError, MessageUnknownError
from tests.harness.clock import StoryClock
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Wakeups


async def press_stop(database: Database, town: Town, message: int) -> int:
    async with database.community(town.community) as tx:
        return await stop(tx, [message])


async def press_resume(database: Database, town: Town, message: int) -> tuple[int, int, int]:
    async with database.community(town.community) as tx:
        resumed = await resume(tx, message)
    return resumed.members, resumed.deliveries, resumed.held


async def residents(town: Town, count: int) -> int:
    """A home in which so many people live, each with a number of their own."""
    home = await town.home("3-101")
    for number in range(count):
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(number))
        await town.lives(person, home)
    return home


async def test_what_had_not_left_leaves_after_all_and_nobody_is_told_twice(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    announced = await post(database, town, broadcast(await residents(town, 3)))
    (first,) = await take(database, town, channel, room=1, lane="urgent")
    await finish(database, town, came(first, Accepted()))
    assert await press_stop(database, town, announced.message_id) == 2
    assert await press_resume(database, town, announced.message_id) == (2, 2, 0)
    assert await reaches(town) == ["handed_over", "trying", "trying"]
    later = await take(database, town, channel, lane="urgent")
    assert sorted([first.no, *(one.no for one in later)]) == [1, 2, 3]
    assert await town.sums_hold()


async def test_a_delivery_keeps_its_number_and_its_token_grows(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, channel)
    await finish(database, town, came(claimed, NotSent("later")))
    await press_stop(database, town, announced.message_id)
    assert await states(town) == [(1, "cancelled")]
    await press_resume(database, town, announced.message_id)
    (again,) = await take(database, town, channel, ahead=3600)
    assert (again.no, again.token, again.attempts) == (1, claimed.token + 1, 2)


async def test_what_was_on_the_wire_at_the_stop_and_failed_goes_on_to_its_next_way(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    email = await town.channel(await town.gateway("smtp"), "email", rank=1)
    engineer = await town.engineer(1)
    await town.contact(engineer, "zhang@example.com", kind="email")
    announced = await post(database, town, alert(engineer))
    (claimed,) = await take(database, town, channel)
    await press_stop(database, town, announced.message_id)
    await finish(database, town, came(claimed, Refused("bad", "bad number")))
    assert await reaches(town) == ["unreachable: bad"]
    assert await press_resume(database, town, announced.message_id) == (0, 0, 0)
    assert await reaches(town) == ["trying"]
    assert len(await take(database, town, email)) == 1
    assert await town.sums_hold()


async def test_a_call_that_the_desk_was_not_to_make_is_on_its_list_again(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("by_hand"), "by_hand")
    announced = await post(database, town, alert(await town.engineer(1), means="ring"))
    (claimed,) = await take(database, town, channel)
    await finish(database, town, came(claimed, Accepted(), by_hand=True))
    await press_stop(database, town, announced.message_id)
    async with database.community(town.community) as tx:
        assert await by_hand.waiting(tx, 41) == []
    await press_resume(database, town, announced.message_id)
    (claimed,) = await take(database, town, channel)
    await finish(database, town, came(claimed, Accepted(), by_hand=True))
    async with database.community(town.community) as tx:
        assert len(await by_hand.waiting(tx, 41)) == 1


async def test_what_was_stopped_before_the_fan_out_is_fanned_out_from_there_on(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    home = await residents(town, 330)
    async with database.community(town.community) as tx:
        announced = await announce(tx, broadcast(home))
    async with database.community(town.community) as tx:
        await fan_out.fan_out_page(tx, announced.message_id, 100)
    sent = await take(database, town, channel, room=30, lane="urgent")
    await finish(database, town, *[came(one, Accepted()) for one in sent])
    await press_stop(database, town, announced.message_id)
    assert await press_resume(database, town, announced.message_id) == (300, 300, 0)
    assert await fan_out.run_once(database, Wakeups(database), town.community) == 230
    rest = await take(database, town, channel, room=400, lane="urgent")
    assert sorted(one.no for one in [*sent, *rest]) == list(range(1, 331))
    async with database.community(town.community) as tx:
        counted = (await counters(tx, [announced.message_id]))[announced.message_id]
    assert (counted.handed_over, counted.trying, counted.excluded) == (30, 300, 0)
    assert await town.sums_hold()


async def test_stopped_and_resumed_again_and_again_everybody_is_still_told_once(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    announced = await post(database, town, broadcast(await residents(town, 5)))
    told = []
    for _ in range(5):
        await press_stop(database, town, announced.message_id)
        await press_resume(database, town, announced.message_id)
        claimed = await take(database, town, channel, room=1, lane="urgent")
        await finish(database, town, *[came(one, Accepted()) for one in claimed])
        told += [one.address for one in claimed]
    assert len(set(told)) == len(told) == 5
    assert await reaches(town) == ["handed_over"] * 5


async def test_only_what_is_stopped_can_be_resumed(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    with pytest.raises(MessageNotStoppedError):
        await press_resume(database, town, announced.message_id)
    with pytest.raises(MessageUnknownError):
        await press_resume(database, town, 999)


async def test_news_that_are_past_their_time_are_not_resumed(database: Database, town: Town, story: StoryClock) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    await press_stop(database, town, announced.message_id)
    await story.forward_clock(minutes=16)
    with pytest.raises(MessageOverError):
        await press_resume(database, town, announced.message_id)
    assert await reaches(town) == ["excluded: stopped"]
