"""The third repair of one kind from one building within the community's time is asked about; the desk decides once."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from incidents.desk.repairs import Repair, hand_on
from incidents.desk.repairs_together import UndecidedRepair, gathered, keep_separate, repairs_together, start_plan
from incidents.errors import RepairsNotTogetherError
from incidents.views.lists import open_incidents, reports
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

HOMES = ("3-2-1502", "3-2-1503", "3-2-1601")
WITHIN = timedelta(hours=2)


def repair(no: int, minutes: int, *, place: int = 0, kind: str = "home", phone: str | None = None) -> UndecidedRepair:
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    return UndecidedRepair(no, "power_cut", 3, at, place or no, kind, "", {}, "", None, phone)


@pytest.mark.parametrize(
    ("repairs", "asked"),
    [
        ([repair(1, 0), repair(2, 60), repair(3, 120)], [1, 2, 3]),
        ([repair(1, 0), repair(2, 60), repair(3, 121)], []),
        ([repair(1, 0), repair(2, 200), repair(3, 210), repair(4, 220)], [2, 3, 4]),
        ([repair(1, 0, place=9), repair(2, 1, place=9), repair(3, 2, place=8)], []),
        ([repair(no, no, place=3, kind="building", phone="139") for no in (1, 2, 3)], []),
        ([repair(no, no, place=3, kind="building", phone=f"139{no}") for no in (1, 2, 3)], [1, 2, 3]),
    ],
)
def test_three_homes_within_the_time_are_asked_about(repairs: list[UndecidedRepair], asked: list[int]) -> None:
    assert [one.id for found in gathered(repairs, WITHIN) for one in found.repairs] == asked


async def hand_on_from(database: Database, town: SmallTown, wakeups: Wakeups, *homes: str) -> list[int]:
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        repairs = [Repair("power_cut", town.places[home], "没电", f"住户{home}") for home in homes]
        return [(await hand_on(desk, repair)).from_same_building for repair in repairs]


async def test_the_third_starts_the_plan_with_the_callers_as_reports(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    assert await hand_on_from(database, town, wakeups, *HOMES) == [1, 2, 3]
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        declared = await start_plan(desk, "power_cut", town.places["3"])
        told = await reports(tx, declared.incident_id)
        assert {one.home_id for one in told} == {town.places[home] for home in HOMES}
        assert await repairs_together(tx) == []
        with pytest.raises(RepairsNotTogetherError):
            await start_plan(desk, "power_cut", town.places["3"])
        assert len(await open_incidents(tx)) == 1


async def test_separate_ones_are_not_asked_about_again_but_three_more_are(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, story: StoryClock
) -> None:
    await owner.execute("UPDATE community SET repairs_together_minutes = 30")
    await hand_on_from(database, town, wakeups, *HOMES[:2])
    await story.forward_clock(minutes=31)
    assert await hand_on_from(database, town, wakeups, HOMES[2]) == [1]
    assert await hand_on_from(database, town, wakeups, *HOMES[:2]) == [2, 3]
    async with database.community(town.community_id) as tx:
        assert await keep_separate(desk_of(tx, wakeups), "power_cut", town.places["3"]) == 3
    assert await hand_on_from(database, town, wakeups, *HOMES[:2]) == [1, 2]
    async with database.community(town.community_id) as tx:
        assert (await repairs_together(tx), await open_incidents(tx)) == ([], [])
    assert await hand_on_from(database, town, wakeups, HOMES[2]) == [3]
