"""The conductor on a real database: who is alerted, who is next, what ends it. Messages are sealed and queued here, not sent."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from incidents.answers.answers import SaidToDesk, answer_for_somebody
from incidents.conductor import outcomes, timers
from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.desk.foresee import foresee
from incidents.desk.reports import Reporter
from incidents.desk.tasks import finish_task
from incidents.errors import (
    FactUnknownError,
    FactWrongError,
    IncidentEndedError,
    KindUnknownError,
    NotAnIncidentError,
    NotReadyToCloseError,
    PlaceUnfitError,
)
from incidents.views.lists import open_incidents, tasks, timeline
from incidents.views.room import room
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups


async def declare_entrapment(database: Database, town: SmallTown, wakeups: Wakeups, **facts: object) -> int:
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"], facts), CLERK)
    return declared.incident_id


async def alerted(database: Database, town: SmallTown, incident_id: int, step: str) -> list[tuple[str, str]]:
    async with database.community(town.community_id) as tx:
        ladders = (await room(tx, incident_id)).ladders
    return [(person.name, person.means) for ladder in ladders if ladder.step == step for person in ladder.people]


async def tick(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    await timers.run_once(database, wakeups, town.community_id)


async def test_the_duty_engineer_is_alerted_at_once_and_the_backup_after_two_minutes(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock
) -> None:
    incident = await declare_entrapment(database, town, wakeups)
    assert await alerted(database, town, incident, "engineers") == [("张伟", "write")]
    await story.forward_clock(seconds=60)
    await tick(database, town, wakeups)
    assert await alerted(database, town, incident, "engineers") == [("张伟", "write"), ("张伟", "ring")]
    await story.forward_clock(seconds=61)
    await tick(database, town, wakeups)
    assert ("李强", "write") in await alerted(database, town, incident, "engineers")


async def test_an_answer_given_by_radio_stops_the_ladder_and_says_who_wrote_it_down(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock
) -> None:
    incident = await declare_entrapment(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        said = SaidToDesk(incident, town.people["zhang"], "on_the_way", 8, "radio")
        answered = await answer_for_somebody(tx, wakeups, said, CLERK)
    assert answered.promised_at is not None and answered.others == []
    await story.forward_clock(minutes=3)
    await tick(database, town, wakeups)
    assert await alerted(database, town, incident, "engineers") == [("张伟", "write")]
    async with database.community(town.community_id) as tx:
        [person] = (await room(tx, incident)).ladders[0].people
    assert (person.answer, person.evidence, person.said_by_means, person.written_by) == ("on_the_way", "by_desk", "radio", "陈静")


async def test_a_promise_that_lapses_wakes_the_next(database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock) -> None:
    incident = await declare_entrapment(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        await answer_for_somebody(tx, wakeups, SaidToDesk(incident, town.people["zhang"], "on_the_way", 5, "phone"), CLERK)
    await story.forward_clock(minutes=5, seconds=1)
    await tick(database, town, wakeups)
    assert ("李强", "write") in await alerted(database, town, incident, "engineers")


async def test_nobody_on_duty_is_red_and_the_next_tier_is_alerted_at_once(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection
) -> None:
    await owner.execute("DELETE FROM shift WHERE tier = 'duty'")
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"]), CLERK)
        events = [event.kind for event in await timeline(tx, declared.incident_id)]
    assert "nobody_on_duty" in declared.red and "nobody_on_duty" in events and "red" in events
    assert "李强" in [one.name for one in declared.alerted]


async def test_nobody_reachable_climbs_at_once(database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection) -> None:
    await owner.execute("DELETE FROM contact_point WHERE person_id = $1", town.people["zhang"])
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"]), CLERK)
    assert "all_ways_failed" in declared.red
    assert "李强" in [one.name for one in declared.alerted]


async def test_one_home_without_power_is_a_repair_and_not_an_incident(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    with pytest.raises(NotAnIncidentError):
        async with database.community(town.community_id) as tx:
            await declare(tx, wakeups, Declaration("power_cut", town.places["3"], {"scope": "only_my_home"}), CLERK)
    async with database.community(town.community_id) as tx:
        assert await open_incidents(tx) == []


@pytest.mark.parametrize(
    ("declaration", "error", "field"),
    [
        (("volcano", "3-2-L1", {}), KindUnknownError, "/kind"),
        (("elevator_entrapment", "3-2-1502", {}), PlaceUnfitError, "/place"),
        (("elevator_entrapment", "3-2-L1", {"colour": "red"}), FactUnknownError, "/facts/colour"),
        (("elevator_entrapment", "3-2-L1", {"people_inside": "two"}), FactWrongError, "/facts/people_inside"),
        (("elevator_entrapment", "3-2-L1", {"people_inside": True}), FactWrongError, "/facts/people_inside"),
        (("elevator_entrapment", "3-2-L1", {"people_inside": 31}), FactWrongError, "/facts/people_inside"),
        (("elevator_entrapment", "3-2-L1", {"medical_need": "maybe"}), FactWrongError, "/facts/medical_need"),
    ],
)
async def test_a_wrong_declaration_names_its_field_and_leaves_nothing_half_done(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection,
    declaration: tuple[str, str, dict[str, object]], error: type[Exception], field: str,
) -> None:  # fmt: skip
    kind, place, facts = declaration
    with pytest.raises(error) as refusal:
        async with database.community(town.community_id) as tx:
            await declare(tx, wakeups, Declaration(kind, town.places[place], facts), CLERK)
    assert refusal.value.field == field  # type: ignore[attr-defined]
    assert await owner.fetchval("SELECT count(*) FROM incident") == 0
    assert await owner.fetchval("SELECT count(*) FROM message") == 0


async def test_an_answer_that_matters_wakes_people(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    incident = await declare_entrapment(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        await changes.set_facts(desk_of(tx, wakeups), incident, {"medical_need": True})
    async with database.community(town.community_id) as tx:
        calls = [task.does["call"] for task in await tasks(tx, incident)]
    assert "ambulance_120" in calls
    assert await alerted(database, town, incident, "ambulance_guide") == [("赵刚", "ring")]


async def test_every_elevator_is_checked_in_a_power_cut_and_a_trapped_person_opens_a_child(
    database: Database, town: SmallTown, wakeups: Wakeups
) -> None:
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)
        checks = [task for task in await tasks(tx, declared.incident_id) if "opens" in task.does]
    assert {task.does["place"] for task in checks} == {town.places["3-2-L1"], town.places["3-2-L2"]}
    async with database.community(town.community_id) as tx:
        child = await finish_task(desk_of(tx, wakeups), checks[0].id, "trapped")
    assert child is not None
    async with database.community(town.community_id) as tx:
        shown = await room(tx, declared.incident_id)
    assert [(one.kind, one.status) for one in shown.children] == [("elevator_entrapment", "open")]


async def test_from_declaration_to_closing_and_nothing_after(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, owner: asyncpg.Connection
) -> None:
    incident = await declare_entrapment(database, town, wakeups, people_inside=2)
    async with database.community(town.community_id) as tx:
        await answer_for_somebody(tx, wakeups, SaidToDesk(incident, town.people["zhang"], "on_scene", None, "radio"), CLERK)
    async with database.community(town.community_id) as tx:
        await changes.resolve(desk_of(tx, wakeups), incident)
    with pytest.raises(NotReadyToCloseError) as refusal:
        async with database.community(town.community_id) as tx:
            await changes.close(desk_of(tx, wakeups), incident)
    assert "everyone_out" in str(refusal.value.values["lacking"])
    for need in str(refusal.value.values["lacking"]).split(", "):
        async with database.community(town.community_id) as tx:
            await changes.confirm(desk_of(tx, wakeups), incident, need)
    async with database.community(town.community_id) as tx:
        await changes.close(desk_of(tx, wakeups), incident)
    messages = await owner.fetchval("SELECT count(*) FROM message")
    await story.forward_clock(minutes=300)
    await tick(database, town, wakeups)
    assert await owner.fetchval("SELECT count(*) FROM message") == messages
    assert await owner.fetchval("SELECT count(*) FROM incident_code") == 0
    with pytest.raises(IncidentEndedError):
        async with database.community(town.community_id) as tx:
            await changes.set_facts(desk_of(tx, wakeups), incident, {"people_inside": 3})


async def test_residents_are_told_of_a_power_cut_when_three_homes_have_called(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, story: StoryClock
) -> None:
    noon = (await story.now()).replace(hour=4, minute=0) + timedelta(days=1)
    await story.set_clock(noon)
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)
    everybody = "SELECT size, excluded FROM message WHERE kind = 'broadcast' AND effect_key LIKE 'residents_told#%'"
    for home in ("3-2-1502", "3-2-1503", "3-2-1601"):
        assert await owner.fetch(everybody) == []
        async with database.community(town.community_id) as tx:
            await changes.add_report(desk_of(tx, wakeups), declared.incident_id, Reporter(home_id=town.places[home]))
    [told] = await owner.fetch(everybody)
    assert told["size"] == 3


async def test_foreseeing_names_who_would_be_alerted_and_writes_nothing(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection
) -> None:
    async with database.community(town.community_id) as tx:
        seen = await foresee(tx, "elevator_entrapment", town.places["3-2-L1"], {})
    assert ("张伟", "engineering", "duty") in [(one.name, one.department, one.tier) for one in seen.alerts]
    assert ("李强",) in [rung.names for rung in seen.later] and seen.open_here == []
    assert await owner.fetchval("SELECT count(*) FROM incident") == 0


async def test_what_is_cancelled_before_anything_left_reaches_nobody(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, story: StoryClock
) -> None:
    incident = await declare_entrapment(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误按")
    assert await owner.fetchval("SELECT count(*) FROM delivery") == 0
    await story.forward_clock(minutes=60)
    await tick(database, town, wakeups)
    assert await owner.fetchval("SELECT count(*) FROM message") == 2
    assert await owner.fetchval("SELECT count(*) FROM delivery_settled WHERE state <> 'cancelled'") == 0


async def test_many_timers_due_at_once_fire_once_each_and_one_that_is_held_does_not_hold_up_the_others(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, owner: asyncpg.Connection
) -> None:
    incidents = [await declare_entrapment(database, town, wakeups) for _ in range(20)]
    await story.forward_clock(seconds=60)
    async with owner.transaction():
        await owner.execute("SELECT FROM incident WHERE id = $1 FOR UPDATE", incidents[3])
        firing = asyncio.create_task(timers.run_once(database, wakeups, town.community_id))
        rung = "SELECT count(DISTINCT incident_id) FROM incident_event WHERE kind = 'tick'"
        async with asyncio.timeout(10):
            while await owner.fetchval(rung) < 19:
                await asyncio.sleep(0.01)
        assert not firing.done()
    assert await firing == 20
    ticks = await owner.fetch("SELECT incident_id, count(*) FROM incident_event WHERE kind = 'tick' GROUP BY incident_id")
    assert {row["incident_id"]: row["count"] for row in ticks} == dict.fromkeys(incidents, 1)


async def test_an_incident_whose_timer_cannot_be_fired_is_tried_again_and_the_others_go_on(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, owner: asyncpg.Connection
) -> None:
    incidents = [await declare_entrapment(database, town, wakeups) for _ in range(5)]
    state = await owner.fetchval("SELECT state FROM run WHERE incident_id = $1", incidents[2])
    await owner.execute("""UPDATE run SET state = '{"steps": 7}' WHERE incident_id = $1""", incidents[2])
    await story.forward_clock(seconds=60)
    assert await timers.run_once(database, wakeups, town.community_id) == 4
    lane = "SELECT due_at > story_now() FROM work WHERE lane = 'timers'"
    assert await owner.fetchval(lane), "what fails is not tried again at once, for ever"
    await owner.execute("UPDATE run SET state = $2 WHERE incident_id = $1", incidents[2], state)
    assert await timers.run_once(database, wakeups, town.community_id) == 1


async def test_alerts_that_reached_nobody_are_all_noted_however_many_and_after_the_timers_that_are_due(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "PAGE", 3)
    incidents = [await declare_entrapment(database, town, wakeups) for _ in range(5)]
    watched = await owner.fetchval("SELECT count(*) FROM alert WHERE watched")
    await owner.execute(
        "UPDATE message SET trying = 0, handed_over = 0, unreachable = size"
        " WHERE id IN (SELECT message_id FROM alert WHERE watched AND incident_id <> $1)", incidents[4],
    )  # fmt: skip
    await owner.execute("INSERT INTO work VALUES ($1, 'outcomes', clock_timestamp())", town.community_id)
    spoilt = await owner.fetchval("SELECT state FROM run WHERE incident_id = $1", incidents[2])
    await owner.execute("""UPDATE run SET state = '{"steps": 7}' WHERE incident_id = $1""", incidents[2])
    await story.forward_clock(minutes=10)
    assert await outcomes.run_once(database, wakeups, town.community_id) == 0, "the deadline had passed before"
    assert await owner.fetchval("SELECT due_at > clock_timestamp() FROM work WHERE lane = 'outcomes'")
    await tick(database, town, wakeups)
    of_each = watched // len(incidents)
    assert await outcomes.run_once(database, wakeups, town.community_id) == 3 * of_each
    await owner.execute("UPDATE run SET state = $2 WHERE incident_id = $1", incidents[2], spoilt)
    await tick(database, town, wakeups)
    assert await outcomes.run_once(database, wakeups, town.community_id) == of_each
    ticks = "SELECT incident_id, array_agg(kind::text ORDER BY no) AS kinds FROM incident_event GROUP BY incident_id"
    told = {row["incident_id"]: [one for one in row["kinds"] if one in ("tick", "all_ways_failed")] for row in await owner.fetch(ticks)}
    assert told == {**dict.fromkeys(incidents[:4], ["tick"] + ["all_ways_failed"] * of_each), incidents[4]: ["tick"]}


async def test_foreseeing_says_what_residents_are_told_with_the_button_and_what_only_with_a_basis(
    database: Database, town: SmallTown
) -> None:
    async with database.community(town.community_id) as tx:
        building = town.places["3"]
        fire = (await foresee(tx, "fire", building, {})).tellings
        detector = (await foresee(tx, "fire", building, {"seen": "one_alarm"})).tellings
        power = (await foresee(tx, "power_cut", building, {})).tellings
    assert [(one.step, one.at_once) for one in fire] == [("residents_told", True)], "what is for a garage is not spoken of"
    assert [(one.step, one.at_once) for one in detector] == [("residents_told", False)]
    assert [(one.step, one.at_once) for one in power] == [("priority_told", True), ("residents_told", False)]
