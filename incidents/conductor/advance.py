"""Lets something happen to an incident: on the record, through the engine, and out into the world.

What the directory says back ("nobody on duty") is an event too, and is decided within the same transaction.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.actors import SYSTEM, Actor
from incidents.conductor.carry import carry_out
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
    await _settle(case, start(case.plan.playbook, opening, now), now)
    return no


async def happen(case: Case, event: Event, how: Circumstances = Circumstances()) -> int:
    """One event and all that follows from it. The event's number."""
    now = max(how.now or case.tx.now, case.state.clock)
    no = _write(case, event, how, now)
    await _settle(case, decide(case.plan.playbook, case.state, event, now), now)
    return no


async def _settle(case: Case, decision: Decision, now: datetime) -> None:
    waiting: deque[Event] = deque()
    for _ in range(MOST_TURNS):
        case.state = decision.state
        for effect in decision.effects:
            waiting.extend(await carry_out(case, effect))
        if not waiting:
            return
        event = waiting.popleft()
        _write(case, event, Circumstances(cause="directory"), now)
        decision = decide(case.plan.playbook, case.state, event, now)
    case.state = decision.state
    case.ledger.append(case.tx.now, "red", "effect", {"key": "too_many_turns", "variables": {}})
    case.red.append("too_many_turns")


def _write(case: Case, event: Event, how: Circumstances, now: datetime) -> int:
    body: dict[str, object] = {"event": event.model_dump(mode="json"), "by": how.actor.as_ids(), **(how.more or {})}
    if now != max(case.tx.now, case.ledger.head_at):
        body["now"] = now.isoformat()
    return case.ledger.append(case.tx.now, event.kind, how.cause, body, detail=_detail(how), happened_at=how.happened_at)


def _detail(how: Circumstances) -> Mapping[str, object] | None:
    names = {"by_name": how.actor.name} if how.actor.kind != "system" else {}
    return {**names, **(how.detail or {})} or None
