"""Broken playbooks and broken engines: each is refused, for the reason for which it is broken. A check that cannot fail holds nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from playbooks.checker import graph, replay
from playbooks.checker.explore import explore
from playbooks.checker.limits import Limits
from playbooks.checker.moves import Answers
from playbooks.checker.properties import WAYS, Property, Violation
from playbooks.checker.report import Finding, Result
from playbooks.checker.slices import BEGAN
from playbooks.engine import actions, ladder, lifecycle
from playbooks.engine import effects as does
from playbooks.engine.decide import decide
from playbooks.engine.events import Answered, Cancelled, Event
from playbooks.engine.state import Decision, Holder, Opening
from playbooks.engine.working import Working
from playbooks.language.model import AlertAction, Playbook, Step
from tests.playbooks.small import LADDER, task, tell, trial

SHORT = """\
crew:
  title: {zh-CN: 工程, en: Crew}
  alert:
    - {who: engineering/duty, within: 2m}
    - {who: manager, every: 3m}
  promise: 4m
  text: {zh-CN: "{place}出事，回1，{code}", en: "Trouble at {place}, reply 1, {code}"}
"""


def failed(playbook: Playbook) -> list[tuple[Property, str | None, str]]:
    """(property, step, in which way) of everything that fails."""
    found = [(one.property, one.step, finding(one).violation.key) for one in explore(playbook).failed]
    assert all(key in WAYS[what] for what, _, key in found)
    return found


def finding(result: Result) -> Finding:
    assert result.finding is not None
    return result.finding


def story(result: Result) -> list[str]:
    """The story as `minute key values`."""
    return [
        " ".join([f"{moment.at / timedelta(minutes=1):g}", moment.key, *(value for value in moment.values.values() if value)])
        for moment in finding(result).story
    ]


def test_the_small_playbooks_hold_while_nothing_is_broken() -> None:
    assert failed(trial(SHORT)) == []
    assert failed(trial(LADDER, task("calm", "after: 2m", "every: 2m", "until: {crew: on_scene}", "within: 1m"), tell("news"))) == []


# broken playbooks


def test_a_step_that_cannot_happen_whatever_its_triggers_do() -> None:
    dead = task("dead", "when: {all: [{hurt: yes}, {hurt: no}]}")
    assert failed(trial(SHORT, dead)) == [("can_happen", "dead", "never_starts")]


def test_a_step_that_each_trigger_allows_but_no_real_path_reaches() -> None:
    """Under contracts both may start; really each waits for the other."""
    found = failed(trial(SHORT, task("one", "when: {two: started}"), task("two", "when: {one: started}")))
    assert found == [("can_happen", "one", "never_starts"), ("can_happen", "two", "never_starts")]


def test_a_step_that_waits_for_two_outcomes_that_exclude_each_other() -> None:
    guarded = task("second", "when: {all: [{first: late}, {other: started}]}")
    other = task("other", "when: {not: {first: started}}")
    assert ("can_happen", "second", "never_starts") in failed(trial(SHORT, task("first", "within: 2m"), other, guarded))


def test_a_repeat_whose_end_never_comes() -> None:
    dead = task("dead", "when: {all: [{hurt: yes}, {hurt: no}]}")
    calm = task("calm", "every: 5m", "until: {dead: done}")
    assert failed(trial(SHORT, dead, calm)) == [("can_happen", "dead", "never_starts"), ("repeat_can_end", "calm", "never_ends")]


def test_a_condition_that_stands_everyone_down_before_anybody_answered() -> None:
    playbook = trial(task("look"), SHORT.replace("  alert:", "  when: {not: {look: done}}\n  alert:"))
    assert failed(playbook) == [("somebody_is_alerted", None, "never")]
    told = story(explore(playbook).of("somebody_is_alerted"))
    assert told[:2] == ["0 declared", "0 task look"]
    assert told[2:] == ["0 alert crew engineering/duty", "0 event.task_done look -", "0 stand_down crew", told[-1]]


def test_a_ladder_that_only_begins_after_a_while_leaves_a_gap() -> None:
    playbook = trial(SHORT.replace("  alert:", "  after: 10m\n  alert:"))
    assert failed(playbook) == [("somebody_is_alerted", None, "late"), ("silence_is_heard", None, "late")]
    assert explore(playbook).silence.gap == timedelta(minutes=10)


def test_a_ladder_that_waits_for_an_answer_nobody_has_been_asked_for() -> None:
    playbook = trial(SHORT.replace("  alert:", "  when: {hurt: yes}\n  alert:"))
    assert ("silence_is_heard", None, "never") in failed(playbook)
    assert ("somebody_is_alerted", None, "never") in failed(playbook)


def test_a_playbook_that_alerts_nobody_at_all() -> None:
    assert ("somebody_is_alerted", None, "no_ladder") in failed(trial(task("look")))


# broken engines


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def lose_clocks_of_zero(patch: pytest.MonkeyPatch) -> None:
    """The engine of old: clocks were lengths, and of a promise that falls due this instant `due - now` is 0, which read as "no clock"."""
    take = ladder._take

    def forgets_a_clock_of_zero(run: Working, step: Step, action: AlertAction, event: Answered) -> None:
        take(run, step, action, event)
        kept = tuple(
            Holder(person=one.person, promise_due=None if one.person != event.person and one.promise_due == run.now else one.promise_due)
            for one in run.step(step.name).holders
        )
        run.change(step.name, holders=kept)

    patch.setattr(ladder, "_take", forgets_a_clock_of_zero)


def test_the_promise_that_vanished_when_a_second_came_at_its_last_instant(patch: pytest.MonkeyPatch) -> None:
    lose_clocks_of_zero(patch)
    found = explore(trial(SHORT)).of("silence_ends_at_a_human", "crew")
    assert (found.status, finding(found).violation.key, finding(found).happens) == ("failed", "never", True)
    told = story(found)
    assert told[:2] == ["0 declared", "0 alert crew engineering/duty"]
    assert [line for line in told if "answer." in line] == ["0 answer.on_the_way.minutes crew 1 0", "0 answer.received crew 2"]
    assert told[-1].endswith("then.silence_ends_at_a_human.never crew")


OF_OLD = (
    Answers("crew", 1, "cannot", left=1),
    Answers("crew", 2, "on_the_way"),
    Answers("crew", 3, "on_the_way"),
)


@pytest.mark.parametrize("is_broken", [True, False])
def test_the_history_by_which_it_was_once_found_is_told_as_a_story(patch: pytest.MonkeyPatch, is_broken: bool) -> None:
    """0:00 decline; 0:00 on the way; 10:00 on the way by somebody else; and then nobody, for ever."""
    if is_broken:
        lose_clocks_of_zero(patch)
    playbook = trial(LADDER)
    later = BEGAN + timedelta(minutes=10)
    path = tuple(zip((BEGAN, BEGAN, later), OF_OLD, strict=True))
    opening = Opening(severity=playbook.severity, place_kind="building")
    lost = Violation("silence_ends_at_a_human", "never", "crew")
    found = replay.replay(playbook, (opening, path), lost, tells=["crew"], gap=timedelta(minutes=1))
    assert found.happens is is_broken
    assert [f"{moment.at / timedelta(minutes=1):g} {moment.key}" for moment in found.story][:6] == [
        "0 declared",
        "0 alert",
        "0 answer.cannot",
        "0 answer.on_the_way",
        "0 taken",
        "10 answer.on_the_way",
    ]


def test_the_same_with_one_holder_at_a_time_is_not_seen(patch: pytest.MonkeyPatch) -> None:
    """Why two are explored: the reduction to one hid this very defect."""
    lose_clocks_of_zero(patch)
    assert explore(trial(SHORT), Limits(two_holders_below_rungs=0)).of("silence_ends_at_a_human", "crew").status != "failed"


def test_a_ladder_that_ends(patch: pytest.MonkeyPatch) -> None:
    climb = ladder.climb

    def gives_up(run: Working, step: Step, action: AlertAction) -> None:
        if run.step(step.name).rung == len(action.rungs) - 1:
            run.change(step.name, due_at=None)
            return
        climb(run, step, action)

    patch.setattr(ladder, "climb", gives_up)
    found = failed(trial(SHORT))
    assert ("silence_ends_at_a_human", "crew", "never") in found


def test_a_lapse_that_asks_the_same_people_again(patch: pytest.MonkeyPatch) -> None:
    lapse = ladder.lapse

    def stays(run: Working, step: Step) -> bool:
        left = lapse(run, step)
        if left:
            run.change(step.name, rung=(run.step(step.name).rung or 0) - 1)
        return left

    patch.setattr(ladder, "lapse", stays)
    assert ("lapse_climbs", "crew", "no_next_rung") in failed(trial(SHORT))


def test_a_lapse_that_only_starts_a_clock(patch: pytest.MonkeyPatch) -> None:
    lapse = ladder.lapse

    def waits(run: Working, step: Step) -> bool:
        if lapse(run, step):
            run.change(step.name, phase="active", due_at=run.now + timedelta(minutes=2))
        return False

    patch.setattr(ladder, "lapse", waits)
    assert ("lapse_climbs", "crew", "no_next_rung") in failed(trial(SHORT))


def after_the_engine(patch: pytest.MonkeyPatch, change: Any) -> None:
    """An engine whose every decision is changed once more."""

    def changed(playbook: Playbook, state: Any, event: Event, now: Any) -> Decision:
        decision: Decision = change(decide(playbook, state, event, now), state, event)
        return decision

    patch.setattr(graph, "decide", changed)
    patch.setattr(replay, "decide", changed)


def test_a_message_after_closing(patch: pytest.MonkeyPatch) -> None:
    stand_down = does.StandDown(id="crew#1/late", alert="crew#1", text_key="trial.stand_down", variables={})

    def sends(decision: Decision, before: Any, event: Event) -> Decision:
        is_late = before.status == "closed" and isinstance(event, Answered)
        return decision.model_copy(update={"effects": (*decision.effects, stand_down)}) if is_late else decision

    after_the_engine(patch, sends)
    found = explore(trial(SHORT))
    assert [(one.property, finding(one).violation.key) for one in found.failed] == [("nothing_after_close", "after_close")]
    assert [line.partition(" ")[2] for line in story(found.failed[0])][-4:] == [
        "closed closed",
        "answer.received crew 1",
        "stand_down crew",
        "then.nothing_after_close.after_close",
    ]


def test_a_repeat_that_keeps_its_clock_through_resolving_and_posts_after_closing(patch: pytest.MonkeyPatch) -> None:
    """A defect the first prototype had: a task that was done kept its repeat clock."""
    patch.setattr(lifecycle, "stop_clocks", lambda run: None)
    patch.setattr(actions, "NO_CLOCKS", {key: value for key, value in actions.NO_CLOCKS.items() if key != "repeat_at"})
    calm = task("calm", "every: 2m", "until: {crew: on_scene}")
    assert ("nothing_after_close", "calm", "clock_after_close") in failed(trial(SHORT, calm))


def test_a_clock_that_survives_cancelling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lifecycle, "stop_clocks", lambda run: None)
    assert ("only_a_correction_after_cancel", "crew", "clock_after_cancel") in failed(trial(SHORT))


def test_a_false_alarm_that_is_never_corrected_and_one_that_is_corrected_twice(patch: pytest.MonkeyPatch) -> None:
    def corrects(times: int) -> Any:
        def change(decision: Decision, before: Any, event: Event) -> Decision:
            corrections = tuple(effect for effect in decision.effects if effect.kind == "correction")
            rest = tuple(effect for effect in decision.effects if effect.kind != "correction")
            return decision.model_copy(update={"effects": rest + corrections * times})

        return change

    for times in (0, 2):
        after_the_engine(patch, corrects(times))
        assert failed(trial(SHORT)) == [("only_a_correction_after_cancel", "crew", "corrections")]


def test_an_alert_while_the_run_is_only_being_wound_up(patch: pytest.MonkeyPatch) -> None:
    resolve = lifecycle.resolve

    def alerts_first(run: Working) -> None:
        if run.status == "open":
            for step in run.playbook.steps.values():
                if isinstance(step.action, AlertAction) and run.step(step.name).phase == "active":
                    ladder.climb(run, step, step.action)
        resolve(run)

    patch.setattr("playbooks.engine.decide.resolve", alerts_first)
    assert ("only_in_its_part_of_the_run", "crew", "out_of_turn") in failed(trial(SHORT))


def test_a_drill_that_tells_residents(patch: pytest.MonkeyPatch) -> None:
    monkey = actions._broadcast

    def tells_all(run: Working, *arguments: Any, **named: Any) -> None:
        before, run.before = run.before, run.before.model_copy(update={"drill": False})
        monkey(run, *arguments, **named)
        run.before = before

    patch.setattr(actions, "_broadcast", tells_all)
    assert ("drill_reaches_nobody", "news", "drill") in failed(trial(SHORT, tell("news", "when: {hurt: yes}")))


def test_an_event_that_makes_the_engine_raise(patch: pytest.MonkeyPatch) -> None:
    def raises(decision: Decision, before: Any, event: Event) -> Decision:
        if isinstance(event, Answered) and event.answer == "withdrawn":
            raise ValueError("no such answer")
        return decision

    after_the_engine(patch, raises)
    assert failed(trial(SHORT)) == [("every_event_is_taken", "crew", "raised")]


def test_a_decision_that_leaves_something_to_settle(patch: pytest.MonkeyPatch) -> None:
    """Conditions that read the state before the event made every cascade one event late."""
    patch.setattr("playbooks.engine.decide.settle", lambda run: None)
    playbook = trial(SHORT, task("call", "when: {crew: acknowledged}"), task("first"), task("second", "when: {first: done}"))
    found = {(one.property, one.step) for one in explore(playbook).failed}
    assert ("settled", "second") in found


def test_a_deadline_that_is_already_past(patch: pytest.MonkeyPatch) -> None:
    alert = ladder._alert

    def anchors_at_the_beginning(run: Working, step: Step, action: AlertAction, *, ring: bool) -> None:
        alert(run, step, action, ring=ring)
        run.change(step.name, due_at=run.before.began + timedelta(minutes=2))

    patch.setattr(ladder, "_alert", anchors_at_the_beginning)
    assert ("no_deadline_passed", "crew", "passed") in failed(trial(SHORT))


def test_a_step_that_does_what_no_contract_says(patch: pytest.MonkeyPatch) -> None:
    finish = ladder._finish

    def invents(run: Working, step: Step, action: AlertAction, event: Answered) -> None:
        finish(run, step, action, event)
        run.happened(step.name, "met")

    patch.setattr(ladder, "_finish", invents)
    assert failed(trial(SHORT)) == [("keeps_its_contract", "crew", "outcome")]


def test_a_finding_that_does_not_happen_on_the_whole_is_told_as_such(patch: pytest.MonkeyPatch) -> None:
    """The contract of a task says that it may be late; `first` has no `within`, so that it never is."""

    def raises(decision: Decision, before: Any, event: Event) -> Decision:
        first = before.step("first")
        if isinstance(event, Cancelled) and {"stood_down", "late"} <= set(first.outcomes):
            raise ValueError("both")
        return decision

    after_the_engine(patch, raises)
    playbook = trial(SHORT, task("first"), task("second", "when: {first: [stood_down, late]}"))
    found = explore(playbook).of("every_event_is_taken", "second")
    assert found.status == "seen"
    assert not finding(found).happens


def test_time_itself_is_explored_instant_by_instant(patch: pytest.MonkeyPatch) -> None:
    """A defect that shows only if somebody answers between two deadlines, at 1:00 of 2:00: jumping from deadline to deadline misses it."""

    def loses(decision: Decision, before: Any, event: Event) -> Decision:
        record = before.step("crew")
        is_between = record.phase == "active" and record.due_at is not None and record.due_at - before.clock != timedelta(0)
        left = None if record.due_at is None else record.due_at - decision.state.clock
        if isinstance(event, Answered) and is_between and left == timedelta(minutes=1) and decision.state.step("crew").phase == "held":
            held = decision.state.step("crew")
            frozen = held.model_copy(update={"holders": tuple(Holder(person=one.person) for one in held.holders)})
            return decision.model_copy(update={"state": decision.state.model_copy(update={"steps": {"crew": frozen}})})
        return decision

    after_the_engine(patch, loses)
    assert ("silence_ends_at_a_human", "crew", "never") in failed(trial(SHORT))
