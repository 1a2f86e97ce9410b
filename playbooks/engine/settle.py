"""Conditions to a fixed point: what became true starts, what became moot is stood down."""

from __future__ import annotations

from playbooks.engine import actions
from playbooks.engine.conditions import holds
from playbooks.engine.working import Working
from playbooks.language.model import ExpectAction, Step, TellAction


def settle(run: Working) -> None:
    """Settle stratum by stratum (a `not` over an outcome stands in a later one), each in file order until nothing moves."""
    steps = run.playbook.steps
    for stratum in run.playbook.strata:
        for _ in range(2 * len(steps) + 2):
            moved = [_settle_step(run, steps[name]) for name in stratum]
            if not any(moved):
                break
        else:
            run.red("did_not_settle", steps=", ".join(stratum))


def _settle_step(run: Working, step: Step) -> bool:
    """One look at one step; True if it moved."""
    record = run.step(step.name)
    wanted = step.during == run.status and holds(step.when, run) is True
    match record.phase:
        case "waiting" | "stood_down":
            return wanted and _approach(run, step)
        case "delayed":
            if wanted:
                return False
            run.change(step.name, phase="waiting", start_at=None)
            return True
        case "active" | "held":
            if not wanted:
                actions.stand_down(run, step)
                return True
            return _finish_if_over(run, step)
        case "done":
            return wanted and _has_news(run, step) and _approach(run, step)


def _has_news(run: Working, step: Step) -> bool:
    """Whether a fact that this broadcast tells of is another by now than when it was told; an unknown one is no news."""
    if not isinstance(step.action, TellAction):
        return False
    told_of = run.step(step.name).told_of
    return any(run.facts.get(name) is not None and run.facts[name] != told_of.get(name) for name in step.action.again_when)


def _approach(run: Working, step: Step) -> bool:
    if step.until is not None and holds(step.until, run) is True:
        return False
    if step.after is None:
        actions.begin(run, step)
    else:
        run.change(step.name, phase="delayed", start_at=run.now + step.after)
    return True


def _finish_if_over(run: Working, step: Step) -> bool:
    if step.until is not None and holds(step.until, run) is True:
        actions.end(run, step, "done")
        return True
    if isinstance(step.action, ExpectAction) and step.action.answer in run.outcomes(step.action.step):
        actions.end(run, step, "met")
        return True
    return False
