"""A part of a playbook that is explored alone: some steps real, their triggers stubs that may have any outcome of their contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from math import gcd

from playbooks.checker.facts import Assignment, every_assignment, representatives
from playbooks.checker.reads import Reads, conditions_of, cone, contract, reads
from playbooks.engine.state import ENGINE_VERSION, STATE_VERSION, Opening, State
from playbooks.language.conditions import AnyOf, Condition
from playbooks.language.model import SEVERITIES, AlertAction, NewsAction, Playbook, SeverityAction, Step, TaskAction, TellAction

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""Where every exploration begins; nothing depends on it."""
NEVER = AnyOf(of=())
MINUTE = 60


@dataclass(frozen=True)
class Slice:
    """`playbook` holds only the real steps and the stubs, which cannot start; `assumed` says what a stub may do at any moment.

    `facts` are the assignments that facts may jump to, `grain` the step of time, `kept` the outcomes that something here looks at.
    """

    playbook: Playbook
    real: tuple[str, ...]
    contracts: dict[str, frozenset[str]]
    assumed: dict[str, tuple[str, ...]]
    found: Reads
    facts: tuple[Assignment, ...]
    openings: tuple[Opening, ...]
    grain: timedelta
    kept: dict[str, frozenset[str]]
    has_night: bool
    has_news: bool
    has_severity: bool

    def steps(self) -> Iterator[Step]:
        for name in self.real:
            yield self.playbook.steps[name]


def with_contracts(playbook: Playbook, names: tuple[str, ...]) -> Slice:
    """These steps real, and their direct triggers as stubs."""
    found = reads([playbook.steps[name] for name in names], _quiet(playbook, names))
    stubs = tuple(name for name in playbook.steps if name in found.outcomes and name not in names)
    return _slice(playbook, names, stubs)


def exact(playbook: Playbook, names: tuple[str, ...]) -> Slice:
    """These steps and all they depend on, real."""
    return _slice(playbook, cone(playbook, names), ())


def _quiet(playbook: Playbook, names: tuple[str, ...]) -> Condition | None:
    """Where nobody need be alerted matters to ladders only."""
    is_ladder = any(isinstance(playbook.steps[name].action, AlertAction) for name in names)
    return playbook.quiet_when if is_ladder else None


def _slice(playbook: Playbook, names: tuple[str, ...], stubs: tuple[str, ...]) -> Slice:
    real = [playbook.steps[name] for name in names]
    quiet = _quiet(playbook, names)
    found = reads(real, quiet)
    inside = {name: step if name in names else _stub(step) for name, step in playbook.steps.items() if name in (*names, *stubs)}
    part = playbook.model_copy(
        update={
            "steps": inside,
            "strata": tuple(kept for group in playbook.strata if (kept := tuple(name for name in group if name in inside))),
            "needs": {name: need for name, need in playbook.needs.items() if name in found.needs},
        }
    )
    conditions = [condition for step in real for condition in conditions_of(step)]
    empty = empty_state(playbook)
    facts = representatives(every_assignment(playbook, found), [*conditions, quiet], found.told_again, empty)
    has_night = "night" in found.switches or any(isinstance(step.action, TellAction) for step in real)
    return Slice(
        playbook=part,
        real=names,
        contracts={step.name: contract(step) for step in real},
        assumed={name: tuple(sorted(found.outcomes[name] & contract(playbook.steps[name]))) for name in stubs},
        found=found,
        facts=facts,
        openings=_openings(playbook, real, found, facts, has_night),
        grain=grain(real),
        kept={name: _kept(step, found) for name, step in inside.items()},
        has_night=has_night,
        has_news=any(isinstance(step.action, NewsAction) for step in real),
        has_severity=found.severity or any(isinstance(step.action, SeverityAction) for step in real),
    )


def _stub(step: Step) -> Step:
    return step.model_copy(update={"when": NEVER, "until": None})


def _kept(step: Step, found: Reads) -> frozenset[str]:
    own = ("held", "sent") if isinstance(step.action, TellAction) else ()
    return frozenset((*found.outcomes.get(step.name, ()), *own))


def _openings(playbook: Playbook, real: list[Step], found: Reads, facts: tuple[Assignment, ...], has_night: bool) -> tuple[Opening, ...]:
    drills = any(isinstance(step.action, TellAction) or (isinstance(step.action, TaskAction) and step.action.call) for step in real)
    severities = SEVERITIES if any(isinstance(step.action, SeverityAction) for step in real) else (playbook.severity,)
    return tuple(
        Opening(facts=dict(known), severity=severity, place_kind=place_kind, drill=drill, night=night)
        for place_kind in (playbook.place_kinds if found.place_kind else playbook.place_kinds[:1])
        for drill, night, severity, known in product(
            (False, True) if drills else (False,), (False, True) if has_night else (False,), severities, facts
        )
    )


def empty_state(playbook: Playbook) -> State:
    """A run of which nothing is known."""
    return State(
        state_version=STATE_VERSION,
        engine_version=ENGINE_VERSION,
        playbook=playbook.name,
        playbook_version=playbook.version,
        severity=playbook.severity,
        place_kind=playbook.place_kinds[0],
        began=BEGAN,
        clock=BEGAN,
    )


def grain(steps: list[Step]) -> timedelta:
    """The greatest common divisor of every duration in these steps; a minute where there is none."""
    common = 0
    for step in steps:
        for length in durations(step):
            common = gcd(common, int(length.total_seconds()))
    return timedelta(seconds=common or MINUTE)


def durations(step: Step) -> Iterator[timedelta]:
    """Every length of time that the step measures by itself."""
    found: list[timedelta | None] = [step.after, step.within, step.every]
    match step.action:
        case AlertAction(rungs=rungs, promise=promise):
            found += [promise]
            found += [length for rung in rungs for length in (rung.within, rung.every, rung.ring_after)]
        case NewsAction(remind_before=before):
            found.append(before)
        case TellAction(next_news=next_news):
            found.append(next_news)
        case _:
            pass
    yield from (length for length in found if length is not None)
