"""Lets something happen to an incident: on the record, through the engine, and out into the world.

What the directory says back ("nobody on duty") is an event too, and is decided within the same transaction.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from incidents.actors import SYSTEM, Actor
from incidents.conductor.carry import carry_out_all
from incidents.conductor.case import Case
from incidents.timeline.ledger import Cause
from playbooks.engine.decide import Decision, Opening, decide, start
from playbooks.engine.events import Event

MOST_TURNS = 32
"""A chain of directory events longer than this is a defect, not an emergency."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who caused an event and how it is written down. `now` is what the engine decides by, where it is not the event's own instant."""

    cause: Cause = "outside"
    actor: Actor = SYSTEM
    detail: Mapping[str, object] | None = None
    happened_at: datetime | None = None
    now: datetime | None = None
    more: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to a case, and how."""

    case: Case
    event: Event
    how: Circumstances = Circumstances()


@dataclass
class _Turn:
    case: Case
    decision: Decision
    now: datetime
    waiting: deque[Event] = field(default_factory=deque)


async def begin(case: Case, opening: Opening, how: Circumstances) -> int:
    """The first event: the run starts and takes its first step. The event's number."""
    now = case.tx.now
    body = {
        "opening": opening.model_dump(mode="json"),
        "plan": {"name": case.plan.playbook.name, "version": case.plan.playbook.version, "sha256": case.plan.sha256.hex()},
        "by": how.actor.as_ids(),
        **(how.more or {}),
    }
    no = case.ledger.append(now, "declared", how.cause, body, detail=_detail(how), happened_at=how.happened_at)
    await _settle([_Turn(case, start(case.plan.playbook, opening, now), now)])
    return no


async def happen(case: Case, event: Event, how: Circumstances = Circumstances()) -> int:
    """One event and all that follows from it. The event's number."""
    return (await happen_all([Happening(case, event, how)]))[0]


async def happen_all(happenings: Sequence[Happening]) -> list[int]:
    """One event in each of several cases of one transaction, and all that follows; the events' numbers."""
    numbers, turns = [], []
    for one in happenings:
        case, now = one.case, max(one.how.now or one.case.tx.now, one.case.state.clock)
        numbers.append(_write(case, one.event, one.how, now))
        turns.append(_Turn(case, decide(case.plan.playbook, case.state, one.event, now), now))
    await _settle(turns)
    return numbers


async def _settle(turns: list[_Turn]) -> None:
    for _ in range(MOST_TURNS):
        for turn in turns:
            turn.case.state = turn.decision.state
        followed = await carry_out_all([(turn.case, turn.decision.effects) for turn in turns])
        for turn, events in zip(turns, followed, strict=True):
            turn.waiting.extend(events)
        turns = [turn for turn in turns if turn.waiting]
        if not turns:
            return
        for turn in turns:
            event = turn.waiting.popleft()
            _write(turn.case, event, Circumstances(cause="directory"), turn.now)
            turn.decision = decide(turn.case.plan.playbook, turn.case.state, event, turn.now)
    for turn in turns:
        turn.case.state = turn.decision.state
        turn.case.ledger.append(turn.case.tx.now, "red", "effect", {"key": "too_many_turns", "variables": {}})
        turn.case.red.append("too_many_turns")


def _write(case: Case, event: Event, how: Circumstances, now: datetime) -> int:
    body: dict[str, object] = {"event": event.model_dump(mode="json"), "by": how.actor.as_ids(), **(how.more or {})}
    if now != max(case.tx.now, case.ledger.head_at):
        body["now"] = now.isoformat()
    return case.ledger.append(case.tx.now, event.kind, how.cause, body, detail=_detail(how), happened_at=how.happened_at)


def _detail(how: Circumstances) -> Mapping[str, object] | None:
    names = {"by_name": how.actor.name} if how.actor.kind != "system" else {}
    return {**names, **(how.detail or {})} or None
