"""Many at once come out as if they had been added one by one."""

from datetime import timedelta

import pytest

from people.audiences import ResidentCount, count_residents
from people.bulk import AddressLine, PersonLine, PlaceLine, add_people, add_places, add_served_by_codes, add_shifts
from people.errors import AddressWrongError, DepartmentUnknownError, PlaceTakenError, PlaceUnknownError, ShiftOverlapsError
from people.persons import person_by_phone, persons
from people.places import ancestors, facilities_within, resolve_place
from people.rosters import NewShift, add_department, on_call
from tests.harness.estate import Estate
from tocsin.base.database import Database

EN = {"en": "x"}


async def test_places_given_in_any_order_stand_in_the_tree(database: Database, estate: Estate) -> None:
    lines = [
        PlaceLine("facility", "7-1", "7-1-L1", EN, "1", 1, "elevator", "203199"),
        PlaceLine("home", "7-1-2", "7-1-201", EN, "201", 1),
        PlaceLine("floor", "7-1", "7-1-2", EN, "2", 2),
        PlaceLine("unit", "7", "7-1", EN, "1", 1),
        PlaceLine("building", "0", "07", EN, "7", 7),
    ]
    async with database.community(estate.community) as tx:
        assert await add_places(tx, lines) == 5
        home = await resolve_place(tx, "7-1-201")
        assert [place.code for place in await ancestors(tx, home.id)] == ["7-1-2", "7-1", "7", "0"]
        building = await resolve_place(tx, "7")
        assert [place.code for place in await facilities_within(tx, building.id, "elevator")] == ["7-1-L1"]


async def test_a_place_without_its_parent_or_given_twice_is_refused(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        with pytest.raises(PlaceUnknownError):
            await add_places(tx, [PlaceLine("unit", "99", "99-1", EN, "1", 1)])
    with pytest.raises(PlaceTakenError):
        async with database.community(estate.community) as tx:
            await add_places(tx, [PlaceLine("building", "0", "3", EN, "3", 3)])


async def test_people_keep_their_order_addresses_and_homes(database: Database, estate: Estate) -> None:
    mobile = AddressLine("mobile", "138 0000 1234")
    lines = [PersonLine("resident", f"Resident {number}", "en", (mobile,) if number % 2 else (), ("3-2-1502",)) for number in range(300)]
    async with database.community(estate.community) as tx:
        ids = await add_people(tx, lines)
        names = await persons(tx, ids)
        assert [names[person].name for person in ids] == [line.name for line in lines]
        assert len(await person_by_phone(tx, "13800001234")) == 150
        home = await resolve_place(tx, "3-2-1502")
        assert await count_residents(tx, home.id) == ResidentCount(homes=1, persons=300, without_way=150)


async def test_one_wrong_line_of_people_refuses_all(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        with pytest.raises(AddressWrongError):
            await add_people(tx, [PersonLine("resident", "王芳", addresses=(AddressLine("mobile", "12"),))])
    with pytest.raises(PlaceUnknownError):
        async with database.community(estate.community) as tx:
            await add_people(tx, [PersonLine("resident", "王芳", home_codes=("9-9-999",))])


async def test_a_roster_comes_in_at_once(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_department(tx, "engineering", EN)
        (zhang,) = await add_people(tx, [PersonLine("staff", "张伟")])
        day = timedelta(hours=12)
        await add_shifts(tx, [NewShift("engineering", "duty", zhang, tx.now + day * turn, tx.now + day * (turn + 1)) for turn in range(60)])
        assert [one.person_id for one in await on_call(tx, department="engineering", tier="duty", at=tx.now + day * 59)] == [zhang]
        with pytest.raises(DepartmentUnknownError):
            await add_shifts(tx, [NewShift("gardening", "duty", zhang, tx.now, tx.now + day)])
    with pytest.raises(ShiftOverlapsError):
        async with database.community(estate.community) as tx:
            await add_shifts(tx, [NewShift("engineering", "backup", zhang, tx.now, tx.now + day)])


async def test_a_facility_serves_places_by_code(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await add_served_by_codes(tx, "P1", ["3-1"])
        assert (await count_residents(tx, estate.ids["P1"])).homes == 6


async def test_a_connection_that_knew_a_small_directory_does_not_read_the_whole_of_a_large_one_for_each_line(
    database: Database, estate: Estate
) -> None:
    """Checks of foreign keys are planned once a connection, by the size of the table at that moment."""
    lines = [
        PersonLine("resident", f"住户{n}", addresses=(AddressLine("mobile", f"+86138{n:08d}"),), home_codes=("3-2-1502",))
        for n in range(1500)
    ]
    read = "SELECT sum(idx_tup_fetch + seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname = 'person'"
    async with database.community(estate.community) as tx:
        await add_people(tx, [PersonLine("staff", "张伟", addresses=(AddressLine("mobile", "+8613800000001"),))])
        before = await tx.connection.fetchval(read)
        await add_people(tx, lines)
        assert await tx.connection.fetchval(read) - before < 20 * len(lines)
