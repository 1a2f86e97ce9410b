"""The shipped playbooks as an emergency lives through them: what goes out, when, and what must not."""

from __future__ import annotations

from datetime import timedelta

from playbooks.engine.advice import lines_to_say, not_an_incident, upcoming
from playbooks.engine.events import (
    BroadcastNow,
    ChildClosed,
    ChildOpened,
    CloseRequested,
    Expanded,
    FactsChanged,
    NightChanged,
    Reported,
    Resolved,
    TaskDone,
    UpdateSent,
    WasConfirmed,
)
from tests.playbooks.story import LIBRARY, Story, kinds


def test_the_elevators_alert_goes_out_with_every_fact_unknown() -> None:
    story = Story("elevator_entrapment")
    assert story.reached("engineers") == [(0, "engineering/duty")]
    assert story.reached("security") == [(0, "security/duty")]
    assert not story.tasks("ambulance")


def test_an_answer_to_a_question_wakes_people() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=1)
    story.happens(FactsChanged(facts={"medical_need": True}))
    assert story.tasks("ambulance")[0][0] == 1
    assert story.reached("ambulance_guide") == [(1, "security/duty")]


def test_an_ambulance_nobody_calls_alerts_the_supervisor_until_it_is_called() -> None:
    story = Story("elevator_entrapment", facts={"injured": True})
    story.forward(minutes=2)
    assert story.reached("ambulance_not_called") == [(2, "supervisor")]
    effects = story.happens(TaskDone(task="ambulance#1", result="called"))
    assert kinds(effects) == ["stand_down"]


def test_119_is_called_before_the_thirty_minutes_of_the_law() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=30)
    assert story.tasks("fire_rescue")[0][0] == 25
    assert story.tasks("maintenance_second")[0][0] == 25


def test_an_engineer_on_scene_keeps_119_from_being_called() -> None:
    story = Story("elevator_entrapment")
    story.answers("engineers", 7, "on_scene")
    story.forward(minutes=40)
    assert not story.tasks("fire_rescue")


def test_the_long_clocks_of_an_entrapment() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=121)
    assert story.reached("company_leader")[0] == (60, "company_leader")
    assert story.reached("two_hour_warning")[0] == (90, "manager+company_leader")
    assert story.tasks("accident_report")[0][0] == 120


def test_everyone_out_ends_the_clocks_and_the_calls_to_the_car() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=7)
    story.happens(TaskDone(task="reassure#1", result="answered"))
    story.forward(minutes=5)
    assert [minute for minute, _ in story.tasks("reassure")] == [5, 10]
    effects = story.happens(WasConfirmed(name="everyone_out"))
    assert "task_cancelled" in kinds(effects)
    story.forward(minutes=180)
    assert not story.reached("company_leader")
    assert len(story.tasks("reassure")) == 2


def test_a_task_still_undone_is_not_opened_twice() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=16)
    assert len(story.tasks("reassure")) == 1


def test_those_told_of_the_elevator_are_told_that_everyone_is_safe() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=11)
    story.happens(WasConfirmed(name="everyone_out"))
    story.happens(Resolved())
    assert [(effect.step, effect.audience.told_by) for _, effect in story.broadcasts()] == [
        ("neighbours", None),
        ("all_clear", "neighbours"),
    ]


def test_one_home_alone_is_a_repair_and_no_incident() -> None:
    power_cut = LIBRARY["power_cut"]
    assert not_an_incident(power_cut, {"scope": "only_my_home"})
    assert not not_an_incident(power_cut, {"scope": "building"})
    assert not not_an_incident(power_cut, {})


def test_residents_are_told_of_a_power_cut_only_on_a_basis() -> None:
    story = Story("power_cut")
    assert [effect.step for _, effect in story.broadcasts()] == ["priority_told"]
    story.happens(Reported(homes=2))
    assert not story.broadcasts("residents_told")
    story.happens(Reported(homes=3))
    assert story.broadcasts("residents_told")[0][1].text_key == "power_cut.residents_told"


def test_the_text_says_that_the_electrician_is_there_only_when_he_is() -> None:
    story = Story("power_cut")
    story.answers("engineers", 7, "on_scene")
    assert story.broadcasts("residents_told")[0][1].text_key == "power_cut.residents_told.checked"


def test_a_named_person_may_tell_residents_now() -> None:
    story = Story("power_cut", night=True)
    story.happens(BroadcastNow())
    assert [effect.night for _, effect in story.broadcasts("residents_told")] == ["send"]


def test_at_night_only_callers_and_priority_homes_are_told() -> None:
    story = Story("power_cut", night=True)
    story.happens(Reported(homes=3))
    assert [(effect.step, effect.night) for _, effect in story.broadcasts()] == [
        ("priority_told", "send"),
        ("residents_told", "hold"),
    ]


def test_homes_held_at_night_are_told_when_morning_finds_it_still_dark() -> None:
    story = Story("power_cut", night=True)
    story.happens(Reported(homes=3))
    story.forward(minutes=300)
    story.happens(NightChanged(night=False))
    minute, released = story.broadcasts("residents_told")[-1]
    assert (minute, released.audience.held_by, released.night) == (300, "residents_told", "send")
    assert released.variables["next_by"] == "2026-11-24T07:36:00Z"


def test_homes_held_at_night_read_in_the_morning_that_it_is_over() -> None:
    story = Story("power_cut", night=True)
    story.happens(Reported(homes=3))
    story.forward(minutes=76)
    story.happens(Resolved())
    steps = [(effect.step, effect.night) for _, effect in story.broadcasts()][2:]
    assert steps == [("restored", "send"), ("morning_news", "morning")]


def test_every_elevator_is_checked_and_one_with_people_opens_a_child_that_closing_waits_for() -> None:
    story = Story("power_cut")
    story.happens(Expanded(step="elevators#1", count=2))
    story.happens(TaskDone(task="elevators#1/11", result="empty"))
    assert story.state.step("elevators").phase == "active"
    effects = story.happens(TaskDone(task="elevators#1/12", result="trapped"))
    assert kinds(effects) == ["severity"]
    assert {"done", "trapped"} <= story.outcomes("elevators")
    story.happens(ChildOpened(child="41"))
    story.happens(Resolved())
    story.happens(WasConfirmed(name="power_stable"))
    story.happens(WasConfirmed(name="elevators_checked"))
    assert story.happens(CloseRequested())[0].model_dump()["lacking"] == ("child:41",)
    story.happens(ChildClosed(child="41"))
    assert kinds(story.happens(CloseRequested()))[-1] == "closed"


def test_a_place_without_elevators_has_nothing_to_check() -> None:
    story = Story("power_cut")
    story.happens(Expanded(step="elevators", count=0))
    assert story.state.step("elevators").phase == "done"


def test_the_promise_of_news_nags_before_it_lapses_and_is_recorded_when_it_does() -> None:
    story = Story("power_cut")
    story.forward(minutes=30)
    assert [minute for minute, _ in story.tasks("next_news")] == [25]
    assert "late" in story.outcomes("next_news")
    assert [effect.model_dump()["key"] for minute, effect in story.told if minute == 30 and effect.kind == "red"].count("news_overdue") == 1


def test_news_sent_in_time_winds_the_clock_anew() -> None:
    story = Story("power_cut")
    story.forward(minutes=26)
    effects = story.happens(UpdateSent(next_by=story.now + timedelta(minutes=40)))
    assert kinds(effects) == ["task_cancelled"]
    story.forward(minutes=34)
    assert "late" not in story.outcomes("next_news")
    story.forward(minutes=2)
    assert [(minute, effect.id) for minute, effect in story.tasks("next_news")] == [(25, "next_news#1"), (61, "next_news#2")]


def test_the_company_hears_of_a_long_power_cut() -> None:
    story = Story("power_cut")
    story.forward(minutes=121)
    assert story.reached("manager_told")[0] == (60, "manager")
    assert story.reached("company_told")[0] == (120, "company_leader")


def test_a_drill_reaches_no_resident_and_calls_no_outside_number() -> None:
    story = Story("elevator_entrapment", drill=True, facts={"injured": True})
    story.forward(minutes=12)
    assert not story.broadcasts()
    calls = [effect for _, effect in story.tasks("ambulance")]
    assert [(call.call, call.variables["drill_call"]) for call in calls if call.kind == "task"] == [(None, "ambulance_120")]
    assert "sent" in story.outcomes("neighbours")


def test_facts_of_the_wrong_type_are_refused_with_a_note() -> None:
    story = Story("elevator_entrapment", facts={"people_inside": "many", "no_such": 1})
    assert [effect.model_dump()["key"] for _, effect in story.told if effect.kind == "note"] == ["fact_refused"] * 2
    assert kinds(story.happens(FactsChanged(facts={"people_inside": 31}))) == ["note"]
    assert story.state.facts == {}


def test_the_words_to_say_follow_the_answers() -> None:
    elevator = LIBRARY["elevator_entrapment"]
    always = len(lines_to_say(elevator, {}))
    assert len(lines_to_say(elevator, {"hazard": True, "medical_need": None})) == always + 1


def test_what_happens_next_is_shown_soonest_first() -> None:
    story = Story("elevator_entrapment")
    soonest = upcoming(story.playbook, story.state)[:3]
    assert [(one.step, one.what) for one in soonest] == [("engineers", "ring"), ("security", "ring"), ("engineers", "climb")]
