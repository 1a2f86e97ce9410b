"""A message that is paused keeps its place: nothing leaves, nobody moves, and it expires all the same."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from notifiers.announcements import announce, pause, stop, unpause
from notifiers.channels.shape import NotSent, Refused
from notifiers.delivery import fan_out
from notifiers.delivery.worker import Sender
from notifiers.errors import MessageNotPausableError, MessageOverError
from tests.harness.clock import StoryClock
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Wakeups


@pytest.fixture
async def fake() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


async def households(town: Town, count: int, *, seconds: bool = False) -> int:
    """A home in which so many people live, each with a number, or two."""
    home = await town.home("3-101")
    for number in range(count):
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(100 + number))
        if seconds:
            await town.contact(person, MOBILE.format(500 + number), rank=1)
        await town.lives(person, home)
    return home


async def paused(database: Database, town: Town, message_id: int) -> int:
    async with database.community(town.community) as tx:
        return await pause(tx, message_id)


async def test_nothing_leaves_while_it_is_paused_and_everything_when_it_goes_on(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    await town.channel(await town.gateway("http_sms", settings=fake.settings()), "sms")
    message = (await post(database, town, broadcast(await households(town, 12)))).message_id
    assert [await paused(database, town, message) for _ in range(2)] == [12, 12], "twice is once"
    assert await sender.run_once() == 0 and fake.calls == 0
    assert await reaches(town) == ["trying"] * 12, "and everybody keeps their place"
    await post(database, town, alert(await town.engineer(1)))
    await sender.run_once()
    assert len(fake.sent) == 1, "others do not wait for it"
    async with database.community(town.community) as tx:
        assert (await unpause(tx, message), await unpause(tx, message)) == (12, None)
    await sender.run_once()
    assert len(fake.sent) == 13 and fake.repeated == [] and await town.sums_hold()


async def test_what_is_on_the_wire_comes_home_and_what_failed_waits_with_the_others(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    message = (await post(database, town, broadcast(await households(town, 3, seconds=True), expires_seconds=3600))).message_id
    later, wrong = await take(database, town, channel, room=2, lane="urgent")
    await paused(database, town, message)
    await finish(database, town, came(later, NotSent("http_503")), came(wrong, Refused("bad_number", "x")))
    assert await take(database, town, channel, lane="urgent", ahead=3000) == [], "the retry and the next way wait, too"
    due = await town.owner.fetchval("SELECT min(due_at) - clock_timestamp() FROM delivery")
    assert timedelta(minutes=59) < due < timedelta(minutes=61) and len(await states(town)) == 4
    async with database.community(town.community) as tx:
        await unpause(tx, message)
    assert len(await take(database, town, channel, lane="urgent")) == 3 and await town.sums_hold()


async def test_what_is_not_made_yet_when_it_is_paused_waits_as_well(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    await town.channel(await town.gateway("http_sms", settings=fake.settings()), "sms")
    message = (await post(database, town, broadcast(await households(town, 205)))).message_id
    assert await paused(database, town, message) == 205 and await states(town) == []
    await fan_out.run_once(database, Wakeups(database), town.community)
    assert await sender.run_once() == 0 and len(await states(town)) == 205
    async with database.community(town.community) as tx:
        assert await unpause(tx, message) == 205
    await sender.run_once()
    assert len(fake.sent) == 205


async def test_its_time_runs_on_and_then_it_is_not_sent(
    database: Database, town: Town, fake: SmsGateway, sender: Sender, story: StoryClock
) -> None:
    await town.channel(await town.gateway("http_sms", settings=fake.settings()), "sms")
    message = (await post(database, town, broadcast(await households(town, 3), expires_seconds=600))).message_id
    await paused(database, town, message)
    await story.forward_clock(minutes=11)
    await town.owner.execute("UPDATE delivery SET due_at = due_at - interval '11 minutes'; UPDATE work SET due_at = clock_timestamp()")
    await sender.run_once()
    assert fake.calls == 0 and await reaches(town) == ["unreachable: expired"] * 3 and await town.sums_hold()


async def test_a_sender_that_looks_at_it_all_the_same_does_not_take_it(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    message = (await post(database, town, broadcast(await households(town, 2)))).message_id
    await paused(database, town, message)
    await town.owner.execute("UPDATE delivery SET due_at = clock_timestamp()")
    assert await take(database, town, channel, lane="urgent") == []


async def test_alerts_and_what_is_stopped_sent_or_over_cannot_be_paused(database: Database, town: Town, story: StoryClock) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    home = await households(town, 1)
    urgent, stopped, over = [
        (await post(database, town, one)).message_id
        for one in (alert(await town.engineer(1)), broadcast(home, key="a"), broadcast(home, key="b", expires_seconds=60))
    ]
    async with database.community(town.community) as tx:
        await stop(tx, [stopped])
    await story.forward_clock(minutes=2)
    for message, error in ((urgent, MessageNotPausableError), (stopped, MessageNotPausableError), (over, MessageOverError)):
        with pytest.raises(error):
            await paused(database, town, message)
    async with database.community(town.community) as tx:
        sent = (await announce(tx, broadcast(home, key="c"))).message_id
        await stop(tx, [over])
    (claimed,) = await take(database, town, channel, lane="urgent")
    await finish(database, town, came(claimed, Refused("bad_number", "x")))
    with pytest.raises(MessageNotPausableError):
        await paused(database, town, sent)


async def test_a_paused_message_is_stopped_like_any_other(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    message = (await post(database, town, broadcast(await households(town, 3)))).message_id
    await paused(database, town, message)
    async with database.community(town.community) as tx:
        assert await stop(tx, [message]) == 3
    assert await reaches(town) == ["excluded: stopped"] * 3 and await town.sums_hold()
