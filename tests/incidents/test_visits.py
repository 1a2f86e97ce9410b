"""Doors that were knocked on count in the sealed ledger: somebody met has been told, a note left has told nobody."""

from datetime import timedelta

import asyncpg
import pytest

from incidents.desk import changes
from incidents.desk.changes import tell_residents_now
from incidents.desk.declare import Declaration, declare
from incidents.desk.reports import Reporter, Source
from incidents.desk.visits import Visit, VisitNoted, VisitResult, note_visit
from incidents.views.homes import homes_not_reached
from incidents.views.lists import tasks, timeline
from incidents.views.standings import homes_standing, met_at_the_door, standings
from people.errors import PersonUnknownError
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import everything_leaves
from tests.incidents.test_telling import set_hour
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection
REACH = "SELECT reach, reason FROM audience_member WHERE person_id = $1 ORDER BY message_id DESC LIMIT 1"


@pytest.fixture
async def incident(database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock) -> int:
    """A power cut in building 3; everybody there was sent a message, and Mr Zhou has no telephone."""
    await set_hour(story, 12)
    await owner.execute("DELETE FROM contact_point WHERE person_id = $1", town.people["mr_zhou"])
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)
        await tell_residents_now(desk_of(tx, wakeups), declared.incident_id)
    await everything_leaves(database, town, owner)
    return declared.incident_id


async def knock(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int, home: str, result: VisitResult, **more: object
) -> VisitNoted:
    async with database.community(town.community_id) as tx:
        visit = Visit(town.places[home], home, result, **more)  # type: ignore[arg-type]
        return await note_visit(desk_of(tx, wakeups), incident, visit)


async def stands(owner: Owner, town: SmallTown, name: str) -> tuple[str, str | None]:
    row = await owner.fetchrow(REACH, town.people[name])
    assert row is not None
    return row["reach"], row["reason"]


async def sums_hold(owner: Owner) -> bool:
    return not await owner.fetchval(
        "SELECT EXISTS (SELECT FROM message AS m WHERE m.confirmed <> (SELECT count(*) FROM audience_member AS a"
        " WHERE a.message_id = m.id AND a.reach = 'confirmed') OR m.excluded <> (SELECT count(*) FROM audience_member AS a"
        " WHERE a.message_id = m.id AND a.reach = 'excluded'))"
    )


async def test_somebody_met_at_the_door_has_been_told(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    assert await stands(owner, town, "mr_zhou") == ("unreachable", "no_contact")
    noted = await knock(database, town, wakeups, incident, "3-2-1503", "seen", visitor_id=town.people["zhao"])
    assert await stands(owner, town, "mr_zhou") == ("confirmed", None)
    assert noted.messages == 1
    async with database.community(town.community_id) as tx:
        counted, met = (await standings(tx, incident)).persons, await met_at_the_door(tx, incident)
        event = (await timeline(tx, incident))[-1]
    assert (counted.confirmed, met, counted.size) == (1, 1, 3)
    assert (event.no, event.kind, event.body["result"], event.body["visitor"]) == (noted.no, "visit", "seen", town.people["zhao"])
    assert event.detail == {"by_name": "陈静", "visitor": "赵刚"}
    assert await sums_hold(owner)


async def test_a_home_of_which_nobody_is_known_stands_on_the_list_for_the_door_and_counts_like_any_other(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 12)
    await owner.execute("DELETE FROM residence WHERE person_id = ANY ($1)", [town.people["mr_zhou"], town.people["alice"]])
    async with database.community(town.community_id) as tx:
        number = (await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)).incident_id
        await tell_residents_now(desk_of(tx, wakeups), number)
        assert {(one.home_id, one.reason) for one in await homes_not_reached(tx, number)} == {
            (town.places["3-2-1503"], "nobody_known"), (town.places["3-2-1601"], "nobody_known"),
        }  # fmt: skip
    for home, result in (("3-2-1503", "seen"), ("3-2-1601", "vacant")):
        await knock(database, town, wakeups, number, home, result)  # type: ignore[arg-type]
    async with database.community(town.community_id) as tx:
        stand = await standings(tx, number)
        assert stand.homes == await homes_standing(tx, number)
    homes = stand.homes
    assert (homes.size, homes.confirmed, homes.trying, homes.excluded, homes.vacant, homes.for_the_door) == (3, 1, 1, 1, 1, 0)
    assert stand.persons.size == 1 and await sums_hold(owner)


@pytest.mark.parametrize("result", ["note_left", "no_answer"])
async def test_a_note_left_and_a_door_not_opened_reach_nobody(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int, result: VisitResult
) -> None:
    await knock(database, town, wakeups, incident, "3-2-1503", result)
    assert await stands(owner, town, "mr_zhou") == ("unreachable", "no_contact")
    assert await owner.fetchval("SELECT result FROM visit") == result


async def test_who_needs_help_becomes_a_task_in_red_and_counts_as_reached(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    noted = await knock(database, town, wakeups, incident, "3-2-1502", "needs_help", words="制氧机电池快没电")
    assert noted.changed.red == ["needs_help"]
    async with database.community(town.community_id) as tx:
        (task,) = [one for one in await tasks(tx, incident) if one.key == f"help#{noted.no}"]
    assert task.does["homes"] == [town.places["3-2-1502"]] and task.role == "front_desk"
    assert await stands(owner, town, "mrs_wang") == ("confirmed", None)


async def test_a_vacant_home_is_left_out_with_its_reason(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    await knock(database, town, wakeups, incident, "3-2-1503", "vacant")
    assert await stands(owner, town, "mr_zhou") == ("excluded", "vacant")
    assert await sums_hold(owner)


async def test_whoever_is_known_to_have_been_told_stays_so_whatever_the_door_says(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    await knock(database, town, wakeups, incident, "3-2-1503", "seen")
    await knock(database, town, wakeups, incident, "3-2-1503", "vacant")
    assert await stands(owner, town, "mr_zhou") == ("confirmed", None)
    assert await owner.fetchval("SELECT count(*) FROM visit") == 2


async def test_the_time_of_the_knock_is_not_the_time_of_writing_it_down(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int, story: StoryClock
) -> None:
    earlier = await story.now() - timedelta(minutes=1)
    await knock(database, town, wakeups, incident, "3-2-1503", "seen", at=earlier)
    async with database.community(town.community_id) as tx:
        event = (await timeline(tx, incident))[-1]
    assert event.happened_at == earlier < event.at
    assert await owner.fetchval("SELECT visited_at FROM visit") == earlier


async def test_only_staff_knock_on_doors(database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int) -> None:
    for stranger in (town.people["mrs_wang"], 999999):
        with pytest.raises(PersonUnknownError) as refusal:
            await knock(database, town, wakeups, incident, "3-2-1503", "seen", visitor_id=stranger)
        assert refusal.value.field == "/visitor"
    assert await owner.fetchval("SELECT count(*) FROM visit") == 0


async def test_sheets_that_come_back_after_the_end_are_still_written_down(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    await knock(database, town, wakeups, incident, "3-2-1503", "seen")
    assert await owner.fetchval("SELECT count(*) FROM visit") == 1


async def test_what_waits_to_be_sent_to_somebody_met_is_not_sent(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        await changes.post_update(desk_of(tx, wakeups), incident, {"zh-CN": "抢修中", "en": "Repairs go on"}, None)
    await knock(database, town, wakeups, incident, "3-2-1502", "seen")
    assert set(await everything_leaves(database, town, owner)) == {"alice"}


@pytest.mark.parametrize(("source", "told"), [("phone", True), ("visit", True), ("chat_group", False), ("alarm", False)])
async def test_a_caller_counts_as_told_and_a_message_in_a_group_does_not(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int, source: Source, told: bool
) -> None:
    async with database.community(town.community_id) as tx:
        await changes.add_report(desk_of(tx, wakeups), incident, Reporter(home_id=town.places["3-2-1503"], source=source))
    assert (await stands(owner, town, "mr_zhou") == ("confirmed", None)) is told
    async with database.community(town.community_id) as tx:
        report = next(event for event in reversed(await timeline(tx, incident)) if event.kind == "report")
    assert report.body.get("informed", False) is told
