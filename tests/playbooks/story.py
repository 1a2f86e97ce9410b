"""A run told as a story: people act, time moves, and what the engine wanted is kept with its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from playbooks.engine.decide import Decision, Opening, decide, start, wake_at
from playbooks.engine.effects import Alert, Broadcast, Effect, OpenChildren, Task
from playbooks.engine.events import Answered, AnswerWord, Event, FactValue, Tick
from playbooks.language.model import Playbook
from playbooks.library import load_library

BEGAN = datetime(2026, 11, 24, 2, 6, tzinfo=UTC)
LIBRARY = {playbook.name: playbook for playbook in load_library()}


class Story:
    def __init__(
        self,
        playbook: Playbook | str,
        *,
        facts: Mapping[str, FactValue] | None = None,
        night: bool = False,
        drill: bool = False,
    ) -> None:
        self.playbook = LIBRARY[playbook] if isinstance(playbook, str) else playbook
        opening = Opening(
            facts=dict(facts or {}),
            severity=self.playbook.severity,
            place_kind=self.playbook.place_kinds[0],
            night=night,
            drill=drill,
        )
        self.now = BEGAN
        self.told: list[tuple[float, Effect]] = []
        self._keep(start(self.playbook, opening, BEGAN))

    def _keep(self, decision: Decision) -> tuple[Effect, ...]:
        self.state = decision.state
        minute = (self.now - BEGAN).total_seconds() / 60
        self.told += [(minute, effect) for effect in decision.effects]
        return decision.effects

    def happens(self, event: Event) -> tuple[Effect, ...]:
        """One event now; gives what it led to."""
        return self._keep(decide(self.playbook, self.state, event, self.now))

    def answers(
        self, step: str, person: int, answer: AnswerWord, *, rung: int = 0, minutes: int | None = None, left: int = 0
    ) -> tuple[Effect, ...]:
        return self.happens(Answered(alert=self.alert(step), rung=rung, person=person, answer=answer, minutes=minutes, left=left))

    def alert(self, step: str) -> str:
        return f"{step}#{self.state.step(step).occurrence}"

    def forward(self, *, minutes: float) -> None:
        """Let time pass, with a tick at every deadline as the worker gives them."""
        end = self.now + timedelta(minutes=minutes)
        while (at := wake_at(self.state)) is not None and at <= end:
            self.now = max(at, self.now)
            self.happens(Tick())
        self.now = end

    def outage(self, *, minutes: float) -> tuple[Effect, ...]:
        """Time passes unseen, then one tick."""
        self.now += timedelta(minutes=minutes)
        return self.happens(Tick())

    def outcomes(self, step: str) -> set[str]:
        return set(self.state.step(step).outcomes)

    def alerts(self, step: str) -> list[tuple[float, int, bool]]:
        """(minute, rung, whether by phone) of every alert of this step."""
        return [
            (minute, effect.rung, effect.ring)
            for minute, effect in self.told
            if isinstance(effect, Alert) and effect.alert.startswith(f"{step}#")
        ]

    def reached(self, step: str) -> list[tuple[float, str]]:
        """(minute, whom) of every alert that is not a phone call after a written one."""
        return [
            (minute, whom(effect))
            for minute, effect in self.told
            if isinstance(effect, Alert) and effect.alert.startswith(f"{step}#") and not effect.id.endswith("/ring")
        ]

    def tasks(self, step: str) -> list[tuple[float, Task | OpenChildren]]:
        return [
            (minute, effect)
            for minute, effect in self.told
            if isinstance(effect, Task | OpenChildren) and effect.task.startswith(f"{step}#")
        ]

    def broadcasts(self, step: str | None = None) -> list[tuple[float, Broadcast]]:
        return [(minute, effect) for minute, effect in self.told if isinstance(effect, Broadcast) and step in (None, effect.step)]


def whom(alert: Alert) -> str:
    return "+".join(who.role or f"{who.department}/{who.tier}" for who in alert.who)


def kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind for effect in effects]
