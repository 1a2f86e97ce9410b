"""What workers report of themselves and of gateways, and what waits by lane: the numbers of /metrics, of `tocsin status` and of the pages."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from api.metrics import Metrics
from api.service_state import service_state
from notifiers.announcements import pause
from notifiers.announcements.outlook import outlooks
from notifiers.announcements.progress import progress
from notifiers.delivery.reports import FRESH, GatewayUse, OwnReport, gateways_health, report, workers
from notifiers.delivery.worker import Sender
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.notifiers.steps import post
from tests.notifiers.test_pausing import households
from tests.notifiers.town import Town, alert, broadcast
from tocsin.app.reporting import Reporter
from tocsin.base.database import Database


@pytest.fixture
async def fake() -> AsyncIterator[SmsGateway]:
    async with sms_gateway() as gateway:
        yield gateway


def shown(metrics: Metrics, line: str) -> str:
    """The value that the exposition has for a metric with its labels."""
    return next(one.rpartition(" ")[2] for one in metrics.exposition()[0].decode().splitlines() if one.startswith(f"{line} "))


async def test_what_is_due_counts_by_lane_and_for_how_long(database: Database, town: Town, fake: SmsGateway) -> None:
    gateway = await town.gateway("http_sms", settings=fake.settings())
    await town.channel(gateway, "sms")
    home = await households(town, 3)
    await post(database, town, alert(await town.engineer(1)))
    await post(database, town, broadcast(home))
    held = (await post(database, town, broadcast(home, key="held"))).message_id
    async with database.community(town.community) as tx:
        await pause(tx, held)
    await town.owner.execute("UPDATE delivery SET due_at = due_at - interval '40 seconds' WHERE lane = 'alert'")
    metrics = Metrics()
    metrics.service.state = state = await service_state(database)
    assert (state.lanes["alert"].due, state.lanes["urgent"].due, state.lanes["notice"].due) == (1, 3, 0), "a pause is no delay"
    assert 40 <= float(shown(metrics, 'tocsin_delivery_oldest_due_seconds{lane="alert"}')) < 300
    assert shown(metrics, 'tocsin_deliveries_due{lane="urgent"}') == "3.0" and shown(metrics, "tocsin_workers") == "0.0"
    await town.owner.execute("UPDATE community SET may_send = false")
    assert (await service_state(database)).lanes["alert"].due == 0, "what may not leave is no delay either"


async def test_a_worker_says_what_it_sent_and_leaves_no_trace_when_it_ends(
    database: Database, town: Town, fake: SmsGateway, sender: Sender
) -> None:
    gateway = await town.gateway("http_sms", settings=fake.settings(), rate=100.0, burst=10)
    await town.channel(gateway, "sms")
    await post(database, town, alert(*[await town.engineer(number) for number in range(4)]))
    fake.faults.append("refuse")
    await sender.run_once()
    reporter = Reporter(database, sender, worker="one")
    await reporter.report_once()
    async with database.floor() as tx:
        (health,), (worker,) = await gateways_health(tx), await workers(tx)
    assert (health.recent_accepted, health.recent_failed, health.on_wire) == (3, 1, 0) and health.last_accepted_at is not None
    assert health.per_second > 0 and 0 <= health.permits_used <= 1 and worker.pool_size >= worker.pool_used
    metrics = Metrics()
    metrics.service.state = await service_state(database)
    whose = f'gateway="{gateway}",kind="http_sms",name="http_sms",outcome="accepted",worker="one"'
    assert shown(metrics, f"tocsin_sends_total{{{whose}}}") == "3.0" and worker.settle_lag_seconds > 0
    await town.owner.execute("UPDATE worker_report SET seen_at = seen_at - $1::interval", FRESH)
    assert (await service_state(database)).workers == (), "who is silent does not work"
    running = asyncio.create_task(reporter.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await town.owner.fetchval("SELECT count(*) FROM worker_report") == 0


async def test_how_fast_it_goes_and_when_the_last_will_have_it(database: Database, town: Town, fake: SmsGateway) -> None:
    gateway = await town.gateway("http_sms", settings=fake.settings(), rate=100.0, burst=100)
    await town.channel(gateway, "sms")
    message = (await post(database, town, broadcast(await households(town, 12), expires_seconds=600))).message_id
    async with database.community(town.community) as tx:
        assert (await outlooks(tx, [message]))[message].seconds_left is None, "nobody has sent anything yet"
    for worker in ("one", "two"):
        use = GatewayUse(gateway, 1, 9, 0, 0, 0, 0, 9, 0, 1.5, 0.2)
        await report(database, OwnReport(worker, 1, 0.0, 0.0, 16, 2), [use])
    async with database.community(town.community) as tx:
        now = (await outlooks(tx, [message]))[message]
        assert (now.trying, now.per_second, now.seconds_left) == (12, 3.0, 4.0)
        left = (await progress(tx, [message]))[message]
        assert (left.waiting, left.per_second, left.seconds_left) == (12, 3.0, 4.0), "slower than its rate would be"
        await pause(tx, message)
        assert await outlooks(tx, [message]) == {}
