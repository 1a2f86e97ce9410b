"""A message to many homes waits for somebody else; seconds to take it back; and who is told at night although the rest waits."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from incidents.actors import Actor
from incidents.desk import changes, second_person
from incidents.desk.changes import Desk
from incidents.desk.declare import Declaration, declare
from incidents.desk.messages import send_held_now, stop_message
from incidents.desk.reports import Reporter
from incidents.desk.second_person import BroadcastRequest
from incidents.desk.telling import Whom, foresee_telling, needs_second_person, tell
from incidents.errors import OwnRequestError, RequestDecidedError, SecondPersonNeededError
from incidents.views.lists import timeline
from incidents.views.message_board import message_board
from incidents.views.standings import standings
from people.communities import get_community
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import everything_leaves
from tests.incidents.test_conductor import tick
from tests.incidents.test_telling import WORDS, declare_power_cut, set_hour, to_building_3
from tocsin.base.database import Database, Tx
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection
SUN = Actor("account", "孙主管", account_id=2)


@pytest.fixture
async def incident(database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, owner: Owner) -> int:
    """A power cut in building 3 at noon, in a community that wants a second person from three homes on."""
    await set_hour(story, 12)
    await owner.execute("UPDATE community SET second_person_above_homes = 2")
    return await declare_power_cut(database, town, wakeups)


async def asked(database: Database, town: SmallTown, wakeups: Wakeups, incident: int) -> int:
    async with database.community(town.community_id) as tx:
        return await second_person.ask(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=3))


async def state_of(database: Database, town: SmallTown, request: int) -> BroadcastRequest:
    async with database.community(town.community_id) as tx:
        return await second_person.request_of(tx, request)


def other(tx: Tx, wakeups: Wakeups) -> Desk:
    return Desk(tx, wakeups, SUN)


async def test_many_homes_are_told_by_two_people_and_not_by_one(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    with pytest.raises(SecondPersonNeededError):
        async with database.community(town.community_id) as tx:
            await tell(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=3))
    request = await asked(database, town, wakeups, incident)
    assert "mrs_wang" not in await everything_leaves(database, town, owner)
    with pytest.raises(OwnRequestError):
        async with database.community(town.community_id) as tx:
            await second_person.approve(desk_of(tx, wakeups), request)
    with pytest.raises(OwnRequestError):
        async with database.community(town.community_id) as tx:
            await second_person.approve(Desk(tx, wakeups, Actor("token", "a program")), request)
    async with database.community(town.community_id) as tx:
        approved = await second_person.approve(other(tx, wakeups), request)
    assert approved.told is not None and approved.told.homes == 3
    assert WORDS["zh-CN"] in (await everything_leaves(database, town, owner))["mrs_wang"]
    found = await state_of(database, town, request)
    assert (found.state, found.decided_by, found.message_id) == ("approved", "孙主管", approved.told.message_id)
    with pytest.raises(RequestDecidedError):
        async with database.community(town.community_id) as tx:
            await second_person.approve(other(tx, wakeups), request)


async def test_another_number_of_homes_by_then_is_asked_for_anew(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    request = await asked(database, town, wakeups, incident)
    await owner.execute("DELETE FROM residence WHERE person_id = $1", town.people["alice"])
    await owner.execute("DELETE FROM place_within WHERE place_id = $1", town.places["3-2-1601"])
    async with database.community(town.community_id) as tx:
        approved = await second_person.approve(other(tx, wakeups), request)
    assert (approved.told, approved.homes) == (None, 2)
    assert (await state_of(database, town, request)).state == "changed"
    assert "mrs_wang" not in await everything_leaves(database, town, owner)


@pytest.mark.parametrize("ends", [False, True])
async def test_nobody_waits_for_ever_and_the_record_says_so(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int, story: StoryClock, ends: bool
) -> None:
    request = await asked(database, town, wakeups, incident)
    if ends:
        async with database.community(town.community_id) as tx:
            await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    await story.set_clock(await story.now() + timedelta(minutes=31))
    await tick(database, town, wakeups)
    assert (await state_of(database, town, request)).state == "expired"
    async with database.community(town.community_id) as tx:
        assert "telling_expired" in [event.kind for event in await timeline(tx, incident)]
        assert await second_person.requests_to_decide(tx) == []


async def test_who_asked_may_withdraw_and_nobody_else(database: Database, town: SmallTown, wakeups: Wakeups, incident: int) -> None:
    request = await asked(database, town, wakeups, incident)
    with pytest.raises(OwnRequestError):
        async with database.community(town.community_id) as tx:
            await second_person.withdraw(other(tx, wakeups), request)
    async with database.community(town.community_id) as tx:
        await second_person.withdraw(desk_of(tx, wakeups), request)
    assert (await state_of(database, town, request)).state == "withdrawn"


async def test_neither_lives_nor_news_wait_for_a_second_person(database: Database, town: SmallTown, incident: int) -> None:
    async with database.community(town.community_id) as tx:
        community = await get_community(tx, town.community_id)
    many = Whom(residents_of=(1,))
    assert needs_second_person(community, "urgent", many, 3)
    assert not needs_second_person(community, "urgent", many, 2)
    assert not needs_second_person(community, "life_threatening", many, 3000)
    assert not needs_second_person(community, "urgent", Whom(told=True), 3000)


async def test_within_its_seconds_a_message_taken_back_has_told_nobody(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    telling = replace(to_building_3(town, confirmed_homes=3), approved=True, undo_seconds=60)
    async with database.community(town.community_id) as tx:
        told = await tell(desk_of(tx, wakeups), incident, telling)
    assert "mrs_wang" not in await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        assert await stop_message(desk_of(tx, wakeups), told.message_id) == 3
    row = await owner.fetchrow("SELECT size, excluded, trying FROM message WHERE id = $1", told.message_id)
    assert row is not None and tuple(row) == (3, 3, 0)


async def test_at_night_callers_and_priority_homes_are_told_and_the_rest_waits_until_somebody_says_now(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 2)
    incident = await declare_power_cut(database, town, wakeups)
    await everything_leaves(database, town, owner)
    await owner.execute("DELETE FROM contact_point WHERE person_id = $1", town.people["alice"])
    async with database.community(town.community_id) as tx:
        for home in ("3-2-1502", "3-2-1601"):  # nothing leads to Alice in 1601: her home counts once all the same
            await changes.add_report(desk_of(tx, wakeups), incident, Reporter(home_id=town.places[home]))
    async with database.community(town.community_id) as tx:
        seen = await foresee_telling(tx, incident, to_building_3(town))
        told = await tell(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=3))
    assert (seen.homes_at_once, seen.held_until, told.homes) == (2, told.held_until, 3)
    assert told.at_once is not None and told.held_until is not None
    got = await everything_leaves(database, town, owner)
    assert WORDS["zh-CN"] in got["mrs_wang"] and "mr_zhou" not in got
    async with database.community(town.community_id) as tx:
        assert await send_held_now(desk_of(tx, wakeups), told.message_id) is not None
    got = await everything_leaves(database, town, owner)
    assert WORDS["zh-CN"] in got["mr_zhou"] and "mrs_wang" not in got
    await story.set_clock(told.held_until + timedelta(seconds=1))
    await tick(database, town, wakeups)
    assert not any(WORDS["zh-CN"] in texts for texts in (await everything_leaves(database, town, owner)).values())


@pytest.mark.parametrize(("kind", "woken"), [("power_cut", set()), ("fire", {"mrs_wang", "mr_zhou", "alice"})])
async def test_ten_past_two(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock, kind: str, woken: set[str]
) -> None:
    """A power cut wakes nobody but who called; its homes are held in sight, and somebody may say that they are not told at all. A fire wakes
    everybody."""
    await set_hour(story, 2)
    place = town.places["3" if kind == "power_cut" else "3-2"]
    async with database.community(town.community_id) as tx:
        incident = (await declare(tx, wakeups, Declaration(kind, place), CLERK)).incident_id
    residents = {"mrs_wang", "mr_zhou", "alice", "bob"}
    assert residents & set(await everything_leaves(database, town, owner)) >= woken
    if kind == "fire":
        return
    async with database.community(town.community_id) as tx:
        held = await tell(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=3))
        assert (await standings(tx, incident)).homes.held == 3
        (shown,) = [one for one in await message_board(tx, incident) if one.row.id == held.message_id]
        assert (shown.state, shown.row.held_homes, shown.row.morning_at) == ("held", 3, held.held_until)
        await stop_message(desk_of(tx, wakeups), held.message_id)
    await set_hour(story, 8)
    await tick(database, town, wakeups)
    assert not residents & set(await everything_leaves(database, town, owner))
