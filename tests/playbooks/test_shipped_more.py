"""Fire, water cut, gas, burst pipe and whatever has no playbook of its own: what goes out, when, and what must not."""

from __future__ import annotations

from playbooks.engine.advice import not_an_incident
from playbooks.engine.effects import Task
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


def test_gas_of_which_nothing_is_known_has_119_and_the_gas_company_called_and_the_building_told_at_once_even_at_night() -> None:
    story = Story("gas_smell", night=True)
    calls = {task.call for step in ("fire_rescue", "gas_company") for _, task in story.tasks(step) if isinstance(task, Task)}
    assert calls == {"fire_rescue_119", "gas_company"}
    assert [(minute, told.night) for minute, told in story.broadcasts("residents_told")] == [(0, "send")]
    story.forward(minutes=2)
    for minute, alerted in ((0, "security"), (0, "engineers"), (0, "command"), (1, "cleaners_out"), (2, "customer_service")):
        assert story.alerts(alerted)[0][::2] == (minute, True), "nobody is written to about gas"


def test_a_gas_company_that_did_not_answer_or_says_it_is_not_theirs_is_nobody_on_the_way() -> None:
    for result in ("no_answer", "not_theirs"):
        story = Story("gas_smell")
        story.happens(TaskDone(task="gas_company#1", result=result))
        assert story.reached("gas_company_not_called") == [(0, "supervisor+manager")], result


def test_whoever_cannot_leave_the_gas_is_told_to_119_and_nobody_is_sent_in() -> None:
    for happens in (FactsChanged(facts={"can_leave": False}), TaskDone(task="evacuate#1", result="too_strong")):
        story = Story("gas_smell")
        story.happens(happens)
        assert [task.call for _, task in story.tasks("still_inside") if isinstance(task, Task)] == ["fire_rescue_119"]
        story.forward(minutes=1)
        assert story.reached("evacuate_late") == [(1, "supervisor+manager")]


def test_residents_hear_that_the_gas_crew_is_there_when_it_is_and_return_when_it_has_released_the_site() -> None:
    story = Story("gas_smell")
    assert not story.broadcasts("crew_told")
    story.happens(TaskDone(task="gas_crew#1", result="here"))
    assert len(story.broadcasts("crew_told")) == 1
    story.happens(Resolved())
    assert not story.broadcasts("all_clear")
    story.happens(WasConfirmed(name="site_released"))
    assert len(story.broadcasts("all_clear")) == 1


def test_nothing_of_ours_switches_power_or_closes_a_common_gas_valve() -> None:
    texts = [text.by_language for text in LIBRARY["gas_smell"].texts.values()]
    assert not any(phrase in text["zh-CN"] for text in texts for phrase in ("请断电", "切断该处", "关闭总阀", "关总阀", "按门铃"))
    assert any("公用燃气阀别动" in text["zh-CN"] for text in texts)


def test_water_near_power_has_it_cut_first_and_becomes_a_danger_to_life() -> None:
    story = Story("burst_pipe")
    assert not story.alerts("power_off")
    story.happens(FactsChanged(facts={"near_power": True}))
    assert story.reached("power_off") == [(0, "engineering/duty+engineering/backup")]
    assert story.state.severity == "life_threatening"


def test_a_burst_pipe_that_is_shut_dry_elsewhere_and_away_from_power_is_a_repair() -> None:
    burst, dry = LIBRARY["burst_pipe"], {"shut": True, "spreads": False, "near_power": False}
    assert not_an_incident(burst, dry)
    for unknown in dry:
        assert not not_an_incident(burst, {name: value for name, value in dry.items() if name != unknown}), unknown


def test_the_door_of_an_empty_home_waits_for_its_owner_or_for_the_police_and_the_water_does_not() -> None:
    story = Story("burst_pipe", facts={"nobody_home": True})
    assert story.tasks("isolate")[0][0] == 0 and not story.tasks("witnesses")
    story.happens(TaskDone(task="consent#1", result="not_reached"))
    assert [task.call for _, task in story.tasks("witnesses") if isinstance(task, Task)] == ["police_110"]


def test_water_that_is_not_ours_to_shut_keeps_somebody_on_it_until_it_is_stopped() -> None:
    story = Story("burst_pipe")
    story.forward(minutes=3)
    story.happens(TaskDone(task="isolate#1", result="not_ours"))
    assert story.tasks("water_company")[0][0] == 3
    assert story.reached("not_isolated") == [(3, "engineering/lead+supervisor")]
    story.happens(WasConfirmed(name="water_stopped"))
    assert "stood_down" in story.outcomes("not_isolated")


def test_homes_that_lose_their_water_to_the_repair_are_told_and_by_day_only() -> None:
    story = Story("burst_pipe", night=True)
    story.happens(TaskDone(task="isolate#1", result="others_dry"))
    assert [told.night for _, told in story.broadcasts()] == ["hold"]
    dry = Story("burst_pipe")
    dry.happens(TaskDone(task="isolate#1", result="one_home"))
    assert not dry.broadcasts()


def test_water_in_the_garage_keeps_the_whole_community_out_of_it_at_any_hour() -> None:
    story = Story("burst_pipe", facts={"where": "garage"}, night=True)
    assert [(minute, told.night, told.audience.residents_of) for minute, told in story.broadcasts("garage_warned")] == [
        (0, "send", "community")
    ]


def test_a_notice_of_a_burst_pipe_cannot_name_a_home() -> None:
    assert "home" not in LIBRARY["burst_pipe"].place_kinds


def test_none_of_them_closes_before_what_must_be_confirmed_is() -> None:
    for name in ("fire", "water_cut", "gas_smell", "burst_pipe", "other_emergency"):
        story = Story(name)
        story.happens(Resolved())
        refused = [effect.kind for effect in story.happens(CloseRequested())]
        assert refused == ["not_closed"], name
        for need in LIBRARY[name].needs:
            story.happens(WasConfirmed(name=need))
        assert "closed" in [effect.kind for effect in story.happens(CloseRequested())], name
