"""A declaration without a name is signed, or the clock writes that it was not; both are events, and neither changes the incident."""

from dataclasses import replace

import pytest

from incidents.actors import Actor
from incidents.conductor import timers
from incidents.desk.changes import Desk, cancel
from incidents.desk.declare import Declaration, declare
from incidents.desk.signing import sign, unsigned, unsigned_of
from incidents.views.lists import timeline
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

DEVICE = Actor("device", "前台1号机", device_id=3)
CHEN = replace(CLERK, device_id=3)


async def kinds_of(database: Database, town: SmallTown, incident_id: int) -> list[str]:
    async with database.community(town.community_id) as tx:
        return [one.kind for one in await timeline(tx, incident_id) if one.kind in ("declared", "signed", "unsigned")]


@pytest.mark.parametrize("ended", [False, True], ids=["open", "cancelled meanwhile"])
async def test_after_five_minutes_the_record_says_that_nobody_signed_and_later_who_did(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, ended: bool
) -> None:
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), DEVICE)
        named = await declare(tx, wakeups, Declaration("power_cut", town.places["5"]), CLERK)
        [missing] = await unsigned(tx)
        assert (missing.incident_id, missing.device, missing.lapsed_at) == (declared.incident_id, "前台1号机", None)
        if ended:
            await cancel(Desk(tx, wakeups, CLERK), declared.incident_id, "误报")
    for minutes in (4, 1, 1):
        await story.forward_clock(minutes=minutes)
        await timers.run_once(database, wakeups, town.community_id)
    assert await kinds_of(database, town, declared.incident_id) == ["declared", "unsigned"]
    assert await kinds_of(database, town, named.incident_id) == ["declared"]
    async with database.community(town.community_id) as tx:
        late = await unsigned_of(tx, declared.incident_id)
        assert late is not None and late.lapsed_at is not None
        assert await sign(Desk(tx, wakeups, CHEN), declared.incident_id)
        assert not await sign(Desk(tx, wakeups, CLERK), declared.incident_id), "the first to sign it has"
        assert not await sign(Desk(tx, wakeups, CLERK), named.incident_id), "there is nothing to sign"
        event = (await timeline(tx, declared.incident_id))[-1]
        assert event.body["by"] == {"kind": "account", "account": 1, "device": 3}
    assert await kinds_of(database, town, declared.incident_id) == ["declared", "unsigned", "signed"]


async def test_signed_in_time_the_clock_writes_nothing(database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock) -> None:
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), DEVICE)
    async with database.community(town.community_id) as tx:
        assert await sign(Desk(tx, wakeups, CHEN), declared.incident_id)
    await story.forward_clock(minutes=10)
    await timers.run_once(database, wakeups, town.community_id)
    assert await kinds_of(database, town, declared.incident_id) == ["declared", "signed"]
