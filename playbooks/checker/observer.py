"""What people have really said, kept outside the engine: so that a clock the engine lost cannot pass for somebody who came."""

from __future__ import annotations

from dataclasses import dataclass, replace

from playbooks.engine.effects import Alert, Broadcast
from playbooks.engine.events import Answered, Event
from playbooks.engine.state import Decision, State


@dataclass(frozen=True, slots=True)
class Observed:
    """`there`: (step, person) who said they are on scene and did not take it back. `finished`: ladders that somebody reported done.

    `told`: whether any message went out. `next_person`: a number nobody has had yet.
    """

    there: frozenset[tuple[str, int]] = frozenset()
    finished: frozenset[str] = frozenset()
    told: bool = False
    next_person: int = 1

    def answered(self, step: str) -> bool:
        """Whether somebody has come, or it is done: nobody need be alerted any more."""
        return step in self.finished or any(name == step for name, _ in self.there)


def observe(seen: Observed, before: State, event: Event, decision: Decision) -> Observed:
    """What is known after the event. An answer counts where its alert was out when it came."""
    if isinstance(event, Answered):
        seen = _answer(seen, before, event)
    if before.status == "resolved" and decision.state.status == "open":
        seen = replace(seen, there=frozenset(), finished=frozenset())
    anew = {name for name, record in decision.state.steps.items() if record.occurrence > before.step(name).occurrence}
    if anew and (seen.there or seen.finished):
        there = frozenset(one for one in seen.there if one[0] not in anew)
        seen = replace(seen, there=there, finished=seen.finished - anew)
    if not seen.told and any(isinstance(effect, Alert | Broadcast) for effect in decision.effects):
        seen = replace(seen, told=True)
    return seen


def _answer(seen: Observed, before: State, event: Answered) -> Observed:
    step, _, turn = event.alert.partition("#")
    record = before.step(step)
    if event.person >= seen.next_person:
        seen = replace(seen, next_person=event.person + 1)
    if record.phase not in ("active", "held") or str(record.occurrence) != turn or event.rung > (record.rung or 0):
        return seen
    match event.answer:
        case "on_scene":
            return replace(seen, there=seen.there | {(step, event.person)})
        case "cannot" | "withdrawn":
            return replace(seen, there=seen.there - {(step, event.person)})
        case "done":
            return replace(seen, finished=seen.finished | {step})
        case _:
            return seen
