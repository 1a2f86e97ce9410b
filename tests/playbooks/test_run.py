"""The run as a whole: resolve, close, cancel, re-open, facts, drills, night."""

from __future__ import annotations

from datetime import timedelta

from playbooks.engine.events import (
    Cancelled,
    CloseRequested,
    FactsChanged,
    Reopened,
    Resolved,
    SeverityChanged,
    TaskDone,
    WasConfirmed,
)
from tests.playbooks.small import LADDER, task, tell, trial
from tests.playbooks.story import Story, kinds


def test_a_ladder_due_at_the_instant_that_makes_it_moot_alerts_nobody_more() -> None:
    guard = task("guard", "within: 2m")
    story = Story(trial(guard, LADDER.replace("  alert:", "  when: {not: {guard: late}}\n  alert:")))
    story.forward(minutes=2)
    assert story.reached("crew") == [(0, "engineering/duty")]
    assert [effect.kind for minute, effect in story.told if minute == 2] == ["red", "stand_down"]


def test_resolving_stands_down_what_is_out_and_starts_what_comes_after() -> None:
    story = Story(trial(LADDER, task("tidy", "during: resolved")))
    assert kinds(story.happens(Resolved())) == ["stand_down", "task"]
    story.forward(minutes=60)
    assert len(story.reached("crew")) == 1


def test_closing_says_what_is_lacking() -> None:
    story = Story(trial(LADDER))
    assert story.happens(CloseRequested())[0].model_dump()["lacking"] == ("resolved", "all_well")
    story.happens(Resolved())
    story.happens(WasConfirmed(name="all_well"))
    assert kinds(story.happens(CloseRequested())) == ["closed"]
    assert kinds(story.happens(Reopened())) == ["note"]


def test_what_follows_closing_is_opened_with_it_and_nothing_comes_after() -> None:
    story = Story(trial(LADDER, task("review", "during: closed")))
    story.happens(Resolved())
    story.happens(WasConfirmed(name="all_well"))
    assert kinds(story.happens(CloseRequested())) == ["task", "closed"]
    assert kinds(story.outage(minutes=600)) == []
    assert kinds(story.happens(TaskDone(task="review#1"))) == ["note"]


def test_reopening_begins_a_new_round_with_new_numbers_and_forgets_confirmations() -> None:
    story = Story(trial(LADDER))
    story.answers("crew", 7, "done")
    story.happens(Resolved())
    story.happens(WasConfirmed(name="all_well"))
    effects = story.happens(Reopened())
    assert [effect.id for effect in effects] == ["crew#2/0"]
    assert story.outcomes("crew") == {"started"}
    assert not story.state.confirmed


def test_only_a_resolved_run_is_reopened() -> None:
    assert kinds(Story(trial(LADDER)).happens(Reopened())) == ["note"]


def test_cancelling_sends_one_correction_and_nothing_else_not_even_what_was_overdue() -> None:
    story = Story(trial(LADDER))
    story.now += timedelta(minutes=30)
    assert kinds(story.happens(Cancelled(reason="pressed by mistake"))) == ["note", "correction"]
    story.forward(minutes=60)
    assert story.outage(minutes=5) == ()


def test_cancelling_before_anybody_was_told_corrects_nothing() -> None:
    story = Story(trial(task("look")))
    assert kinds(story.happens(Cancelled(reason=""))) == ["note"]


def test_a_fact_that_turns_false_stands_the_step_down_and_turning_true_again_starts_it_anew() -> None:
    story = Story(trial(LADDER.replace("  alert:", "  when: {hurt: yes}\n  alert:")))
    assert not story.reached("crew")
    story.happens(FactsChanged(facts={"hurt": True}))
    assert kinds(story.happens(FactsChanged(facts={"hurt": False}))) == ["stand_down"]
    assert [effect.id for effect in story.happens(FactsChanged(facts={"hurt": True}))] == ["crew#2/0"]


def test_unknown_starts_a_step_only_where_it_is_listed() -> None:
    playbook = trial(task("sure", "when: {hurt: yes}"), task("doubt", "when: {hurt: [yes, unknown]}", "after: 1m"))
    story = Story(playbook)
    story.forward(minutes=1)
    assert not story.tasks("sure")
    assert story.tasks("doubt")[0][0] == 1


def test_a_delay_begins_again_when_its_condition_was_broken() -> None:
    story = Story(trial(task("wait", "when: {hurt: yes}", "after: 10m")), facts={"hurt": True})
    story.forward(minutes=8)
    story.happens(FactsChanged(facts={"hurt": None}))
    story.happens(FactsChanged(facts={"hurt": True}))
    story.forward(minutes=9)
    assert not story.tasks("wait")
    story.forward(minutes=1)
    assert story.tasks("wait")[0][0] == 18


def test_a_delay_and_the_end_it_waits_for_in_one_instant_do_not_start_it() -> None:
    playbook = trial(
        task("first", "within: 5m"),
        task("calm", "after: 5m", "every: 5m", "until: {first: late}"),
    )
    story = Story(playbook)
    story.forward(minutes=20)
    assert not story.tasks("calm")


def test_severity_starts_what_waits_for_it() -> None:
    story = Story(trial(task("big", "when: {severity: {at_least: life_threatening}}")))
    assert not story.tasks("big")
    assert kinds(story.happens(SeverityChanged(severity="life_threatening"))) == ["task"]


def test_a_cascade_happens_within_one_event() -> None:
    playbook = trial(
        task("third", "when: {second: started}"),
        task("second", "when: {first: done}"),
        task("first"),
    )
    story = Story(playbook)
    assert [effect.id for effect in story.happens(TaskDone(task="first#1"))] == ["second#1", "third#1"]


def test_a_broadcast_told_at_night_to_nobody_is_not_corrected_twice() -> None:
    story = Story(trial(tell("news")))
    story.happens(Cancelled(reason=""))
    assert [effect.kind for _, effect in story.told].count("correction") == 1
    assert kinds(story.happens(Cancelled(reason=""))) == ["note"]


def test_a_step_that_says_not_of_a_later_one_is_settled_after_it() -> None:
    story = Story(trial(task("else_case", "when: {not: {late_case: started}}"), task("late_case")))
    assert [effect.id for _, effect in story.told] == ["late_case#1"]
