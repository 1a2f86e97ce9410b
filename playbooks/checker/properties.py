"""What must hold of every single decision. Each check gives None, or what is wrong; none of them trusts a clock of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from playbooks.checker.observer import Observed
from playbooks.checker.view import is_wanted
from playbooks.engine.effects import Alert, Effect
from playbooks.engine.events import Cancelled, Event, Tick
from playbooks.engine.settle import settle
from playbooks.engine.state import Decision, State, wake_at
from playbooks.engine.working import Working
from playbooks.language.model import AlertAction, Playbook

Property = Literal[
    "silence_is_heard",
    "silence_ends_at_a_human",
    "somebody_is_alerted",
    "lapse_climbs",
    "only_a_correction_after_cancel",
    "nothing_after_close",
    "only_in_its_part_of_the_run",
    "drill_reaches_nobody",
    "every_event_is_taken",
    "settled",
    "no_deadline_passed",
    "keeps_its_contract",
    "can_happen",
    "repeat_can_end",
]
"""What a report has a row for, in its order."""

WAYS: dict[Property, tuple[str, ...]] = {
    "silence_is_heard": ("never", "late"),
    "silence_ends_at_a_human": ("never", "late"),
    "somebody_is_alerted": ("never", "late", "no_ladder"),
    "lapse_climbs": ("no_next_rung",),
    "only_a_correction_after_cancel": ("after_cancel", "at_cancel", "corrections", "clock_after_cancel"),
    "nothing_after_close": ("after_close", "clock_after_close"),
    "only_in_its_part_of_the_run": ("out_of_turn",),
    "drill_reaches_nobody": ("drill",),
    "every_event_is_taken": ("raised",),
    "settled": ("moves_again",),
    "no_deadline_passed": ("passed",),
    "keeps_its_contract": ("outcome",),
    "can_happen": ("never_starts",),
    "repeat_can_end": ("never_ends",),
}
"""In which ways each property can fail: the keys of its violations."""

SENDING = ("alert", "broadcast", "taken", "task", "open_children", "severity")


@dataclass(frozen=True)
class Violation:
    """`key` says in which way the property fails, `step` whose."""

    property: Property
    key: str
    step: str | None = None


@dataclass(slots=True)
class Transition:
    """One decision. `contracts`: the outcomes that each step in question may have."""

    playbook: Playbook
    contracts: Mapping[str, frozenset[str]]
    before: State
    observed: Observed
    event: Event
    decision: Decision
    now: datetime

    @property
    def after(self) -> State:
        return self.decision.state


Check = Callable[[Transition], Violation | None]


def step_of(effect: Effect) -> str:
    """The step whose effect it is (or the prefix of a note's number)."""
    return effect.id.partition("#")[0]


def only_a_correction_after_cancel(step: Transition) -> Violation | None:
    effects = step.decision.effects
    if step.before.status == "cancelled":
        if any(effect.kind != "note" for effect in effects) or wake_at(step.after) is not None:
            return Violation("only_a_correction_after_cancel", "after_cancel")
        return None
    if step.after.status != "cancelled":
        return None
    if not isinstance(step.event, Cancelled) or any(effect.kind not in ("note", "correction") for effect in effects):
        return Violation("only_a_correction_after_cancel", "at_cancel")
    corrections = [effect.kind for effect in effects].count("correction")
    if corrections != (1 if step.observed.told else 0):
        return Violation("only_a_correction_after_cancel", "corrections")
    clocks = any(True for record in step.after.steps.values() for _ in record.deadlines())
    return Violation("only_a_correction_after_cancel", "clock_after_cancel") if clocks else None


def nothing_after_close(step: Transition) -> Violation | None:
    if step.before.status == "closed" and (any(effect.kind != "note" for effect in step.decision.effects) or step.after.status != "closed"):
        return Violation("nothing_after_close", "after_close")
    if step.after.status == "closed" and any(True for record in step.after.steps.values() for _ in record.deadlines()):
        return Violation("nothing_after_close", "clock_after_close")
    return None


def only_in_its_part_of_the_run(step: Transition) -> Violation | None:
    """What a step sends, it sends while the run is in the part the step is for."""
    if step.before.status in ("closed", "cancelled"):
        return None
    for effect in step.decision.effects:
        owner = step.playbook.steps.get(step_of(effect))
        if owner is not None and effect.kind in SENDING and owner.during != step.after.status:
            return Violation("only_in_its_part_of_the_run", "out_of_turn", owner.name)
    return None


def drill_reaches_nobody(step: Transition) -> Violation | None:
    if not step.before.drill:
        return None
    for effect in step.decision.effects:
        if effect.kind == "broadcast" or (effect.kind == "task" and effect.call is not None):
            return Violation("drill_reaches_nobody", "drill", step_of(effect))
    return None


def lapse_climbs(step: Transition) -> Violation | None:
    """When time takes the last holder, the next rung is alerted in the same instant, or the last one again."""
    if not isinstance(step.event, Tick):
        return None
    for name in step.contracts:
        action = step.playbook.steps[name].action
        before, after = step.before.step(name), step.after.step(name)
        lost = isinstance(action, AlertAction) and before.phase == "held" and not after.holders
        if not lost or not isinstance(action, AlertAction) or not is_wanted(step.playbook.steps[name], step.after):
            continue
        following = min((before.rung or 0) + 1, len(action.rungs) - 1)
        effects = step.decision.effects
        if not any(isinstance(effect, Alert) and step_of(effect) == name and effect.rung == following for effect in effects):
            return Violation("lapse_climbs", "no_next_rung", name)
    return None


def no_deadline_passed(step: Transition) -> Violation | None:
    at = wake_at(step.after)
    is_past = at is not None and (at <= step.now if isinstance(step.event, Tick) else at < step.now)
    return Violation("no_deadline_passed", "passed") if is_past else None


def keeps_its_contract(step: Transition) -> Violation | None:
    for name, allowed in step.contracts.items():
        record = step.after.steps.get(name)
        if record is not None and not allowed.issuperset(record.outcomes):
            return Violation("keeps_its_contract", "outcome", name)
    return None


CHECKS: tuple[Check, ...] = (
    only_a_correction_after_cancel,
    nothing_after_close,
    only_in_its_part_of_the_run,
    drill_reaches_nobody,
    lapse_climbs,
    no_deadline_passed,
    keeps_its_contract,
)


def violations(step: Transition) -> Iterator[Violation]:
    """Everything wrong with this decision."""
    for check in CHECKS:
        found = check(step)
        if found is not None:
            yield found


def is_settled(playbook: Playbook, state: State, now: datetime) -> bool:
    """Whether settling the state again would change nothing."""
    if state.status in ("closed", "cancelled"):
        return True
    working = Working(playbook, state, now)
    settle(working)
    return not working.effects and working.steps == state.steps
