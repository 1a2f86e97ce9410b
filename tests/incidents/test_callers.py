"""Who is on the line: a number with several homes asks which, nobody is guessed, and whoever rings again is known again."""

import pytest

from incidents.desk import changes
from incidents.desk.callers import Caller, earlier_calls, name_home, unsure_reports, who_calls
from incidents.desk.declare import Declaration, declare
from incidents.desk.reports import Reporter
from incidents.errors import ReportUnknownError
from incidents.views.lists import reports, timeline
from people.errors import PlaceUnknownError
from people.persons import NewContactPoint, NewResidence, PersonAtHome, add_contact_point, add_residence
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups


def at(person: int, home: int | None) -> PersonAtHome:
    return PersonAtHome(person, "resident" if home else "staff", f"person {person}", "en", home, f"3-2-{home}" if home else None, {})


@pytest.mark.parametrize(
    ("found", "home", "not_listed", "caller"),
    [
        ([], None, False, Caller()),
        ([], 9, False, Caller(9)),
        ([at(1, 5)], None, False, Caller(5, 1, "person 1")),
        ([at(1, None)], None, False, Caller(None, 1, "person 1")),
        ([at(1, 5), at(2, 5)], None, False, Caller(5)),
        ([at(1, 5), at(1, 6)], None, False, Caller(unsure=True)),
        ([at(1, 5), at(1, 6)], 6, False, Caller(6, 1, "person 1")),
        ([at(1, 5), at(2, 6), at(3, 6)], 6, False, Caller(6)),
        ([at(1, 5), at(1, 6)], 9, False, Caller(9)),
        ([at(1, 5), at(1, 6)], None, True, Caller()),
        ([at(1, 5)], None, True, Caller()),
    ],
)
def test_only_what_is_certain_of_a_caller_is_taken(found: list[PersonAtHome], home: int | None, not_listed: bool, caller: Caller) -> None:
    assert who_calls(found, home, not_listed=not_listed) == caller


async def test_a_caller_of_two_homes_is_asked_about_and_then_counts_as_informed(
    database: Database, town: SmallTown, wakeups: Wakeups
) -> None:
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        reporter = Reporter(phone="139 0000 0001", call_back_minutes=10, home_unsure=True)
        made = await declare(tx, wakeups, Declaration("power_cut", town.places["3"], reporter=reporter), CLERK)
        [open_one] = await unsure_reports(tx, made.incident_id)
        with pytest.raises(PlaceUnknownError):
            await name_home(desk, made.incident_id, open_one.no, town.places["3"])
        with pytest.raises(ReportUnknownError):
            await name_home(desk, made.incident_id, 999, None)

        for home in ("3-2-1502", "3-2-1503"):  # what was said first stays
            await name_home(desk, made.incident_id, open_one.no, town.places[home])
        for _ in range(2):
            await changes.add_report(desk, made.incident_id, Reporter(home_id=town.places["3-2-1502"]))

        [*_, first] = await reports(tx, made.incident_id)
        assert (first.home_id, first.caller_name, first.caller_phone) == (town.places["3-2-1502"], "王女士", "+8613900000001")
        [placed] = [one for one in await timeline(tx, made.incident_id) if one.kind == "caller_placed"]
        assert placed.body["informed"] is True
        calls = await earlier_calls(tx, "+8613900000001", town.places["3-2-1502"])
        assert (len(calls), [one.number for one in calls if one.due]) == (3, [made.number])
        assert await tx.connection.fetchval("SELECT count(DISTINCT home_id) FROM report") == 1
        assert await earlier_calls(tx, "+8613900000009", None) == []


async def test_a_number_that_is_written_otherwise_is_the_same_number(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    async with database.community(town.community_id) as tx:
        made = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)
        for written in ("13900000002", "+86 139-0000-0002", "分机 8012"):
            await changes.add_report(desk_of(tx, wakeups), made.incident_id, Reporter(phone=written))
        assert len(await earlier_calls(tx, "+8613900000002", None)) == 2
        assert "分机 8012" in [one.caller_phone for one in await reports(tx, made.incident_id)]


async def own_two_homes(database: Database, town: SmallTown) -> None:
    """Mrs Wang has 3-2-1601 too, and Mr Zhou of 3-2-1503 shares her telephone."""
    async with database.community(town.community_id) as tx:
        await add_residence(tx, NewResidence(town.people["mrs_wang"], town.places["3-2-1601"], "owner"))
        await add_contact_point(tx, NewContactPoint(town.people["mr_zhou"], "mobile", town.phone("mrs_wang"), rank=5))
