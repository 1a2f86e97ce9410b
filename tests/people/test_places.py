"""Places are kept as a tree and found however they are said."""

import asyncpg
import pytest

from people.errors import PlaceCodeWrongError, PlaceMisplacedError, PlaceTakenError, PlaceUnknownError
from people.places import (
    NewPlace,
    add_place,
    ancestor_of_kind,
    ancestors,
    children,
    facilities_within,
    find_places,
    get_place,
    name_of,
    resolve_place,
)
from tests.harness.estate import Estate
from tocsin.base.database import Database


@pytest.mark.parametrize(
    "text",
    ["3-2-1502", "3.2.1502", "3。2。1502", "３-２-１５０２", "3 2 1502", "3栋2单元1502", "三栋二单元一五〇二", "321502", "3栋2单元15楼2号"],
)
async def test_a_home_is_the_first_thing_found_however_it_is_said(database: Database, estate: Estate, text: str) -> None:
    async with database.community(estate.community) as tx:
        assert (await find_places(tx, text))[0].code == "3-2-1502"


@pytest.mark.parametrize("text", ["3.2", "3-2 电梯", "3栋2单元", "32"])
async def test_the_unit_of_a_caller_offers_its_elevators_where_one_is_wanted(database: Database, estate: Estate, text: str) -> None:
    async with database.community(estate.community) as tx:
        found = await find_places(tx, text, facility_kind="elevator")
    assert [place.code for place in found][:2] == ["3-2-L1", "3-2-L2"]


async def test_a_unit_comes_before_what_lies_within_it_and_elevators_before_floors(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        found = await find_places(tx, "3-2")
    assert [place.code for place in found][:4] == ["3-2", "3-2-L1", "3-2-L2", "3-2-3"]


@pytest.mark.parametrize("text", ["203122", "２０３１２２", "203 122"])
async def test_the_number_inside_the_car_finds_its_elevator_without_knowing_the_building(
    database: Database, estate: Estate, text: str
) -> None:
    async with database.community(estate.community) as tx:
        assert [place.code for place in await find_places(tx, text)][:1] == ["3-2-L2"]


async def test_a_home_number_alone_offers_it_in_every_unit(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        assert [place.code for place in await find_places(tx, "1502")] == ["3-1-1502", "3-2-1502"]
        assert [place.code for place in await find_places(tx, "1号梯")] == ["3-1-L1", "3-2-L1"]


async def test_what_is_half_typed_offers_what_begins_so(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        assert [place.code for place in await find_places(tx, "3-2-150")] == ["3-2-1501", "3-2-1502"]


async def test_a_place_is_found_by_its_name_in_either_language(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        for text in ("水泵房", "pump room"):
            assert [place.code for place in await find_places(tx, text)] == ["P1"], text


async def test_no_more_is_offered_than_asked_for(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        assert len(await find_places(tx, "3", limit=3)) == 3
        assert await find_places(tx, "   ") == []
        assert await find_places(tx, "9-9-9999") == []


async def test_an_id_and_a_code_never_mean_two_places(database: Database, estate: Estate) -> None:
    home = estate.ids["3-2-1502"]
    async with database.community(estate.community) as tx:
        assert (await resolve_place(tx, home)).code == "3-2-1502"
        assert (await resolve_place(tx, str(home))).code == "3-2-1502"
        assert (await resolve_place(tx, " ３.2.1502 ")).id == home
        assert (await resolve_place(tx, "3")).kind == "building"
        with pytest.raises(PlaceCodeWrongError):
            await add_place(tx, NewPlace("building", estate.ids["0"], str(home), {"en": "trap"}, "x", 1))


@pytest.mark.parametrize("value", ["9-9", "", "1502", 1, "99999999999999999999999", "3号梯"])
async def test_a_place_that_is_not_there_is_refused_by_the_field_place(database: Database, estate: Estate, value: str | int) -> None:
    async with database.community(estate.community) as tx:
        with pytest.raises(PlaceUnknownError) as refusal:
            await resolve_place(tx, value)
    assert refusal.value.field == "/place"


async def test_a_place_knows_everything_around_it_nearest_first(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        home = estate.ids["3-2-1502"]
        assert [place.code for place in await ancestors(tx, home)] == ["3-2-15", "3-2", "3", "0"]
        unit = await ancestor_of_kind(tx, home, "unit")
        assert unit is not None
        assert unit.code == "3-2"
        building = await ancestor_of_kind(tx, estate.ids["3"], "building")
        assert building is not None
        assert building.code == "3"
        assert await ancestor_of_kind(tx, estate.ids["3"], "unit") is None


async def test_every_elevator_of_a_building_is_counted_and_an_elevator_is_its_own(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        codes = [place.code for place in await facilities_within(tx, estate.ids["3"], "elevator")]
        assert codes == ["3-1-L1", "3-1-L2", "3-2-L1", "3-2-L2"]
        assert [place.code for place in await facilities_within(tx, estate.ids["3-2-L1"], "elevator")] == ["3-2-L1"]
        assert await facilities_within(tx, estate.ids["3-2-L1"], "pump_room") == []


async def test_children_stand_in_their_order_and_not_by_their_label(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        assert [place.code for place in await children(tx, estate.ids["3-2"])] == ["3-2-L1", "3-2-L2", "3-2-3", "3-2-5", "3-2-15"]


async def test_names_are_said_in_the_language_asked_for_and_else_in_one_there_is(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        place = await get_place(tx, estate.ids["3-2-L1"])
    assert name_of(place, "en") == "Building 3 Unit 2 Lift 1"
    assert name_of(place, "fr") in place.names.values()


async def test_a_code_is_given_once(database: Database, estate: Estate) -> None:
    with pytest.raises(PlaceTakenError):
        async with database.community(estate.community) as tx:
            await add_place(tx, NewPlace("building", estate.ids["0"], "０3", {"en": "again"}, "3", 1))


async def test_a_building_within_a_home_is_refused(database: Database, estate: Estate) -> None:
    with pytest.raises(PlaceMisplacedError):
        async with database.community(estate.community) as tx:
            await add_place(tx, NewPlace("building", estate.ids["3-2-1502"], "9", {"en": "no"}, "9", 1))


async def test_a_place_of_another_community_is_not_there(
    database: Database, estate: Estate, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    other = await owner.fetchval(
        "INSERT INTO community (company_id, names, zone, languages, default_language, created_at)"
        " SELECT company_id, names, zone, languages, default_language, created_at FROM community RETURNING id"
    )
    async with database.community(other) as tx:
        assert await find_places(tx, "3-2-1502") == []
        with pytest.raises(PlaceUnknownError):
            await get_place(tx, estate.ids["3"])
