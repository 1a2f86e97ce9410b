"""A counter-example of a part, played on the whole playbook and told as a story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from playbooks.checker.graph import UNKNOWN, Node
from playbooks.checker.moves import TICK, Answers, Assumes, Expands, Move, SendsNews, Waits, Works, event_of
from playbooks.checker.observer import Observed, observe
from playbooks.checker.properties import Transition, Violation, is_settled, step_of, violations
from playbooks.checker.reads import contract
from playbooks.checker.report import Finding, Moment
from playbooks.checker.slices import BEGAN
from playbooks.checker.tell import known, moments_of_effects, moments_of_move
from playbooks.checker.waiting import is_looked_after, is_owed, patience
from playbooks.engine import events as happens
from playbooks.engine.decide import decide, start
from playbooks.engine.effects import Alert
from playbooks.engine.events import AnswerWord, CloseRequested, Event
from playbooks.engine.state import Decision, Opening, State, wake_at
from playbooks.language.model import AlertAction, ExpectAction, ForEachAction, NewsAction, Playbook, TaskAction

Path = tuple[Opening, tuple[tuple[datetime, Move], ...]]
MOST_TICKS = 5_000
ANSWERS: dict[str, AnswerWord] = {
    "acknowledged": "received",
    "on_the_way": "on_the_way",
    "on_scene": "on_scene",
    "done": "done",
    "declined": "cannot",
}


def replay(playbook: Playbook, path: Path, violation: Violation, *, tells: Iterable[str], gap: timedelta) -> Finding:
    """The path on the whole playbook. The story names the steps of `tells`; `gap` is the longest nobody may be alerted."""
    run = _Replay(playbook, path[0], violation, frozenset(tells))
    is_possible = all(run.move(at, move) for at, move in path[1])
    happens_there = is_possible and (run.broke or _at_the_end(run, violation, gap))
    end = Moment(run.now - BEGAN, f"then.{violation.property}.{violation.key}", {"step": violation.step or ""})
    return Finding(violation, (*run.moments, end), happens_there)


class _Replay:
    """One run of the whole engine along a path. Lives no longer than the call of `replay`."""

    def __init__(self, playbook: Playbook, opening: Opening, violation: Violation, tells: frozenset[str]) -> None:
        self.playbook = playbook
        self.violation = violation
        self.tells = tells
        self.contracts = {name: contract(step) for name, step in playbook.steps.items()}
        self.now = BEGAN
        self.broke = False
        decision = start(playbook, opening, BEGAN)
        self.state: State = decision.state
        self.observed = Observed(told=any(effect.kind in ("alert", "broadcast") for effect in decision.effects))
        self.moments = [Moment(timedelta(0), "declared", {"facts": known(opening)}), *self._effects(decision)]

    def move(self, at: datetime, move: Move) -> bool:
        """Make the move when its time has come; False where the whole playbook cannot follow."""
        self.wait_until(at)
        if isinstance(move, Waits):
            return True
        if isinstance(move, Assumes):
            return self._bring_about(move.step, move.outcome)
        if move == TICK:
            self.take(happens.Tick())
            return True
        if isinstance(move, Answers | Works | Expands) and not self.state.step(move.step).occurrence:
            return False
        event = event_of(move, self.state, self.now)
        if isinstance(event, CloseRequested):
            self._confirm_the_rest()
        if event is not None:
            self.moments += moments_of_move(move, self.now - BEGAN)
            self.take(event)
        return True

    def wait_until(self, end: datetime) -> None:
        """Let time pass, with a tick at every deadline before `end`."""
        for _ in range(MOST_TICKS):
            at = wake_at(self.state)
            if at is None or at >= end:
                break
            self.now = max(self.now, at)
            self.take(happens.Tick())
        self.now = max(self.now, end)

    def take(self, event: Event) -> Decision | None:
        before = self.state
        try:
            decision = decide(self.playbook, before, event, self.now)
        except Exception:  # noqa: BLE001 - that it raises at all is what is looked for
            self.broke = self.broke or self.violation.property == "every_event_is_taken"
            return None
        made = Transition(self.playbook, self.contracts, before, self.observed, event, decision, self.now)
        self.broke = self.broke or self.violation in violations(made)
        self.observed = observe(self.observed, before, event, decision)
        self.state = decision.state
        self.moments += self._effects(decision)
        return decision

    def _effects(self, decision: Decision) -> list[Moment]:
        return moments_of_effects((one for one in decision.effects if step_of(one) in self.tells or one.kind in LIFE), self.now - BEGAN)

    def _confirm_the_rest(self) -> None:
        for need in self.playbook.needs:
            if need not in self.state.confirmed:
                self.take(happens.WasConfirmed(name=need))

    def _bring_about(self, step: str, outcome: str) -> bool:
        """Make the step have the outcome, if people can; what only time brings must have come by itself."""
        for move in _ways_to(self.playbook, step, outcome):
            if outcome in self.state.step(step).outcomes:
                break
            event = event_of(move, self.state, self.now)
            if event is not None:
                self.moments += moments_of_move(move, self.now - BEGAN)
                self.take(event)
        return outcome in self.state.step(step).outcomes

    def node(self) -> Node:
        opening = Opening(severity=self.state.severity, place_kind=self.state.place_kind)
        return Node(self.state, self.now, self.observed, UNKNOWN, None, opening)


LIFE = ("correction", "closed", "not_closed")


def _ways_to(playbook: Playbook, step: str, outcome: str) -> tuple[Move, ...]:
    person = 1_000
    match playbook.steps[step].action:
        case AlertAction() if outcome in ANSWERS:
            return (Answers(step, person, ANSWERS[outcome]),)
        case ExpectAction(step=other, answer=answer) if outcome == "met":
            return _ways_to(playbook, other, answer)
        case TaskAction(results=results):
            return (Works(step, outcome if outcome in results else None),) if outcome == "done" or outcome in results else ()
        case ForEachAction(results=results) if outcome in results:
            return (Expands(step, 2), Works(step, outcome, "1"))
        case ForEachAction() if outcome == "done":
            return (Expands(step, 0),)
        case NewsAction() if outcome == "met":
            return (SendsNews(None),)
        case _:
            return ()


def _at_the_end(run: _Replay, violation: Violation, gap: timedelta) -> bool:
    """Whether what is wrong with a state, or with the silence that follows it, is so on the whole playbook too."""
    match violation.property:
        case "settled":
            return not is_settled(run.playbook, run.state, run.now)
        case "silence_ends_at_a_human" if violation.step is not None:
            return _is_left_alone(run, violation.step)
        case "somebody_is_alerted":
            return _nobody_for(run, gap)
        case _:
            return False


def _is_left_alone(run: _Replay, name: str) -> bool:
    step = run.playbook.steps[name]
    if not isinstance(step.action, AlertAction) or not is_owed(step, run.node()):
        return False
    end = run.now + patience(step, step.action)
    while (at := wake_at(run.state)) is not None and at <= end:
        run.now = max(at, run.now)
        decision = run.take(happens.Tick())
        if decision is None or any(isinstance(one, Alert) and step_of(one) == name for one in decision.effects):
            return False
    run.now = end
    return True


def _nobody_for(run: _Replay, gap: timedelta) -> bool:
    ladders = tuple(name for name, step in run.playbook.steps.items() if isinstance(step.action, AlertAction))
    end = run.now + gap
    while not is_looked_after(run.playbook, run.node(), ladders):
        at = wake_at(run.state)
        if at is None or at > end:
            run.now = end
            return True
        run.now = max(at, run.now)
        if run.take(happens.Tick()) is None:
            return False
    return False
