"""People, their addresses, their duties, and whom to call outside."""

from datetime import date, datetime, timedelta

import pytest

from people.audiences import ResidentCount, count_residents
from people.errors import AddressWrongError, DepartmentUnknownError, PersonUnknownError, ShiftOverlapsError, ShiftWrongError
from people.outside import NewOutsideNumber, add_outside_number, number_for, outside_numbers
from people.persons import (
    ContactKind,
    NewContactPoint,
    NewNeedOfHelp,
    NewResidence,
    add_contact_point,
    add_need_of_help,
    add_person,
    add_residence,
    mask,
    normalise_address,
    person_by_phone,
    persons,
)
from people.places import NewPlace, add_place, add_served
from people.rosters import NewShift, add_department, add_post, add_shift, departments, duty_now, holders, on_call
from tests.harness.clock import StoryClock
from tests.harness.estate import Estate
from tocsin.base.database import Database, Tx


async def _engineer(tx: Tx, name: str = "张伟") -> int:
    return await add_person(tx, kind="staff", name=name)


async def _resident(tx: Tx, home_id: int, name: str, number: str | None) -> int:
    person = await add_person(tx, kind="resident", name=name)
    await add_residence(tx, NewResidence(person, home_id, "owner"))
    if number is not None:
        await add_contact_point(tx, NewContactPoint(person, "mobile", number))
    return person


@pytest.mark.parametrize(
    ("kind", "written", "stored"),
    [
        ("mobile", "138 0000 1234", "+8613800001234"),
        ("mobile", "１３８００００１２３４", "+8613800001234"),
        ("mobile", "+86-138-0000-1234", "+8613800001234"),
        ("landline", "0571-8800 1234", "+8657188001234"),
        ("mobile", "+44 7911 123456", "+447911123456"),
        ("email", " Wang.Fang@Example.COM ", "wang.fang@example.com"),
        ("chat", "WangFang", "WangFang"),
    ],
)
def test_an_address_is_stored_in_one_form(kind: ContactKind, written: str, stored: str) -> None:
    assert normalise_address(kind, written) == stored
    assert normalise_address(kind, stored) == stored


@pytest.mark.parametrize(
    ("kind", "written"), [("mobile", "12"), ("mobile", "no"), ("mobile", ""), ("email", "a@b@c"), ("email", "a b@c"), ("chat", " ")]
)
def test_what_cannot_be_an_address_is_refused_and_not_repeated(kind: ContactKind, written: str) -> None:
    with pytest.raises(AddressWrongError) as refusal:
        normalise_address(kind, written)
    assert refusal.value.values == {"kind": kind} or kind == "landline"


def test_a_number_is_shown_masked() -> None:
    assert mask("+8613800001234") == "138****1234"


async def test_a_phone_shared_by_a_couple_finds_both_with_their_home(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        home = estate.ids["3-2-1502"]
        wang = await _resident(tx, home, "王芳", "13800001234")
        li = await _resident(tx, home, "李明", "13800001234")
        await add_residence(tx, NewResidence(li, estate.ids["3-1-301"], "owner"))
        found = await person_by_phone(tx, "138-0000-1234")
        assert [(one.person_id, one.home_code) for one in found] == [(wang, "3-2-1502"), (li, "3-1-301"), (li, "3-2-1502")]
        assert await person_by_phone(tx, "13900001234") == []
        assert await person_by_phone(tx, "not a number") == []


async def test_somebody_who_moved_out_is_known_without_a_home(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        person = await add_person(tx, kind="resident", name="王芳")
        await add_contact_point(tx, NewContactPoint(person, "mobile", "13800001234"))
        today = tx.now.date()
        await add_residence(tx, NewResidence(person, estate.ids["3-2-1502"], "tenant", None, today - timedelta(days=2)))
        found = await person_by_phone(tx, "13800001234")
    assert [(one.person_id, one.home_id) for one in found] == [(person, None)]


async def test_the_same_address_twice_is_one_row_with_what_is_known_now(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        person = await _engineer(tx)
        first = await add_contact_point(tx, NewContactPoint(person, "mobile", "13800001234"))
        again = await add_contact_point(tx, NewContactPoint(person, "mobile", "+86 138 0000 1234", quality="wrong"))
        assert first == again
        assert await person_by_phone(tx, "13800001234") == []


async def test_an_address_of_nobody_is_refused(database: Database, estate: Estate) -> None:
    with pytest.raises(PersonUnknownError):
        async with database.community(estate.community) as tx:
            await add_contact_point(tx, NewContactPoint(404, "mobile", "13800001234"))


async def test_people_are_read_by_id(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        zhang = await _engineer(tx)
        assert (await persons(tx, [zhang, 404]))[zhang].name == "张伟"
        assert list(await persons(tx, [zhang, 404])) == [zhang]


async def test_a_shift_begins_at_its_start_and_is_over_at_its_end(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang, li = await _engineer(tx), await _engineer(tx, "李强")
        starts = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
        ends = starts + timedelta(hours=12)
        await add_shift(tx, NewShift("engineering", "duty", zhang, starts, ends))
        await add_shift(tx, NewShift("engineering", "duty", li, ends, ends + timedelta(hours=12)))

        async def who(at: datetime) -> list[int]:
            return [one.person_id for one in await on_call(tx, department="engineering", tier="duty", at=at)]

        assert await who(starts - timedelta(microseconds=1)) == []
        assert await who(starts) == [zhang]
        assert await who(ends - timedelta(microseconds=1)) == [zhang]
        assert await who(ends) == [li]
        assert await on_call(tx, department="engineering", tier="backup", at=starts) == []
        only = (await on_call(tx, department="engineering", tier="duty", at=starts))[0]
        assert (only.department_key, only.tier, only.role, only.since, only.until) == ("engineering", "duty", None, starts, ends)


async def test_nobody_is_on_duty_twice_at_once_in_one_department(database: Database, estate: Estate) -> None:
    starts = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang = await _engineer(tx)
        await add_shift(tx, NewShift("engineering", "duty", zhang, starts, starts + timedelta(hours=12)))
    with pytest.raises(ShiftOverlapsError):
        async with database.community(estate.community) as tx:
            late = starts + timedelta(hours=11)
            await add_shift(tx, NewShift("engineering", "backup", zhang, late, late + timedelta(hours=1)))


async def test_a_shift_that_cannot_be_is_refused(database: Database, estate: Estate) -> None:
    starts = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        zhang = await _engineer(tx)
        with pytest.raises(ShiftWrongError):
            await add_shift(tx, NewShift("engineering", "duty", zhang, starts, starts))
        with pytest.raises(DepartmentUnknownError):
            await add_shift(tx, NewShift("gardening", "duty", zhang, starts, starts + timedelta(hours=1)))
    with pytest.raises(PersonUnknownError):
        async with database.community(estate.community) as tx:
            resident = await add_person(tx, kind="resident", name="王芳")
            await add_shift(tx, NewShift("engineering", "duty", resident, starts, starts + timedelta(hours=1)))


async def test_the_whole_roster_of_an_instant_stands_in_order(database: Database, estate: Estate) -> None:
    starts = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", {"en": "Engineering"})
        await add_department(tx, "security", {"en": "Security"})
        people = [await _engineer(tx, name) for name in ("张伟", "李强", "陈刚", "赵刚")]
        for department, tier, person in (("security", "duty", 3), ("engineering", "lead", 2), ("engineering", "duty", 0)):
            await add_shift(tx, NewShift(department, tier, people[person], starts, starts + timedelta(hours=1)))  # type: ignore[arg-type]
        roster = [(one.department_key, one.tier) for one in await duty_now(tx, starts)]
        assert roster == [("engineering", "duty"), ("engineering", "lead"), ("security", "duty")]
        assert [one.key for one in await departments(tx)] == ["engineering", "security"]


async def test_a_post_is_held_without_a_roster(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        manager = await _engineer(tx, "周敏")
        await add_post(tx, "manager", manager)
        await add_post(tx, "manager", manager)
        assert [(one.person_id, one.role, one.tier) for one in await holders(tx, "manager")] == [(manager, "manager", None)]
        assert await holders(tx, "supervisor") == []


async def test_the_number_registered_nearest_to_the_place_is_called(database: Database, estate: Estate) -> None:
    checked = date(2026, 5, 1)
    async with database.community(estate.community) as tx:
        for number, place in (("400-1", None), ("400-2", estate.ids["3"]), ("400-3", estate.ids["3-2"])):
            await add_outside_number(tx, NewOutsideNumber("maintenance_company", place, {"en": "Lifts"}, number, checked))

        async def dial(place: str) -> str | None:
            found = await number_for(tx, "maintenance_company", estate.ids[place])
            return found.number if found else None

        assert await dial("3-2-L1") == "400-3"
        assert await dial("3-1-L1") == "400-2"
        assert await dial("P1") == "400-1"
        assert await number_for(tx, "power_company", estate.ids["3"]) is None
        assert len(await outside_numbers(tx)) == 3


async def test_residents_are_counted_once_with_those_nobody_could_reach(database: Database, estate: Estate, story: StoryClock) -> None:
    async with database.community(estate.community) as tx:
        await _resident(tx, estate.ids["3-2-1502"], "王芳", "13800001234")
        both = await _resident(tx, estate.ids["3-2-1501"], "李明", None)
        await add_residence(tx, NewResidence(both, estate.ids["3-2-501"], "owner"))
        leaving = await _resident(tx, estate.ids["3-1-301"], "赵雷", "13800001235")
        await add_residence(tx, NewResidence(leaving, estate.ids["3-1-301"], "tenant", None, tx.now.date() + timedelta(days=3)))
        assert await count_residents(tx, estate.ids["3-2"]) == ResidentCount(homes=6, persons=2, without_way=1)
        assert await count_residents(tx, estate.ids["3"]) == ResidentCount(homes=12, persons=3, without_way=1)
        assert await count_residents(tx, 404) == ResidentCount(0, 0, 0)
    await story.forward_clock(minutes=5 * 24 * 60)
    async with database.community(estate.community) as tx:
        assert (await count_residents(tx, estate.ids["3"])).persons == 2


async def test_an_address_that_failed_for_good_is_no_way(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        person = await _resident(tx, estate.ids["3-2-1502"], "王芳", None)
        await add_contact_point(tx, NewContactPoint(person, "mobile", "13800001234", quality="wrong"))
        await add_contact_point(tx, NewContactPoint(person, "email", "wang@example.com", consent=("notice",)))
        assert (await count_residents(tx, estate.ids["3-2-1502"])).without_way == 1


async def test_a_vacant_home_is_not_counted_and_a_facility_counts_whom_it_serves(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        empty = NewPlace("home", estate.ids["3-2-15"], "3-2-1503", {"en": "Home 1503"}, "1503", 3, occupancy="vacant")
        await add_place(tx, empty)
        await add_served(tx, estate.ids["P1"], [estate.ids["3-2"], estate.ids["3-1"]])
        await add_served(tx, estate.ids["P1"], [estate.ids["3-2"]])
        assert (await count_residents(tx, estate.ids["P1"])).homes == 12


async def test_the_service_writes_why_somebody_needs_help_and_cannot_read_it(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        person = await _resident(tx, estate.ids["3-2-1502"], "王芳", None)
        await add_need_of_help(tx, NewNeedOfHelp(person, powered_device=True, reason="oxygen", confirmer_role="front_desk"))
        assert await tx.connection.fetchval("SELECT powered_device FROM need_of_help") is True
    with pytest.raises(Exception, match="permission denied"):
        async with database.community(estate.community) as tx:
            await tx.connection.fetchval("SELECT reason FROM need_of_help")
