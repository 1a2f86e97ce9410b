"""Moves and effects as moments of a story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import assert_never

from playbooks.checker.moves import Answers, Assumes, Expands, FallsSilent, Happens, Move, SendsNews, Waits, Works
from playbooks.checker.report import Moment
from playbooks.engine.effects import Alert, Effect
from playbooks.engine.events import FactValue
from playbooks.engine.state import Opening
from playbooks.language.model import Who


def whom(who: Iterable[Who]) -> str:
    """`engineering/duty+manager`: the tiers and roles as a playbook writes them."""
    return "+".join(one.role or f"{one.department}/{one.tier}" for one in who)


def known(opening: Opening) -> str:
    """What the caller knew, as `hurt=yes, people=3`."""
    return as_typed({name: value for name, value in opening.facts.items() if value is not None})


def as_typed(facts: Mapping[str, FactValue]) -> str:
    """Facts as somebody types them."""
    words: Mapping[FactValue, str] = {None: "unknown", True: "yes", False: "no"}
    typed = {name: words[value] if value is None or isinstance(value, bool) else value for name, value in facts.items()}
    return ", ".join(f"{name}={value}" for name, value in typed.items())


def moments_of_move(move: Move, at: timedelta) -> list[Moment]:
    """What somebody did; waiting and ticks are told by what they lead to."""
    match move:
        case Waits() | Assumes():
            return []
        case Happens(event=event):
            values = {name: str(value) for name, value in event.model_dump(exclude={"kind"}).items()}
            facts = getattr(event, "facts", {})
            if facts:
                values = {"facts": as_typed(facts)}
            return [] if event.kind == "tick" else [Moment(at, f"event.{event.kind}", values)]
        case Answers():
            minutes = "" if move.minutes is None else str(move.minutes)
            key = f"answer.{move.answer}" + (".minutes" if minutes else "")
            return [Moment(at, key, {"step": move.step, "person": str(move.person), "minutes": minutes})]
        case FallsSilent():
            return [Moment(at, "event.all_ways_failed" if move.failed else "event.nobody_on_duty", {"step": move.step})]
        case Works():
            return [Moment(at, "event.task_done", {"step": move.step, "result": move.result or "-"})]
        case Expands():
            return [Moment(at, "event.expanded", {"step": move.step, "count": str(move.count)})]
        case SendsNews():
            return [Moment(at, "event.update_sent", {})]
        case _:
            assert_never(move)


def moments_of_effects(effects: Iterable[Effect], at: timedelta) -> list[Moment]:
    """What the engine did, but for notes and what is red on the page."""
    found = []
    for effect in effects:
        step = effect.id.partition("#")[0]
        if isinstance(effect, Alert):
            found.append(Moment(at, "alert.ring" if effect.ring else "alert", {"step": step, "who": whom(effect.who)}))
        elif effect.kind not in ("note", "red"):
            found.append(Moment(at, effect.kind, {"step": step}))
    return found
