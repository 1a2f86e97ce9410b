"""What must hold on every history, however odd: random events against the shipped playbooks and a small one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbooks.engine import events as happens
from playbooks.engine.decide import Decision, Opening, State, decide, start, wake_at
from playbooks.engine.effects import EFFECT, Effect
from playbooks.engine.events import EVENT, Event
from playbooks.engine.relative import relative
from playbooks.engine.settle import settle
from playbooks.engine.working import Working
from playbooks.language.model import AlertAction, Playbook
from tests.playbooks.small import LADDER, task, tell, trial
from tests.playbooks.story import BEGAN, LIBRARY

SMALL = trial(
    LADDER,
    task("calm", "after: 2m", "every: 2m", "until: {crew: on_scene}", "within: 1m"),
    task("late_calm", "when: {all: [{calm: late}, {not: {calm: done}}]}"),
    task("review", "during: closed"),
    tell("news", "when: {any: [{hurt: yes}, {reports: {at_least: 3}}]}", night="hold"),
)
PLAYBOOKS = [SMALL, *LIBRARY.values()]
SECONDS = st.sampled_from([0, 0, 0, 1, 30, 60, 60, 120, 120, 300, 600, 1800])


@dataclass(frozen=True)
class History:
    playbook: Playbook
    opening: Opening
    events: list[tuple[int, Event]]


def an_event(playbook: Playbook) -> st.SearchStrategy[Event]:
    alerts = [name for name, step in playbook.steps.items() if isinstance(step.action, AlertAction)]
    turns = st.sampled_from([1, 1, 1, 2])
    alert = st.builds(lambda name, turn: f"{name}#{turn}", st.sampled_from([*alerts[:2], *alerts, "nobody"]), turns)
    work = st.builds(
        lambda name, turn, item: f"{name}#{turn}{item}", st.sampled_from([*playbook.steps, "no_such"]), turns, st.sampled_from(["", "/1"])
    )
    rung = st.integers(0, 3)
    facts = st.dictionaries(st.sampled_from([*playbook.ask, "no_such"]), st.sampled_from([True, False, None, 2, "building"]), max_size=2)
    answered = st.builds(
        happens.Answered,
        alert=alert,
        rung=rung,
        person=st.integers(1, 3),
        answer=st.sampled_from(["received", "on_the_way", "on_the_way", "on_scene", "done", "cannot", "withdrawn"]),
        minutes=st.sampled_from([None, 0, 1, 5, 10, 600]),
        left=st.integers(0, 1),
    )
    results = st.sampled_from([None, "called", "no_answer", "empty", "trapped", "answered", "worse", "late"])
    return st.one_of(
        st.just(happens.Tick()),
        answered,
        answered,
        st.builds(happens.NobodyOnDuty, alert=alert, rung=rung),
        st.builds(happens.AllWaysFailed, alert=alert, rung=rung),
        st.builds(happens.TaskDone, task=work, result=results),
        st.builds(happens.Expanded, step=st.sampled_from([*playbook.steps, "no_such"]), count=st.integers(0, 2)),
        st.builds(happens.FactsChanged, facts=facts),
        st.builds(happens.SeverityChanged, severity=st.sampled_from(["minor", "urgent", "life_threatening"])),
        st.builds(happens.WasConfirmed, name=st.sampled_from([*playbook.needs, "no_such"])),
        st.builds(happens.ConfirmationWithdrawn, name=st.sampled_from([*playbook.needs, "no_such"])),
        st.builds(happens.Reported, homes=st.integers(0, 5)),
        st.builds(happens.UpdateSent, next_by=st.sampled_from([None, BEGAN, BEGAN + timedelta(hours=1)])),
        st.builds(happens.NightChanged, night=st.booleans()),
        st.sampled_from(
            [
                happens.BroadcastNow(),
                happens.ChildOpened(child="1"),
                happens.ChildClosed(child="1"),
                happens.Resolved(),
                happens.Reopened(),
                happens.CloseRequested(),
                happens.Cancelled(reason="mistake"),
            ]
        ),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    playbook = draw(st.sampled_from(PLAYBOOKS))
    opening = Opening(
        severity=playbook.severity,
        place_kind=playbook.place_kinds[0],
        drill=draw(st.booleans()),
        night=draw(st.booleans()),
    )
    events = st.lists(st.tuples(SECONDS, an_event(playbook)), max_size=18)
    closing: list[Event] = [happens.Resolved(), *(happens.WasConfirmed(name=need) for need in playbook.needs), happens.CloseRequested()]
    ending: list[Event] = draw(st.sampled_from([[], closing, [happens.Cancelled(reason="mistake")]]))
    return History(playbook, opening, [*draw(events), *((60, event) for event in ending), *draw(events)])


def run(history: History) -> list[tuple[datetime, Event | None, Decision]]:
    """Every decision in turn; between events the worker ticks at each deadline."""
    now = BEGAN
    decision = start(history.playbook, history.opening, now)
    found: list[tuple[datetime, Event | None, Decision]] = [(now, None, decision)]
    for seconds, event in history.events:
        now += timedelta(seconds=seconds)
        if seconds % 60 == 0:
            for _ in range(400):
                at = wake_at(decision.state)
                if at is None or at >= now:
                    break
                decision = decide(history.playbook, decision.state, happens.Tick(), at)
                found.append((at, happens.Tick(), decision))
        decision = decide(history.playbook, decision.state, event, now)
        found.append((now, event, decision))
    return found


def effects_of(steps: list[tuple[datetime, Event | None, Decision]]) -> list[Effect]:
    return [effect for _, _, decision in steps for effect in decision.effects]


FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@FEW
@given(histories())
def test_the_same_events_give_the_same_effects_also_when_read_back_from_json(history: History) -> None:
    first = run(history)
    state = first[0][2].state
    for now, event, decision in first[1:]:
        assert event is not None
        again = decide(history.playbook, State.model_validate_json(state.to_json()), EVENT.validate_json(event.model_dump_json()), now)
        assert again.effects == decision.effects
        assert again.state == decision.state
        state = again.state


@FEW
@given(histories())
def test_no_id_is_used_twice_and_every_effect_survives_json(history: History) -> None:
    effects = effects_of(run(history))
    ids = [effect.id for effect in effects]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    assert [EFFECT.validate_json(effect.model_dump_json()) for effect in effects] == effects


@FEW
@given(histories())
def test_settling_again_changes_nothing(history: History) -> None:
    for now, _, decision in run(history):
        working = Working(history.playbook, decision.state, now)
        if decision.state.status in ("open", "resolved"):
            settle(working)
        assert working.effects == []
        assert working.finish().state == decision.state


@FEW
@given(histories())
def test_after_cancelling_only_one_correction_and_notes_after_closing_only_notes(history: History) -> None:
    ended = None
    for _, event, decision in run(history):
        if ended == "cancelled" or ended == "closed":
            assert {effect.kind for effect in decision.effects} <= {"note"}
            assert wake_at(decision.state) is None
        elif decision.state.status == "closed":
            assert [effect.kind for effect in decision.effects][-1] == "closed"
        elif decision.state.status == "cancelled":
            assert isinstance(event, happens.Cancelled)
            assert [effect.kind for effect in decision.effects if effect.kind != "note"] in ([], ["correction"])
        ended = decision.state.status


@FEW
@given(histories())
def test_a_ladder_that_is_out_always_has_a_clock_or_somebody_there(history: History) -> None:
    for _, _, decision in run(history):
        for name, record in decision.state.steps.items():
            if not isinstance(history.playbook.steps[name].action, AlertAction):
                continue
            if record.phase == "active":
                assert (record.due_at is not None, record.holders) == (True, ())
            elif record.phase == "held":
                assert (bool(record.holders), record.due_at) == (True, None)
            else:
                assert list(record.deadlines()) in ([], [record.start_at])


@FEW
@given(histories())
def test_a_drill_sends_to_no_resident_and_calls_no_outside_number(history: History) -> None:
    effects = effects_of(run(history))
    if history.opening.drill:
        assert not [effect for effect in effects if effect.kind == "broadcast"]
        assert not [effect for effect in effects if effect.kind == "task" and effect.call is not None]


@FEW
@given(histories())
def test_outcomes_only_grow_within_a_round_and_numbers_never_go_back(history: History) -> None:
    steps = run(history)
    for (_, _, before), (_, event, after) in pairwise(steps):
        for name, record in before.state.steps.items():
            later = after.state.step(name)
            assert later.occurrence >= record.occurrence
            if not isinstance(event, happens.Reopened):
                assert set(record.outcomes) <= set(later.outcomes)


@FEW
@given(histories())
def test_nothing_depends_on_the_hour_at_which_it_began(history: History) -> None:
    steps = run(history)
    last = steps[-1][2].state
    if any(isinstance(event, happens.UpdateSent) for _, event in history.events):
        return
    shift = timedelta(days=3, seconds=11)
    decision = start(history.playbook, history.opening, BEGAN + shift)
    for now, event, _ in steps[1:]:
        assert event is not None
        decision = decide(history.playbook, decision.state, event, now + shift)
    assert relative(decision.state, decision.state.clock) == relative(last, last.clock)
    assert hash(relative(last, last.clock)) is not None


@FEW
@given(histories())
def test_a_tick_leaves_nothing_due_twice(history: History) -> None:
    decision = run(history)[-1][2]
    now = decision.state.clock
    for _ in range(4):
        decision = decide(history.playbook, decision.state, happens.Tick(), now)
    at = wake_at(decision.state)
    assert at is None or at > now
