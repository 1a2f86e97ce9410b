"""The sender against real gateways on loopback: nobody is told twice, nothing accepted is lost, alerts do not wait."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic

import pytest

from notifiers.announcements import announce, confirm, stop
from notifiers.channels.shape import (
    Abilities,
    Accepted,
    HookReading,
    HookRequest,
    NotSent,
    Outcome,
    Outgoing,
    ReplyIn,
    Unknown,
)
from notifiers.delivery import fan_out, replies
from notifiers.delivery.claims import Claimed
from notifiers.delivery.open_channels import OpenChannels
from notifiers.delivery.sending import Call, result_of, send
from notifiers.delivery.worker import Sender
from notifiers.links import read_link, read_reference
from tests.harness.clock import StoryClock
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.notifiers.steps import post, reaches, states
from tests.notifiers.town import MOBILE, SECRETS, SETTINGS, Town, alert, broadcast
from tocsin.base.database import Database, connect
from tocsin.base.work import Wakeups


@pytest.fixture
async def fake() -> AsyncIterator[SmsGateway]:
    """A gateway that sends."""
    async with sms_gateway() as gateway:
        yield gateway


async def connect_gateway(
    town: Town, fake: SmsGateway, *, name: str = "sms", rank: int = 0, rate: float = 1000.0, burst: int = 1000, **changes: object
) -> int:
    """A channel of the community that leads to the fake; the gateway's id."""
    gateway = await town.gateway("http_sms", name=name, rate=rate, burst=burst, settings=fake.settings(**changes))
    await town.channel(gateway, "sms", rank=rank)
    return gateway


async def test_an_alert_arrives_with_name_code_and_link_and_can_be_answered(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    gateway = await connect_gateway(town, fake)
    engineer = await town.engineer(1, name="张伟")
    announced = await post(database, town, alert(engineer))
    assert await sender.run_once() == 1
    (sms,) = fake.sent
    assert sms.to == MOBILE.format(1) and sms.text.startswith("张伟: 3栋2单元1号梯困人。回复K7 1 接单 http://10.0.0.7:8080/a/")
    assert read_reference(sms.reference) == read_link(SECRETS, "a", sms.text.rpartition("/")[2])
    assert await states(town) == [(1, "accepted")] and await reaches(town) == ["handed_over"]
    async with database.community(town.community) as tx:
        reply = await replies.record(tx, SECRETS, gateway, ReplyIn("13800000001", "１", "one"))
        assert (reply.outcome, reply.message_id, reply.person_ids) == ("matched", announced.message_id, (engineer,))
        assert (reply.parsed.digit, reply.parsed.code, reply.duplicate) == (1, "K7", False)
        again = await replies.record(tx, SECRETS, gateway, ReplyIn("13800000001", "１", "one"))
        assert (again.id, again.outcome, again.duplicate) == (reply.id, "matched", True)
        await confirm(tx, announced.message_id, delivery_no=reply.no)
    assert await reaches(town) == ["confirmed"] and await town.sums_hold()


@pytest.mark.parametrize("fault", ["sent_error", "nonsense", "reset", "hang"])
async def test_where_nobody_can_say_whether_it_was_sent_the_next_number_is_tried_and_never_the_same_twice(
    database: Database, town: Town, fake: SmsGateway, sender: Sender, fault: str
) -> None:
    await connect_gateway(town, fake, total_seconds=0.3)
    engineer = await town.engineer(1)
    await town.contact(engineer, MOBILE.format(2), rank=1)
    fake.faults.append(fault)
    await post(database, town, alert(engineer))
    await sender.run_once()
    assert [one.to for one in fake.sent] == [MOBILE.format(1), MOBILE.format(2)] and fake.repeated == []
    assert await states(town) == [(1, "unknown"), (2, "accepted")] and await reaches(town) == ["handed_over"]


async def test_mere_news_that_may_have_arrived_is_not_repeated(database: Database, town: Town, fake: SmsGateway, sender: Sender) -> None:
    await connect_gateway(town, fake)
    home, person = await town.home("3-101"), await town.person(kind="resident")
    await town.contact(person, MOBILE.format(1))
    await town.contact(person, MOBILE.format(2), rank=1)
    await town.lives(person, home)
    fake.faults.append("sent_error")
    await post(database, town, broadcast(home))
    await sender.run_once()
    assert len(fake.sent) == 1 and await reaches(town) == ["unknown"]


async def test_a_gateway_that_says_later_is_left_alone_and_an_alert_takes_its_next_way(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    async with sms_gateway() as second:
        await connect_gateway(town, fake, name="first", rank=0)
        await connect_gateway(town, second, name="second", rank=1)
        fake.always, fake.retry_after_seconds = "later", 600.0
        await post(database, town, alert(await town.engineer(1)))
        await sender.run_once()
        assert fake.calls == 1
        for _ in range(4):
            await town.owner.execute("UPDATE delivery SET due_at = clock_timestamp(); UPDATE work SET due_at = clock_timestamp()")
            await sender.run_once()
        assert fake.calls == 1, "a gateway that asked for ten minutes is not asked again"
        assert [one.to for one in second.sent] == [MOBILE.format(1)]
        assert await reaches(town) == ["handed_over"]


async def test_the_rate_is_shared_and_broadcasts_leave_the_reserved_part_to_alerts(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    await connect_gateway(town, fake, rate=0.001, burst=10)
    home = await town.home("3-101")
    for number in range(30):
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(100 + number))
        await town.lives(person, home)
    await post(database, town, broadcast(home))
    other = Sender(database, SECRETS, Wakeups(database), SETTINGS)
    await asyncio.gather(sender.run_once(), other.run_once())
    assert len(fake.sent) == 8
    await post(database, town, alert(*[await town.engineer(number) for number in range(5)]))
    await sender.run_once()
    assert len(fake.sent) == 10 and fake.repeated == []
    await other.close()


async def test_two_senders_send_everything_once(database: Database, town: Town, fake: SmsGateway, sender: Sender) -> None:
    await connect_gateway(town, fake)
    fake.latency_seconds = 0.002
    await post(database, town, alert(*[await town.engineer(number) for number in range(150)]))
    other = Sender(database, SECRETS, Wakeups(database), SETTINGS)
    sent = await asyncio.gather(sender.run_once(), other.run_once())
    # On a busy machine a connection may fail before anything was sent, and is tried again.
    assert sum(sent) >= 150 == len(fake.sent) and fake.repeated == []
    assert await town.sums_hold()
    await other.close()


async def test_what_expired_while_it_waited_is_not_sent(
    database: Database, town: Town, fake: SmsGateway, sender: Sender, story: StoryClock
) -> None:
    await connect_gateway(town, fake)
    await post(database, town, alert(await town.engineer(1), expires_seconds=60))
    await story.forward_clock(minutes=5)
    assert await sender.run_once() == 0
    assert fake.calls == 0
    assert await states(town) == [(1, "expired")] and await reaches(town) == ["unreachable: expired"]
    assert await town.sums_hold()


async def test_a_stopped_message_that_was_not_sent_is_not_tried_again(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    await connect_gateway(town, fake)
    fake.faults.append("later")
    announced = await post(database, town, alert(await town.engineer(1)))
    await sender.run_once()
    async with database.community(town.community) as tx:
        assert await stop(tx, [announced.message_id]) == 1
    await sender.run_once()
    assert fake.sent == [] and await reaches(town) == ["excluded: stopped"] and await town.sums_hold()


async def test_batches_carry_what_a_gateway_takes_in_one_call(database: Database, town: Town, fake: SmsGateway, sender: Sender) -> None:
    await connect_gateway(town, fake, batch_url=f"{fake.url}/batch", batch_size=50)
    await post(database, town, alert(*[await town.engineer(number) for number in range(120)]))
    await sender.run_once()
    assert (fake.calls, len(fake.sent)) == (3, 120) and fake.repeated == []


async def test_a_copy_that_may_not_send_does_not_send(database: Database, town: Town, fake: SmsGateway, sender: Sender) -> None:
    await connect_gateway(town, fake)
    await town.owner.execute("UPDATE community SET may_send = false")
    await post(database, town, alert(await town.engineer(1)))
    assert await sender.run_once() == 0 and fake.calls == 0


async def test_a_channel_that_was_switched_off_after_the_announcement_gives_way(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    async with sms_gateway() as second:
        await connect_gateway(town, fake, name="first", rank=0)
        await connect_gateway(town, second, name="second", rank=1)
        await post(database, town, alert(await town.engineer(1)))
        await town.owner.execute("UPDATE channel SET enabled = false WHERE rank = 0")
        await sender.run_once()
        assert fake.calls == 0 and len(second.sent) == 1


@asynccontextmanager
async def running_worker(database_url: str) -> AsyncIterator[Sender]:
    """A sender with a pool of its own, as the worker's process has; asked to stop at the end."""
    database = await connect(database_url)
    wakeups = Wakeups(database)
    sender = Sender(database, SECRETS, wakeups, SETTINGS)
    listening, running = (asyncio.create_task(wakeups.listen()), asyncio.create_task(sender.run()))
    try:
        yield sender
    finally:
        running.cancel()
        listening.cancel()
        await asyncio.gather(running, listening, return_exceptions=True)
        await database.close()


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait until `holds`; how long that took."""
    begun = monotonic()
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.001)
    return monotonic() - begun


async def test_an_alert_is_in_the_gateway_s_hands_at_once_also_during_a_broadcast(
    database: Database, database_url: str, town: Town, fake: SmsGateway
) -> None:
    fake.latency_seconds = 0.02
    await connect_gateway(town, fake, rate=150, burst=150)
    home = await town.home("3-101")
    for number in range(1000, 2500):
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(number))
        await town.lives(person, home)
    engineer, waits = await town.engineer(1), []
    announcing = Wakeups(database)
    async with running_worker(database_url):
        await post(database, town, broadcast(home, key="storm"))
        await fan_out.run_once(database, Wakeups(database), town.community)
        for number in range(1, 21):
            async with database.community(town.community) as tx:
                await announce(tx, alert(engineer, key=f"alert/{number}"))
                announcing.after_commit(tx, "alert")
            waits.append(await until(partial(fake.has_sent, number, MOBILE.format(1))))
        assert sum(one.to != MOBILE.format(1) for one in fake.sent) < 1500, "the broadcast was still going out"
    assert sorted(waits)[10] < 1.0, waits  # the machine may be busy; that nothing queues behind the broadcast is held above
    assert fake.repeated == [MOBILE.format(1)]
    assert await town.owner.fetchval("SELECT count(*) FROM delivery WHERE state = 'sending'") == 0, "what was on the wire came home"
    assert await town.sums_hold()


async def test_two_lines_that_need_a_gateway_at_once_get_one_channel_that_is_closed_in_the_end(
    database: Database, town: Town, fake: SmsGateway
) -> None:
    gateway = await connect_gateway(town, fake)
    channels = OpenChannels(database, SECRETS)
    first, second, third = await asyncio.gather(*[channels.of(gateway) for _ in range(3)])
    assert first is second is third
    await channels.close()


async def test_a_sender_that_is_stopped_brings_home_what_is_on_the_wire(
    database: Database, database_url: str, town: Town, fake: SmsGateway
) -> None:
    fake.latency_seconds = 0.3
    await connect_gateway(town, fake, in_flight=10)
    await post(database, town, alert(*[await town.engineer(number) for number in range(40)]))
    async with running_worker(database_url):
        await until(lambda: fake.calls >= 10)
    assert len(fake.sent) == fake.calls and fake.repeated == []
    settled = await town.owner.fetchval("SELECT count(*) FROM delivery_settled WHERE state = 'accepted'")
    assert settled == len(fake.sent) < 40
    assert await town.owner.fetchval("SELECT count(*) FROM delivery WHERE state = 'sending'") == 0


async def test_a_database_that_drops_every_connection_again_and_again_costs_nobody_their_message(
    database: Database, database_url: str, town: Town, fake: SmsGateway
) -> None:
    fake.latency_seconds = 0.02
    await connect_gateway(town, fake, in_flight=8)
    await post(database, town, alert(*[await town.engineer(number) for number in range(120)]))
    async with running_worker(database_url):
        for reached in (10, 40, 70):
            await until(partial(fake.has_sent, reached))
            await town.owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'tocsin'"
            )
        for _ in range(1000):
            if await town.owner.fetchval("SELECT count(*) FROM delivery WHERE state = 'queued'") == 0 and len(fake.sent) >= 100:
                break
            await asyncio.sleep(0.02)
    assert fake.repeated == [], "nobody was told twice"
    states_now = Counter(state for _, state in await states(town))
    assert states_now["accepted"] + states_now["sending"] == 120, "claims that nobody knows of wait for their lease"
    assert len(fake.sent) >= states_now["accepted"]
    assert await town.sums_hold()


class RaisingChannel:
    """A channel with a defect."""

    def __init__(self, outcomes: list[Outcome] | None) -> None:
        self.abilities = Abilities("sms", ("mobile",), receipts=False, replies=False)
        self._outcomes = outcomes

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        if self._outcomes is None:
            raise ZeroDivisionError
        return self._outcomes

    def read_hook(self, request: HookRequest) -> HookReading:
        return HookReading()

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("outcomes", [None, [], [Accepted(), Accepted()]])
async def test_a_defect_of_a_channel_is_an_unknown_outcome(outcomes: list[Outcome] | None) -> None:
    call = Call(1, 1, RaisingChannel(outcomes), [], monotonic())
    (outcome,) = await send(call, [Outgoing("1-1-1", "+8613800000001", "en", "x", "x")], 4.0)
    assert isinstance(outcome, Unknown)


async def test_a_claim_that_waited_too_long_in_the_process_is_not_sent() -> None:
    call = Call(1, 1, RaisingChannel([Accepted()]), [], monotonic() - 3.0)
    assert await send(call, [Outgoing("1-1-1", "+8613800000001", "en", "x", "x")], 4.0) == [NotSent("claimed_too_long_ago")]


async def test_a_line_does_not_sleep_over_what_came_while_it_was_at_work(sender: Sender) -> None:
    line, channel = sender.lines[1], RaisingChannel([])
    results = [result_of(Claimed(1, no, 1, 1, False, 1, "+8613800000001", "en", False, None), Accepted(), channel) for no in range(2_000)]
    line.wire.keep(1, results)
    assert line.wire.hold(1, channel, "urgent", 10) == 0, "what came back and is not settled takes room"
    line.wire.take_finished(1)
    async with asyncio.timeout(5):
        await line.until_claims(3600)
        await line.claim()
    assert not line.has_reason_to_claim
    line.wire.keep(1, results[:1])
    async with asyncio.timeout(5):
        await line.until_results(3600)


async def test_one_community_s_results_do_not_wait_for_those_of_another_that_could_not_be_written_down(town: Town, sender: Sender) -> None:
    """Nor does the line look again and again at those."""
    line, channel = sender.lines[1], RaisingChannel([])
    results = [result_of(Claimed(1, 1, 1, 1, False, 1, "+8613800000001", "en", False, None), Accepted(), channel)]
    line.wire.keep(town.community, results)
    await line.settle()  # of a message that is not there
    line.wire.keep(town.community + 1, results)
    async with asyncio.timeout(5):
        await line.until_results(3600)
    line.wire.take_finished(town.community + 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await line.until_results(3600)


async def test_a_gateway_that_cannot_be_opened_makes_way_for_the_next(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    broken = await town.gateway("http_sms", name="broken", settings={"url": "http://127.0.0.1:9"})
    await town.channel(broken, "sms", rank=0)
    await connect_gateway(town, fake, name="second", rank=1)
    await post(database, town, alert(await town.engineer(1)))
    for _ in range(5):
        await town.owner.execute("UPDATE delivery SET due_at = clock_timestamp(); UPDATE work SET due_at = clock_timestamp()")
        await sender.run_once()
    assert len(fake.sent) == 1 and await states(town) == [(1, "failed"), (2, "accepted")]
