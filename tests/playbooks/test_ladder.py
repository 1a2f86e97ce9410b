"""Silence, declines, promises and what they do to a ladder."""

from __future__ import annotations

from itertools import pairwise

import pytest

from playbooks.engine.events import AllWaysFailed, NobodyOnDuty, Tick
from tests.playbooks.small import LADDER, trial
from tests.playbooks.story import Story, kinds

CREW = trial(LADDER)


def test_the_elevators_engineers_are_alerted_rung_by_rung_in_silence() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=10)
    assert story.reached("engineers") == [
        (0, "engineering/duty"),
        (2, "engineering/backup"),
        (4, "engineering/lead"),
        (6, "manager"),
        (8, "manager"),
        (10, "manager"),
    ]


def test_a_silent_engineer_is_phoned_after_a_minute_and_the_manager_at_once() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=6)
    assert [(minute, rung) for minute, rung, ring in story.alerts("engineers") if ring] == [(1, 0), (3, 1), (5, 2), (6, 3)]


def test_the_power_cuts_ladder_in_silence() -> None:
    story = Story("power_cut")
    story.forward(minutes=15)
    assert story.reached("engineers") == [
        (0, "engineering/duty"),
        (3, "engineering/backup"),
        (6, "engineering/lead"),
        (10, "manager"),
        (15, "manager"),
    ]


def test_the_last_rung_never_gives_up() -> None:
    story = Story("elevator_entrapment")
    story.forward(minutes=24 * 60)
    minutes = [minute for minute, _ in story.reached("engineers")]
    assert max(after - before for before, after in pairwise(minutes)) <= 2
    assert minutes[-1] >= 24 * 60 - 2


def test_an_answer_stops_the_ladder_and_tells_the_others_who_took_it() -> None:
    story = Story(CREW)
    story.forward(minutes=2)
    effects = story.answers("crew", 7, "on_the_way", minutes=5)
    assert kinds(effects) == ["taken"]
    assert effects[0].model_dump()["by_person"] == 7
    story.forward(minutes=4)
    assert story.reached("crew") == [(0, "engineering/duty"), (2, "engineering/backup")]


def test_an_answer_at_the_exact_deadline_wins() -> None:
    story = Story(CREW)
    story.forward(minutes=0)
    story.now = story.now.replace(minute=8)
    assert kinds(story.answers("crew", 7, "received")) == ["taken"]
    story.happens(Tick())
    assert story.reached("crew") == [(0, "engineering/duty")]


def test_an_answer_after_an_unseen_deadline_fires_the_deadline_first_and_is_still_taken() -> None:
    story = Story(CREW)
    story.now = story.now.replace(minute=9)
    assert kinds(story.answers("crew", 7, "received")) == ["alert", "taken"]


def test_a_decline_is_silence_that_came_early() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "cannot")
    assert story.reached("crew") == [(0, "engineering/duty"), (0, "engineering/backup")]
    assert "declined" in story.outcomes("crew")


def test_a_decline_waits_while_others_of_the_rung_have_not_declined() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "cannot", left=1)
    assert story.reached("crew") == [(0, "engineering/duty")]


def test_a_decline_on_the_last_rung_is_recorded_and_its_repeat_goes_on() -> None:
    story = Story(CREW)
    story.forward(minutes=4)
    story.answers("crew", 9, "cannot", rung=2)
    story.forward(minutes=3)
    assert [minute for minute, who in story.reached("crew") if who == "manager"] == [4, 7]


def test_a_late_decline_of_an_earlier_rung_moves_nothing() -> None:
    story = Story(CREW)
    story.forward(minutes=2)
    story.answers("crew", 7, "cannot", rung=0)
    assert len(story.reached("crew")) == 2


def test_a_missed_promise_sends_the_ladder_on() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "on_the_way", minutes=5)
    story.forward(minutes=5)
    assert story.reached("crew")[-1] == (5, "engineering/backup")
    assert "overdue" in story.outcomes("crew")


def test_received_without_minutes_is_a_promise_of_the_longest_length() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "received")
    story.forward(minutes=9)
    assert len(story.reached("crew")) == 1
    story.forward(minutes=1)
    assert story.reached("crew")[-1] == (10, "engineering/backup")


@pytest.mark.parametrize("minutes", [600, 10**15, -3])
def test_no_promise_is_longer_than_the_step_allows(minutes: int) -> None:
    story = Story(CREW)
    story.answers("crew", 7, "on_the_way", minutes=minutes)
    story.forward(minutes=10)
    assert story.reached("crew")[-1] == (10, "engineering/backup")


def test_a_promise_of_no_minutes_falls_due_at_once_and_is_not_taken_for_no_clock() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "on_the_way", minutes=0)
    story.forward(minutes=0)
    assert story.reached("crew")[-1] == (0, "engineering/backup")


def test_a_promise_is_renewed_once_and_then_the_ladder_climbs() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "on_the_way", minutes=10)
    story.forward(minutes=9)
    story.answers("crew", 7, "on_the_way", minutes=10)
    story.forward(minutes=9)
    effects = story.answers("crew", 7, "on_the_way", minutes=10)
    assert [effect.model_dump().get("key") for effect in effects] == ["promise_not_renewed"]
    story.forward(minutes=1)
    assert story.reached("crew")[-1] == (19, "engineering/backup")


def test_who_has_no_promise_left_stops_the_ladder_only_by_being_there() -> None:
    story = Story(CREW)
    for _ in range(3):
        story.answers("crew", 7, "received")
        story.forward(minutes=10)
    assert story.reached("crew")[-1][1] == "manager"
    story.answers("crew", 7, "on_scene")
    story.forward(minutes=60)
    assert story.reached("crew")[-1][0] < 31


def test_two_holders_with_the_second_answer_at_the_instant_the_first_promise_falls_due() -> None:
    """0:00 decline; 0:00 on the way; 10:00 on the way: once left nobody alerted, for ever."""
    story = Story(CREW)
    story.answers("crew", 1, "cannot", left=1)
    story.answers("crew", 2, "on_the_way", minutes=10)
    story.now = story.now.replace(minute=16)
    story.answers("crew", 3, "on_the_way", minutes=10)
    story.forward(minutes=10)
    assert story.reached("crew")[-1] == (20, "engineering/backup")
    story.forward(minutes=5)
    assert story.reached("crew")[-1] == (25, "manager")


def test_with_two_holders_the_first_missed_promise_latches_but_the_ladder_waits_for_the_second() -> None:
    story = Story(CREW)
    story.answers("crew", 1, "on_the_way", minutes=3)
    story.answers("crew", 2, "on_the_way", minutes=8)
    story.forward(minutes=3)
    assert "overdue" in story.outcomes("crew")
    assert len(story.reached("crew")) == 1
    story.forward(minutes=5)
    assert story.reached("crew")[-1] == (8, "engineering/backup")


def test_one_of_two_holders_who_takes_it_back_leaves_it_to_the_other() -> None:
    story = Story(CREW)
    story.answers("crew", 1, "on_the_way", minutes=5)
    story.answers("crew", 2, "on_the_way", minutes=8)
    story.answers("crew", 1, "cannot")
    assert len(story.reached("crew")) == 1
    story.forward(minutes=8)
    assert story.reached("crew")[-1] == (8, "engineering/backup")


def test_saying_the_same_twice_does_not_use_up_the_renewal() -> None:
    story = Story(CREW)
    for _ in range(3):
        story.answers("crew", 1, "on_the_way", minutes=10)
    story.forward(minutes=9)
    story.answers("crew", 1, "on_the_way", minutes=10)
    story.forward(minutes=9)
    assert len(story.reached("crew")) == 1


def test_who_takes_it_back_sends_the_ladder_on_at_once() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "received")
    story.answers("crew", 7, "withdrawn")
    assert story.reached("crew")[-1] == (0, "engineering/backup")


def test_the_only_holder_on_the_last_rung_who_takes_it_back_is_followed_by_that_rung_again() -> None:
    story = Story(CREW)
    story.forward(minutes=4)
    story.answers("crew", 9, "received", rung=2)
    story.answers("crew", 9, "cannot", rung=2)
    assert story.reached("crew")[-2:] == [(4, "manager"), (4, "manager")]


def test_an_early_rung_may_still_answer_after_the_next_was_alerted() -> None:
    story = Story(CREW)
    story.forward(minutes=3)
    assert kinds(story.answers("crew", 7, "on_the_way", rung=0, minutes=5)) == ["taken"]


@pytest.mark.parametrize("event", [NobodyOnDuty, AllWaysFailed])
def test_a_rung_that_reaches_nobody_is_red_and_the_next_is_alerted_at_once(
    event: type[NobodyOnDuty | AllWaysFailed],
) -> None:
    story = Story(CREW)
    effects = story.happens(event(alert="crew#1", rung=0))
    assert kinds(effects) == ["red", "alert"]


@pytest.mark.parametrize("held", [True, False])
def test_news_of_an_earlier_rung_or_of_one_that_is_held_is_red_and_alerts_nobody(held: bool) -> None:
    story = Story(CREW)
    if held:
        story.answers("crew", 7, "received")
    else:
        story.forward(minutes=2)
    assert kinds(story.happens(AllWaysFailed(alert="crew#1", rung=0))) == ["red"]


def test_a_last_rung_that_reaches_nobody_is_red_and_does_not_turn_in_circles() -> None:
    story = Story(CREW)
    for rung in (0, 1, 2):
        effects = story.happens(NobodyOnDuty(alert="crew#1", rung=rung))
    assert kinds(effects) == ["red"]
    story.forward(minutes=3)
    assert story.reached("crew")[-1] == (3, "manager")


def test_an_answer_to_a_rung_that_was_never_alerted_is_noted() -> None:
    story = Story(CREW)
    assert kinds(story.answers("crew", 9, "received", rung=2)) == ["note"]
    assert story.state.step("crew").phase == "active"


def test_done_ends_the_ladder_for_good() -> None:
    story = Story(CREW)
    story.answers("crew", 7, "done")
    story.forward(minutes=60)
    assert len(story.reached("crew")) == 1
    assert kinds(story.answers("crew", 8, "received")) == ["note"]


def test_after_an_outage_the_ladder_climbs_one_rung_and_repeats_do_not_burst() -> None:
    story = Story(CREW)
    story.outage(minutes=60)
    assert story.reached("crew")[-1] == (60, "engineering/backup")
    story.outage(minutes=60)
    story.outage(minutes=60)
    assert [who for _, who in story.reached("crew")] == ["engineering/duty", "engineering/backup", "manager", "manager"]
    story.forward(minutes=3)
    assert story.reached("crew")[-1] == (183, "manager")


def test_time_never_runs_backwards() -> None:
    story = Story(CREW)
    story.forward(minutes=2)
    story.now = story.now.replace(minute=6)
    story.answers("crew", 7, "received")
    assert story.state.clock.minute == 8
