"""The whole playbook with nobody answering, from every opening: the worst times, and that somebody is always being alerted."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, product

from playbooks.checker.facts import Assignment, every_assignment
from playbooks.checker.graph import UNKNOWN, Node
from playbooks.checker.limits import Limits
from playbooks.checker.observer import Observed
from playbooks.checker.properties import Violation
from playbooks.checker.reads import reads
from playbooks.checker.report import Finding, FirstAlert, Moment, Result, Silence
from playbooks.checker.slices import BEGAN
from playbooks.checker.tell import known, moments_of_effects, whom
from playbooks.checker.view import is_quiet
from playbooks.checker.waiting import is_looked_after
from playbooks.engine.decide import decide, start
from playbooks.engine.effects import Alert
from playbooks.engine.events import FactValue, Tick
from playbooks.engine.relative import relative
from playbooks.engine.state import Decision, Opening, State, wake_at
from playbooks.language.model import AlertAction, Playbook

NEVER = timedelta.max


@dataclass
class _Run:
    """One opening met with silence. `gap`: the longest time nobody was alerted; `pause`: between two alerts of anybody."""

    opening: Opening
    quiet: bool = False
    circles: bool = False
    states: int = 0
    gap: timedelta = timedelta(0)
    pause: timedelta = timedelta(0)
    first: dict[str, tuple[timedelta, str]] = field(default_factory=dict)
    story: list[Moment] = field(default_factory=list)


def silence(playbook: Playbook, limits: Limits) -> tuple[Silence, Result]:
    """Times in silence and whether somebody is always being alerted; from the openings without quiet."""
    runs = [_silent_run(playbook, opening, limits) for opening in openings(playbook, limits)]
    loud = [run for run in runs if not run.quiet]
    worst = max(loud, key=lambda run: run.gap, default=None)
    found = Silence(
        openings=len(runs),
        states=sum(run.states for run in runs),
        gap=timedelta(0) if worst is None else worst.gap,
        longest_pause=max((run.pause for run in loud), default=timedelta(0)),
        circles=all(run.circles for run in runs),
        first_alerts=_first_alerts(loud),
    )
    return found, _result(found, worst, limits)


def openings(playbook: Playbook, limits: Limits) -> tuple[Opening, ...]:
    """Every combination of facts, night and drill where they are few; else all unknown in each, and one known fact at a time by day."""
    found = reads(playbook.steps.values(), playbook.quiet_when)
    every = every_assignment(playbook, found)
    if len(every) * 4 <= limits.openings:
        return tuple(
            _opening(playbook, facts, drill=drill, night=night) for facts, drill, night in product(every, (False, True), (False, True))
        )
    alone = [facts for facts in every if sum(value is not None for value in facts.values()) == 1]
    unknown = (_opening(playbook, {}, drill=drill, night=night) for drill, night in product((False, True), (False, True)))
    return (*unknown, *islice((_opening(playbook, facts, drill=False, night=False) for facts in alone), limits.openings))


def _opening(playbook: Playbook, facts: Assignment, *, drill: bool, night: bool) -> Opening:
    certain: dict[str, FactValue] = {name: value for name, value in facts.items() if value is not None}
    return Opening(facts=certain, severity=playbook.severity, place_kind=playbook.place_kinds[0], drill=drill, night=night)


def _silent_run(playbook: Playbook, opening: Opening, limits: Limits) -> _Run:
    run = _Run(opening)
    seen: dict[Hashable, datetime] = {}
    alone_since: datetime | None = None
    called = BEGAN
    for at, decision in _ticks(playbook, opening, limits):
        state = decision.state
        run.states += 1
        run.quiet = run.quiet or is_quiet(playbook, state)
        run.gap = run.gap if alone_since is None else max(run.gap, at - alone_since)
        alone_since = None if _is_looked_after(playbook, state) else alone_since or at
        if any(isinstance(effect, Alert) for effect in decision.effects):
            run.pause, called = max(run.pause, at - called), at
        _keep(run, decision, at - BEGAN)
        here = relative(state, at)
        before = seen.setdefault(here, at)
        if wake_at(state) is None or before < at:
            run.circles = True
            if alone_since is not None and alone_since <= before:
                run.gap = NEVER
            break
    return run


def _keep(run: _Run, decision: Decision, at: timedelta) -> None:
    for effect in decision.effects:
        if isinstance(effect, Alert):
            for who in effect.who:
                run.first.setdefault(whom((who,)), (at, effect.alert.partition("#")[0]))
    run.story += moments_of_effects(decision.effects, at)


def _ticks(playbook: Playbook, opening: Opening, limits: Limits) -> Iterator[tuple[datetime, Decision]]:
    decision = start(playbook, opening, BEGAN)
    yield BEGAN, decision
    for _ in range(limits.silent_ticks):
        at = wake_at(decision.state)
        if at is None:
            return
        decision = decide(playbook, decision.state, Tick(), at)
        yield at, decision


def _is_looked_after(playbook: Playbook, state: State) -> bool:
    ladders = tuple(name for name, step in playbook.steps.items() if isinstance(step.action, AlertAction))
    opening = Opening(severity=state.severity, place_kind=state.place_kind)
    return is_looked_after(playbook, Node(state, state.clock, Observed(), UNKNOWN, None, opening), ladders)


def _first_alerts(runs: list[_Run]) -> tuple[FirstAlert, ...]:
    found = []
    for who in dict.fromkeys(who for run in runs for who in run.first):
        times = [run.first[who] for run in runs if who in run.first]
        after, step = max(times)
        found.append(FirstAlert(who, step, after, len(runs), len(runs) - len(times)))
    return tuple(sorted(found, key=lambda one: (one.after, one.who)))


def _result(found: Silence, worst: _Run | None, limits: Limits) -> Result:
    if worst is None or worst.gap <= limits.longest_gap:
        return Result("silence_is_heard", None, "seen" if found.circles else "not_finished", found.states)
    key = "never" if worst.gap == NEVER else "late"
    violation = Violation("silence_is_heard", key)
    story = (Moment(timedelta(0), "declared", {"facts": known(worst.opening)}), *worst.story[:40])
    end = Moment(story[-1].at, f"then.{violation.property}.{key}", {"step": ""})
    return Result("silence_is_heard", None, "failed", found.states, Finding(violation, (*story, end), happens=True))
