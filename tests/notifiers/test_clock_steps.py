"""The machine's clock is put back by an hour: what it had made wait for a moment does not wait for an hour."""

from datetime import timedelta

import pytest

from notifiers.delivery import clock_steps, fan_out, leases, pausing, permits
from notifiers.delivery.breaker import Breaker
from notifiers.delivery.reach import SQL
from tests.harness.clock import MachineClock
from tests.notifiers.steps import post, take
from tests.notifiers.town import Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

HOUR = timedelta(hours=1)
LEASE_SECONDS = 20.0


@pytest.fixture
async def database_url(database_url: str) -> str:
    """The same database, whose machine's clock can be moved."""
    await MachineClock(database_url).install()
    return database_url


@pytest.fixture
def machine(database_url: str) -> MachineClock:
    return MachineClock(database_url)


async def test_an_alert_that_waited_for_its_moment_leaves_now(database: Database, town: Town, machine: MachineClock) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1)))
    await machine.step(-HOUR)
    assert await take(database, town, sms) == []
    assert await clock_steps.run_once(database, town.community, LEASE_SECONDS) == 1
    assert await town.owner.fetchval("SELECT due_at <= clock_timestamp() FROM work WHERE lane = 'alert'")
    assert len(await take(database, town, sms)) == 1
    assert await clock_steps.run_once(database, town.community, LEASE_SECONDS) == 0


async def test_what_is_paused_waits_on(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-101")
    await town.lives(await town.engineer(1), home)
    announced = await post(database, town, broadcast(home))
    await fan_out.run_once(database, Wakeups(database), town.community)
    async with database.community(town.community) as tx:
        await pausing.pause(tx, announced.message_id)
    assert await clock_steps.run_once(database, town.community, LEASE_SECONDS) == 0
    assert await town.owner.fetchval("SELECT bool_and(due_at > clock_timestamp() + interval '5 minutes') FROM delivery")


async def test_a_sender_that_died_before_is_judged_by_its_lease_and_not_an_hour_later(
    database: Database, town: Town, machine: MachineClock
) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, alert(await town.engineer(1)))
    await take(database, town, sms, lease_seconds=LEASE_SECONDS)
    await machine.step(-HOUR)
    await clock_steps.run_once(database, town.community, LEASE_SECONDS)
    assert await leases.run_once(database, town.community) == 0
    await machine.step(timedelta(seconds=LEASE_SECONDS + 1))
    assert await leases.run_once(database, town.community) == 1


async def test_a_gateway_is_used_and_probed_again_at_once(database: Database, town: Town, machine: MachineClock) -> None:
    gateway = await town.gateway("http_sms", rate=10, burst=20)
    await town.channel(gateway, "sms")
    assert (await permits.reserve(database, gateway, 100, "alert")).granted == 20
    await permits.pause(database, gateway, 30.0)
    other = await town.gateway("http_sms", name="other")
    await town.channel(other, "sms", rank=1)
    assert (await permits.reserve(database, other, 1, "alert")).granted == 1
    await permits.pause(database, other, 30.0)
    async with database.floor() as tx:
        await tx.value(SQL.set_aside, gateway, "no_answer", 1.0, None)
    await machine.step(-HOUR)
    await clock_steps.run_once(database, town.community, LEASE_SECONDS)
    assert await Breaker(database).may_probe(gateway, alert=False)
    for one, burst_seconds in ((gateway, 2.0), (other, 1.0)):
        waiting = await permits.reserve(database, one, 1, "alert")
        assert waiting.granted == 0 and waiting.wait_seconds <= burst_seconds, "no longer than a whole burst takes"
