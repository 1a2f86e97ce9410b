"""Whether every step can happen and every repeat can end: by real paths, no assumptions."""

from __future__ import annotations

from datetime import timedelta

from playbooks.checker.graph import Goal, Graph, Manner, explore_slice
from playbooks.checker.limits import Limits
from playbooks.checker.properties import Property, Violation
from playbooks.checker.report import Finding, Moment, Result
from playbooks.checker.slices import exact
from playbooks.engine.state import State
from playbooks.language.model import Playbook


def can_happen(playbook: Playbook, name: str, contracts: Graph, limits: Limits) -> Result:
    """Seen to start on a real path; failed where no path leads there."""

    def has_started(state: State) -> bool:
        return state.step(name).occurrence > 0

    if contracts.finished and name not in contracts.started:
        return _never("can_happen", "never_starts", name, len(contracts.nodes))
    return _look_for("can_happen", "never_starts", playbook, name, has_started, limits)


def repeat_can_end(playbook: Playbook, name: str, contracts: Graph, limits: Limits) -> Result:
    """Seen to end by its `until` on a real path; failed where no path leads there."""

    def has_ended(state: State) -> bool:
        return state.step(name).phase == "done"

    if contracts.finished and name not in contracts.ended:
        return _never("repeat_can_end", "never_ends", name, len(contracts.nodes))
    return _look_for("repeat_can_end", "never_ends", playbook, name, has_ended, limits)


def _look_for(what: Property, key: str, playbook: Playbook, name: str, goal: Goal, limits: Limits) -> Result:
    """First by jumps from deadline to deadline, which is quick and finds only what is real; then on the grid, which misses nothing."""
    part = exact(playbook, (name,))
    states = 0
    for manner in (Manner(limits.exact_states, holders=1, jump=True, goal=goal), Manner(limits.exact_states, holders=2, goal=goal)):
        graph = explore_slice(part, manner)
        states += len(graph.nodes)
        if graph.goal is not None:
            return Result(what, name, "seen", states)
    return _never(what, key, name, states) if graph.finished else Result(what, name, "not_finished", states)


def _never(what: Property, key: str, name: str, states: int) -> Result:
    end = Moment(timedelta(0), f"then.{what}.{key}", {"step": name})
    return Result(what, name, "failed", states, Finding(Violation(what, key, name), (end,), happens=True))
