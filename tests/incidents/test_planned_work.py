"""A planned cut: announced, reminded of, moved and cancelled to exactly those who were told; the night and the law are kept in mind."""

from datetime import UTC, datetime, time, timedelta

import asyncpg
import pytest

from incidents.errors import PlannedWorkEndedError, WindowWrongError
from incidents.planned import chore, work
from incidents.planned.notices import Work, texts_of_notice
from incidents.planned.schedule import What, announcement_at, is_short_notice, news_for_seconds, notices_of
from incidents.planned.work import Plan, Window
from incidents.views.planned import planned_work
from notifiers.delivery.segments import measure
from people.communities import Community, get_community
from people.places import get_place
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import desk_of
from tests.incidents.sending import Got, everything_leaves
from tests.incidents.test_telling import set_hour
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection
GARDEN = Community(
    1, 1, {"zh-CN": "云栖花园"}, "Asia/Shanghai", ["zh-CN", "en"], "zh-CN", "", "", "0571-88001234", time(22, 30), time(7, 0),
    may_send=True, repairs_together_minutes=120, status_key="", status_open=False, second_person_above_homes=300,
)  # fmt: skip


def wall(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in November 2026 on the community's wall, in UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def due(announce: datetime, starts: datetime) -> list[tuple[str, datetime]]:
    found = notices_of(GARDEN, announce_at=announce, starts_at=starts, evening=time(19, 0), soon=timedelta(minutes=30))
    return [(one.what, one.at) for one in found]


def test_it_is_announced_and_reminded_of_the_evening_before_and_half_an_hour_before() -> None:
    assert due(wall(20, 10), wall(28, 9)) == [("announced", wall(20, 10)), ("evening", wall(27, 19)), ("soon", wall(28, 8, 30))]


def test_nobody_is_woken_for_it() -> None:
    """At night an announcement waits for the morning; a reminder that would wake people was given the evening before."""
    assert due(wall(20, 2), wall(28, 6)) == [("announced", wall(20, 7)), ("evening", wall(27, 19))]
    assert announcement_at(GARDEN, wall(28, 2), wall(28, 5)) == wall(28, 2), "unless it begins before the morning"


def test_what_is_announced_late_is_not_reminded_of_what_was_just_said() -> None:
    assert due(wall(28, 8, 45), wall(28, 9)) == [("announced", wall(28, 8, 45))]
    assert due(wall(27, 20), wall(28, 9)) == [("announced", wall(27, 20)), ("soon", wall(28, 8, 30))]


@pytest.mark.parametrize(
    ("kind", "by_supplier", "hours", "short"),
    [("power_cut", True, 167, True), ("power_cut", True, 168, False), ("water_cut", True, 23, True), ("water_cut", False, 1, False)],
)
def test_less_than_the_law_wants_of_a_supplier_is_said(kind: str, by_supplier: bool, hours: int, short: bool) -> None:  # noqa: FBT001
    starts = wall(28, 9)
    assert is_short_notice(kind, by_supplier=by_supplier, announced_at=starts - timedelta(hours=hours), starts_at=starts) is short  # type: ignore[arg-type]


async def _tell(database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner) -> Got:
    await chore.run_once(database, wakeups, town.community_id)
    return await everything_leaves(database, town, owner)


@pytest.mark.parametrize(
    ("what", "minutes_before", "minutes_of_news"),
    [
        ("soon", 30, 30),
        ("evening", 19 * 60, 360),
        ("announced", -10, 170),
        ("announced", -180, 1),
        ("cancelled", 30, 360),
        ("changed", 1, 360),
    ],
)
def test_that_power_will_be_cut_at_two_is_not_said_at_three(what: What, minutes_before: int, minutes_of_news: int) -> None:
    two = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
    now = two - timedelta(minutes=minutes_before)
    assert news_for_seconds(what, starts_at=two, ends_at=two + timedelta(hours=3), now=now) == minutes_of_news * 60


async def test_a_planned_cut_from_its_announcement_to_its_end(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 10)
    now = await story.now()
    starts = now + timedelta(days=2)
    window = Window(starts, starts + timedelta(hours=8))
    async with database.community(town.community_id) as tx:
        planned = await work.plan_work(desk_of(tx, wakeups), Plan("power_cut", town.places["3"], window, source="供电公司通知"))
    told = await _tell(database, town, wakeups, owner)
    assert set(told) == {"mrs_wang", "mr_zhou", "alice"} and told["mrs_wang"][0].startswith("计划停电：3栋")
    assert await _tell(database, town, wakeups, owner) == {}, "once"

    async with database.community(town.community_id) as tx:
        later = Window(starts + timedelta(days=1), starts + timedelta(days=1, hours=8))
        await work.change_work(desk_of(tx, wakeups), planned, later)
    moved = await _tell(database, town, wakeups, owner)
    assert moved["mrs_wang"][0].startswith("计划停电改期：3栋") and "bob" not in moved

    await story.set_clock(starts + timedelta(hours=9, minutes=1))  # 19:01 on the evening before
    assert (await _tell(database, town, wakeups, owner))["alice"][0].startswith("Tomorrow: planned power cut at Building 3")
    await story.set_clock(later.starts_at - timedelta(minutes=29))
    assert (await _tell(database, town, wakeups, owner))["mr_zhou"][0].startswith("即将停电：3栋")
    await story.set_clock(later.ends_at + timedelta(minutes=1))
    async with database.community(town.community_id) as tx:
        (shown,) = await planned_work(tx)
        assert shown.is_overdue(tx.now) and shown.changed_at is not None and shown.place["zh-CN"] == "3栋"
        await work.restore_work(desk_of(tx, wakeups), planned, tell=True)
    assert (await _tell(database, town, wakeups, owner))["mrs_wang"][0].startswith("3栋18:01已来电")
    with pytest.raises(PlannedWorkEndedError):
        async with database.community(town.community_id) as tx:
            await work.cancel_work(desk_of(tx, wakeups), planned)


async def test_what_was_announced_to_nobody_is_cancelled_to_nobody(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 10)
    now = await story.now()
    window = Window(now + timedelta(days=2), now + timedelta(days=2, hours=1), announce_at=now + timedelta(days=1))
    async with database.community(town.community_id) as tx:
        planned = await work.plan_work(desk_of(tx, wakeups), Plan("water_cut", town.places["3-2-L1"], window))
    async with database.community(town.community_id) as tx:
        await work.cancel_work(desk_of(tx, wakeups), planned)
    await story.set_clock(now + timedelta(days=3))
    assert await _tell(database, town, wakeups, owner) == {}
    for wrong in (Window(now, now), Window(now - timedelta(hours=2), now - timedelta(hours=1)), Window(now, now + timedelta(days=8))):
        with pytest.raises(WindowWrongError):
            work.check_window(wrong, now)


@pytest.mark.parametrize("kind", ["power_cut", "water_cut"])
async def test_every_text_of_it_is_one_message(database: Database, town: SmallTown, owner: Owner, kind: str) -> None:
    await owner.execute("UPDATE community SET desk_phone = '0571-88001234'")
    async with database.community(town.community_id) as tx:
        community, place = await get_community(tx, town.community_id), await get_place(tx, town.places["3-2"])
    planned = Work(1, kind, place.id, wall(28, 9), wall(28, 17), "planned", None)  # type: ignore[arg-type]
    for what in ("announced", "evening", "soon", "changed", "cancelled", "restored"):
        texts = texts_of_notice(community, place, planned, what)
        assert measure(f"【安居物业】{texts['zh-CN'].text}").segments == 1, texts["zh-CN"].text
        assert measure(f"[Anju PM] {texts['en'].text}").segments == 1, texts["en"].text


async def test_what_does_not_end_becomes_an_emergency_and_is_red_no_longer(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock
) -> None:
    await set_hour(story, 10)
    now = await story.now()
    async with database.community(town.community_id) as tx:
        plan = Plan("power_cut", town.places["3"], Window(now, now + timedelta(hours=1)))
        planned = await work.plan_work(desk_of(tx, wakeups), plan)
    await story.set_clock(now + timedelta(hours=2))
    async with database.community(town.community_id) as tx:
        assert [one.is_overdue(tx.now) for one in await planned_work(tx)] == [True]
        declared = await work.declare_overrun(desk_of(tx, wakeups), planned)
    async with database.community(town.community_id) as tx:
        assert [(one.is_overdue(tx.now), one.incident_number) for one in await planned_work(tx)] == [(False, declared.number)]
