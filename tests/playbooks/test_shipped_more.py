"""Fire, water cut and whatever has no playbook of its own: what goes out, when, and what must not."""

from __future__ import annotations

from playbooks.engine.advice import not_an_incident
from playbooks.engine.events import BroadcastNow, CloseRequested, FactsChanged, Reported, Resolved, TaskDone, WasConfirmed
from tests.playbooks.story import LIBRARY, Story


def test_a_fire_of_which_nothing_is_known_has_119_called_and_the_building_told_at_once_even_at_night() -> None:
    story = Story("fire", night=True)
    assert story.tasks("fire_rescue")[0][0] == 0
    assert story.broadcasts("residents_told")[0][0] == 0
    assert story.broadcasts("residents_told")[0][1].night == "send"
    assert [whom for _, whom in story.reached("security")] == ["security/duty"]
    assert all(ring for _, _, ring in story.alerts("security")), "nobody is written to about a fire"


def test_nobody_called_119_within_a_minute_and_the_manager_is_rung_until_somebody_does() -> None:
    story = Story("fire")
    story.forward(minutes=3)
    assert [minute for minute, _ in story.reached("fire_rescue_not_called")] == [1, 2, 3]
    story.happens(TaskDone(task="fire_rescue#1", result="called"))
    story.forward(minutes=5)
    assert len(story.reached("fire_rescue_not_called")) == 3


def test_a_single_detector_is_looked_at_first_and_counts_as_a_fire_when_nobody_has_looked_in_three_minutes() -> None:
    story = Story("fire", facts={"seen": "one_alarm"})
    assert not story.tasks("fire_rescue") and not story.broadcasts("residents_told")
    story.forward(minutes=3)
    assert story.tasks("fire_rescue")[0][0] == 3 and story.broadcasts("residents_told")[0][0] == 3


def test_a_single_detector_that_was_a_false_alarm_sends_nobody_into_the_street() -> None:
    story = Story("fire", facts={"seen": "one_alarm"})
    story.forward(minutes=1)
    story.happens(TaskDone(task="confirmed#1", result="false_alarm"))
    story.forward(minutes=30)
    assert not story.tasks("fire_rescue") and not story.broadcasts()


def test_people_return_only_when_the_brigade_has_handed_back_the_site() -> None:
    story = Story("fire")
    story.happens(Resolved())
    assert not story.broadcasts("all_clear")
    story.happens(WasConfirmed(name="site_returned"))
    assert len(story.broadcasts("all_clear")) == 1


def test_a_fire_with_somebody_hurt_is_reported_within_the_hour_of_the_law() -> None:
    story = Story("fire", facts={"hurt": True})
    story.forward(minutes=46)
    assert story.reached("accident_not_reported")[0][0] == 45


def test_one_home_without_water_is_a_repair_unless_the_water_is_odd() -> None:
    water = LIBRARY["water_cut"]
    assert not_an_incident(water, {"scope": "only_my_home", "odd_water": False})
    assert not not_an_incident(water, {"scope": "only_my_home", "odd_water": True})
    assert not not_an_incident(water, {"scope": "only_my_home"})


def test_odd_water_is_stopped_and_everybody_is_told_not_to_drink_it_even_at_night() -> None:
    story = Story("water_cut", night=True)
    assert not story.broadcasts()
    story.forward(minutes=2)
    story.happens(FactsChanged(facts={"odd_water": True}))
    assert story.broadcasts("do_not_drink")[0][1].night == "send"
    assert story.reached("contamination") == [(2, "engineering/duty")]
    assert story.state.severity == "life_threatening"


def test_residents_hear_of_a_water_cut_when_three_homes_have_reported_and_not_in_the_night() -> None:
    story = Story("water_cut", night=True)
    story.happens(Reported(homes=2))
    assert not story.broadcasts()
    story.happens(Reported(homes=3))
    assert [told.night for _, told in story.broadcasts("residents_told")] == ["hold"]


def test_an_emergency_without_a_playbook_reaches_guard_engineer_and_supervisor_at_once() -> None:
    story = Story("other_emergency")
    assert [story.reached(step) for step in ("security", "engineers", "supervisor_told")] == [
        [(0, "security/duty")], [(0, "engineering/duty")], [(0, "supervisor")],
    ]  # fmt: skip
    assert not story.broadcasts(), "residents are told when somebody decides so"
    story.happens(BroadcastNow())
    assert len(story.broadcasts("residents_told")) == 1


def test_an_unknown_danger_becomes_a_danger_to_life_when_two_minutes_pass_without_an_answer() -> None:
    unknown, known = Story("other_emergency"), Story("other_emergency", facts={"danger_to_life": False})
    for story in (unknown, known):
        story.forward(minutes=2)
    assert (unknown.state.severity, known.state.severity) == ("life_threatening", "urgent")


def test_none_of_them_closes_before_what_must_be_confirmed_is() -> None:
    for name in ("fire", "water_cut", "other_emergency"):
        story = Story(name)
        story.happens(Resolved())
        refused = [effect.kind for effect in story.happens(CloseRequested())]
        assert refused == ["not_closed"], name
        for need in LIBRARY[name].needs:
            story.happens(WasConfirmed(name=need))
        assert "closed" in [effect.kind for effect in story.happens(CloseRequested())], name
