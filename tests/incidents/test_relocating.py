"""The wrong place was heard: who was alerted hears the right one, who was wrongly told is corrected, who is newly concerned is told."""

from datetime import timedelta

import asyncpg
import pytest

from incidents.answers.answers import SaidToDesk, answer_for_somebody
from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.desk.reports import Reporter
from incidents.errors import PlaceUnfitError
from incidents.views.lists import timeline
from people.persons import NewContactPoint, NewResidence, add_contact_point, add_person, add_residence
from people.places import NewPlace, add_place
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import CHENS_PHONE, Got, everything_leaves
from tests.incidents.test_conductor import tick
from tests.incidents.test_telling import set_hour
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection
RESIDENTS = {"mrs_wang", "mr_zhou", "alice", "bob", "chen"}


class Street:
    """The small town with a second unit in building 3, in which Chen lives, and somebody at the desk who moves incidents about."""

    def __init__(self, database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner) -> None:
        self.database, self.town, self.wakeups, self.owner = database, town, wakeups, owner
        self.incident = 0

    async def build(self) -> None:
        async with self.database.community(self.town.community_id) as tx:
            unit = await add_place(
                tx, NewPlace("unit", self.town.places["3"], "3-1", {"zh-CN": "3栋1单元", "en": "Building 3 Unit 1"}, "1", 1)
            )
            home = await add_place(tx, NewPlace("home", unit, "3-1-101", {"en": "3-1-101"}, "101", 1))
            chen = await add_person(tx, kind="resident", name="陈先生")
            await add_contact_point(tx, NewContactPoint(chen, "mobile", CHENS_PHONE, quality="good"))
            await add_residence(tx, NewResidence(chen, home, "owner"))
        self.town.places |= {"3-1": unit, "3-1-101": home}
        self.town.people["chen"] = chen

    async def power_cut(self, place: str, *, told: bool = True) -> None:
        async with self.database.community(self.town.community_id) as tx:
            declared = await declare(tx, self.wakeups, Declaration("power_cut", self.town.places[place]), CLERK)
            self.incident = declared.incident_id
            if told:
                await changes.tell_residents_now(desk_of(tx, self.wakeups), self.incident)

    async def moves_to(self, place: str) -> None:
        async with self.database.community(self.town.community_id) as tx:
            await changes.set_place(desk_of(tx, self.wakeups), self.incident, self.town.places[place])

    async def leaves(self) -> Got:
        return await everything_leaves(self.database, self.town, self.owner)

    async def residents_get(self) -> dict[str, list[str]]:
        got = await self.leaves()
        return {name: texts for name, texts in got.items() if name in RESIDENTS}


@pytest.fixture
async def street(database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock) -> Street:
    """At noon."""
    await set_hour(story, 12)
    street = Street(database, town, wakeups, owner)
    await street.build()
    return street


async def test_only_those_wrongly_told_are_corrected_and_only_those_newly_concerned_get_the_first_message(street: Street) -> None:
    await street.power_cut("3-2")
    assert set(await street.residents_get()) == {"mrs_wang", "mr_zhou", "alice"}
    await street.moves_to("5")
    got = await street.residents_get()
    assert set(got) == {"mrs_wang", "mr_zhou", "alice", "bob"}
    assert got["mrs_wang"] == ["更正：停电的地点是5栋，您家不受影响。刚才的通知发错了，抱歉打扰。+8657188001234"]
    assert got["alice"] == ["Correction (Power cut): it is at Building 5. Your home is not affected. Sorry for our mistake. +8657188001234"]
    assert len(got["bob"]) == 1 and got["bob"][0].startswith("Power out at Building 5 since")


async def test_who_is_concerned_before_and_after_hears_nothing_twice(street: Street) -> None:
    await street.power_cut("3-2")
    await street.residents_get()
    await street.moves_to("3")
    got = await street.residents_get()
    assert set(got) == {"chen"} and "3栋" in got["chen"][0] and "更正" not in got["chen"][0]


async def test_a_narrower_place_corrects_only_those_outside_of_it(street: Street) -> None:
    await street.power_cut("3")
    await street.residents_get()
    await street.moves_to("3-2")
    assert set(await street.residents_get()) == {"chen"}


async def test_what_had_not_left_is_not_told_of_the_old_place_any_more(street: Street) -> None:
    await street.power_cut("3-2")
    await street.moves_to("5")
    assert set(await street.residents_get()) == {"bob"}


async def test_moved_back_again_everybody_knows_where_they_stand(street: Street) -> None:
    await street.power_cut("3-2")
    await street.residents_get()
    await street.moves_to("5")
    await street.residents_get()
    await street.moves_to("3-2")
    got = await street.residents_get()
    assert set(got) == {"mrs_wang", "mr_zhou", "alice", "bob"}
    assert "not affected" in got["bob"][0] and "停电，已通知电工" in got["mrs_wang"][0]


async def test_news_and_the_end_go_to_those_concerned_and_not_to_those_corrected(street: Street, town: SmallTown) -> None:
    await street.power_cut("3-2")
    await street.residents_get()
    await street.moves_to("5")
    await street.residents_get()
    async with street.database.community(town.community_id) as tx:
        await changes.post_update(desk_of(tx, street.wakeups), street.incident, {"zh-CN": "抢修中", "en": "Repairs go on"}, None)
    assert set(await street.residents_get()) == {"bob"}
    async with street.database.community(town.community_id) as tx:
        await changes.resolve(desk_of(tx, street.wakeups), street.incident)
    assert set(await street.residents_get()) == {"bob"}


async def test_a_false_alarm_after_a_move_is_told_to_those_still_in_the_belief(street: Street, town: SmallTown) -> None:
    await street.power_cut("3-2")
    await street.residents_get()
    await street.moves_to("5")
    await street.residents_get()
    async with street.database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, street.wakeups), street.incident, "误报")
    assert set(await street.residents_get()) == {"bob"}


async def test_whoever_owns_a_home_in_both_places_is_told_of_the_other_and_not_that_theirs_is_fine(street: Street, town: SmallTown) -> None:
    async with street.database.community(town.community_id) as tx:
        await add_residence(tx, NewResidence(town.people["mrs_wang"], town.places["5-1-101"], "owner"))
    await street.power_cut("3-2")
    await street.residents_get()
    await street.moves_to("5")
    got = await street.residents_get()
    assert len(got["mrs_wang"]) == 1 and got["mrs_wang"][0].startswith("5栋")


async def test_whoever_was_alerted_hears_where_to_go(street: Street) -> None:
    await street.power_cut("3-2", told=False)
    assert "zhang" in await street.leaves()
    await street.moves_to("5")
    got = await street.leaves()
    code = await street.owner.fetchval("SELECT code FROM incident")
    assert got["zhang"] == [f"更正｜停电{code}：地点是5栋，不是3栋2单元。请去5栋。前台+8657188001234"]
    assert not RESIDENTS & set(got), "nobody had been told, so nobody is corrected"


async def test_the_same_place_again_changes_nothing(street: Street, town: SmallTown) -> None:
    await street.power_cut("3-2")
    await street.leaves()
    async with street.database.community(town.community_id) as tx:
        before = len(await timeline(tx, street.incident))
    await street.moves_to("3-2")
    assert await street.leaves() == {}
    async with street.database.community(town.community_id) as tx:
        assert len(await timeline(tx, street.incident)) == before


async def test_whoever_phoned_in_is_not_told_that_their_home_is_fine(street: Street, town: SmallTown) -> None:
    await street.power_cut("3-2", told=False)
    async with street.database.community(town.community_id) as tx:
        await changes.add_report(desk_of(tx, street.wakeups), street.incident, Reporter(home_id=town.places["3-2-1502"]))
        await changes.tell_residents_now(desk_of(tx, street.wakeups), street.incident)
    await street.residents_get()
    await street.moves_to("5")
    assert set(await street.residents_get()) == {"mr_zhou", "alice", "bob"}


async def test_what_was_held_for_the_morning_is_held_for_the_right_people(street: Street, town: SmallTown, story: StoryClock) -> None:
    await set_hour(story, 2)
    await street.power_cut("3-2", told=False)
    for home in ("3-2-1502", "3-2-1503", "3-2-1601"):
        async with street.database.community(town.community_id) as tx:
            await changes.add_report(desk_of(tx, street.wakeups), street.incident, Reporter(home_id=town.places[home], source="app"))
    await street.moves_to("5")
    assert "bob" not in await street.residents_get()
    await story.set_clock((await story.now()).replace(hour=23, minute=5))
    await tick(street.database, town, street.wakeups)
    got = await street.residents_get()
    assert set(got) == {"bob"}


async def test_a_place_where_this_does_not_happen_is_refused_and_nobody_is_told(street: Street) -> None:
    await street.power_cut("3-2")
    await street.leaves()
    with pytest.raises(PlaceUnfitError):
        await street.moves_to("3-2-1502")
    assert await street.leaves() == {}


async def test_an_electrician_on_site_was_on_site_at_the_old_place(street: Street, town: SmallTown) -> None:
    await street.power_cut("3-2", told=False)
    async with street.database.community(town.community_id) as tx:
        said = SaidToDesk(street.incident, town.people["zhang"], "on_scene", None, "radio")
        await answer_for_somebody(tx, street.wakeups, said, CLERK)
    assert "电工已到场" in (await street.residents_get())["mrs_wang"][0]
    await street.moves_to("5")
    assert "on site" not in (await street.residents_get())["bob"][0]


async def test_the_record_says_from_where_to_where_and_what_was_sent(street: Street, town: SmallTown) -> None:
    await street.power_cut("3-2")
    await street.residents_get()
    await street.moves_to("5")
    async with street.database.community(town.community_id) as tx:
        event = (await timeline(tx, street.incident))[-1]
    assert (event.kind, event.body["from"], event.body["to"]) == ("place_changed", town.places["3-2"], town.places["5"])
    assert event.body["correction"] and event.body["first_messages"] and event.body["staff_message"]


async def test_an_elevators_neighbours_are_those_of_the_other_unit(street: Street, town: SmallTown, story: StoryClock) -> None:
    async with street.database.community(town.community_id) as tx:
        declared = await declare(tx, street.wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"]), CLERK)
        street.incident = declared.incident_id
    await story.set_clock(await story.now() + timedelta(minutes=10, seconds=1))
    await tick(street.database, town, street.wakeups)
    assert set(await street.residents_get()) == {"mrs_wang", "mr_zhou", "alice"}
    await street.moves_to("5-1-L1")
    got = await street.residents_get()
    assert "not affected" in got["alice"][0] and "Building 5 Unit 1 elevator 1" in got["bob"][0]
