"""How long silence lasts from each explored state: until a step alerts somebody, or until somebody is looked after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from math import inf

from playbooks.checker.graph import UNKNOWN, Graph, Node
from playbooks.checker.properties import Violation
from playbooks.checker.view import is_quiet, is_wanted
from playbooks.engine.ladder import pause
from playbooks.language.model import AlertAction, Playbook, Step

UNEXPLORED = -inf


def distances(graph: Graph, arrives: Callable[[Node], bool]) -> list[float]:
    """Seconds of silence from each node until the way on from it arrives; inf: never, UNEXPLORED: beyond what was explored."""
    found: list[float | None] = [None] * len(graph.nodes)
    for first in range(len(graph.nodes)):
        trail: list[int] = []
        on_trail: set[int] = set()
        number = first
        while number != UNKNOWN and found[number] is None and number not in on_trail and not arrives(graph.nodes[number]):
            trail.append(number)
            on_trail.add(number)
            number = graph.nodes[number].silent
        rest = _rest(found, number, is_circle=number in on_trail)
        for passed in reversed(trail):
            rest += graph.nodes[passed].waits
            found[passed] = rest
    return [UNEXPLORED if one is None else one for one in found]


def _rest(found: list[float | None], number: int, *, is_circle: bool) -> float:
    """What is left where a trail of silence stops: unexplored, in a circle, at a known distance, or arrived."""
    if number == UNKNOWN:
        return UNEXPLORED
    if is_circle:
        return inf
    known = found[number]
    if known is None:
        found[number] = known = 0.0
    return known


def patience(step: Step, action: AlertAction) -> timedelta:
    """The longest that silence can last before this ladder alerts somebody: its longest rung, promise or delay."""
    lengths = [action.promise, *(pause(rung) for rung in action.rungs)]
    return max([*lengths, step.after] if step.after is not None else lengths)


def is_owed(step: Step, node: Node) -> bool:
    """Whether the ladder owes somebody an alert: it is called for, and nobody has come or reported it done."""
    return is_wanted(step, node.state) and not node.observed.answered(step.name)


def _alerts(name: str, node: Node) -> bool:
    return name in node.alerted


def silence_that_ends_nowhere(graph: Graph) -> None:
    """Note the first state of each ladder from which silence never leads to an alert, or later than the ladder allows."""
    for step in graph.part.steps():
        if not isinstance(step.action, AlertAction):
            continue
        name, limit = step.name, patience(step, step.action).total_seconds()
        lengths = distances(graph, partial(_alerts, name))
        for number, node in enumerate(graph.nodes):
            if lengths[number] > limit and is_owed(step, node):
                key = "never" if lengths[number] == inf else "late"
                graph.broken.setdefault(Violation("silence_ends_at_a_human", key, name), (number, None))


def is_looked_after(playbook: Playbook, node: Node, names: tuple[str, ...]) -> bool:
    """Whether the run needs nobody now, or one of these ladders is out or answered."""
    if node.state.status != "open" or is_quiet(playbook, node.state):
        return True
    return any(node.state.step(name).phase in ("active", "held") or node.observed.answered(name) for name in names)


def where_nobody_is_alerted(graph: Graph, names: tuple[str, ...], longest_gap: timedelta) -> tuple[int, Violation] | None:
    """The first state from which, in silence, these ladders leave the open incident alone for longer than the gap."""
    playbook = graph.part.playbook
    lengths = distances(graph, lambda node: is_looked_after(playbook, node, names))
    for number, length in enumerate(lengths):
        if length > longest_gap.total_seconds():
            return number, Violation("somebody_is_alerted", "never" if length == inf else "late")
    return None
