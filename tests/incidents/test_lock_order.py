"""Messages are held in the order of their ids: whoever acts on several of an incident never waits for a receipt that waits for them."""

import asyncio

import asyncpg
import pytest

from incidents.desk import changes, merging
from incidents.desk.declare import Declaration, declare
from incidents.desk.households import household_knows
from incidents.desk.reports import Reporter
from incidents.desk.telling import Telling, Whom, tell
from notifiers.delivery.reach import lock_messages
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.test_telling import WORDS, declare_power_cut, set_hour
from tocsin.base.database import Database, Tx
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection


async def receipts_come(database: Database, town: SmallTown, owner: Owner, *messages: int) -> "asyncio.Task[None]":
    """Word of gateways about all of these comes in, and waits for somebody who holds one of them."""

    async def come() -> None:
        async with database.community(town.community_id) as tx:
            await lock_messages(tx, messages)

    coming = asyncio.create_task(come())
    async with asyncio.timeout(30):
        while not await owner.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
        ):
            await asyncio.sleep(0.01)
    return coming


async def told(database: Database, town: SmallTown, wakeups: Wakeups, incident: int, home: str) -> int:
    """A message to one home."""
    async with database.community(town.community_id) as tx:
        return (await tell(desk_of(tx, wakeups), incident, Telling(Whom(homes=(town.places[home],)), WORDS))).message_id


@pytest.fixture
async def incident(database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock) -> int:
    await set_hour(story, 12)
    return await declare_power_cut(database, town, wakeups)


async def test_two_homes_that_phone_in_one_after_the_other_wait_for_no_receipt_that_waits_for_them(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    low = await told(database, town, wakeups, incident, "3-2-1503")
    high = await told(database, town, wakeups, incident, "3-2-1502")
    async with database.community(town.community_id) as tx:
        assert await household_knows(tx, incident, town.places["3-2-1502"]) == 1
        coming = await receipts_come(database, town, owner, low, high)
        assert await household_knows(tx, incident, town.places["3-2-1503"]) == 1
    await coming


async def test_a_merger_holds_alerts_and_news_of_both_before_it_touches_one(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It confirms homes that phoned in, and then stops alerts, which are older."""
    async with database.community(town.community_id) as tx:
        other = (await declare(tx, wakeups, Declaration("power_cut", town.places["3"], {}), CLERK)).incident_id
        await changes.add_report(desk_of(tx, wakeups), other, Reporter(home_id=town.places["3-2-1502"]))
    news = await told(database, town, wakeups, incident, "3-2-1502")
    alert = await owner.fetchval("SELECT max(id) FROM message WHERE subject = $1 AND kind = 'alert'", other)
    coming: list[asyncio.Task[None]] = []

    async def knows(tx: Tx, incident_id: int, home_id: int) -> int:
        count = await household_knows(tx, incident_id, home_id)
        coming.append(await receipts_come(database, town, owner, alert, news))
        return count

    monkeypatch.setattr(merging, "household_knows", knows)
    async with database.community(town.community_id) as tx:
        await merging.merge(desk_of(tx, wakeups), other, incident)
    (come,) = coming
    await come
