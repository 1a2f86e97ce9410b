"""The working copy of a run inside one decision: reads the old state, gathers the new one and the effects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from playbooks.engine import effects as does
from playbooks.engine.effects import Effect, Variables
from playbooks.engine.events import FactValue
from playbooks.engine.state import NOT_STARTED, Decision, State, Status, StepState
from playbooks.language.model import Playbook, Severity, Step


class Working:
    """One decision in the making. Lives no longer than the call of `decide`."""

    def __init__(self, playbook: Playbook, state: State, now: datetime) -> None:
        self.playbook = playbook
        self.before = state
        self.now = max(now.astimezone(UTC), state.clock)
        self.status: Status = state.status
        self.severity: Severity = state.severity
        self.night = state.night
        self.broadcast_now = state.broadcast_now
        self.reports = state.reports
        self.resolved_at = state.resolved_at
        self.next_news_by = state.next_news_by
        self.facts: dict[str, FactValue] = dict(state.facts)
        self.steps: dict[str, StepState] = dict(state.steps)
        self.confirmed = set(state.confirmed)
        self.children = set(state.children)
        self.told = set(state.told)
        self.serial = state.serial
        self.effects: list[Effect] = []

    @property
    def place_kind(self) -> str:
        return self.before.place_kind

    @property
    def drill(self) -> bool:
        return self.before.drill

    def outcomes(self, step: str) -> tuple[str, ...]:
        return self.step(step).outcomes

    def is_confirmed(self, need: str) -> bool:
        return need in self.confirmed

    def step(self, name: str) -> StepState:
        return self.steps.get(name, NOT_STARTED)

    def change(self, name: str, **fields: object) -> StepState:
        """Replace fields of a step's record; deadlines are never guessed, only set."""
        record = self.step(name).model_copy(update=fields)
        self.steps[name] = record
        return record

    def happened(self, name: str, *outcomes: str) -> None:
        """Add outcomes to a step; they only ever grow within a round."""
        had = self.step(name).outcomes
        added = set(outcomes).difference(had)
        if added:
            self.change(name, outcomes=tuple(sorted(added.union(had))))

    def emit(self, effect: Effect) -> None:
        self.effects.append(effect)

    def next_id(self, prefix: str) -> str:
        """An id that no other effect of this run has: numbers are never used again."""
        self.serial += 1
        return f"{prefix}#{self.serial}"

    def note(self, key: str, **variables: does.Variable) -> None:
        self.emit(does.Note(id=self.next_id("note"), key=key, variables=variables))

    def red(self, key: str, **variables: does.Variable) -> None:
        self.emit(does.Red(id=self.next_id("red"), key=key, variables=variables))

    def variables(self, text_key: str | None, extra: Mapping[str, does.Variable] | None = None) -> Variables:
        """Freeze what the text's slots say now: facts as known, instants in UTC. Slots of the directory and of the last mile stay out."""
        if text_key is None:
            return {}
        known: dict[str, does.Variable] = {
            "began": instant(self.before.began),
            "now": instant(self.now),
            "next_by": instant(self.next_news_by),
            "resolved_at": instant(self.resolved_at),
            "severity": self.severity,
        }
        known.update({name: self.facts.get(name) for name in self.playbook.ask})
        known.update(extra or {})
        return {slot: known[slot] for slot in self.playbook.texts[text_key].slots if slot in known}

    def identity(self, step: Step) -> str:
        """`step#occurrence`, the name of this turn of the step."""
        return f"{step.name}#{self.step(step.name).occurrence}"

    def finish(self) -> Decision:
        state = self.before.model_copy(
            update={
                "status": self.status,
                "severity": self.severity,
                "night": self.night,
                "broadcast_now": self.broadcast_now,
                "reports": self.reports,
                "clock": self.now,
                "resolved_at": self.resolved_at,
                "next_news_by": self.next_news_by,
                "facts": self.facts,
                "steps": self.steps,
                "confirmed": tuple(sorted(self.confirmed)),
                "children": tuple(sorted(self.children)),
                "told": tuple(sorted(self.told)),
                "serial": self.serial,
            }
        )
        return Decision.model_construct(state=state, effects=tuple(self.effects))


def instant(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with a trailing Z, the only form in which an instant stands among variables."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
