"""Homes that nothing would reach are a list with reasons, and the desk works it down."""

from datetime import timedelta

import pytest

from people.contact.debt import BuildingDebt, debts, debts_by_building, note_work, work_on
from people.contact.quality import lacks_phone, say_quality
from people.directory.contact_points import contact_points_of
from people.errors import PlaceUnknownError
from people.persons import NewContactPoint, NewNeedOfHelp, NewResidence, add_contact_point, add_need_of_help, add_person, add_residence
from people.places import NewPlace, add_place, get_place
from tests.harness.estate import Estate
from tocsin.base.database import Database, Tx


async def _lives(tx: Tx, estate: Estate, home: str, *numbers: str, quality: str = "good", consent: tuple[str, ...] = ("emergency",)) -> int:
    person = await add_person(tx, kind="resident", name="王芳")
    await add_residence(tx, NewResidence(person, estate.ids[home], "owner"))
    for number in numbers:
        await add_contact_point(tx, NewContactPoint(person, "mobile", number, quality=quality, consent=consent))  # type: ignore[arg-type]
    return person


async def _why(tx: Tx, estate: Estate, within: str | None = None) -> dict[str, str]:
    return {one.code: one.why for one in await debts(tx, within=estate.ids[within] if within else None, limit=200)}


async def test_each_home_says_why_nothing_would_reach_it(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await _lives(tx, estate, "3-2-1502", "13800000001")
        await _lives(tx, estate, "3-2-1501")
        await _lives(tx, estate, "3-2-501", "13800000002", quality="wrong")
        await _lives(tx, estate, "3-2-502", "13800000003", quality="failing")
        await _lives(tx, estate, "3-2-301", "13800000004", quality="opted_out")
        await _lives(tx, estate, "3-2-302", "13800000005", consent=("notice",))
        assert await _why(tx, estate, "3-2") == {
            "3-2-1501": "no_address", "3-2-501": "all_wrong", "3-2-502": "failing", "3-2-301": "opted_out", "3-2-302": "no_consent",
        }  # fmt: skip
        assert set((await _why(tx, estate, "3-1")).values()) == {"nobody_known"}


async def test_one_member_who_can_be_reached_is_enough_for_a_home(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        await _lives(tx, estate, "3-2-1502", "13800000001", quality="wrong")
        assert "3-2-1502" in await _why(tx, estate)
        await _lives(tx, estate, "3-2-1502", "13800000002")
        assert "3-2-1502" not in await _why(tx, estate)


async def test_who_moved_out_reaches_nobody_there_any_more(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        person = await _lives(tx, estate, "3-2-1502", "13800000001")
        today = tx.now.date()
        await add_residence(tx, NewResidence(person, estate.ids["3-2-1502"], "tenant", None, today - timedelta(days=1)))
        assert (await _why(tx, estate))["3-2-1502"] == "nobody_known"


async def test_a_number_that_turns_wrong_makes_debt_and_a_new_one_pays_it(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        person = await _lives(tx, estate, "3-2-1502", "13800000001")
        await add_need_of_help(tx, NewNeedOfHelp(person, True, "oxygen", "front_desk"))
        (point,) = await contact_points_of(tx, person)
        assert await say_quality(tx, point.id, "wrong", reason="belongs_to_other", by="陈静")
        (debt,) = await debts(tx, within=estate.ids["3-2-1502"])
        assert (debt.why, debt.people, debt.addresses, debt.needs_help) == ("all_wrong", 1, 1, True)
        assert debt.building_names == {"zh-CN": "3栋", "en": "Building 3"}
        await add_contact_point(tx, NewContactPoint(person, "mobile", "13800000009"))
        await note_work(tx, estate.ids["3-2-1502"], "new_number", by="陈静")
        assert await debts(tx, within=estate.ids["3-2-1502"]) == []


async def test_a_home_that_was_put_off_comes_back_on_its_day(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        home = estate.ids["3-2-1502"]
        await note_work(tx, home, "later", by="陈静", note="away until Monday", again_on=tx.now.date() + timedelta(days=3))
        assert await debts(tx, within=home) == []
        (hidden,) = await debts(tx, within=home, put_off=True)
        assert (hidden.last_result, hidden.last_note) == ("later", "away until Monday")
        await note_work(tx, home, "no_answer", by="陈静")
        (back,) = await debts(tx, within=home)
        assert back.last_result == "no_answer"
        assert [one.result for one in await work_on(tx, home)] == ["no_answer", "later"]


async def test_a_home_nobody_lives_in_owes_nothing(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        home = estate.ids["3-2-1502"]
        before = await debts_by_building(tx)
        await note_work(tx, home, "vacant", by="陈静")
        assert (await get_place(tx, home)).vacant
        assert await debts(tx, within=home) == []
        (after,) = await debts_by_building(tx)
        assert before == [BuildingDebt(estate.ids["3"], "3", {"zh-CN": "3栋", "en": "Building 3"}, 12, 12, 0)]
        assert (after.homes, after.owed) == (11, 11)


async def test_the_counts_are_those_of_the_list(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        for number, home in enumerate(("3-2-1502", "3-2-1501", "3-1-301")):
            await _lives(tx, estate, home, f"1380000000{number}")
        (building,) = await debts_by_building(tx)
        assert (building.homes, building.owed) == (12, 9)
        villa = NewPlace("home", estate.ids["0"], "V1", {"en": "Villa 1"}, "1", 1, home_use="villa")
        await add_place(tx, villa)
        assert {one.code: one.owed for one in await debts_by_building(tx)} == {"0": 1, "3": 9}
        assert len(await debts(tx, limit=200)) == 10


async def test_the_list_comes_page_by_page(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        every = [one.home_id for one in await debts(tx, limit=200)]
        paged: list[int] = []
        while page := await debts(tx, after=paged[-1] if paged else 0, limit=5):
            paged += [one.home_id for one in page]
    assert paged == every
    assert len(every) == 12


async def test_only_homes_are_worked_on(database: Database, estate: Estate) -> None:
    with pytest.raises(PlaceUnknownError):
        async with database.community(estate.community) as tx:
            await note_work(tx, estate.ids["3-2"], "no_answer", by="陈静")


async def test_a_home_that_only_mail_reaches_is_told_and_warned_about(database: Database, estate: Estate) -> None:
    async with database.community(estate.community) as tx:
        person = await _lives(tx, estate, "3-2-1502")
        await add_contact_point(tx, NewContactPoint(person, "email", "wang@example.org", quality="good"))
        home = estate.ids["3-2-1502"]
        assert await debts(tx, within=home) == []
        (warned,) = await debts(tx, within=home, no_phone=True)
        assert warned.why == "no_phone"
        (building,) = await debts_by_building(tx)
        assert (building.owed, building.no_phone) == (11, 1)
        await add_contact_point(tx, NewContactPoint(person, "landline", "0571-88001234"))
        assert await debts(tx, within=home, no_phone=True) == []
        assert (await debts_by_building(tx))[0].no_phone == 0


@pytest.mark.parametrize(
    ("points", "lacks"),
    [
        ([], False),
        ([("email", "good")], True),
        ([("chat", "good"), ("mobile", "wrong")], True),
        ([("email", "good"), ("landline", "failing")], False),
    ],
)
def test_who_lacks_a_telephone(points: list[tuple[str, str]], lacks: bool) -> None:
    assert lacks_phone(points) is lacks
