"""The states of a slice and how they were reached."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime

from playbooks.checker.choices import choices, silent_move
from playbooks.checker.moves import Assumes, Move, Waits, event_of
from playbooks.checker.observer import Observed, observe
from playbooks.checker.properties import Transition, Violation, is_settled, step_of, violations
from playbooks.checker.seen import forget, key
from playbooks.checker.slices import BEGAN, Slice
from playbooks.engine.decide import decide, start
from playbooks.engine.effects import Alert
from playbooks.engine.events import Event
from playbooks.engine.state import Decision, Opening, State
from playbooks.language.model import TellAction

UNKNOWN = -1


@dataclass(slots=True)
class Node:
    """One state. `silent` is the number of the state that silence leads to (UNKNOWN: not explored, itself: nothing ever moves), after
    so many seconds (`waits`).
    """

    state: State
    now: datetime
    observed: Observed
    parent: int
    move: Move | None
    opening: Opening
    silent: int = UNKNOWN
    waits: float = 0.0
    alerted: frozenset[str] = frozenset()


@dataclass
class Graph:
    """`broken` holds the first violation of each kind with the path to it; `goal` the node that was looked for."""

    part: Slice
    nodes: list[Node] = field(default_factory=list)
    transitions: int = 0
    finished: bool = False
    started: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    broken: dict[Violation, tuple[int, Move | None]] = field(default_factory=dict)
    goal: int | None = None

    def path(self, number: int, last: Move | None = None) -> tuple[Opening, tuple[tuple[datetime, Move], ...]]:
        """How to come to a node (and to make one more move there): the opening, and each move with its instant."""
        moves: list[tuple[datetime, Move]] = [] if last is None else [(self.nodes[number].now, last)]
        while (node := self.nodes[number]).parent != UNKNOWN:
            if node.move is not None:
                moves.append((self.nodes[node.parent].now, node.move))
            number = node.parent
        return node.opening, tuple(reversed(moves))


Goal = Callable[[State], bool]


@dataclass(frozen=True)
class Manner:
    """How to explore: up to so many states, so many people holding one ladder at a time, time by the grid or (`jump`) by deadlines."""

    states: int
    holders: int = 2
    jump: bool = False
    goal: Goal | None = None


def explore_slice(part: Slice, manner: Manner) -> Graph:
    """Everything that can happen in the slice, those paths first on which people do least."""
    walk = _Walk(part, manner)
    walk.begin()
    walk.run()
    return walk.graph


class _Walk:
    """One exploration. Lives no longer than the call of `explore_slice`."""

    def __init__(self, part: Slice, manner: Manner) -> None:
        self.part = part
        self.manner = manner
        self.graph = Graph(part)
        self.numbers: dict[Hashable, int] = {}
        self.waiting: deque[int] = deque()
        self.is_cut = False

    def begin(self) -> None:
        for opening in self.part.openings:
            decision = start(self.part.playbook, opening, BEGAN)
            told = any(effect.kind in ("alert", "broadcast") for effect in decision.effects)
            node = Node(decision.state, BEGAN, Observed(told=told), UNKNOWN, None, opening)
            self._reach(node, at_front=False)

    def run(self) -> None:
        graph = self.graph
        while self.waiting and graph.goal is None:
            number = self.waiting.popleft()
            node = graph.nodes[number]
            silent = silent_move(self.part, node.state, node.now, jump=self.manner.jump)
            if silent is None:
                node.silent = number
            else:
                self._make(number, silent, is_silent=True)
            for move in choices(self.part, node.state, node.observed, now=node.now, holders=self.manner.holders):
                self._make(number, move, is_silent=False)
        graph.finished = not self.waiting and not self.is_cut

    def _make(self, number: int, move: Move, *, is_silent: bool) -> None:
        node, graph = self.graph.nodes[number], self.graph
        graph.transitions += 1
        if isinstance(move, Waits):
            later = Node(node.state, node.now + move.length, node.observed, number, move, node.opening)
            node.silent, node.waits = (self._reach(later, at_front=True), move.length.total_seconds())
            return
        before = assumed(self.part, node.state, move, node.now)
        event = event_of(move, before, node.now)
        decision = None if event is None else _decided(self.part, before, event, node.now)
        if event is None or decision is None:
            graph.broken.setdefault(Violation("every_event_is_taken", "raised"), (number, move))
            return
        made = Transition(self.part.playbook, self.part.contracts, before, node.observed, event, decision, node.now)
        for violation in violations(made):
            graph.broken.setdefault(violation, (number, move))
        observed = observe(node.observed, before, event, decision)
        child = Node(forget(self.part, decision.state), node.now, observed, number, move, node.opening)
        reached = self._reach(child, at_front=is_silent)
        if is_silent:
            node.silent = reached
            node.alerted = frozenset(step_of(effect) for effect in decision.effects if isinstance(effect, Alert))

    def _reach(self, node: Node, *, at_front: bool) -> int:
        """The number of the node's state; a new one is noted and will be explored."""
        graph, manner = self.graph, self.manner
        seen = key(self.part, node.state, node.observed, node.now)
        number = self.numbers.get(seen, UNKNOWN)
        if number != UNKNOWN:
            return number
        if len(graph.nodes) >= manner.states:
            self.is_cut = True
            return UNKNOWN
        number = len(graph.nodes)
        self.numbers[seen] = number
        graph.nodes.append(node)
        self._look_at(number, node)
        (self.waiting.appendleft if at_front else self.waiting.append)(number)
        return number

    def _look_at(self, number: int, node: Node) -> None:
        graph = self.graph
        for name in self.part.real:
            record = node.state.steps.get(name)
            if record is not None and record.occurrence:
                graph.started.add(name)
                if record.phase == "done":
                    graph.ended.add(name)
        if not isinstance(node.move, Waits) and not is_settled(self.part.playbook, node.state, node.now):
            graph.broken.setdefault(Violation("settled", "moves_again"), (number, None))
        if self.manner.goal is not None and self.manner.goal(node.state):
            graph.goal = number


def assumed(part: Slice, state: State, move: Move, now: datetime) -> State:
    """The state with what the move assumes of a stub."""
    if not isinstance(move, Assumes):
        return state
    record = state.step(move.step)
    outcomes = tuple(sorted({*record.outcomes, move.outcome}))
    update: dict[str, object] = {"steps": {**state.steps, move.step: record.model_copy(update={"outcomes": outcomes})}}
    action = part.playbook.steps[move.step].action
    if isinstance(action, TellAction) and action.next_news is not None and move.outcome == "sent":
        update["next_news_by"] = now + action.next_news
    return state.model_copy(update=update)


def _decided(part: Slice, state: State, event: Event, now: datetime) -> Decision | None:
    """The engine's answer; None if it raised, which it never may."""
    try:
        return decide(part.playbook, state, event, now)
    except Exception:  # noqa: BLE001 - that it raises at all is what is looked for
        return None
