"""Rosters hold by the clock on the wall; who takes over is on the record; gaps are seen before they matter."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.bulk import WallShift, add_wall_shifts
from people.contact.quality import say_quality
from people.directory.contact_points import contact_points_of
from people.duty import wall
from people.duty.certificates import certificates, certified, give_certificate
from people.duty.departments import DepartmentInFull, Hours, change_department, department_in_full
from people.duty.readiness import Gap, Held, gaps, readiness
from people.duty.shifts import (
    LocalShift,
    Shift,
    TakeOver,
    change_shift,
    changes_between,
    exchange,
    get_shift,
    give_shift,
    remove_shift,
    shifts_between,
    take_over,
)
from people.errors import (
    ChangedMeanwhileError,
    DepartmentUnknownError,
    PersonUnknownError,
    ShiftOverError,
    ShiftOverlapsError,
    ShiftUnknownError,
    ShiftWrongError,
)
from people.outside import NewOutsideNumber, add_outside_number
from people.persons import NewContactPoint, add_contact_point, add_person
from people.rosters import Tier, add_department, on_call
from people.wall_clock import instant, span, wall_time
from tests.harness.estate import Estate
from tocsin.base.database import Database, Tx

SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"
ZONES = st.sampled_from([SHANGHAI, BERLIN, "America/New_York", "Australia/Lord_Howe"])
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@given(DAYS, CLOCKS, CLOCKS, ZONES)
def test_a_shift_says_on_the_wall_what_was_agreed(day: date, starts: time, ends: time, zone: str) -> None:
    begin, end = span(day, starts, ends)
    assert (begin.date(), begin.time(), end.time()) == (day, starts, ends)
    assert timedelta(0) < end - begin <= timedelta(days=1)
    shown = wall_time(instant(begin, zone), zone)
    assert shown == begin or shown - begin in (timedelta(hours=1), timedelta(minutes=30)), "only a skipped time is another"


@given(DAYS, st.lists(CLOCKS, min_size=2, max_size=5, unique=True), ZONES)
def test_shifts_that_meet_on_the_wall_meet_in_time(day: date, clocks: list[time], zone: str) -> None:
    """Whatever the clocks do that night: no gap and no overlap between one shift's end and the next one's start."""
    turns = sorted(clocks)
    spans = [span(day, begin, end) for begin, end in pairwise([*turns, turns[0]])]
    instants = [(instant(begin, zone), instant(end, zone)) for begin, end in spans]
    assert all(before[1] == after[0] for before, after in pairwise(instants))
    assert instants[-1][1] == instant(datetime.combine(day + timedelta(days=1), turns[0]), zone)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 11), (date(2026, 10, 24), 13), (date(2026, 6, 1), 12)],
)
def test_a_night_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    begin, end = span(day, time(20), time(8))
    assert instant(end, BERLIN) - instant(begin, BERLIN) == timedelta(hours=hours)


async def _staff(tx: Tx, *names: str) -> list[int]:
    ids = []
    for number, name in enumerate(names):
        person = await add_person(tx, kind="staff", name=name)
        await add_contact_point(tx, NewContactPoint(person, "mobile", f"1380000{number:04d}", quality="good"))
        ids.append(person)
    return ids


async def _tomorrow(tx: Tx) -> date:
    return wall_time(tx.now, SHANGHAI).date() + timedelta(days=1)


def _on(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


async def _night(tx: Tx, person: int, *, days: int = 0) -> int:
    starts, ends = span(await _tomorrow(tx) + timedelta(days=days), time(20), time(8))
    return await give_shift(tx, SHANGHAI, LocalShift("engineering", "duty", person, starts, ends))


async def test_a_shift_is_given_by_the_wall_and_read_back_both_ways(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        (zhang,) = await _staff(tx, "张伟")
        shift = await get_shift(tx, await _night(tx, zhang))
        assert (shift.starts_local.time(), shift.ends_local.time()) == (time(20), time(8))
        assert shift.starts_at == shift.starts_local.replace(tzinfo=ZoneInfo(SHANGHAI)).astimezone(UTC)
        assert [one.id for one in await shifts_between(tx, shift.starts_at, shift.ends_at)] == [shift.id]
        assert await shifts_between(tx, shift.starts_at, shift.ends_at, "gardening") == []
        assert await shifts_between(tx, shift.ends_at, shift.ends_at + timedelta(days=1)) == []


async def test_a_roster_by_the_wall_comes_in_at_once(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _staff(tx, "张伟", "李强")
        day = await _tomorrow(tx)
        turns = [WallShift("engineering", "duty", who, day + timedelta(days=n), *hours)
                 for n in range(30) for who, hours in ((zhang, (time(8), time(20))), (li, (time(20), time(8))))]  # fmt: skip
        await add_wall_shifts(tx, SHANGHAI, turns)
        at = instant(_on(day + timedelta(days=5), time(3)), SHANGHAI)
        assert [one.person_id for one in await on_call(tx, department="engineering", tier="duty", at=at)] == [li]
        with pytest.raises(DepartmentUnknownError):
            await add_wall_shifts(tx, SHANGHAI, [WallShift("gardening", "duty", zhang, day, time(8), time(20))])


async def test_somebody_takes_a_part_of_a_night_and_the_rest_stays(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _staff(tx, "张伟", "李强")
        shift = await get_shift(tx, await _night(tx, zhang))
        middle = TakeOver(li, "孙主管", "ill", _on(shift.ends_local.date(), time(1)), _on(shift.ends_local.date(), time(5)))
        await take_over(tx, SHANGHAI, shift.id, shift.version, middle)
        night = await shifts_between(tx, shift.starts_at, shift.ends_at)
        assert [(one.person_id, one.starts_local.time(), one.ends_local.time()) for one in night] == [
            (zhang, time(20), time(1)), (li, time(1), time(5)), (zhang, time(5), time(8)),
        ]  # fmt: skip
        assert [one.id for one in night if one.person_id == li] == [shift.id]
        (change,) = await changes_between(tx, shift.starts_at, shift.ends_at)
        assert (change.from_person_id, change.to_person_id, change.by, change.reason) == (zhang, li, "孙主管", "ill")
        assert change.ends_at - change.starts_at == timedelta(hours=4)


async def test_two_people_exchange_shifts_even_where_they_stand_at_the_same_time(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _staff(tx, "张伟", "李强")
        night = await get_shift(tx, await _night(tx, zhang))
        backup = LocalShift("engineering", "backup", li, night.starts_local, night.ends_local)
        other = await give_shift(tx, SHANGHAI, backup)
        await exchange(tx, night.id, other, version=1, by="孙主管")
        assert (await get_shift(tx, night.id)).person_id == li
        assert (await get_shift(tx, other)).person_id == zhang
        assert len(await changes_between(tx, night.starts_at, night.ends_at)) == 2


async def test_of_a_running_shift_only_what_is_to_come_changes_hands(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _staff(tx, "张伟", "李强")
        here = wall_time(tx.now, SHANGHAI)
        running = LocalShift("engineering", "duty", zhang, here - timedelta(hours=3), here + timedelta(hours=3))
        shift = await give_shift(tx, SHANGHAI, running)
        await take_over(tx, SHANGHAI, shift, 1, TakeOver(li, "孙主管"))
        both = await shifts_between(tx, tx.now - timedelta(hours=4), tx.now + timedelta(hours=4))
        assert [(one.person_id, one.ends_at - one.starts_at) for one in both] == [(zhang, timedelta(hours=3)), (li, timedelta(hours=3))]
        with pytest.raises(ShiftOverError):
            await remove_shift(tx, shift, 2)
        over = LocalShift("engineering", "duty", zhang, here - timedelta(days=2), here - timedelta(days=1))
        past = await give_shift(tx, SHANGHAI, over)
        with pytest.raises(ShiftOverError):
            await take_over(tx, SHANGHAI, past, 1, TakeOver(li, "孙主管"))


async def test_nothing_is_changed_that_was_not_seen_or_cannot_be(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _staff(tx, "张伟", "李强")
        resident = await add_person(tx, kind="resident", name="王芳")
        first, second = await _night(tx, zhang), await _night(tx, li, days=1)
        shift = await get_shift(tx, first)
    refusals: list[tuple[type[Exception], Callable[[Tx], Awaitable[object]]]] = [
        (ShiftUnknownError, lambda tx: take_over(tx, SHANGHAI, 404, 1, TakeOver(li, ""))),
        (ChangedMeanwhileError, lambda tx: take_over(tx, SHANGHAI, first, 7, TakeOver(li, ""))),
        (ShiftWrongError, lambda tx: take_over(tx, SHANGHAI, first, 1, TakeOver(li, "", "", shift.starts_local - timedelta(hours=1)))),
        (ShiftWrongError, lambda tx: change_shift(tx, SHANGHAI, first, 1, shift.ends_local, shift.starts_local)),
        (PersonUnknownError, lambda tx: take_over(tx, SHANGHAI, first, 1, TakeOver(resident, ""))),
        (ShiftOverlapsError, lambda tx: _move_onto(tx, second, first)),
    ]
    for refused, act in refusals:
        with pytest.raises(refused):
            async with database.community(estate.community) as tx:
                await act(tx)
    async with database.community(estate.community) as tx:
        assert await get_shift(tx, first) == shift
        later = shift.ends_local + timedelta(hours=1)
        await change_shift(tx, SHANGHAI, first, 1, shift.starts_local, later)
        moved = await get_shift(tx, first)
        assert (moved.ends_local, moved.version) == (later, 2)
        await remove_shift(tx, first, 2)


async def _move_onto(tx: Tx, shift_id: int, onto: int) -> None:
    """Li's night is moved onto Zhang's, whom Li then relieves: Li would stand twice."""
    target = await get_shift(tx, onto)
    await change_shift(tx, SHANGHAI, shift_id, 1, target.starts_local, target.ends_local)
    person = (await get_shift(tx, shift_id)).person_id
    await take_over(tx, SHANGHAI, onto, 1, TakeOver(person, ""))


async def test_shifts_follow_the_wall_when_the_community_changes_its_zone(
    database: Database, estate: Estate, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _staff(tx, "张伟", "李强")
        first = await get_shift(tx, await _night(tx, zhang))
        await _night(tx, li, days=1)
    assert await wall.run_once(database, estate.community) == 0
    await owner.execute("UPDATE community SET zone = 'Asia/Tokyo'")
    assert await wall.run_once(database, estate.community) == 2
    async with database.community(estate.community) as tx:
        moved = await get_shift(tx, first.id)
    assert moved.starts_at == first.starts_at - timedelta(hours=1)
    assert moved.starts_local == first.starts_local
    assert await owner.fetchval("SELECT due_at > now() + interval '20 hours' FROM work WHERE lane = 'rosters'")


AT = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday, 08:00 in Shanghai


def _held(*shifts: tuple[float, float, bool]) -> list[Held]:
    return [
        Held("engineering", "duty", number, f"P{number}", AT + timedelta(hours=begin), AT + timedelta(hours=end), reachable)
        for number, (begin, end, reachable) in enumerate(shifts)
    ]


def _department(tiers: Sequence[Tier] = ("duty",), hours: Sequence[Hours] = ()) -> DepartmentInFull:
    rows: list[dict[str, str | int]] = [
        {"tier": one.tier, "weekday": one.weekday, "opens": one.opens.isoformat(), "closes": one.closes.isoformat()} for one in hours
    ]
    return DepartmentInFull(1, "engineering", {}, list(tiers), 1, rows)


def _found(held: list[Held], department: DepartmentInFull | None = None, days: int = 1) -> list[tuple[float, float, str]]:
    found = gaps(department or _department(), held, SHANGHAI, AT, AT + timedelta(days=days))
    return [((gap.starts_at - AT) / timedelta(hours=1), (gap.ends_at - AT) / timedelta(hours=1), gap.why) for gap in found]


def test_an_empty_roster_is_one_gap_and_a_full_one_has_none() -> None:
    assert _found([]) == [(0, 24, "nobody")]
    assert _found(_held((-12, 12, True), (12, 36, True))) == []


def test_a_gap_is_what_no_shift_covers_and_a_holder_whom_nothing_reaches_covers_nothing() -> None:
    assert _found(_held((0, 8, True), (10, 24, True))) == [(8, 10, "nobody")]
    assert _found(_held((0, 8, True), (8, 16, False), (16, 24, True))) == [(8, 16, "unreachable")]
    assert _found(_held((0, 24, False), (6, 12, True))) == [(0, 6, "unreachable"), (12, 24, "unreachable")]


def test_hours_say_when_a_tier_is_to_be_filled() -> None:
    office = [Hours("duty", day, time(9), time(18)) for day in (1, 2, 3, 4, 5)]
    assert _found([], _department(hours=office), days=7) == [
        (1 + 24 * day, 10 + 24 * day, "nobody") for day in range(5)
    ]  # fmt: skip
    night = [Hours("duty", 1, time(22), time(6)), Hours("duty", 2, time(6), time(8))]
    assert _found([], _department(hours=night)) == [(14, 24, "nobody")]
    assert _found([], _department(tiers=())) == []


@given(st.lists(st.tuples(st.integers(-30, 60), st.integers(1, 40), st.booleans()), max_size=8))
def test_every_hour_is_either_covered_or_in_a_gap(shifts: list[tuple[int, int, bool]]) -> None:
    held = _held(*[(begin, begin + length, reachable) for begin, length, reachable in shifts])
    found = _found(held, days=2)
    for hour in range(48):
        covered = any(one.reachable and one.starts_at <= AT + timedelta(hours=hour) < one.ends_at for one in held)
        in_gaps = sum(begin <= hour < end for begin, end, _ in found)
        assert in_gaps == (0 if covered else 1)


async def test_readiness_tells_of_gaps_certificates_and_numbers(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _staff(tx, "张伟", "李强")
        await change_department(tx, "engineering", 1, names={"en": "Engineers"}, tiers=["duty"], hours=[])
        day = wall_time(tx.now, SHANGHAI).date()
        turns = [WallShift("engineering", "duty", zhang, day + timedelta(days=n), time(0), time(0)) for n in range(-1, 20) if n != 3]
        await add_wall_shifts(tx, SHANGHAI, turns)
        await give_certificate(tx, zhang, "elevator_rescue", "T-1", day + timedelta(days=30))
        await give_certificate(tx, li, "elevator_rescue", "T-2", day + timedelta(days=300))
        for what, ago in (("gas_company", 10), ("power_company", 200)):
            await add_outside_number(tx, NewOutsideNumber(what, None, {"en": what}, "95598", day - timedelta(days=ago)))
        found = await readiness(tx)
        assert [(gap.tier, gap.why, gap.ends_at - gap.starts_at) for gap in found.gaps] == [("duty", "nobody", timedelta(days=1))]
        assert [one.number for one in found.expiring] == ["T-1"]
        assert [one.what for one in found.unchecked] == ["power_company"]

        (point,) = await contact_points_of(tx, zhang)
        await say_quality(tx, point.id, "wrong", reason="belongs_to_other", by="desk")
        kinds = {gap.why for gap in (await readiness(tx)).gaps}
        assert kinds == {"nobody", "unreachable"}


async def test_a_certificate_holds_through_its_last_day_and_a_renewal_is_the_same_row(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        zhang, li = await _staff(tx, "张伟", "李强")
        last = date(2026, 6, 30)
        one = await give_certificate(tx, zhang, "elevator_rescue", "T-1", last)
        assert await certified(tx, [zhang, li], "elevator_rescue", last) == [zhang]
        assert await certified(tx, [zhang, li], "elevator_rescue", last + timedelta(days=1)) == []
        assert await give_certificate(tx, zhang, "elevator_rescue", "T-9", last + timedelta(days=365)) == one
        assert [(one.number, one.name) for one in await certificates(tx, person_id=zhang)] == [("T-9", "张伟")]
        resident = await add_person(tx, kind="resident", name="王芳")
    with pytest.raises(PersonUnknownError):
        async with database.community(estate.community) as tx:
            await give_certificate(tx, resident, "elevator_rescue", "", last)


async def test_hours_of_a_department_are_kept_as_the_wall_says_them(database: Database, estate: Estate) -> None:
    hours = [Hours("duty", 1, time(8, 30), time(17)), Hours("lead", 7, time(22), time(0))]
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        await change_department(tx, "engineering", 1, names={"en": "Engineers"}, tiers=["duty", "lead"], hours=hours)
        department = await department_in_full(tx, "engineering")
        assert (department.cover, department.tiers, department.version) == (hours, ["duty", "lead"], 2)
        with pytest.raises(ChangedMeanwhileError):
            await change_department(tx, "engineering", 1, names={}, tiers=[], hours=[])


def test_gaps_of_equal_kind_that_meet_are_one() -> None:
    found = list(gaps(_department(), _held((4, 8, False), (4, 8, False)), SHANGHAI, AT, AT + timedelta(hours=8)))
    assert found == [
        Gap("engineering", "duty", AT, AT + timedelta(hours=4), "nobody", None),
        Gap("engineering", "duty", AT + timedelta(hours=4), AT + timedelta(hours=8), "unreachable", "P0"),
    ]


def test_a_shift_has_the_instants_of_its_wall() -> None:
    at = datetime(2026, 6, 1, 20)
    shift = Shift(1, "engineering", {}, "duty", 1, "", AT, AT, at, at + timedelta(hours=12), 1)
    assert shift.by_wall(BERLIN).starts_at == datetime(2026, 6, 1, 18, tzinfo=UTC)
