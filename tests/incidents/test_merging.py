"""Two clerks declared the same: one incident becomes part of the other, and nothing of it is lost or said twice."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from incidents.answers.answers import SaidToDesk, answer_for_somebody
from incidents.answers.responses import respond
from incidents.conductor.advance import happen
from incidents.conductor.case import open_case, save
from incidents.desk import changes
from incidents.desk.changes import tell_residents_now
from incidents.desk.declare import Declaration, Parent, declare
from incidents.desk.merging import Merged, merge
from incidents.desk.reports import Reporter
from incidents.desk.visits import Visit, note_visit
from incidents.errors import IncidentEndedError, IncidentUnknownError, MergeIntoRelievedError, MergeUnfitError
from incidents.timeline.verify import verify
from incidents.views.homes import homes_not_reached
from incidents.views.lists import incident, tasks, timeline
from incidents.views.resident_page import resident_page
from incidents.views.room import room
from incidents.views.standings import standings
from notifiers.links import LinkTarget
from playbooks.engine.events import ChildOpened
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import Got, everything_leaves
from tests.incidents.test_conductor import tick
from tests.incidents.test_telling import set_hour
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection


class Twice:
    """A power cut that was declared twice: for unit 3-2 and, by somebody else, for building 3."""

    def __init__(self, database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner) -> None:
        self.database, self.town, self.wakeups, self.owner = database, town, wakeups, owner
        self.first = self.second = 0

    async def declared(
        self, place: str, kind: str = "power_cut", *, drill: bool = False, parent: Parent | None = None, **facts: object
    ) -> int:
        async with self.database.community(self.town.community_id) as tx:
            declaration = Declaration(kind, self.town.places[place], facts, drill=drill)
            return (await declare(tx, self.wakeups, declaration, CLERK, parent)).incident_id

    async def merged(self, gone: int | None = None, into: int | None = None) -> Merged:
        async with self.database.community(self.town.community_id) as tx:
            return await merge(desk_of(tx, self.wakeups), gone or self.second, into or self.first)

    async def reports(self, incident_id: int, home: str, **more: object) -> None:
        async with self.database.community(self.town.community_id) as tx:
            reporter = Reporter(home_id=self.town.places[home], **more)  # type: ignore[arg-type]
            await changes.add_report(desk_of(tx, self.wakeups), incident_id, reporter)

    async def answers(self, incident_id: int, who: str, kind: str, minutes: int | None = None) -> None:
        async with self.database.community(self.town.community_id) as tx:
            said = SaidToDesk(incident_id, self.town.people[who], kind, minutes, "radio")
            await answer_for_somebody(tx, self.wakeups, said, CLERK)

    async def leaves(self) -> Got:
        return await everything_leaves(self.database, self.town, self.owner)


@pytest.fixture
async def twice(database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock) -> Twice:
    await set_hour(story, 12)
    twice = Twice(database, town, wakeups, owner)
    twice.first = await twice.declared("3-2")
    twice.second = await twice.declared("3")
    await twice.leaves()
    return twice


async def test_one_is_over_with_a_reference_and_both_timelines_say_so(twice: Twice) -> None:
    merged = await twice.merged()
    assert (merged.gone.status, merged.into.status) == ("cancelled", "open")
    async with twice.database.community(twice.town.community_id) as tx:
        view = await incident(tx, twice.second)
        there, here = await timeline(tx, twice.second), await timeline(tx, twice.first)
        assert [one.holds for one in await verify(tx, None)] == [True, True]
    assert view.summary.merged_into == twice.first and view.next_up is None
    assert there[-1].kind == "merged_into" and there[-1].body["into"] == twice.first
    assert [event.body["incident"] for event in here if event.kind == "merged"] == [twice.second]


async def test_alerts_are_not_sent_again_and_nobody_hears_of_a_false_alarm(twice: Twice, story: StoryClock) -> None:
    await twice.merged()
    got = await twice.leaves()
    codes = {row["id"]: row["code"] for row in await twice.owner.fetch("SELECT id, code FROM incident")}
    word = f"停电{codes[twice.second]}与{codes[twice.first]}是同一件事，已并案。请按{codes[twice.first]}办，{codes[twice.second]}不用再回。"
    assert got == {"zhang": [word], "zhao": [word]}
    await story.forward_clock(minutes=3, seconds=1)
    await tick(twice.database, twice.town, twice.wakeups)
    later = await twice.leaves()
    assert len(later["li"]) == 1, "one ladder goes on, not two"


async def test_what_is_still_queued_of_its_alerts_does_not_leave(twice: Twice) -> None:
    third = await twice.declared("3")
    await twice.merged(third)
    assert await twice.leaves() == {}, "whom nothing had reached needs no word about it"


async def test_reports_move_with_their_promises(twice: Twice) -> None:
    await twice.reports(twice.second, "3-2-1502", name="王女士", phone="13900000001", words="没电", call_back_minutes=20)
    await twice.reports(twice.second, "3-2-1503", words="我家也是")
    await twice.reports(twice.first, "3-2-1503", words="还没来电")
    merged = await twice.merged()
    assert merged.reports == 2
    async with twice.database.community(twice.town.community_id) as tx:
        here, there = await room(tx, twice.first), await room(tx, twice.second)
        events = {event.no: event for event in await timeline(tx, twice.first)}
    assert len(here.reports) == 3 and there.reports == []
    moved = next(one for one in here.reports if one.words == "没电")
    assert (moved.caller_name, moved.call_back_due is not None) == ("王女士", True)
    assert events[moved.no].kind == "report" and events[moved.no].body["from"]["incident"] == twice.second
    assert here.state.reports == 2, "forty calls from one home are one home"


async def test_homes_that_the_one_told_are_counted_in_the_one_that_stays(twice: Twice) -> None:
    await twice.owner.execute("DELETE FROM contact_point WHERE person_id = $1", twice.town.people["mr_zhou"])
    async with twice.database.community(twice.town.community_id) as tx:
        await tell_residents_now(desk_of(tx, twice.wakeups), twice.second)
    await twice.leaves()
    await twice.merged()
    async with twice.database.community(twice.town.community_id) as tx:
        homes, listed = (await standings(tx, twice.first)).homes, await homes_not_reached(tx, twice.first)
    assert (homes.size, homes.handed_over, homes.for_the_door) == (3, 2, 1)
    assert [(one.home_id, one.reason) for one in listed] == [(twice.town.places["3-2-1503"], "no_contact")]


async def test_enough_reports_together_tell_the_residents(twice: Twice) -> None:
    await twice.reports(twice.first, "3-2-1502")
    await twice.reports(twice.second, "3-2-1503")
    await twice.reports(twice.second, "3-2-1601")
    await twice.leaves()
    await twice.merged()
    async with twice.database.community(twice.town.community_id) as tx:
        kinds = [event.body.get("step") for event in await timeline(tx, twice.first) if event.kind == "broadcast"]
    assert "residents_told" in kinds


async def test_who_has_it_there_has_it_here(twice: Twice, story: StoryClock) -> None:
    await twice.answers(twice.second, "zhang", "on_the_way", 10)
    await twice.leaves()
    await twice.merged()
    async with twice.database.community(twice.town.community_id) as tx:
        view = await incident(tx, twice.first)
        (zhang,) = [one for ladder in (await room(tx, twice.first)).ladders if ladder.step == "engineers" for one in ladder.people]
    assert view.holders == ["张伟"]
    assert (zhang.answer, zhang.evidence, zhang.said_by_means, zhang.written_by) == ("on_the_way", "by_desk", "radio", "陈静")
    await story.forward_clock(minutes=4)
    await tick(twice.database, twice.town, twice.wakeups)
    assert "li" not in await twice.leaves(), "nobody else is woken while he is on his way"
    await story.forward_clock(minutes=7)
    await tick(twice.database, twice.town, twice.wakeups)
    assert "li" in await twice.leaves(), "his promise goes on to run"


async def test_what_was_known_there_and_not_here_is_known_now(twice: Twice) -> None:
    async with twice.database.community(twice.town.community_id) as tx:
        desk = desk_of(tx, twice.wakeups)
        await changes.set_facts(desk, twice.first, {"scope": "building"})
        await changes.set_facts(desk, twice.second, {"scope": "community", "medical_device": True})
    await twice.leaves()
    merged = await twice.merged()
    async with twice.database.community(twice.town.community_id) as tx:
        row = (await incident(tx, twice.first)).summary
    assert row.facts == {"scope": "building", "medical_device": True}
    assert row.severity == "life_threatening"
    assert {one.name for one in merged.into.alerted} == {"赵刚"}, "the answer matters: somebody is sent to the home"


async def test_calls_for_help_outlive_the_incident_they_came_by(twice: Twice) -> None:
    async with twice.database.community(twice.town.community_id) as tx:
        await note_visit(desk_of(tx, twice.wakeups), twice.second, Visit(twice.town.places["3-2-1502"], "3-2-1502", "needs_help"))
    await twice.merged()
    async with twice.database.community(twice.town.community_id) as tx:
        (task,) = [one for one in await tasks(tx, twice.first) if "help" in one.does]
        assert await tasks(tx, twice.second) == []
    assert task.does["homes"] == [twice.town.places["3-2-1502"]]


async def test_whom_it_told_is_told_how_it_ends_and_can_still_call_for_help(twice: Twice) -> None:
    async with twice.database.community(twice.town.community_id) as tx:
        await tell_residents_now(desk_of(tx, twice.wakeups), twice.second)
    assert "mrs_wang" in await twice.leaves()
    message = await twice.owner.fetchval("SELECT message_id FROM audience_member WHERE person_id = $1", twice.town.people["mrs_wang"])
    no = await twice.owner.fetchval(
        "SELECT delivery_no FROM audience_member WHERE person_id = $1 AND message_id = $2", twice.town.people["mrs_wang"], message
    )
    await twice.merged()
    link = LinkTarget(twice.town.community_id, message, no)
    async with twice.database.community(twice.town.community_id) as tx:
        page = await resident_page(tx, link, "zh-CN")
        assert (page.over, page.view.summary.id, len(page.news)) == (False, twice.first, 1)
        assert (await standings(tx, twice.first)).persons.size == 3
        await respond(tx, twice.wakeups, link, "needs_help", "有老人")
        assert any("help" in one.does for one in await tasks(tx, twice.first))
    async with twice.database.community(twice.town.community_id) as tx:
        await changes.resolve(desk_of(tx, twice.wakeups), twice.first)
    got = await twice.leaves()
    assert "已来电" in got["mrs_wang"][-1] and len(got["mrs_wang"]) == 1


async def test_what_had_been_merged_before_goes_along(twice: Twice) -> None:
    third = await twice.declared("3")
    await twice.merged(third, twice.second)
    await twice.merged(twice.second, twice.first)
    assert await twice.owner.fetchval("SELECT count(*) FROM incident WHERE merged_into = $1", twice.first) == 2


async def test_whoever_waited_for_it_waits_for_the_other_one(twice: Twice) -> None:
    child = await twice.declared("3-2-L1", "elevator_entrapment", parent=Parent(twice.first, "elevators#1"))
    other = await twice.declared("3-2-L1", "elevator_entrapment")
    async with twice.database.community(twice.town.community_id) as tx:
        case = await open_case(tx, twice.wakeups, twice.first)
        await happen(case, ChildOpened(child=str(child)))
        await save(case)
    await twice.merged(child, other)
    async with twice.database.community(twice.town.community_id) as tx:
        parent = await room(tx, twice.first)
        assert (await incident(tx, other)).summary.parent_id == twice.first
    assert parent.state.children == (str(other),)


async def test_children_come_along(twice: Twice) -> None:
    child = await twice.declared("3-2-L1", "elevator_entrapment", parent=Parent(twice.second, "elevators#1"))
    await twice.merged()
    async with twice.database.community(twice.town.community_id) as tx:
        assert (await incident(tx, child)).summary.parent_id == twice.first
        assert (await room(tx, twice.first)).state.children == (str(child),)


async def test_only_two_of_a_kind_can_be_one(twice: Twice) -> None:
    entrapment = await twice.declared("3-2-L1", "elevator_entrapment")
    child = await twice.declared("3-2-L2", "elevator_entrapment", parent=Parent(entrapment, "x#1"))
    drill = await twice.declared("3", drill=True)
    for gone, into in (
        (twice.second, entrapment),
        (twice.second, drill),
        (twice.second, twice.second),
        (child, entrapment),
        (entrapment, child),
    ):
        with pytest.raises(MergeUnfitError) as refusal:
            await twice.merged(gone, into)
        assert refusal.value.field == "/into"
    assert await twice.owner.fetchval("SELECT count(*) FROM incident WHERE status = 'cancelled'") == 0


async def test_what_is_over_takes_nothing_and_gives_nothing(twice: Twice) -> None:
    async with twice.database.community(twice.town.community_id) as tx:
        await changes.resolve(desk_of(tx, twice.wakeups), twice.first)
    with pytest.raises(MergeIntoRelievedError):
        await twice.merged()
    async with twice.database.community(twice.town.community_id) as tx:
        await changes.cancel(desk_of(tx, twice.wakeups), twice.first, "误报")
    for gone, into in ((twice.second, twice.first), (twice.first, twice.second)):
        with pytest.raises(IncidentEndedError):
            await twice.merged(gone, into)
    with pytest.raises(IncidentUnknownError) as refusal:
        await twice.merged(twice.second, 999)
    assert refusal.value.field == "/into"


async def test_merged_into_each_other_at_the_same_instant_one_of_them_stays_open(twice: Twice) -> None:
    results = await asyncio.gather(twice.merged(twice.first, twice.second), twice.merged(twice.second, twice.first), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["IncidentEndedError", "Merged"]
    assert await twice.owner.fetchval("SELECT count(*) FROM incident WHERE status = 'open'") == 1


async def test_a_timer_of_the_merged_one_is_gone(twice: Twice, story: StoryClock) -> None:
    await twice.merged()
    assert await twice.owner.fetchval("SELECT count(*) FROM timer WHERE incident_id = $1", twice.second) == 0
    await story.set_clock(await story.now() + timedelta(hours=3))
    await tick(twice.database, twice.town, twice.wakeups)
    async with twice.database.community(twice.town.community_id) as tx:
        assert (await timeline(tx, twice.second))[-1].kind == "merged_into"
