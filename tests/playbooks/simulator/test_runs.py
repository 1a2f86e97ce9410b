"""A simulation plays the real engine: seeds repeat, scripts are followed, and figures are those of the runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks.library import load_library
from playbooks.simulator.figures import add_up, percentiles, play_run, rng_of, simulate
from playbooks.simulator.habits import Habit, Habits, delay
from playbooks.simulator.run import Played, Scene, play
from playbooks.simulator.script import Finishes, Line, Says, Script
from tests.playbooks.small import LADDER, task, trial

LIBRARY = {one.name: one for one in load_library()}
ENTRAPMENT = Scene(LIBRARY["elevator_entrapment"])
NOBODY_ANSWERS = Habits(default=Habit(answers=0), task_done=0)


def said(played: Played, key: str, step: str | None = None) -> list[tuple[float, str]]:
    """(minute, who or result) of every line of the story with this key."""
    return [
        (one.at.total_seconds() / 60, one.values.get("who") or one.values.get("person") or one.values.get("result") or "")
        for one in played.story
        if one.key == key and step in (None, one.values.get("step"))
    ]


def script(*lines: Line, **more: object) -> Script:
    return Script(lines=lines, **more)  # type: ignore[arg-type]


def at(minutes: float, deed: object) -> Line:
    return Line(timedelta(minutes=minutes), deed)  # type: ignore[arg-type]


def test_silence_climbs_the_ladder_as_the_playbook_says() -> None:
    played = play_run(ENTRAPMENT, NOBODY_ANSWERS, 1, 1)
    alerts = said(played, "alert", "engineers") + said(played, "alert.ring", "engineers")

    assert sorted(alerts)[:7] == [
        (0, "engineering/duty"), (1, "engineering/duty"), (2, "engineering/backup"), (3, "engineering/backup"), (4, "engineering/lead"),
        (5, "engineering/lead"), (6, "manager"),
    ]  # fmt: skip
    assert max(minute for minute, who in alerts if who == "manager") > 170, "the last one is asked for as long as it is watched"
    assert ("acknowledged" not in {outcome for step, outcome in played.first if step == "engineers"}) and played.status == "open"


def test_everybody_answering_at_once_ends_it() -> None:
    eager = Habits(default=Habit(answers=1, after=timedelta(seconds=10), cannot=0, keeps_promise=1), task_done=1)
    played = play_run(ENTRAPMENT, eager, 3, 1)

    assert played.status == "closed" and played.ended < timedelta(hours=3)
    assert played.first["engineers", "acknowledged"] < timedelta(minutes=2)
    assert said(played, "alert", "engineers") == [(0, "engineering/duty")]


def test_whoever_cannot_come_hands_on_at_once() -> None:
    lines = script(at(0.5, Says("engineering/duty", "cannot", step="engineers")))
    played = play(ENTRAPMENT, lines, rng_of(1, 1))

    assert said(played, "alert", "engineers")[:2] == [(0, "engineering/duty"), (0.5, "engineering/backup")]


def test_a_tier_with_nobody_on_duty_and_one_that_cannot_be_reached_are_passed_at_once() -> None:
    habits = replace(NOBODY_ANSWERS, nobody=frozenset({"engineering/duty"}), unreachable=frozenset({"engineering/backup"}))
    played = play_run(ENTRAPMENT, habits, 1, 1)

    assert [who for minute, who in said(played, "alert", "engineers") if minute == 0] == [
        "engineering/duty", "engineering/backup", "engineering/lead",
    ]  # fmt: skip
    assert played.reds["nobody_on_duty", "engineers"] == 1 and played.reds["all_ways_failed", "engineers"] == 1


def test_a_script_is_followed_to_the_second_and_nothing_else_happens() -> None:
    lines = script(
        at(1, Says("engineering/duty", "on_the_way", 8)),
        at(2.5, Finishes("maintenance_call", "called")),
        at(8, Says("engineering/duty", "on_scene")),
        facts={"people_inside": 2},
    )
    played = play(ENTRAPMENT, lines, rng_of(1, 1))

    assert said(played, "answer.on_the_way.minutes") == [(1, "engineering/duty")]
    assert said(played, "event.task_done") == [(2.5, "called")]
    assert played.first["arrival", "met"] == timedelta(minutes=8)
    assert said(played, "alert.ring", "engineers") == [], "who answers within the minute is not called as well"
    assert ("maintenance_call", "late") not in played.first


def test_at_the_same_instant_people_come_before_the_clock() -> None:
    lines = script(at(2, Says("engineering/duty", "on_the_way", 8, "engineers")))

    alerts = said(play(ENTRAPMENT, lines, rng_of(1, 1)), "alert", "engineers")

    assert [one for one in alerts if one[0] < 10] == [(0, "engineering/duty")], "at two minutes he answers, and nobody else is woken"


def test_at_night_residents_are_held_until_the_morning_comes() -> None:
    scene = Scene(LIBRARY["power_cut"], clock=time(6, 30), length=timedelta(hours=1))
    lines = script(at(5, Says("engineering/duty", "on_scene", step="engineers")))
    played = play(scene, lines, rng_of(1, 1))
    told = [minute for minute, _ in said(played, "broadcast", "residents_told")]

    assert told == [5, 30], "sealed and held; told when the night ends at 07:00"


def test_a_drill_tells_no_resident() -> None:
    lines = script(at(5, Says("engineering/duty", "on_scene", step="engineers")))

    assert said(play(Scene(LIBRARY["power_cut"], drill=True), lines, rng_of(1, 1)), "broadcast") == []


@given(seed=st.integers(0, 2**31), name=st.sampled_from(sorted(LIBRARY)), run=st.integers(1, 10**6))
@settings(max_examples=25, deadline=None)
def test_the_same_seed_plays_the_same_story_and_time_never_runs_backwards(seed: int, name: str, run: int) -> None:
    scene = Scene(LIBRARY[name])
    played = play_run(scene, Habits(), seed, run)

    assert play_run(scene, Habits(), seed, run) == played
    assert [one.at for one in played.story] == sorted(one.at for one in played.story)
    assert played.ended <= scene.length
    assert all(one.answered is None or one.answered >= one.alerted for one in played.tiers)


def test_many_runs_give_the_figures_of_those_runs_however_they_are_played() -> None:
    scene = Scene(trial(LADDER, task("look")), length=timedelta(minutes=30))
    figures = simulate(scene, Habits(), seed=5, runs=250)
    alone = add_up(scene.playbook, ((run, play_run(scene, Habits(), 5, run)) for run in range(1, 251)))

    assert figures == alone
    (ladder,) = figures.ladders
    assert (ladder.step, ladder.began) == ("crew", 250)
    assert [tier.who for tier in ladder.tiers] == ["engineering/duty", "engineering/backup", "manager"][: len(ladder.tiers)]
    assert ladder.tiers[0].alerted == 250 >= ladder.tiers[0].answered > 150
    worst = play_run(scene, Habits(), 5, ladder.worst_run)
    acknowledged = worst.first.get(("crew", "acknowledged"))
    assert acknowledged is None or ladder.times is None or acknowledged == ladder.times.longest


def test_where_it_went_wrong_is_named_with_a_run_to_look_at() -> None:
    figures = simulate(ENTRAPMENT, NOBODY_ANSWERS, seed=1, runs=3)
    wrong = {(one.what, one.step): one for one in figures.wrong}

    assert wrong["never_acknowledged", "engineers"].runs == 3
    assert wrong["law_missed", "arrival"].limit == timedelta(minutes=30)
    assert wrong["last_rung", "engineers"].example == 1
    assert figures.closed == 0


def test_delays_are_half_within_the_median_and_nine_of_ten_within_three_times() -> None:
    rng = rng_of(1, 1)
    found = percentiles([delay(rng, timedelta(seconds=60)) for _ in range(4000)])

    assert found is not None
    assert found.half.total_seconds() == pytest.approx(60, rel=0.1)
    assert found.nine_of_ten.total_seconds() == pytest.approx(180, rel=0.1)


def test_percentiles_are_lengths_that_happened() -> None:
    found = percentiles([timedelta(seconds=one) for one in range(1, 101)])

    assert found is not None
    assert [found.half, found.nine_of_ten, found.ninety_nine, found.longest] == [timedelta(seconds=one) for one in (50, 90, 99, 100)]
    assert percentiles([]) is None
