"""The smallest set of ladders that leaves an open incident never alone, whatever facts, work and answers do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from playbooks.checker.graph import Graph, Manner, explore_slice
from playbooks.checker.limits import Limits
from playbooks.checker.properties import Violation
from playbooks.checker.replay import replay
from playbooks.checker.report import Finding, Result
from playbooks.checker.slices import with_contracts
from playbooks.checker.waiting import where_nobody_is_alerted
from playbooks.language.model import AlertAction, Playbook

MOST_LADDERS = 6
"""Sets are looked for among so many; those without conditions first."""


@dataclass
class _Search:
    playbook: Playbook
    limits: Limits
    states: int = 0
    doubt: Finding | None = None
    failed: Finding | None = None
    seen: tuple[str, ...] | None = None

    def guards(self, names: tuple[str, ...], graph: Graph) -> bool:
        """Whether these ladders have been shown to suffice."""
        self.states += len(graph.nodes)
        alone = where_nobody_is_alerted(graph, names, self.limits.longest_gap)
        if alone is None:
            if not graph.finished and self.seen is None:
                self.seen = names
            return graph.finished
        finding = replay(self.playbook, graph.path(alone[0]), alone[1], tells=self.playbook.steps, gap=self.limits.longest_gap)
        if finding.happens:
            self.failed = finding
        elif self.doubt is None:
            self.doubt = finding
        return False


def somebody_is_alerted(playbook: Playbook, graphs: Mapping[str, Graph], limits: Limits) -> tuple[Result, tuple[str, ...]]:
    """The result, and the ladders that guarantee it. `graphs`: each ladder explored under contracts."""
    ladders = sorted(graphs, key=lambda name: (playbook.steps[name].when is not None, playbook.steps[name].after is not None))
    search = _Search(playbook, limits)
    if not ladders and playbook.quiet_when is None:
        finding = Finding(Violation("somebody_is_alerted", "no_ladder"), (), happens=True)
        return Result("somebody_is_alerted", None, "failed", 0, finding), ()
    for count in (1, 2, 3):
        for names in combinations(ladders[:MOST_LADDERS] if count > 1 else ladders, count):
            graph = graphs[names[0]] if count == 1 else _together(playbook, names, limits)
            if search.guards(names, graph):
                return Result("somebody_is_alerted", None, "proved_under_contracts", search.states), names
            if search.failed is not None:
                return Result("somebody_is_alerted", None, "failed", search.states, search.failed), ()
    if search.seen is not None:
        return Result("somebody_is_alerted", None, "seen", search.states, search.doubt), search.seen
    return Result("somebody_is_alerted", None, "not_finished", search.states, search.doubt), ()


def _together(playbook: Playbook, names: tuple[str, ...], limits: Limits) -> Graph:
    return explore_slice(with_contracts(playbook, names), Manner(limits.awake_states, holders=1))


def is_ladder(playbook: Playbook, name: str) -> bool:
    return isinstance(playbook.steps[name].action, AlertAction)
