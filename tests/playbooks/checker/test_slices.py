"""Why a step may be explored without the rest: the whole playbook, looked at through a cone, does what the cone does alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playbooks.checker.facts import representatives
from playbooks.checker.moves import Assumes, Happens, event_of
from playbooks.checker.properties import step_of
from playbooks.checker.reads import cone
from playbooks.checker.slices import empty_state, exact, with_contracts
from playbooks.engine.decide import decide, start
from playbooks.engine.events import CloseRequested, Event, Reported
from playbooks.engine.state import State, StepState
from playbooks.language.model import Playbook
from tests.playbooks.small import LADDER, task, trial
from tests.playbooks.story import LIBRARY
from tests.playbooks.test_properties import FEW, History, histories, run


def projected(playbook: Playbook, state: State) -> dict[str, StepState]:
    return {name: state.step(name) for name in playbook.steps}


def inside(playbook: Playbook, event: Event, state: State) -> Event:
    """The event, or for one that concerns steps elsewhere "somebody did something" at the same instant."""
    named = getattr(event, "alert", None) or getattr(event, "task", None) or getattr(event, "step", None)
    is_elsewhere = named is not None and named.partition("#")[0] not in playbook.steps
    is_other_need = event.kind in ("confirmed", "withdrawn_confirmation") and getattr(event, "name", "") not in playbook.needs
    return Reported(homes=state.reports) if is_elsewhere or is_other_need else event


@FEW
@given(histories(), st.data())
def test_the_whole_seen_through_a_cone_is_the_cone(history: History, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(history.playbook.steps)))
    part = exact(history.playbook, (name,)).playbook
    if any(step.action.kind == "severity" for step in history.playbook.steps.values()) and name != "raise_severity":
        assert "severity" not in {condition.kind for step in part.steps.values() for condition in [step.when] if condition is not None}
    whole = run(history)
    alone = start(part, history.opening, whole[0][0])
    assert projected(part, alone.state) == projected(part, whole[0][2].state)
    for now, event, decision in whole[1:]:
        assert event is not None
        if isinstance(event, CloseRequested):
            return
        alone = decide(part, alone.state, inside(part, event, alone.state), now)
        assert projected(part, alone.state) == projected(part, decision.state)
        ours = [effect.id for effect in decision.effects if step_of(effect) in part.steps and "#" in effect.id]
        numbered = [one for one in ours if "/taken" not in one]
        assert numbered == [one.id for one in alone.effects if step_of(one) in part.steps and "/taken" not in one.id]


def test_a_cone_holds_all_that_a_step_depends_on_and_no_more() -> None:
    elevator = LIBRARY["elevator_entrapment"]
    assert cone(elevator, ("elevator_rescue",)) == ("maintenance_call", "maintainer_arrival", "maintenance_second", "elevator_rescue")
    assert cone(elevator, ("security",)) == ("security",)


def test_facts_are_cut_at_what_the_conditions_tell_apart() -> None:
    """Three of 27: it is certain, it is certainly not, or nobody knows."""
    part = with_contracts(LIBRARY["elevator_entrapment"], ("fire_rescue",))
    assert len(part.facts) == 3


def test_numbers_are_looked_at_on_both_sides_of_each_bound() -> None:
    playbook = trial(task("crowd", "when: {people: {at_least: 4, at_most: 9}}"))
    every = with_contracts(playbook, ("crowd",)).facts
    assert {facts["people"] for facts in every} == {None, 1, 4}
    steps = playbook.steps.values()
    assert (
        len(representatives([{"people": 3}, {"people": 4}, {"people": 9}], [step.when for step in steps], (), empty_state(playbook))) == 2
    )


def test_time_moves_on_the_greatest_common_divisor_of_the_steps_own_durations() -> None:
    elevator = LIBRARY["elevator_entrapment"]
    assert with_contracts(elevator, ("engineers",)).grain.total_seconds() == 60
    assert with_contracts(elevator, ("two_hour_warning",)).grain.total_seconds() == 600
    assert with_contracts(trial(task("odd", "within: 90s", "after: 2m")), ("odd",)).grain.total_seconds() == 30


def test_a_stub_never_starts_by_itself_and_may_have_what_is_read_of_it() -> None:
    part = with_contracts(trial(LADDER, task("call", "when: {crew: on_scene}")), ("call",))
    state = start(part.playbook, part.openings[0], empty_state(part.playbook).began).state
    assert part.assumed == {"crew": ("on_scene",)}
    assert state.step("crew").phase == "waiting"
    assert event_of(Assumes("crew", "on_scene"), state, state.clock) == Reported(homes=0)
    assert event_of(Happens(CloseRequested()), state, state.clock) == CloseRequested()
