"""What a gateway's rate permits holds over all workers, and what is stopped or paused stops at what is on the wire."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from notifiers.announcements import pause, stop
from notifiers.channels.registry import KINDS
from notifiers.delivery import fan_out, permits
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.notifiers.steps import post
from tests.notifiers.test_sender import running_worker, until
from tests.notifiers.town import Town, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Lane, Wakeups

A_MINUTE = {"wecom": 20}
"""What the robot of a chat group takes a minute (docs/gateways); whoever sends more is shut out. The others' rates: tests/notifiers/test_robots.py."""


@pytest.fixture
async def fake() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


async def neighbours(town: Town, count: int) -> int:
    """A home in which so many people with a number live."""
    home = await town.home("3-101")
    await town.owner.execute(
        "WITH p AS (INSERT INTO person (community_id, kind, name, language) SELECT $1, 'resident', '王', 'zh-CN' FROM generate_series(1, $2::int)"
        " RETURNING id), c AS (INSERT INTO contact_point (community_id, person_id, kind, address, rank, consent, quality)"
        " SELECT $1, id, 'mobile', '+861' || (3900000000 + id), 0, '{emergency}', 'good' FROM p)"
        " INSERT INTO residence (community_id, person_id, home_id, role) SELECT $1, id, $3, 'owner' FROM p",
        town.community,
        count,
        home,
    )
    return home


def most_in_a_minute(granted: list[tuple[int, int]]) -> int:
    """The most that was granted within any sixty seconds."""
    return max(sum(count for other, count in granted if at <= other < at + 60) for at, _ in granted)


@pytest.mark.parametrize("kind", ["wecom"])
async def test_twenty_a_minute_are_twenty_for_all_workers_and_lanes_together(database: Database, town: Town, kind: str) -> None:
    usual = KINDS[kind]
    gateway = await town.gateway("http_sms", rate=usual.rate_per_second, burst=usual.burst)
    lanes: tuple[Lane, ...] = ("alert", "urgent", "correction", "notice")
    granted: list[tuple[int, int]] = []
    for second in range(150):
        for lane in lanes:
            granted.append((second, (await permits.reserve(database, gateway, 50, lane)).granted))
        # A second passes: what is reserved ahead is a second nearer.
        await town.owner.execute(
            "UPDATE gateway_permit SET full_until = full_until - interval '1 s', bulk_until = bulk_until - interval '1 s'"
        )
    assert 0.7 * A_MINUTE[kind] <= most_in_a_minute(granted) <= A_MINUTE[kind]


async def test_two_workers_never_exceed_the_rate_of_a_gateway_that_they_share(
    database: Database, database_url: str, town: Town, fake: SmsGateway
) -> None:
    rate, burst, count = 600.0, 30, 700
    gateway = await town.gateway("http_sms", rate=rate, burst=burst, settings=fake.settings(batch_size=10))
    await town.owner.execute("UPDATE gateway SET reserved_share = 0")
    await town.channel(gateway, "sms")
    await post(database, town, broadcast(await neighbours(town, count)))
    begun = monotonic()
    await fan_out.run_once(database, Wakeups(database), town.community)
    async with running_worker(database_url), running_worker(database_url):
        await until(lambda: len(fake.sent) >= count, seconds=60)
    assert fake.repeated == [] and len(fake.sent) == count
    # A message arrives when it was permitted or later: so no instant has seen more than were permitted until then.
    too_many = [(number, one.at - begun) for number, one in enumerate(sorted(fake.sent, key=lambda one: one.at), 1)
                if number > 1.05 * (burst + rate * (one.at - begun)) + 1]  # fmt: skip
    assert too_many == []


@pytest.mark.parametrize("batch_size", [1, 20])
@pytest.mark.parametrize("act", [stop, pause])
async def test_what_is_stopped_or_paused_in_the_middle_ends_with_what_was_on_the_wire(
    database: Database, database_url: str, town: Town, fake: SmsGateway, batch_size: int, act: object
) -> None:
    # The fewest calls there may be, thirty, take fifteen seconds: on a busy machine too the stop comes in the middle of them.
    in_flight, fake.latency_seconds = 2, 1.0
    settings = fake.settings(in_flight=in_flight, **({"batch_size": batch_size} if batch_size > 1 else {}))
    await town.channel(await town.gateway("http_sms", rate=10_000, burst=10_000, settings=settings), "sms")
    message = (await post(database, town, broadcast(await neighbours(town, 600)))).message_id
    await fan_out.run_once(database, Wakeups(database), town.community)
    async with running_worker(database_url):
        await until(lambda: fake.calls >= 3)
        async with database.community(town.community) as tx:
            await (stop(tx, [message]) if act is stop else pause(tx, message))
        calls = fake.calls
        for _ in range(400):
            if not await town.owner.fetchval("SELECT count(*) FROM delivery WHERE state = 'sending'"):
                break
            await asyncio.sleep(0.02)
        assert fake.calls <= calls + in_flight, "what was claimed before leaves, and nothing else"
        assert fake.calls < 600 / batch_size and await town.sums_hold()


async def test_thousands_are_sealed_in_a_moment_on_a_directory_that_was_just_filled(database: Database, town: Town) -> None:
    """Of such tables the planner knows nothing: it looked up each of nine thousand among all others, for longer than a statement may take."""
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await neighbours(town, 9000)
    homes = [await town.home(f"3-{number}") for number in range(200, 300)]
    async with asyncio.timeout(8):
        announced = await post(database, town, broadcast(home, *homes, *[home] * 300))
    assert announced.size == 9100


async def test_a_stop_of_thousands_takes_no_more_for_each_than_one_of_a_few(database: Database, town: Town) -> None:
    """On tables that have just been filled, of which the planner knows nothing: it took eighteen seconds, and twice as many failed."""
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await neighbours(town, 6000)
    await town.owner.execute("ANALYZE person, contact_point, residence")
    announced = await post(database, town, broadcast(home))
    await fan_out.run_once(database, Wakeups(database), town.community)
    async with asyncio.timeout(6), database.community(town.community) as tx:
        assert await stop(tx, [announced.message_id]) == 6000
    assert await town.sums_hold()
